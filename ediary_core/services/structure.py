"""Puts many records of the school's structure at once, each kind in one statement. Rows are matched by primary key."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db import models, transaction

from ediary_core.models import AcademicSession, Enrolment, SchoolClass, SchoolUnit, Subject

M = TypeVar("M", bound=models.Model)


def put_units(*, units: Sequence[SchoolUnit]) -> None:
    _put(SchoolUnit, units)


def put_sessions(*, sessions: Sequence[AcademicSession]) -> None:
    _put(AcademicSession, sessions)


def put_subjects(*, subjects: Sequence[Subject]) -> None:
    _put(Subject, subjects)


def put_classes(*, classes: Sequence[SchoolClass]) -> None:
    _put(SchoolClass, classes)


@transaction.atomic
def put_enrolments(*, enrolments: Sequence[Enrolment], existing: Sequence[UUID], today: date) -> None:
    """`existing` are the ids among them that the school already has. They step aside first, so that two people may
    change places without meeting in enrolment_once_at_a_time."""
    if existing:
        Enrolment.objects.filter(pk__in=existing, ended_on=None).update(ended_on=today)
    _put(Enrolment, enrolments)


def _put(model: type[M], rows: Sequence[M]) -> None:
    if not rows:
        return
    names = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=names)
