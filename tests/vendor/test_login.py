"""In and out of the vendor console."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.operators.models import Operator, OperatorSession, OperatorThrottle
from tenants.operators.services.throttle import FREE_TRIES

from .conftest import HOST, PASSWORD


def log_in(client: Client, username: str = "olga", password: str = PASSWORD, **more: str) -> int:
    return client.post("/login", {"username": username, "password": password, **more}).status_code


def test_an_operator_comes_in_with_name_and_password(nobody: Client, operator: Operator) -> None:
    answer = nobody.post("/login", {"username": " Olga ", "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, "/")
    page = nobody.get("/")
    assert page.status_code == 200
    assert "Olga Operator" in page.content.decode()


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(nobody: Client, operator: Operator) -> None:
    wrong = nobody.post("/login", {"username": "olga", "password": "wrong"})
    unknown = nobody.post("/login", {"username": "nemo", "password": "wrong"})

    assert (wrong.status_code, unknown.status_code) == (200, 200)
    pages = [
        re.sub(r"[A-Za-z0-9]{64}", "token", answer.content.decode()).replace("nemo", "olga")
        for answer in (wrong, unknown)
    ]
    assert pages[0] == pages[1]
    assert OperatorSession.objects.filter(operator_id__isnull=False).count() == 0


@pytest.mark.parametrize("username", ["olga", "nemo"])
def test_after_failures_a_name_is_locked_whether_it_exists_or_not(
    nobody: Client, operator: Operator, username: str
) -> None:
    for _ in range(FREE_TRIES):
        assert log_in(nobody, username, "wrong") == 200

    locked = nobody.post("/login", {"username": f" {username.upper()} ", "password": PASSWORD})

    assert locked.status_code == 429
    assert 0 < int(locked["Retry-After"]) <= 60
    assert OperatorSession.objects.filter(operator_id__isnull=False).count() == 0


def test_the_lock_ends_by_itself_and_a_success_forgives(nobody: Client, operator: Operator) -> None:
    for _ in range(FREE_TRIES):
        log_in(nobody, password="wrong")
    OperatorThrottle.objects.update(locked_until=timezone.now() - timedelta(seconds=1))

    assert log_in(nobody) == 302
    assert not OperatorThrottle.objects.exists()


def test_failed_tries_are_told_at_the_next_visit_and_once(nobody: Client, operator: Operator) -> None:
    log_in(nobody)
    nobody.post("/logout")
    for _ in range(2):
        log_in(nobody, password="wrong")
    log_in(nobody)

    first = nobody.get("/").content.decode()
    account = nobody.get("/account/").content.decode()
    nobody.post("/logout")
    log_in(nobody)

    assert "tried 2 times" in first
    assert "Your last visit" in first
    assert "<dd>2</dd>" in account
    assert "tried 2 times" not in nobody.get("/").content.decode()


def test_somebody_who_left_cannot_come_in(nobody: Client, operator: Operator) -> None:
    Operator.objects.update(is_active=False)

    assert log_in(nobody) == 200


def test_after_the_login_the_wanted_page_comes_and_no_other_site(nobody: Client, operator: Operator) -> None:
    wanted = nobody.get("/switches/")
    assert wanted["Location"] == "/login?next=/switches/"

    assert nobody.post("/login", {"username": "olga", "password": PASSWORD, "next": "/switches/"})["Location"] == (
        "/switches/"
    )
    for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = nobody.post("/login", {"username": "olga", "password": PASSWORD, "next": elsewhere})
        assert answer["Location"] == "/"


def test_a_session_lasts_eight_hours_however_much_it_is_used(nobody: Client, operator: Operator) -> None:
    log_in(nobody)
    began = OperatorSession.objects.get(operator_id=operator.pk)

    nobody.post("/account/language", {"language": "pl"})
    nobody.get("/")

    session = OperatorSession.objects.get(operator_id=operator.pk)
    assert session.expire_date == began.expire_date
    assert timedelta(hours=7, minutes=59) < session.expire_date - timezone.now() <= timedelta(hours=8)


def test_an_operator_sees_the_sessions_and_ends_one_or_all(nobody: Client, operator: Operator) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    elsewhere = Client(SERVER_NAME=HOST, headers={"User-Agent": firefox})
    log_in(elsewhere)
    log_in(nobody)

    page = nobody.get("/account/sessions/").content.decode()
    assert "Firefox, Linux" in page
    assert page.count("/end") == 2  # the other one, and all
    end_of_other = page.split('action="/account/sessions/')[2].split('"')[0]
    assert nobody.post(f"/account/sessions/{end_of_other}").status_code == 302
    assert elsewhere.get("/").status_code == 302

    assert log_in(elsewhere) == 302
    nobody.post(reverse("sessions-end"))
    assert OperatorSession.objects.filter(operator_id=operator.pk).count() == 0
    assert elsewhere.get("/").status_code == 302


def test_nobody_ends_the_session_of_a_colleague(nobody: Client, olga: Client, operator: Operator) -> None:
    page = olga.get("/account/sessions/").content.decode()
    colleague = Operator.objects.create(username="oskar", name="Oskar")
    nobody.force_login(colleague)

    assert nobody.post(f"/account/sessions/{'0' * 32}/end").status_code == 404
    assert page
    assert OperatorSession.objects.filter(operator_id=operator.pk).count() == 1


def test_the_chosen_language_stays(olga: Client, operator: Operator) -> None:
    olga.post("/account/language", {"language": "sl", "next": "/switches/"})

    assert '<html lang="sl">' in olga.get("/").content.decode()
    assert olga.post("/account/language", {"language": "xx"}).status_code == 404


@pytest.mark.parametrize("wanted", ["nowhere", "home", "-1", "//evil.example/"])
def test_a_destination_that_is_no_address_leads_home(nobody: Client, operator: Operator, wanted: str) -> None:
    answer = nobody.post("/login", {"username": "olga", "password": PASSWORD, "next": wanted})

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_what_is_said_about_wrong_passwords_is_in_the_language_of_the_page_it_stands_on(
    nobody: Client, operator: Operator
) -> None:
    """The login was read in another one; the next page is in the operator's."""
    log_in(nobody, password="wrong")
    nobody.get("/login?language=uk")

    log_in(nobody)

    assert "Since your last visit somebody tried 1 time" in nobody.get("/").content.decode()
