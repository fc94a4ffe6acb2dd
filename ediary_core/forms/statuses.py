"""Which attendance a teacher can choose, with the letter that sets it from the keyboard."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import pgettext_lazy

from ediary_core.models import AttendanceStatus
from tenants.profiles import profile_of

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# The words of tenants/profiles for what the diary calls by its own.
_OF_PROFILE = {
    "present": AttendanceStatus.PRESENT,
    "absent": AttendanceStatus.ABSENT,
    "absent_excused": AttendanceStatus.EXCUSED,
    "absent_unexcused": AttendanceStatus.UNEXCUSED,
    "absent_for_school": AttendanceStatus.SCHOOL_DUTY,
    "exempt": AttendanceStatus.RELEASED,
    "ill": AttendanceStatus.ILL,
    "late": AttendanceStatus.LATE,
    "late_excused": AttendanceStatus.LATE_EXCUSED,
}
# What is needed in every lesson; the rest lies behind one more tap.
_FIRST = (AttendanceStatus.PRESENT, AttendanceStatus.ABSENT, AttendanceStatus.LATE)
# Translators: one letter per language, no two alike; it is pressed to set the attendance named in the context.
_KEYS = {
    AttendanceStatus.PRESENT: pgettext_lazy("key for Present", "P"),
    AttendanceStatus.ABSENT: pgettext_lazy("key for Absent", "A"),
    AttendanceStatus.LATE: pgettext_lazy("key for Late", "L"),
    AttendanceStatus.EXCUSED: pgettext_lazy("key for Absent, excused", "E"),
    AttendanceStatus.UNEXCUSED: pgettext_lazy("key for Absent, not excused", "U"),
    AttendanceStatus.ILL: pgettext_lazy("key for Ill", "I"),
    AttendanceStatus.LATE_EXCUSED: pgettext_lazy("key for Late, excused", "T"),
    AttendanceStatus.SCHOOL_DUTY: pgettext_lazy("key for Away for the school", "S"),
    AttendanceStatus.RELEASED: pgettext_lazy("key for Released", "R"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    status: AttendanceStatus
    key: "StrPromise"

    @property
    def label(self) -> str:
        return str(self.status.label)


@dataclass(frozen=True, slots=True)
class Choices:
    first: tuple[Choice, ...]
    more: tuple[Choice, ...]


def choices_of(country: str, *, used: Collection[AttendanceStatus] = ()) -> Choices:
    """What the country's schools tell apart, and whatever else is already in the lesson."""
    known = {_OF_PROFILE[mark.code] for mark in profile_of(country).attendance} | set(used)
    more = (status for status in AttendanceStatus if status in known and status not in _FIRST)
    return Choices(
        first=tuple(Choice(status, _KEYS[status]) for status in _FIRST),
        more=tuple(Choice(status, _KEYS[status]) for status in more),
    )
