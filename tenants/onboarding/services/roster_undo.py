"""Takes back the last import: exactly what it wrote, as long as nobody has built on it.

Made by the import becomes absent, changed becomes what it was. Three things stay different, each on purpose: an address
that comes back has a new version (the gate's versions never fall, so earlier grants do not cover it); an address that
the import gave to somebody who was there before stays, not active, because the gate forgets addresses with the person
only; and the ledger says which people were forgotten.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from ediary_core.models import Enrolment
from opt_in.gate import school as gate
from tenants.backend.current import connection
from tenants.onboarding.models import Hitch, ImportState, RosterChange, RosterImport
from tenants.onboarding.selectors.roster_obstacles import Touched, obstacles_to_undo, touched_by
from tenants.onboarding.selectors.roster_rows import TABLES, Image, fields_of
from tenants.onboarding.services.roster import lock_imports
from tenants.onboarding.services.roster_progress import Progress
from tenants.people.models import ContactPoint, Guardianship, VerificationCode
from tenants.people.services.contacts import BATCH, publish_contacts
from tenants.people.services.subjects import publish_subjects
from tenants.schools.models import School


class _BuiltUpon(Exception):
    """Takes the whole undo back."""


def undo_import(*, school: School, import_id: UUID) -> None:
    """In one transaction, once. Where something builds on the import nothing changes, and the page says what."""
    with Progress(import_id):
        try:
            _undo(import_id)
        except (_BuiltUpon, IntegrityError):
            # IntegrityError: something that the check does not know of refers to what would go, or took its name.
            RosterImport.objects.filter(pk=import_id, state=ImportState.UNDOING).update(
                state=ImportState.APPLIED, hitch=Hitch.BUILT_UPON
            )


@transaction.atomic
def _undo(import_id: UUID) -> None:
    lock_imports()
    roster_import = RosterImport.objects.filter(pk=import_id, state=ImportState.UNDOING).first()
    if roster_import is None:
        return
    touched = touched_by(roster_import, lock=True)
    if obstacles_to_undo(roster_import, touched):
        raise _BuiltUpon
    people = _people_around(touched)
    for table in ("enrolment", "role", "guardianship"):
        _delete(TABLES[table], touched.made[table])
    for table, before in touched.before.items():
        _restore(table, before)
    _withdraw_new_addresses(touched)
    # Now, while they still exist here: the gate sees whoever was new without a role, and records who decides no longer.
    publish_subjects(user_ids=people)
    for table in ("contact", "user", "class", "subject", "session", "unit"):
        kept = touched.contacts_of_others if table == "contact" else frozenset()
        _delete(TABLES[table], touched.made[table] - kept)
    # The constraints are asked before the gate forgets anybody: that happens last, because it holds the school's lock.
    connection.check_constraints()
    for subject in sorted(touched.made["user"]):
        gate.erase_subject(subject=subject)
    RosterChange.objects.filter(roster_import=roster_import).delete()
    roster_import.differences.all().delete()
    roster_import.state, roster_import.undone_at = ImportState.UNDONE, timezone.now()
    roster_import.save(update_fields=["state", "undone_at"])


def _people_around(touched: Touched) -> set[UUID]:
    """Whose standing the gate may have to learn anew: everybody touched, and the guardians of touched pupils."""
    people = touched.people()
    return people | set(Guardianship.objects.filter(pupil_id__in=people).values_list("guardian_id", flat=True))


def _delete(model: type[Model], ids: Iterable[UUID]) -> None:
    # Raw: Django's own delete would take along what refers to these rows, and here that must be an error.
    rows = model._default_manager.filter(pk__in=list(ids))
    rows._raw_delete(rows.db)


def _restore(table: str, before: Mapping[UUID, Image]) -> None:
    if not before:
        return
    if table == "enrolment":
        # They step aside first, so that two people who changed places do not meet in enrolment_once_at_a_time.
        Enrolment.objects.filter(pk__in=list(before), ended_on=None).update(ended_on=timezone.localdate())
    model, fields = TABLES[table], fields_of(table)
    rows: dict[Any, Any] = model._default_manager.in_bulk(list(before))
    for row_id, row in rows.items():
        version, digest = (row.version, bytes(row.address_hash)) if table == "contact" else (0, b"")
        for field in fields:
            value = before[row_id][field.attname]
            setattr(row, field.attname, None if value is None else field.to_python(value))
        if table == "contact":
            row.version = version + (bytes(row.address_hash) != digest)
    model._default_manager.bulk_update(rows.values(), [field.name for field in fields], batch_size=BATCH)
    if table == "contact":
        VerificationCode.objects.filter(contact_id__in=list(before), ended_at=None).delete()
        publish_contacts(contacts=rows.values())


def _withdraw_new_addresses(touched: Touched) -> None:
    contacts = list(ContactPoint.objects.filter(pk__in=touched.contacts_of_others))
    for contact in contacts:
        contact.is_active = False
    ContactPoint.objects.bulk_update(contacts, ["is_active"], batch_size=BATCH)
    publish_contacts(contacts=contacts)
