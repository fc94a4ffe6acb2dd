"""A school's stages. The gate's register decides; pages and logins see a copy, changed in the same transaction."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django_tenants.utils import schema_context

from opt_in.gate import school as gate
from tenants.backend.current import connection
from tenants.schemas import PUBLIC_SCHEMA
from tenants.schools.models import School, Stage


@transaction.atomic
def go_live(*, school: School, director_id: UUID) -> datetime:
    """The director opens the school: guardians may log in, and messages may go out. Call it inside the school."""
    at = gate.go_live(actor=director_id)
    mirror_stage(school=school, stage=Stage.LIVE)
    return at


@transaction.atomic
def suspend(*, school: School, director_id: UUID) -> datetime:
    """The director closes the school for guardians until it goes live again."""
    at = gate.suspend(actor=director_id)
    mirror_stage(school=school, stage=Stage.SUSPENDED)
    return at


@transaction.atomic
def mirror_stage(*, school: School, stage: Stage) -> None:
    """Write down the stage that the gate has just given this school. Call it in the same transaction."""
    with schema_context(PUBLIC_SCHEMA):
        School.objects.filter(pk=school.pk).update(stage=stage)
    school.stage = stage
    if getattr(connection.tenant, "pk", None) == school.pk:
        connection.tenant.stage = stage
