"""School, sessions, subjects, classes, enrolments: rows of a judged bundle → records."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from django.utils.translation import gettext as _

from tenants.onboarding.roster.bundle import Bundle
from tenants.onboarding.roster.layout import Mode
from tenants.onboarding.roster.people import PUPIL
from tenants.onboarding.roster.problems import Problems, shorten
from tenants.onboarding.roster.records import (
    ClassRecord,
    EnrolmentRecord,
    RosterPerson,
    SessionRecord,
    SubjectRecord,
    UnitRecord,
)
from tenants.onboarding.roster.tables import Row

_ENROLMENT_ROLES = {
    "student": "pupil",
    "teacher": "teacher",
    "aide": "assistant",
    "proctor": "assistant",
    "administrator": "assistant",
}


R = TypeVar("R", UnitRecord, SessionRecord, SubjectRecord, ClassRecord, EnrolmentRecord)


def state_after(bundle: Bundle, name: str, current: Mapping[str, R], sent: Iterable[R]) -> dict[str, R]:
    """The records as they shall be: bulk ends what it leaves out, delta leaves it alone, tobedeleted ends in both."""
    ends = set(current) if bundle.mode(name) is Mode.BULK else bundle.deleted_ids(name)
    after = {
        sourced_id: replace(record, is_active=record.is_active and sourced_id not in ends)
        for sourced_id, record in current.items()
    }
    after.update((record.sourced_id, record) for record in sent)
    return after


def unit_of(bundle: Bundle, current: Mapping[str, UnitRecord], problems: Problems) -> dict[str, UnitRecord]:
    """The one school of the bundle. Another school's roster would end everybody, so the identifier is remembered."""
    schools = [row for row in bundle.active("orgs") if row["type"] == "school"]
    if bundle.mode("orgs") is Mode.BULK and not schools:
        problems.add(
            "orgs.csv",
            None,
            "type",
            _("No record has the type school."),
            _("A roster needs the school itself, with the type school."),
        )
    for row in schools[1:]:
        problems.add(
            "orgs.csv",
            row.line,
            "type",
            _("The bundle holds a second school, “%(name)s”.") % {"name": shorten(row["name"])},
            _("Export each school into a bundle of its own."),
        )
    for row in schools[:1]:
        if current and row.sourced_id not in current:
            # No field is named: whoever writes this school's identifier there ends everybody here.
            problems.add(
                "orgs.csv",
                row.line,
                None,
                _("This is the roster of “%(other)s”; earlier rosters here came from “%(name)s”.")
                % {"other": shorten(row["name"]), "name": shorten(next(iter(current.values())).name)},
                _("Choose the right school, or let the source keep the school's sourcedId."),
            )
    sent = [UnitRecord(row.sourced_id, row["name"], row["identifier"]) for row in schools[:1]]
    return {**current, **{unit.sourced_id: unit for unit in sent}}


def sessions_sent(bundle: Bundle, problems: Problems) -> list[SessionRecord]:
    sessions: list[SessionRecord] = []
    for row in bundle.active("academicSessions"):
        _check_order("academicSessions.csv", row, "startDate", "endDate", problems)
        sessions.append(
            SessionRecord(
                sourced_id=row.sourced_id,
                title=row["title"],
                kind=row["type"],
                begins_on=date.fromisoformat(row["startDate"]),
                ends_on=date.fromisoformat(row["endDate"]),
                school_year=int(row["schoolYear"]),
                parent=row["parentSourcedId"] or None,
            )
        )
    parents = {session.sourced_id: session.parent for session in sessions}
    for row in bundle.active("academicSessions"):
        step, seen = parents.get(row.sourced_id), {row.sourced_id}
        while step is not None and step not in seen:
            seen.add(step)
            step = parents.get(step)
        if step is not None:
            problems.add(
                "academicSessions.csv",
                row.line,
                "parentSourcedId",
                _("The sessions form a circle: each is inside the next."),
                _("Leave the field empty for the school year itself."),
            )
    return sessions


def _check_order(file: str, row: Row, begins: str, ends: str, problems: Problems) -> None:
    if row[begins] and row[ends] and row[ends] < row[begins]:
        problems.add(
            file,
            row.line,
            ends,
            _("The end (%(ends)s) lies before the beginning (%(begins)s).")
            % {"ends": row[ends], "begins": row[begins]},
            _("Correct one of the two dates."),
        )


def subjects_sent(bundle: Bundle) -> list[SubjectRecord]:
    return [SubjectRecord(row.sourced_id, row["title"], row["courseCode"]) for row in bundle.active("courses")]


def classes_sent(bundle: Bundle, sessions: Mapping[str, SessionRecord], problems: Problems) -> list[ClassRecord]:
    classes: list[ClassRecord] = []
    for row in bundle.active("classes"):
        if row["classType"] == "scheduled" and not row["courseSourcedId"]:
            problems.add(
                "classes.csv",
                row.line,
                "courseSourcedId",
                _("The class has no course."),
                _("Name the course (the subject); only classes of the type homeroom need none."),
            )
        terms = [sessions[term] for term in row.ids("termSourcedIds")]
        classes.append(
            ClassRecord(
                sourced_id=row.sourced_id,
                title=row["title"],
                code=row["classCode"],
                kind="homeroom" if row["classType"] == "homeroom" else "scheduled",
                grades=row["grades"],
                location=row["location"],
                subject=row["courseSourcedId"] or None,
                school_year=max(term.school_year for term in terms),
                begins_on=min(term.begins_on for term in terms),
                ends_on=max(term.ends_on for term in terms),
            )
        )
    return classes


def enrolments_sent(bundle: Bundle, persons: Mapping[str, RosterPerson], problems: Problems) -> list[EnrolmentRecord]:
    enrolments: list[EnrolmentRecord] = []
    lines: dict[tuple[str, str, str], int] = {}
    for row in bundle.active("enrollments"):
        _check_order("enrollments.csv", row, "beginDate", "endDate", problems)
        role = _ENROLMENT_ROLES.get(row["role"])
        if role is None:
            problems.add(
                "enrollments.csv",
                row.line,
                "role",
                _("A person cannot be enrolled in a class as “%(role)s”.") % {"role": shorten(row["role"])},
                _("Remove the line; families are named in agentSourcedIds of users.csv."),
            )
            continue
        is_pupil = PUPIL in persons[row["userSourcedId"]].roles
        if is_pupil is not (role == "pupil"):
            problems.add(
                "enrollments.csv",
                row.line,
                "role",
                _("A pupil is enrolled as “%(role)s”.") % {"role": row["role"]}
                if is_pupil
                else _("Somebody who is no pupil is enrolled as student."),
                _("Correct the role here or the person's role."),
            )
        key = (row["classSourcedId"], row["userSourcedId"], role)
        line = lines.setdefault(key, row.line)
        if line != row.line:
            problems.add(
                "enrollments.csv",
                row.line,
                "userSourcedId",
                _("The same person is already enrolled in the same class in line %(line)d.") % {"line": line},
                _("Remove one of the two lines."),
            )
        enrolments.append(
            EnrolmentRecord(
                sourced_id=row.sourced_id,
                school_class=row["classSourcedId"],
                person=row["userSourcedId"],
                role=role,
                is_primary=row["primary"] == "true",
                begins_on=date.fromisoformat(row["beginDate"]) if row["beginDate"] else None,
                ends_on=date.fromisoformat(row["endDate"]) if row["endDate"] else None,
            )
        )
    return enrolments
