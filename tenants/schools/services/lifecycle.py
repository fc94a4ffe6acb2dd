"""The stage that pages and logins see: a copy of the gate's, changed in the transaction that changes the gate's."""

from django.db import transaction
from django_tenants.utils import schema_context

from tenants.backend.current import connection
from tenants.schemas import PUBLIC_SCHEMA
from tenants.schools.models import School, Stage


@transaction.atomic
def mirror_stage(*, school: School, stage: Stage) -> None:
    """Write down the stage that the gate has just given this school. Call it in the same transaction."""
    with schema_context(PUBLIC_SCHEMA):
        School.objects.filter(pk=school.pk).update(stage=stage)
    school.stage = stage
    if getattr(connection.tenant, "pk", None) == school.pk:
        connection.tenant.stage = stage
