"""Imports a OneRoster bundle into the school whose schema is set: read, judge, compare, and only then write."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from opt_in.gate.sealing import address_hash, normalise_address
from tenants.access import Role
from tenants.onboarding.roster.archive import Upload
from tenants.onboarding.roster.bundle import Step, read_bundle
from tenants.onboarding.roster.endings import many_endings
from tenants.onboarding.roster.plan import RosterPlan, SchoolState, make_plan
from tenants.onboarding.roster.problems import Problems
from tenants.onboarding.roster.records import RosterPerson
from tenants.onboarding.selectors.roster import RosterState, roster_state
from tenants.onboarding.services.roster_writing import write_plan
from tenants.schools.models import School


def _no_report(stage: str, records: int) -> None:
    return None


def preview_roster(*, school: School, path: Path, step: Step = _no_report) -> RosterPlan:
    """What the import would do; writes nothing. Raises RosterRefused with every problem by file, line and field."""
    plan, _state = compare_roster(school=school, source=path, step=step)
    return plan


@transaction.atomic
def import_roster(
    *, school: School, path: Path, allow_many_endings: bool = False, step: Step = _no_report
) -> RosterPlan:
    """Do what preview_roster shows, in one transaction; a second import of the same file writes nothing.

    A roster never gives consent and never verifies a contact (OPT-9): an address that changes gets a new version in
    the gate and has to be verified again. Raises RosterRefused, and nothing has changed.
    """
    lock_imports()
    plan, state = compare_roster(school=school, source=path, step=step)
    if not allow_many_endings:
        _refuse_many_endings(plan, state.school, path)
    write_roster(school=school, plan=plan, state=state, step=step)
    return plan


def lock_imports() -> None:
    """Until the transaction ends, no other import of this school: two at once would both find the same people
    missing, so the second waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('roster import ' || current_schema(), 0))")


def compare_roster(*, school: School, source: Path | Upload, step: Step = _no_report) -> tuple[RosterPlan, RosterState]:
    """The plan, and the state of the school that it was made for. Raises RosterRefused."""
    state = roster_state()
    bundle = read_bundle(source, country=school.country, known=state.school.known_ids(), step=step)
    step(_("comparing with the school"), 0)
    return make_plan(bundle, state.school, today=_today(school), hash_address=_hash), state


def write_roster(*, school: School, plan: RosterPlan, state: RosterState, step: Step = _no_report) -> None:
    """Call inside the transaction that took lock_imports() before it compared."""
    write_plan(plan=plan, state=state, language=school.languages[0], today=_today(school), step=step)


def changes_directors(plan: RosterPlan, state: SchoolState) -> bool:
    """Whether somebody becomes a director or stops being one: whoever directs can let the vendor in."""
    director = Role.DIRECTOR.value

    def directs(person: RosterPerson | None) -> bool:
        return person is not None and person.is_active and director in person.roles

    before = state.people.persons
    return any(directs(person) != directs(before.get(person.sourced_id)) for person in plan.people.to_write)


def _today(school: School) -> date:
    return timezone.localdate(timezone=ZoneInfo(school.time_zone))


def _hash(channel: str, address: str) -> str:
    return address_hash(channel, normalise_address(channel, address)).hex()


def _refuse_many_endings(plan: RosterPlan, state: SchoolState, path: Path) -> None:
    problems = Problems()
    for ending in many_endings(plan, state):
        problems.add(
            path.name,
            None,
            None,
            _("The file would end many. %(group)s: %(ended)d of %(before)d.")
            % {"group": ending.label, "ended": ending.number, "before": ending.before},
            _("Check that it is the whole school's roster; if so, repeat the import and allow many endings."),
        )
    problems.stop_if_any()
