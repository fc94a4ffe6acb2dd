"""The director's start page: what waits for a decision, the day so far, the opening, what reached parents."""

from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone

from ediary_core.selectors.next_lessons import next_school_day
from ediary_core.selectors.today import school_day
from opt_in.gate.types import Resolution
from opt_in.selectors.authorisations import Authorisation, authorisations, opposition
from opt_in.selectors.offers import offers
from opt_in.selectors.resolutions import Standing, recorded_resolutions
from opt_in.selectors.timeline import latest_happenings
from opt_in.verdicts import opposition_said
from opt_in.views.offers import rows_of
from tenants.access import Action, Scope
from tenants.doors import Door
from tenants.people.selectors.launch import chair_now, has_verified_mail, launch_of
from tenants.schools.models import Stage

# The rest is one tap away.
CARDS = 3
LINES = 5
LOOK_BACK = timedelta(days=30)


def director_home(door: Door) -> HttpResponse:
    now, today = timezone.now(), timezone.localdate()
    sees_marketing = door.access.reach(Action.MARKETING_VIEW) is not Scope.NONE
    sees_timeline = door.access.reach(Action.TIMELINE_VIEW) is not Scope.NONE
    waiting = offers(now=now).waiting if sees_marketing else []
    recorded = recorded_resolutions() if sees_marketing else []
    resolutions = [row.resolution for row in recorded]
    waits_for_chair = [row for row in recorded if row.standing is Standing.WAITS]
    may_appoint = door.access.reach(Action.CHAIR_APPOINT) is not Scope.NONE
    is_live = door.school.stage == Stage.LIVE
    sees_day = door.access.reach(Action.ATTENDANCE_VIEW) is Scope.SCHOOL
    day = school_day(on=today) if sees_day else None
    in_force = [one for one in authorisations(now=now) if one.is_in_force] if sees_marketing else []
    may_decide = door.access.reach(Action.MARKETING_AUTHORISE) is not Scope.NONE
    lacks_chair = may_appoint and (is_live or bool(waits_for_chair)) and chair_now() is None
    context = {
        "today": today,
        "offers": rows_of(waiting[:CARDS], school=door.school, resolutions=resolutions, now=now),
        "more_offers": max(len(waiting) - CARDS, 0),
        "resolutions": waits_for_chair,
        "sees_marketing": sees_marketing,
        "sees_timeline": sees_timeline,
        "in_force": in_force,
        "opposition": _opposition(in_force, resolutions),
        "may_decide": may_decide,
        "lacks_chair": lacks_chair,
        # Until the opening the list of what is left to do says so.
        "lacks_mail": is_live and may_decide and not has_verified_mail(door.person),
        "may_go_live": door.access.reach(Action.SCHOOL_GO_LIVE) is not Scope.NONE,
        "may_revoke": door.access.reach(Action.MARKETING_REVOKE) is not Scope.NONE,
        "launch": None if is_live else launch_of(door.person),
        "day": day,
        "next_day": next_school_day(after=today) if day and not day.planned else None,
        "unrecorded": day.unrecorded[:LINES] if day else (),
        "more_unrecorded": max(len(day.unrecorded) - LINES, 0) if day else 0,
        "happenings": latest_happenings(from_day=today - LOOK_BACK, to_day=today, most=LINES) if sees_timeline else [],
    }
    return door.page("portal/director_home.html", context)


def _opposition(in_force: list[Authorisation], resolutions: list[Resolution]) -> str:
    """The Council's no in a sentence, where it stands against what the director has authorised."""
    products = {product for one in in_force for product in one.instruction.products}
    opposed_by = opposition(resolutions, products=products) if products else None
    return opposition_said(opposed_by) if opposed_by else ""
