"""What an import wrote, and what has been built on it since: the reasons why it cannot be undone any more."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import ForeignObjectRel, Model, Q, UUIDField
from django.utils.translation import ngettext

from ediary_core.models import Lesson, LessonChange, SchoolClass
from opt_in.gate import school as gate
from tenants.onboarding.models import RosterChange, RosterImport
from tenants.onboarding.selectors.roster_rows import TABLES, Image, Images, fingerprint, images_of
from tenants.people.models import User

# The gate lists messages newest first. A school that sent more than this since the import has built on it.
MESSAGES_AT_ONCE, PAGES_AT_MOST = 1_000, 20


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason, with how often it holds."""

    reason: str
    number: int

    @property
    def text(self) -> str:
        match self.reason:
            case "later":
                text = ngettext(
                    "%(number)d later import was applied.", "%(number)d later imports were applied.", self.number
                )
            case "logged_in":
                text = ngettext(
                    "%(number)d person whom it brought has logged in or chosen a password.",
                    "%(number)d people whom it brought have logged in or chosen a password.",
                    self.number,
                )
            case "contact":
                text = ngettext(
                    "%(number)d address that it wrote was confirmed or changed since.",
                    "%(number)d addresses that it wrote were confirmed or changed since.",
                    self.number,
                )
            case "lessons":
                text = ngettext(
                    "Lessons were recorded since in %(number)d class that it wrote.",
                    "Lessons were recorded since in %(number)d classes that it wrote.",
                    self.number,
                )
            case "messages":
                text = ngettext(
                    "%(number)d message went to people whom it brought.",
                    "%(number)d messages went to people whom it brought.",
                    self.number,
                )
            case "consents":
                text = ngettext(
                    "%(number)d person whom it changed has decided about consents since.",
                    "%(number)d people whom it changed have decided about consents since.",
                    self.number,
                )
            case "refers":
                text = ngettext(
                    "%(number)d other entry belongs to people or classes that it brought.",
                    "%(number)d other entries belong to people or classes that it brought.",
                    self.number,
                )
            case _:
                text = ngettext(
                    "%(number)d record that it wrote was changed since.",
                    "%(number)d records that it wrote were changed since.",
                    self.number,
                )
        return text % {"number": self.number}


@dataclass(frozen=True, slots=True)
class Touched:
    """By table: the ids that the import made, what it changed as it was before, and all of it as it is now."""

    made: Mapping[str, frozenset[UUID]]
    before: Mapping[str, Mapping[UUID, Image]]
    now: Images
    differs: Mapping[str, int] = field(default_factory=dict)

    @property
    def contacts_of_others(self) -> frozenset[UUID]:
        """Addresses that the import gave to people who were there before."""
        made = {str(user) for user in self.made["user"]}
        return frozenset(
            contact for contact in self.made["contact"] if self.now["contact"][contact]["user_id"] not in made
        )

    def people(self) -> set[UUID]:
        """Everybody whom the import made or changed, or whose roles, addresses or families it did."""
        columns = {"role": ("user_id",), "contact": ("user_id",), "guardianship": ("guardian_id", "pupil_id")}
        named = {
            UUID(image[column])
            for table, names in columns.items()
            for image in self.now[table].values()
            for column in names
        }
        return named | set(self.now["user"])

    def classes(self) -> set[UUID]:
        """Every class that it made or changed, or who belongs to it."""
        return {UUID(image["school_class_id"]) for image in self.now["enrolment"].values()} | set(self.now["class"])

    def returned(self, table: str) -> set[UUID]:
        """Rows that had ended before the import and are in use again."""
        before, now = self.before[table], self.now[table]
        return {at for at, row in before.items() if _has_ended(row) and at in now and not _has_ended(now[at])}


def _has_ended(row: Image) -> bool:
    """People are active or not; everything else ends on a day."""
    return not row["is_active"] if "is_active" in row else row["ended_on"] is not None


