"""The same thing twice at the same moment, really committed: a form sent twice, two directors, a page and an import."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from secrets import token_hex
from threading import Barrier, BrokenBarrierError
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django_tenants.utils import tenant_context

from tenants.access import Role
from tenants.backend.current import connection
from tenants.people.models import Channel, ContactPoint, Guardianship, LoginThrottle, Provenance, RoleAssignment, User
from tenants.people.services import contacts, roles
from tenants.people.services.contacts import SameAddress, change_contact
from tenants.people.services.language import choose_language
from tenants.people.services.people import GuardianshipRecord, set_guardianships
from tenants.people.services.roles import appoint_council_chair
from tenants.people.services.subjects import publish_subjects
from tenants.people.services.throttle import count_try, forgive
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.people.test_gate_register import subjects
from tests.surroundings import provision

T = TypeVar("T")
# Long enough for the other to come to its lock, short enough for a test.
A_MOMENT = 1.0


@pytest.fixture
def school(committing: None) -> Iterator[School]:
    """A school of this test's own, because here things are committed."""
    subdomain = f"hkrati-{token_hex(4)}"
    provision(subdomain, "sl=OŠ Hkrati", country="SI")
    school = School.objects.get(subdomain=subdomain)
    with tenant_context(school):
        yield school


def beside(school: School, together: ThreadPoolExecutor, act: Callable[[], T]) -> "Future[T]":
    def in_school() -> T:
        try:
            with tenant_context(school):
                return act()
        finally:
            connection.close()

    return together.submit(in_school)


def meeting(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Whoever comes to this function waits a moment for the other, who is not supposed to get there."""
    barrier, real = Barrier(2), getattr(module, name)

    def wait(*words: Any, **more: Any) -> Any:
        with suppress(BrokenBarrierError):
            barrier.wait(timeout=A_MOMENT)
        return real(*words, **more)

    monkeypatch.setattr(module, name, wait)


def test_the_form_of_a_first_address_sent_twice_makes_one_contact(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = enter("tomaz", Role.TEACHER)
    meeting(monkeypatch, contacts, "_new_contact")

    def change() -> str:
        try:
            change_contact(person=person, channel=Channel.EMAIL, address="t@new.example", entered_by=Provenance.SELF)
        except SameAddress:
            return "there already"
        return "entered"

    with ThreadPoolExecutor(2) as together:
        answers = [beside(school, together, change) for _ in range(2)]

    assert {answer.result() for answer in answers} == {"entered", "there already"}
    assert ContactPoint.objects.get(user=person).version == 1


def test_two_appointments_at_once_make_one_chair(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    director = enter("darja", Role.DIRECTOR)
    candidates = [guardian_of(enter(f"ucenec{number}", Role.PUPIL), f"stars{number}") for number in range(2)]
    meeting(monkeypatch, roles, "publish_subjects")

    with ThreadPoolExecutor(2) as together:
        appointments = [
            beside(school, together, lambda chair=chair: appoint_council_chair(director=director, chair=chair))  # type: ignore[misc]
            for chair in candidates
        ]
    for appointment in appointments:
        appointment.result()

    sitting = RoleAssignment.objects.get(role=Role.CHAIR, until=None)
    chairs = {key for key, subject in subjects(school).items() if "council_chair" in subject["roles"]}
    assert chairs == {sitting.user_id}


def guardian_of(pupil: User, username: str) -> User:
    guardian = enter(username, Role.GUARDIAN)
    set_guardianships(links=[GuardianshipRecord(guardian_id=guardian.id, pupil_id=pupil.id)], pupil_ids=[pupil.id])
    return guardian


def test_a_page_beside_an_import_does_not_bring_back_who_was_guardian(school: School) -> None:
    guardian = guardian_of(enter("ucenec", Role.PUPIL), "stars")

    with ThreadPoolExecutor(1) as together:
        with transaction.atomic():
            Guardianship.objects.filter(guardian=guardian).update(is_active=False)
            publish_subjects(user_ids=[guardian.id])
            chosen = beside(school, together, lambda: choose_language(person=guardian, language="uk"))
            with suppress(TimeoutError):
                chosen.result(timeout=A_MOMENT)
        chosen.result()

    told = subjects(school)[guardian.id]
    assert (told["roles"], told["language"]) == ([], "uk")


def test_a_login_that_succeeds_takes_no_row_from_under_another(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """A double click on the button: the first forgives while the second counts."""
    count_try(identifier="tomaz")
    tries = LoginThrottle._default_manager
    real = tries.bulk_create

    with ThreadPoolExecutor(1) as together:

        def forgiven_just_then(*words: Any, **more: Any) -> Any:
            made = real(*words, **more)
            with suppress(TimeoutError):
                beside(school, together, lambda: forgive(identifier="tomaz")).result(timeout=A_MOMENT)
            return made

        monkeypatch.setattr(tries, "bulk_create", forgiven_just_then)
        count_try(identifier="tomaz")

    assert not LoginThrottle.objects.exists()
