"""What a teacher enters into a lesson, one entry at a time, also late and also twice: a device without a network keeps
its entries and sends them again until it is answered."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from ediary_core.models import Attendance, AttendanceStatus, ChangeKind, Lesson, LessonChange, SchoolClass
from ediary_core.selectors.enrolments import pupils_of
from ediary_core.selectors.timetable import teaches
from ediary_core.services.lessons import LessonAlreadyRecorded, NotTeacherOfClass, begin_lesson
from tenants.people.models import User

# What a substitution's value may be; the words are the browser's for a ticked box and one that is not.
TICKED, NOT_TICKED = "on", ""
TOPIC_LENGTH = Lesson._meta.get_field("topic").max_length or 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One tap or one text. `id` is the device's own, `entered_at` the moment of the tap; `seen` is the change that the
    device knew when it was made, so that a colleague's in between is noticed."""

    id: UUID
    kind: ChangeKind
    value: str
    entered_at: datetime
    pupil_id: UUID | None = None
    seen: UUID | None = None

    @property
    def place(self) -> "Place":
        return (self.kind, self.pupil_id)


Place = tuple[str, UUID | None]


class Result(StrEnum):
    SAVED = "saved"
    REPEATED = "repeated"  # it had arrived before
    OVERTAKEN = "overtaken"  # something newer was there already, and stays
    REFUSED = "refused"  # no such pupil in the class, no such status, no topic


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an entry. `value` is what holds now; `colleague` is set where somebody else had entered something
    that the device did not know."""

    entry_id: UUID
    result: Result
    value: str
    colleague: User | None = None
    # The change that made it hold, for the device to name as seen.
    change_id: UUID | None = None


@transaction.atomic
def record_entries(
    *,
    person: User,
    school_class: SchoolClass,
    held_on: date,
    period: int,
    entries: Sequence[Entry],
    today: date,
    now: datetime,
) -> tuple[Lesson, list[Outcome]]:
    """Put these entries, in their order, into the lesson; the first one begins it. The newest entry holds, by the time
    it was made. With a topic and every pupil's attendance the lesson counts as recorded."""
    # It may be there already, also as a substitution that this person began; below decides.
    with suppress(LessonAlreadyRecorded, NotTeacherOfClass):
        begin_lesson(teacher=person, school_class=school_class, held_on=held_on, period=period, today=today)
    # One writer at a time, so that what decides is read after the lock.
    place = Lesson.objects.select_for_update().filter(school_class=school_class, held_on=held_on, period=period)
    lesson = place.first()
    if lesson is None or not may_enter(person=person, lesson=lesson):
        raise NotTeacherOfClass
    return lesson, _Writing(lesson, person, now).put(entries)


def may_enter(*, person: User, lesson: Lesson) -> bool:
    """Whoever gave the lesson, and whoever teaches the class."""
    return lesson.teacher_id == person.pk or teaches(person=person, school_class=lesson.school_class, on=lesson.held_on)


