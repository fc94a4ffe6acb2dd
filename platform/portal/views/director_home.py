"""The director's start page: what waits for a decision, the day so far, the opening, what reached parents."""

from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone

from ediary_core.selectors.next_lessons import next_school_day
from ediary_core.selectors.today import school_day
from opt_in.selectors.authorisations import authorisations
from opt_in.selectors.offers import offers
from opt_in.selectors.resolutions import Standing, recorded_resolutions
from opt_in.selectors.timeline import latest_happenings
from opt_in.views.offers import shown
from tenants.access import Action, Scope
from tenants.doors import Door
from tenants.people.selectors.launch import chair_now, launch_of
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
    context = {
        "today": today,
        "offers": [shown(one, school=door.school, resolutions=resolutions, now=now) for one in waiting[:CARDS]],
        "more_offers": max(len(waiting) - CARDS, 0),
        "resolutions": waits_for_chair,
        "sees_marketing": sees_marketing,
        "sees_timeline": sees_timeline,
        "in_force": [one for one in authorisations(now=now) if one.is_in_force] if sees_marketing else [],
        "may_decide": door.access.reach(Action.MARKETING_AUTHORISE) is not Scope.NONE,
        "may_appoint": may_appoint,
        "lacks_chair": bool(waits_for_chair) and may_appoint and chair_now() is None,
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
