"""Login as a person meets it: pages, locks, sessions, language."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from tenants.access import Role
from tenants.people.models import LoginThrottle, SchoolSession, User
from tenants.people.services.people import PersonRecord, put_people
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tests.school.conftest import Browser, enter

PASSWORD = "correct horse battery"
REFUSED = "Name and password do not match."


@pytest.fixture
def live(school: School) -> School:
    mirror_stage(school=school, stage=Stage.LIVE)
    return school


@pytest.fixture
def tomaz(live: School) -> User:
    teacher = enter("tomaz", Role.TEACHER, language="en", email="tomaz@os-reka.example")
    return with_password(teacher)


def with_password(person: User) -> User:
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


def log_in(browser: Browser, name: str, password: str = PASSWORD, **more: str) -> object:
    return browser.post("/login", {"username": name, "password": password, **more}, headers={"accept-language": "en"})


def page(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("name", ["tomaz", "TOMAZ", " tomaz@OS-reka.example "])
def test_a_person_logs_in_by_user_name_or_mail(browser: Browser, tomaz: User, name: str) -> None:
    answer = log_in(browser, name)

    assert answer.status_code == 302  # type: ignore[attr-defined]
    assert answer.url == "/"  # type: ignore[attr-defined]
    assert browser.get("/").status_code == 200


def test_a_name_that_does_not_exist_and_a_wrong_password_read_the_same(browser: Browser, tomaz: User) -> None:
    known = page(log_in(browser, "tomaz", "wrong"))
    unknown = page(log_in(browser, "nobody", "wrong"))

    assert REFUSED in known
    assert known.replace("tomaz", "nobody").count(REFUSED) == unknown.count(REFUSED)


@pytest.mark.parametrize("name", ["tomaz", "nobody"])
def test_after_five_failures_the_name_is_locked_whether_or_not_it_exists(
    browser: Browser, tomaz: User, name: str
) -> None:
    for _ in range(5):
        assert log_in(browser, name, "wrong").status_code == 200  # type: ignore[attr-defined]

    locked = log_in(browser, name, PASSWORD)

    assert locked.status_code == 429  # type: ignore[attr-defined]
    assert 0 < int(locked["Retry-After"]) <= 60  # type: ignore[index]
    assert not SchoolSession.objects.filter(user_id=tomaz.pk).exists()


def test_the_lock_ends_and_a_success_forgives(browser: Browser, tomaz: User) -> None:
    for _ in range(5):
        log_in(browser, "tomaz", "wrong")
    LoginThrottle.objects.update(locked_until=timezone.now() - timedelta(seconds=1))

    assert log_in(browser, "tomaz").status_code == 302  # type: ignore[attr-defined]
    assert not LoginThrottle.objects.exists()


def test_each_further_failure_doubles_the_lock(browser: Browser, tomaz: User) -> None:
    for _ in range(5):
        log_in(browser, "tomaz", "wrong")
    LoginThrottle.objects.update(locked_until=timezone.now())

    log_in(browser, "tomaz", "wrong")

    left = LoginThrottle.objects.get().locked_until - timezone.now()  # type: ignore[operator]
    assert timedelta(seconds=110) < left <= timedelta(seconds=120)


def test_what_was_typed_is_not_kept(browser: Browser, tomaz: User) -> None:
    log_in(browser, "my secret typed into the wrong field", "wrong")

    assert len(bytes(LoginThrottle.objects.get().identifier_hash)) == 32


def test_last_visit_and_failed_tries_are_shown(browser: Browser, tomaz: User) -> None:
    log_in(browser, "tomaz")
    assert "This is your first visit." in page(browser.get("/"))
    browser.post("/logout")
    log_in(browser, "tomaz", "wrong")
    log_in(browser, "tomaz", "wrong")

    log_in(browser, "tomaz")
    shown = page(browser.get("/"))

    assert "Your last visit:" in shown
    assert "2 failed attempts to log in since then" in shown
    tomaz.refresh_from_db()
    assert tomaz.failed_logins == 0


def test_two_people_with_one_mailbox_are_asked_for_the_user_name(browser: Browser, live: School) -> None:
    for name in ("ana", "bor"):
        with_password(enter(name, Role.GUARDIAN, email="family@example.org"))

    assert "If you share an address with somebody, enter your user name" in page(log_in(browser, "family@example.org"))
    assert log_in(browser, "ana").status_code == 302  # type: ignore[attr-defined]


def test_a_guardian_before_go_live_is_told_why(browser: Browser, school: School) -> None:
    with_password(enter("gaja", Role.GUARDIAN))

    answer = log_in(browser, "gaja")

    assert answer.status_code == 403  # type: ignore[attr-defined]
    assert "The diary is not open yet" in page(answer)
    assert "not open yet" not in page(log_in(browser, "gaja", "wrong"))


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_after_the_login_nobody_is_led_out_of_the_house(browser: Browser, tomaz: User, wanted: str) -> None:
    assert log_in(browser, "tomaz", next=wanted).url == "/"  # type: ignore[attr-defined]


def test_the_way_that_was_wanted_is_kept(browser: Browser, tomaz: User) -> None:
    asked = browser.get("/account/sessions/")

    assert asked.url == "/login?next=/account/sessions/"  # type: ignore[attr-defined]
    assert log_in(browser, "tomaz", next="/account/sessions/").url == "/account/sessions/"  # type: ignore[attr-defined]


def test_a_session_is_listed_and_ended_by_its_owner_alone(browser: Browser, tomaz: User, os_reka: School) -> None:
    other = Browser(SERVER_NAME="os-reka.localhost", headers={"user-agent": "Mozilla/5.0 (Android 15) Firefox/140.0"})
    log_in(browser, "tomaz")
    log_in(other, "tomaz")

    listed = page(browser.get("/account/sessions/"))
    address = listed.partition('action="/account/sessions/')[2].partition('"')[0]
    address = next(
        part.partition('"')[0]
        for part in listed.split('action="/account/sessions/')[1:]
        if part.partition('"')[0] != "end"
    )
    ended = browser.post(f"/account/sessions/{address}")

    assert "Firefox, Android" in listed
    assert ended.status_code == 302
    assert other.get("/").url.startswith("/login")  # type: ignore[attr-defined]
    assert browser.get("/").status_code == 200
    assert browser.post(f"/account/sessions/{address}").status_code == 404


def test_log_out_everywhere_ends_every_session(browser: Browser, tomaz: User) -> None:
    other = Browser(SERVER_NAME="os-reka.localhost")
    log_in(browser, "tomaz")
    log_in(other, "tomaz")

    browser.post("/account/sessions/end")

    assert browser.get("/").url.startswith("/login")  # type: ignore[attr-defined]
    assert other.get("/").url.startswith("/login")  # type: ignore[attr-defined]


def test_a_chosen_language_holds_for_pages_and_outlives_a_roster(browser: Browser, tomaz: User) -> None:
    log_in(browser, "tomaz")
    browser.post("/account/language", {"language": "pl", "next": "/"})

    assert '<html lang="pl">' in page(browser.get("/", headers={"accept-language": "en"}))
    put_people(
        people=[
            PersonRecord(
                id=tomaz.pk,
                sourced_id=tomaz.sourced_id,
                username="tomaz",
                given_name="Tomaž",
                middle_name="",
                family_name="Novak",
                roles=frozenset({Role.TEACHER}),
                language="sl",
            )
        ]
    )
    tomaz.refresh_from_db()
    assert (tomaz.language, tomaz.given_name) == ("pl", "Tomaž")


def test_a_language_that_we_do_not_speak_changes_nothing(browser: Browser, tomaz: User) -> None:
    log_in(browser, "tomaz")

    assert browser.post("/account/language", {"language": "tlh"}).status_code == 404
    tomaz.refresh_from_db()
    assert tomaz.language == "en"


@pytest.mark.parametrize(("asked", "spoken"), [("uk,en;q=0.5", "uk"), ("de", "en"), ("", "sl")])
def test_without_a_login_the_browser_speaks_then_the_school(
    browser: Browser, live: School, asked: str, spoken: str
) -> None:
    headers = {"accept-language": asked} if asked else {}

    assert f'<html lang="{spoken}">' in page(browser.get("/login", headers=headers))


def test_the_language_chosen_on_the_login_page_is_kept(browser: Browser, live: School) -> None:
    browser.get("/login?language=pl")

    assert '<html lang="pl">' in page(browser.get("/login", headers={"accept-language": "uk"}))


def test_another_language_still_leads_where_the_visitor_wanted_to_go(browser: Browser, tomaz: User) -> None:
    asked = page(browser.get("/login?next=/lessons/%3Fday%3D2026-11-20", headers={"accept-language": "en"}))
    refused = page(log_in(browser, "tomaz", "wrong", next="/lessons/?day=2026-11-20"))

    for content in (asked, refused):
        assert 'href="?next=/lessons/%3Fday%3D2026-11-20&amp;language=pl"' in content


def test_a_session_of_one_school_is_nothing_at_another(browser: Browser, tomaz: User, sp_brzozowa: School) -> None:
    log_in(browser, "tomaz")
    with tenant_context(sp_brzozowa):
        assert not SchoolSession.objects.exists()

    elsewhere = Browser(SERVER_NAME="sp-brzozowa.localhost")
    elsewhere.cookies = browser.cookies
    assert elsewhere.get("/").url.startswith("/login")  # type: ignore[attr-defined]