class _Writing:
    """A locked lesson while entries are put into it: what holds now, and by which change."""

    def __init__(self, lesson: Lesson, person: User, now: datetime) -> None:
        self.lesson, self.person, self.now = lesson, person, now
        self.enrolled = frozenset(
            pupils_of(school_class=lesson.school_class, on=lesson.held_on).values_list("pk", flat=True)
        )
        self.values: dict[Place, str] = {
            (ChangeKind.TOPIC.value, None): lesson.topic,
            (ChangeKind.SUBSTITUTION.value, None): TICKED if lesson.is_substitution else NOT_TICKED,
        }
        for pupil, status in Attendance.objects.filter(lesson=lesson).values_list("pupil", "status"):
            self.values[(ChangeKind.ATTENDANCE.value, pupil)] = status
        latest = (
            LessonChange.objects.filter(lesson=lesson, is_applied=True)
            .select_related("entered_by")
            .order_by("kind", "pupil", "-entered_at", "-received_at")
            .distinct("kind", "pupil")
        )
        self.latest: dict[Place, LessonChange] = {(change.kind, change.pupil_id): change for change in latest}
        self.fresh: list[LessonChange] = []

    def put(self, entries: Sequence[Entry]) -> list[Outcome]:
        ids = [entry.id for entry in entries]
        known = {change.pk: change for change in LessonChange.objects.filter(pk__in=ids)}
        outcomes = []
        for entry in entries:
            outcome = self._repeated(entry, known) if entry.id in known else self._put(entry)
            known.update({change.pk: change for change in self.fresh[-1:]})
            latest = self.latest.get(entry.place)
            outcomes.append(replace(outcome, change_id=latest.pk if latest else None))
        self._write()
        return outcomes

    def _repeated(self, entry: Entry, known: dict[UUID, LessonChange]) -> Outcome:
        same = known[entry.id].lesson_id == self.lesson.pk
        return Outcome(entry.id, Result.REPEATED if same else Result.REFUSED, self.values.get(entry.place, ""))

    def _put(self, entry: Entry) -> Outcome:
        holds = self.values.get(entry.place, "")
        if not self._is_sound(entry):
            return Outcome(entry.id, Result.REFUSED, holds)
        # A clock that runs ahead must not make an entry that nobody can correct.
        entered_at = min(entry.entered_at, self.now)
        latest = self.latest.get(entry.place)
        applied = latest is None or entered_at >= latest.entered_at
        unseen = latest is not None and latest.entered_by_id != self.person.pk and latest.pk != entry.seen
        colleague = latest.entered_by if latest is not None and unseen and holds != entry.value else None
        change = LessonChange(
            id=entry.id,
            lesson=self.lesson,
            kind=entry.kind,
            pupil_id=entry.pupil_id,
            before=holds,
            after=entry.value,
            entered_by=self.person,
            entered_at=entered_at,
            is_applied=applied,
        )
        self.fresh.append(change)
        if not applied:
            return Outcome(entry.id, Result.OVERTAKEN, holds, colleague)
        self.latest[entry.place], self.values[entry.place] = change, entry.value
        return Outcome(entry.id, Result.SAVED, entry.value, colleague)

    def _is_sound(self, entry: Entry) -> bool:
        if entry.kind is ChangeKind.ATTENDANCE:
            return entry.pupil_id in self.enrolled and entry.value in AttendanceStatus.values
        if entry.pupil_id is not None:
            return False
        if entry.kind is ChangeKind.SUBSTITUTION:
            # Whoever gave the lesson and does not teach the class gave it in a colleague's stead.
            return entry.value == TICKED or (entry.value == NOT_TICKED and self._is_own_class())
        if len(entry.value) > TOPIC_LENGTH or "\0" in entry.value:
            return False
        # A recorded lesson keeps a topic.
        return bool(entry.value) or self.lesson.recorded_at is None

    def _is_own_class(self) -> bool:
        lesson = self.lesson
        return teaches(person=lesson.teacher, school_class=lesson.school_class, on=lesson.held_on)

    def _write(self) -> None:
        LessonChange.objects.bulk_create(self.fresh)
        touched = {change.pupil_id for change in self.fresh if change.is_applied and change.pupil_id}
        Attendance.objects.bulk_create(
            [
                Attendance(lesson=self.lesson, pupil_id=pupil, status=self.values[(ChangeKind.ATTENDANCE.value, pupil)])
                for pupil in touched
            ],
            update_conflicts=True,
            unique_fields=["lesson", "pupil"],
            update_fields=["status"],
        )
        self.lesson.topic = self.values[(ChangeKind.TOPIC.value, None)]
        self.lesson.is_substitution = self.values[(ChangeKind.SUBSTITUTION.value, None)] == TICKED
        entered = {pupil for kind, pupil in self.values if kind == ChangeKind.ATTENDANCE.value}
        if self.lesson.recorded_at is None and self.lesson.topic and self.enrolled <= entered:
            self.lesson.recorded_at = self.now
        self.lesson.save(update_fields=["topic", "is_substitution", "recorded_at"])
