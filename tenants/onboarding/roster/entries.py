"""A plan as a page shows it: one entry for each person, class or other record, with what changes there. No address.

Values leave here as JSON and without words: the page says them in its reader's language.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from tenants.onboarding.roster.people import GUARDIAN, PUPIL
from tenants.onboarding.roster.plan import Difference, RosterPlan, SchoolState
from tenants.onboarding.roster.records import EnrolmentRecord, Record, RosterGuardianship, RosterPerson

NEW, CHANGED, ENDS = "new", "changed", "ends"
# A new teacher of fifteen classes is told by the class the teacher leads.
_TELLING_CLASS = "homeroom"
_UNTOLD = frozenset({"sourced_id", "is_active"})

Value = str | bool | int | list[str] | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One field. `of` names the class or the guardian where the field is not the record's own."""

    field: str
    before: Value
    after: Value
    of: str = ""


@dataclass(slots=True)
class Entry:
    group: str
    change: str
    label: str
    details: list[Detail] = field(default_factory=list)


def entries_of(plan: RosterPlan, state: SchoolState) -> list[Entry]:
    """Everything that the plan would do, people last; those who leave first, then changes, then who is new."""
    entries: list[Entry] = []
    for group, difference in (
        ("school", plan.units),
        ("session", plan.sessions),
        ("subject", plan.subjects),
        ("class", plan.classes),
    ):
        entries += _records(group, difference)
    people = _People(plan, state)
    return entries + people.entries()


def _records(group: str, difference: Difference[Any]) -> Iterator[Entry]:
    for record in difference.ended:
        yield Entry(group, ENDS, _title(record))
    for old, new in difference.changed:
        yield Entry(group, CHANGED, _title(new), list(_changes(old, new)))
    for record in difference.created:
        yield Entry(group, NEW, _title(record))


def _title(record: Record) -> str:
    return str(getattr(record, "title", "") or getattr(record, "name", ""))


class _People:
    """People with what hangs on them: enrolments, and for pupils their guardians."""

    def __init__(self, plan: RosterPlan, state: SchoolState) -> None:
        self.plan, self.state = plan, state
        written = (*plan.people.created, *(new for _old, new in plan.people.changed), *plan.people.ended)
        self.after: Mapping[str, RosterPerson] = {
            **state.people.persons,
            **{person.sourced_id: person for person in written},
        }
        self.classes = {**state.classes, **{record.sourced_id: record for record in plan.classes.to_write}}
        self.found: dict[str, Entry] = {}

    def entries(self) -> list[Entry]:
        for person in self.plan.people.ended:
            self.found[person.sourced_id] = self._entry(person, ENDS)
        for old, new in self.plan.people.changed:
            self._entry_of(new.sourced_id).details += _changes(old, new)
        for person in self.plan.people.created:
            entry = self.found[person.sourced_id] = self._entry(person, NEW)
            entry.details.append(Detail("roles", None, sorted(person.roles)))
        self._add_enrolments()
        self._add_guardians()
        order = (ENDS, CHANGED, NEW)
        return sorted(self.found.values(), key=lambda entry: (order.index(entry.change), entry.group != PUPIL))

    def _entry(self, person: RosterPerson, change: str) -> Entry:
        before = self.state.people.persons.get(person.sourced_id)
        roles = person.roles or (before.roles if before else frozenset())
        group = PUPIL if PUPIL in roles else GUARDIAN if roles == {GUARDIAN} else "staff" if roles else "other"
        return Entry(group, change, _name(person))

    def _entry_of(self, sourced_id: str) -> Entry:
        if sourced_id not in self.found:
            self.found[sourced_id] = self._entry(self.after[sourced_id], CHANGED)
        return self.found[sourced_id]

    def _add_enrolments(self) -> None:
        enrolments = self.plan.enrolments
        for ended in enrolments.ended:
            if self.after[ended.person].is_active:
                self._entry_of(ended.person).details.append(Detail("class", self._class(ended), None))
        for old, new in enrolments.changed:
            details = self._entry_of(new.person).details
            if new.is_active and not old.is_active:
                details.append(Detail("class", None, self._class(new)))
            for name in ("role", "is_primary", "begins_on", "ends_on"):
                before, after = getattr(old, name), getattr(new, name)
                if before != after:
                    details.append(Detail(name, _value(before), _value(after), self._class(new)))
        for record in enrolments.created:
            is_new = record.person in self.found and self.found[record.person].change == NEW
            if record.is_active and (not is_new or self._kind(record) == _TELLING_CLASS):
                self._entry_of(record.person).details.append(Detail("class", None, self._class(record)))

    def _add_guardians(self) -> None:
        pairs = self.plan.guardianships
        for ended in pairs.ended:
            if self.after[ended.pupil].is_active:
                self._entry_of(ended.pupil).details.append(Detail("guardian", self._guardian(ended), None))
        for old, new in pairs.changed:
            details = self._entry_of(new.pupil).details
            if new.is_active and not old.is_active:
                details.append(Detail("guardian", None, self._guardian(new)))
            elif old.relation != new.relation:
                details.append(Detail("relation", old.relation, new.relation, self._guardian(new)))
        for pair in pairs.created:
            self._entry_of(pair.pupil).details.append(Detail("guardian", None, self._guardian(pair)))

    def _class(self, enrolment: EnrolmentRecord) -> str:
        return self.classes[enrolment.school_class].title

    def _kind(self, enrolment: EnrolmentRecord) -> str:
        return self.classes[enrolment.school_class].kind

    def _guardian(self, pair: RosterGuardianship) -> str:
        return _name(self.after[pair.guardian])


def _name(person: RosterPerson) -> str:
    return " ".join(filter(None, (person.given_name, person.middle_name, person.family_name)))


def _changes(old: Record, new: Record) -> Iterator[Detail]:
    if new.is_active and not old.is_active:
        yield Detail("is_active", False, True)
    for at in fields(new):  # type: ignore[arg-type]  # every record is a dataclass
        before, after = getattr(old, at.name), getattr(new, at.name)
        if before == after or at.name in _UNTOLD:
            continue
        if at.name == "contacts":
            was, becomes = ({channel for channel, _digest in side} for side in (before - after, after - before))
            yield Detail("contacts", sorted(was), sorted(becomes))
        else:
            yield Detail(at.name, _value(before), _value(after))


def _value(value: object) -> Value:
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, bool | int) or value is None else str(value)


def fingerprint_of(plan: RosterPlan) -> bytes:
    """SHA-256 of everything the plan would do: two plans with the same one do the same to the same school."""
    content = [
        [kind, [[asdict(part) for part in pair] for pair in _pairs_of(difference)]]
        for kind, difference in enumerate(difference for _name, difference in plan.by_kind())
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=_canonical).encode()).digest()


def _pairs_of(difference: Difference[Any]) -> list[list[Any]]:
    pairs: list[list[Any]] = [[record] for record in (*difference.created, *difference.ended)]
    pairs += [[old, new] for old, new in difference.changed]
    return sorted(pairs, key=lambda pair: pair[-1].sourced_id)


def _canonical(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)
