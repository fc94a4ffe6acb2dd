"""Sessions: ended ones, other people's, planted ones, and what a browser keeps of them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from tenants.access import Role
from tenants.people.models import RoleAssignment, SchoolSession, User
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tenants.sessions import public_id
from tests.school.conftest import Browser, enter
from tests.school.visitors import Visitor

PASSWORD = "correct horse battery"


@pytest.fixture
def tomaz(school: School, teacher: User) -> User:
    mirror_stage(school=school, stage=Stage.LIVE)
    teacher.set_password(PASSWORD)
    teacher.save(update_fields=["password"])
    return teacher


def log_in(browser: Browser) -> None:
    assert browser.post("/login", {"username": "tomaz", "password": PASSWORD}).status_code == 302


def key_in(browser: Browser) -> str:
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def test_a_planted_session_is_not_the_one_that_is_logged_in(browser: Browser, tomaz: User) -> None:
    browser.post("/logout")
    planted = key_in(browser)

    log_in(browser)

    assert key_in(browser) != planted
    assert not SchoolSession.objects.filter(session_key=planted).exists()


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(browser: Browser, tomaz: User) -> None:
    log_in(browser)

    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]

    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["domain"] == ""


def test_ending_the_session_one_is_in_logs_out(browser: Browser, tomaz: User) -> None:
    log_in(browser)

    answer = browser.post(reverse("session-end", args=[public_id(key_in(browser))]))

    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("login"))
    assert not SchoolSession.objects.filter(user_id=tomaz.pk).exists()
    assert browser.get("/").status_code == 302


def test_nobody_ends_somebody_elses_session(school: School, tomaz: User, guardian: User) -> None:
    theirs = Visitor(school, tomaz)
    session = SchoolSession.objects.get(user_id=tomaz.pk)

    answer = Visitor(school, guardian).post(reverse("session-end", args=[public_id(session.session_key)]))

    assert answer.status_code == 404
    assert theirs.get("/account/").status_code == 200


@pytest.mark.parametrize("ended", ["role", "person"])
def test_a_session_opens_nothing_once_its_person_has_left(school: School, tomaz: User, ended: str) -> None:
    page = Visitor(school, tomaz)
    assert page.get("/account/").status_code == 200

    if ended == "role":
        RoleAssignment.objects.filter(user=tomaz).update(since="2026-09-01", until="2026-11-20")
    else:
        User.objects.filter(pk=tomaz.pk).update(is_active=False)

    assert page.get("/account/").status_code == 302
    assert page.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/account/", "/account/contacts/", "/messages/", "/classes/", "/lessons/", "/no-such-page"]
)
def test_no_page_is_kept_by_a_browser_or_by_anything_between(school: School, tomaz: User, path: str) -> None:
    answer = Visitor(school, tomaz).get(path)

    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/login", "/account/", "/api/"])
def test_neither_is_a_page_before_the_login(browser: Browser, school: School, path: str) -> None:
    assert "no-store" in browser.get(path).headers["Cache-Control"]


def test_the_api_keeps_its_validators(school: School, tomaz: User) -> None:
    answer = Visitor(school, tomaz).get("/api/v1/me")

    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["ETag"]


def test_whoever_comes_sweeps_up_sessions_that_have_ended(school: School, browser: Browser, tomaz: User) -> None:
    """They name a person and a device, and nobody needs them any more."""
    Visitor(school, tomaz)
    SchoolSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    log_in(browser)

    assert [session.session_key for session in SchoolSession.objects.all()] == [key_in(browser)]


def test_how_often_somebody_failed_is_told_in_the_persons_language(school: School, browser: Browser) -> None:
    wanda = enter("wanda", Role.TEACHER, language="pl")
    wanda.set_password(PASSWORD)
    wanda.save(update_fields=["password"])
    User.objects.filter(pk=wanda.pk).update(failed_logins=2)

    answer = browser.post("/login?language=sl", {"username": "wanda", "password": PASSWORD}, follow=True)

    assert "Od ostatniej wizyty ktoś 2 razy próbował" in answer.content.decode()
