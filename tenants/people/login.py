"""Login to a school by user name, e-mail or mobile number; addresses are found by their keyed hash alone."""

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from tenants import sessions
from tenants.access import STAFF, Role
from tenants.backend.current import connection
from tenants.identity import new_id
from tenants.people.models import SchoolSettings, User
from tenants.people.selectors.contacts import people_with_login
from tenants.people.selectors.roles import roles_of
from tenants.schools.models import Stage
from tenants.throttle import note_failure

# Before go-live only those who prepare the school may enter (TEN-4).
BEFORE_GO_LIVE = STAFF | {Role.CHAIR}
OPEN_STAGES = {Stage.LIVE, Stage.CLOSING}


class SchoolNotOpen(Exception):
    """Name and password are right, but the school has not opened the diary for this person yet, or suspended it."""


class SchoolLogin(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: object
    ) -> User | None:
        if not username or password is None:
            return None
        people = people_with_login(username, country=connection.tenant.country)
        # An address that several people use logs in none of them: the refusal asks everybody for the user name then,
        # and tells a stranger about no address whether a family of this school uses it.
        person = people[0] if len(people) == 1 else None
        # One hash is computed and one row looked for whatever was typed: the time says nothing about who exists.
        if person is None:
            User().set_password(password)
        if person is None or not person.check_password(password):
            note_failure(User.objects.filter(pk=person.pk if person else new_id()))
            return None
        if not may_enter(person):
            if person.is_active and roles_of(person):
                raise SchoolNotOpen
            return None
        return person

    def get_user(self, user_id: UUID | str) -> User | None:
        person = User.objects.filter(pk=user_id, is_active=True).first()
        return person if person is not None and may_enter(person) else None


def may_enter(person: User) -> bool:
    """Staff prepare a school before it is live; guardians and pupils come when the director has opened it."""
    roles = roles_of(person)
    if not person.is_active or not roles:
        return False
    return connection.tenant.stage in OPEN_STAGES or bool(roles & BEFORE_GO_LIVE)


def begin_session(request: HttpRequest, person: User) -> None:
    """Log in, with a session as long as the person's roles allow: hours for staff, days for guardians and pupils."""
    chosen = SchoolSettings.objects.get()
    is_staff = roles_of(person) & (STAFF | {Role.INSPECTOR})
    lasts = timedelta(hours=chosen.staff_session_hours) if is_staff else timedelta(days=chosen.guardian_session_days)
    sessions.begin(request, person, backend="tenants.people.login.SchoolLogin", lasts=lasts)