def touched_by(roster_import: RosterImport, *, lock: bool = False) -> Touched:
    """With `lock`, inside a transaction: nobody changes these rows, or adds to these people and classes, meanwhile."""
    made: dict[str, set[UUID]] = {table: set() for table in TABLES}
    before: dict[str, dict[UUID, Image]] = {table: {} for table in TABLES}
    prints: dict[str, dict[UUID, bytes]] = {table: {} for table in TABLES}
    for table, row_id, image, after in RosterChange.objects.filter(roster_import=roster_import).values_list(
        "table", "row_id", "before", "after_sha256"
    ):
        prints[table][row_id] = bytes(after)
        if image is None:
            made[table].add(row_id)
        else:
            before[table][row_id] = image
    now: Images = {}
    for table, model in TABLES.items():
        rows = model._default_manager.filter(pk__in=list(prints[table])).order_by("pk")
        now[table] = images_of(table, rows.select_for_update() if lock else rows)
    if lock:
        others = {UUID(row["school_class_id"]) for row in now["enrolment"].values()} - set(now["class"])
        list(SchoolClass.objects.select_for_update().filter(pk__in=others).order_by("pk").values_list("pk"))
    differs = {
        table: sum(
            1
            for row_id, after in wanted.items()
            if row_id not in now[table] or fingerprint(now[table][row_id]) != after
        )
        for table, wanted in prints.items()
    }
    return Touched({table: frozenset(ids) for table, ids in made.items()}, before, now, differs)


def obstacles_to_undo(roster_import: RosterImport, touched: Touched) -> list[Obstacle]:
    """Empty when nothing builds on the import."""
    applied_at = roster_import.applied_at
    assert applied_at is not None  # noqa: S101
    found: Counter[str] = Counter()
    found["later"] = RosterImport.objects.filter(applied_at__gt=applied_at, undone_at=None).count()
    found["contact"] = touched.differs["contact"]
    found["changed"] = sum(touched.differs.values()) - touched.differs["contact"]
    found["logged_in"] = _who_came(touched, applied_at)
    found["lessons"] = _classes_with_lessons(touched.classes(), applied_at)
    found["messages"] = _messages_to(touched.made["user"], applied_at)
    found["consents"] = _deciders(touched.people() - touched.made["user"], applied_at)
    found["refers"] = _references(touched, applied_at)
    return [Obstacle(reason, number) for reason, number in found.items() if number]


def _who_came(touched: Touched, since: datetime) -> int:
    people = User.objects.filter(pk__in=touched.made["user"]).only("password", "last_login")
    came = sum(1 for person in people if person.last_login is not None or person.has_usable_password())
    return came + User.objects.filter(pk__in=touched.returned("user"), last_login__gte=since).count()


def _classes_with_lessons(classes: Set[UUID], since: datetime) -> int:
    """Any lesson: its list of pupils is that of the school after the import."""
    new = Lesson.objects.filter(Q(recorded_at__gte=since) | Q(pk__gte=first_id_since(since)), school_class__in=classes)
    changed = LessonChange.objects.filter(entered_at__gte=since, lesson__school_class__in=classes)
    return len(
        set(new.values_list("school_class_id", flat=True))
        | set(changed.values_list("lesson__school_class_id", flat=True))
    )


def _messages_to(people: Set[UUID], since: datetime) -> int:
    number, before = 0, None
    for _page in range(PAGES_AT_MOST if people else 0):
        page = gate.envelopes(limit=MESSAGES_AT_ONCE, before=before)
        number += sum(1 for envelope in page if envelope.created_at >= since and envelope.subject_id in people)
        if len(page) < MESSAGES_AT_ONCE or page[-1].created_at < since:
            return number
        before = page[-1].envelope_id
    return number + bool(people)


def _deciders(people: Iterable[UUID], since: datetime) -> int:
    return sum(1 for person in people if any(event.made_at >= since for event in gate.consents_of(person)))


def _references(touched: Touched, since: datetime) -> int:
    """Rows of any table that name what the import made; or, made since, what it brought back."""
    number = 0
    for table, model in TABLES.items():
        for other, name in _relations_to(model):
            ours = _made_of(other, touched)
            number += len(_ids(other, **{f"{name}__in": touched.made[table]}) - ours)
            if table in ("user", "class") and isinstance(other._meta.pk, UUIDField):
                back = touched.returned(table)
                number += len(_ids(other, **{f"{name}__in": back, "pk__gte": first_id_since(since)}) - ours)
    return number


def _relations_to(model: type[Model]) -> Iterator[tuple[type[Model], str]]:
    """Every model with a foreign key to this one, also those that give it no name for the way back."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and not relation.many_to_many:
            yield relation.related_model, relation.field.name


def _made_of(model: type[Model], touched: Touched) -> frozenset[UUID]:
    return next((touched.made[table] for table, ours in TABLES.items() if ours is model), frozenset())


def _ids(model: type[Model], **where: Any) -> set[Any]:
    return set(model._default_manager.filter(**where).values_list("pk", flat=True))


def first_id_since(moment: datetime) -> UUID:
    """Our ids are UUIDv7: they begin with the milliseconds of their making."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
