"""Reads a country's profile and refuses one that is incomplete or says something it does not know."""

import tomllib
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal
from zoneinfo import ZoneInfo

NameParts = Literal["given", "middle", "family"]


class UnknownCountry(LookupError):
    """There is no profile for this country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolYear:
    """`begins` and `ends` are month and day; the rest is for people to read."""

    begins: str
    ends: str
    lessons_end: str
    terms: tuple[str, ...]

    def beginning_of(self, day: date) -> date:
        """The first day of the school year that holds this day."""
        month, first = (int(part) for part in self.begins.split("-"))
        begun = date(day.year, month, first)
        return begun if day >= begun else begun.replace(year=day.year - 1)

    def end_of(self, day: date) -> date:
        """The last day of the school year that holds this day."""
        month, last = (int(part) for part in self.ends.split("-"))
        return date(self.beginning_of(day).year + 1, month, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkScale:
    lowest: int
    highest: int
    signs: bool
    weighted: bool
    descriptive_in_grades: tuple[int, ...]
    names: dict[int, str]
    # None where every mark passes.
    pass_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceMark:
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    country: str
    languages: tuple[str, ...]
    time_zone: ZoneInfo
    currency: str
    vat_percent: int
    order_button: str
    stop_words: tuple[str, ...]
    name_order: tuple[NameParts, ...]
    pupil_account_from_grade: int
    bodies: tuple[str, ...]
    behaviour: tuple[str, ...]
    marketing_needs: str
    school_year: SchoolYear
    grades: dict[str, tuple[int, int]]
    marks: MarkScale
    attendance: tuple[AttendanceMark, ...]
    # What the secretariat keeps of a person's identity; never a login.
    national_number: str | None = None


@cache
def profile_of(country: str) -> Profile:
    """The profile of a country by its ISO 3166-1 code."""
    file = resources.files("tenants.profiles") / f"{country.lower()}.toml"
    if not country.isalpha() or not file.is_file():
        raise UnknownCountry(country)
    return read_profile(file.read_text(encoding="utf-8"))


def read_profile(text: str) -> Profile:
    data = tomllib.loads(text)
    year, marks = data.pop("school_year"), data.pop("marks")
    attendance, grades = data.pop("attendance"), data.pop("grades")
    names = {int(mark): name for mark, name in marks.pop("names").items()}
    profile = Profile(
        **_checked(Profile, data, apart={"school_year", "marks", "attendance", "grades", "time_zone"}),
        time_zone=ZoneInfo(data["time_zone"]),
        school_year=SchoolYear(**_checked(SchoolYear, year)),
        grades={stage: (first, last) for stage, (first, last) in grades.items()},
        marks=MarkScale(**_checked(MarkScale, marks, apart={"names"}), names=names),
        attendance=tuple(AttendanceMark(**_checked(AttendanceMark, mark)) for mark in attendance),
    )
    scale = profile.marks
    if sorted(scale.names) != list(range(scale.lowest, scale.highest + 1)):
        raise ValueError(f"{profile.country}: every mark from {scale.lowest} to {scale.highest} needs a name.")
    return profile


def _checked(kind: type, data: dict[str, Any], *, apart: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    """The values for a dataclass, lists made tuples; keys it does not know are an error, missing ones raise there."""
    known = {field.name for field in fields(kind)}
    if unknown := set(data) - known:
        raise ValueError(f"A profile does not know {', '.join(sorted(unknown))}.")
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in data.items() if name not in apart
    }
