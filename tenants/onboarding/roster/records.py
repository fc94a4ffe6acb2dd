"""What a roster says about a school, in our words. Records compare equal when there is nothing to write."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


class Record(Protocol):
    @property
    def sourced_id(self) -> str: ...
    @property
    def is_active(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class UnitRecord:
    sourced_id: str
    name: str
    identifier: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class SessionRecord:
    sourced_id: str
    title: str
    kind: str
    begins_on: date
    ends_on: date
    school_year: int
    parent: str | None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    sourced_id: str
    title: str
    code: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ClassRecord:
    """`begins_on` and `ends_on` span the terms that the roster names for the class."""

    sourced_id: str
    title: str
    code: str
    kind: str
    grades: str
    location: str
    subject: str | None
    school_year: int
    begins_on: date
    ends_on: date
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class EnrolmentRecord:
    sourced_id: str
    school_class: str
    person: str
    role: str
    is_primary: bool
    begins_on: date | None
    ends_on: date | None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """`contacts` are (channel, keyed hash) pairs: the plan compares addresses and never needs to see a stored one."""

    sourced_id: str
    username: str
    given_name: str
    middle_name: str
    family_name: str
    roles: frozenset[str]
    date_of_birth: date | None
    contacts: frozenset[tuple[str, str]]
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class RosterGuardianship:
    """Both by sourcedId; `sourced_id` joins them, because the pair is the identity."""

    guardian: str
    pupil: str
    relation: str
    is_active: bool = True

    @property
    def sourced_id(self) -> str:
        return f"{self.guardian} {self.pupil}"
