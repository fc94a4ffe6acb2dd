"""Appointments inside the product, by a named person; a roster neither makes nor ends them."""

from django.db import transaction
from django.utils import timezone

from tenants.access import STAFF, Role
from tenants.people.models import RoleAssignment, SchoolSettings, User
from tenants.people.selectors.roles import roles_of
from tenants.people.services.subjects import lock_people, publish_subjects


class NotEligible(Exception):
    """The chair of the Parents' Council is a guardian of this school and none of its staff."""


class NotTheDirector(Exception):
    """Only the director tells the gate who chairs the Parents' Council."""


@transaction.atomic
def appoint_council_chair(*, director: User, chair: User) -> RoleAssignment:
    """Make this guardian the chair; whoever held it before holds it no longer. The gate's ledger keeps both."""
    # One appointment at a time: where nobody chairs yet, there is no other row that two could wait at.
    SchoolSettings.objects.select_for_update().get()
    sitting = RoleAssignment.objects.filter(role=Role.CHAIR, until=None)
    touched = {chair.id, *sitting.values_list("user_id", flat=True)}
    is_active = {person.id: person.is_active for person in lock_people(touched)}
    if Role.DIRECTOR not in roles_of(director):
        raise NotTheDirector
    roles = roles_of(chair)
    if Role.GUARDIAN not in roles or roles & STAFF or not is_active.get(chair.id):
        raise NotEligible
    if present := sitting.filter(user=chair).first():
        return present
    today = timezone.localdate()
    sitting.update(until=today)
    appointed = RoleAssignment.objects.create(user=chair, role=Role.CHAIR, since=today)
    publish_subjects(user_ids=touched)
    return appointed
