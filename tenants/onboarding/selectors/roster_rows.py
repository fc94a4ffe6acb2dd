"""The rows that a roster writes, as JSON that holds them exactly and as fingerprints."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Field, Model, QuerySet

from ediary_core.models import AcademicSession, Enrolment, SchoolClass, SchoolUnit, Subject
from tenants.onboarding.roster.plan import RosterPlan
from tenants.people.models import ContactPoint, Guardianship, RoleAssignment, User
from tenants.people.services.people import ROSTER_FIELDS

Image = dict[str, Any]
Images = dict[str, dict[UUID, Image]]

# Every table that a roster writes. People come first: whoever holds a person's row keeps new rows about them waiting.
TABLES: dict[str, type[Model]] = {
    "user": User,
    "role": RoleAssignment,
    "guardianship": Guardianship,
    "contact": ContactPoint,
    "unit": SchoolUnit,
    "session": AcademicSession,
    "subject": Subject,
    "class": SchoolClass,
    "enrolment": Enrolment,
}


def fields_of(table: str) -> "list[Field[Any, Any]]":
    """The columns that a roster writes. A password and a last visit are the person's own."""
    fields = [field for field in TABLES[table]._meta.concrete_fields if not field.primary_key]
    return [field for field in fields if table != "user" or field.name in ROSTER_FIELDS]


def lock_rows_of(plan: RosterPlan) -> Images:
    """The rows that writing this plan may touch, as they are, locked until the transaction ends. Call it again after
    the writing to see what became of them."""
    people = [record.sourced_id for record in plan.people.to_write]
    pupils = [pair.pupil for pair in plan.guardianships.to_write]
    scope: dict[str, QuerySet[Any]] = {
        "user": User.objects.filter(sourced_id__in={*people, *pupils}),
        "role": RoleAssignment.objects.filter(user__sourced_id__in=people),
        "guardianship": Guardianship.objects.filter(pupil__sourced_id__in=pupils),
        "contact": ContactPoint.objects.filter(user__sourced_id__in=people),
    }
    for table, difference in (
        ("unit", plan.units),
        ("session", plan.sessions),
        ("subject", plan.subjects),
        ("class", plan.classes),
        ("enrolment", plan.enrolments),
    ):
        ids = [record.sourced_id for record in difference.to_write]
        scope[table] = TABLES[table]._default_manager.filter(sourced_id__in=ids)
    return {
        table: images_of(table, rows.select_for_update(of=("self",)).order_by("pk")) for table, rows in scope.items()
    }


def images_of(table: str, rows: Iterable[Model]) -> dict[UUID, Image]:
    fields = fields_of(table)
    return {row.pk: {field.attname: as_json(field.value_from_object(row)) for field in fields} for row in rows}


def as_json(value: Any) -> Any:
    """Exactly, microseconds included; the field's own to_python reads it back."""
    if isinstance(value, bytes | memoryview):
        return b64encode(bytes(value)).decode()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def fingerprint(image: Image) -> bytes:
    return hashlib.sha256(json.dumps(image, sort_keys=True).encode()).digest()
