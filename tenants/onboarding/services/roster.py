"""Imports a OneRoster bundle into the school whose schema is set: read, judge, compare, and only then write."""

from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from opt_in.gate.sealing import address_hash, normalise_address
from tenants.onboarding.roster.bundle import Step, read_bundle
from tenants.onboarding.roster.plan import RosterPlan, make_plan
from tenants.onboarding.roster.problems import Problems
from tenants.onboarding.selectors.roster import RosterState, roster_state
from tenants.onboarding.services.roster_writing import write_plan
from tenants.schools.models import School

# Beyond this share of the people a bulk file looks like the wrong file, or like a class exported as a school.
ENDING_SHARE = 0.5
ENDING_AT_LEAST = 10


def _no_report(stage: str, records: int) -> None:
    return None


def preview_roster(*, school: School, path: Path, step: Step = _no_report) -> RosterPlan:
    """What the import would do; writes nothing. Raises RosterRefused with every problem by file, line and field."""
    plan, _state = _read_and_compare(school=school, path=path, step=step)
    return plan


@transaction.atomic
def import_roster(
    *, school: School, path: Path, allow_many_endings: bool = False, step: Step = _no_report
) -> RosterPlan:
    """Do what preview_roster shows, in one transaction; a second import of the same file writes nothing.

    A roster never gives consent and never verifies a contact (OPT-9): an address that changes gets a new version in
    the gate and has to be verified again. Raises RosterRefused, and nothing has changed.
    """
    # Two imports at once would both find the same people missing: the second waits for the first.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('roster import ' || current_schema(), 0))")
    plan, state = _read_and_compare(school=school, path=path, step=step)
    if not allow_many_endings:
        _refuse_many_endings(plan, path)
    write_plan(
        plan=plan,
        state=state,
        language=school.languages[0],
        today=timezone.localdate(timezone=ZoneInfo(school.time_zone)),
        step=step,
    )
    return plan


def _read_and_compare(*, school: School, path: Path, step: Step) -> tuple[RosterPlan, RosterState]:
    state = roster_state()
    bundle = read_bundle(path, country=school.country, known=state.school.known_ids(), step=step)
    step(_("comparing with the school"), 0)
    today = timezone.localdate(timezone=ZoneInfo(school.time_zone))
    return make_plan(bundle, state.school, today=today, hash_address=_hash), state


def _hash(channel: str, address: str) -> str:
    return address_hash(channel, normalise_address(channel, address)).hex()


def _refuse_many_endings(plan: RosterPlan, path: Path) -> None:
    ended = len(plan.people.ended)
    before = ended + len(plan.people.changed) + plan.people.unchanged
    if ended >= ENDING_AT_LEAST and ended > before * ENDING_SHARE:
        problems = Problems()
        problems.add(
            path.name,
            None,
            None,
            _("The file would end %(ended)d of %(before)d people of the school.") % {"ended": ended, "before": before},
            _("Check that it is the whole school's roster; if so, repeat the import and allow many endings."),
        )
        problems.stop_if_any()
