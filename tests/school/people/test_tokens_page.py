"""Keys for programs: made and shown once, listed, revoked by their person alone."""

import html
import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone, translation

from tenants.identity import new_id
from tenants.people.forms.tokens import TokenForm
from tenants.people.models import ApiToken, User
from tenants.people.selectors.tokens import sha256_of
from tenants.people.services.tokens import MOST_TOKENS, make_token
from tenants.schools.models import School
from tests.school.visitors import Visitor


@pytest.fixture
def page(school: School, teacher: User) -> Visitor:
    return Visitor(school, teacher)


def made(page: Visitor, **changes: str) -> str:
    given = {"token_id": str(new_id()), "name": "Koledar", "days": "90", **changes}
    return html.unescape(page.post("/account/tokens/new/", given).content.decode())


def test_a_key_is_shown_once_and_kept_as_a_hash(page: Visitor, teacher: User) -> None:
    shown = made(page)

    (secret,) = set(re.findall(r"zgoda_[\w-]{43}", shown))
    token = ApiToken.objects.get(user=teacher)
    assert bytes(token.token_sha256) == sha256_of(secret)
    assert (token.expires_at - timezone.now()).days == 89
    listed = page.get("/account/tokens/").content.decode()
    assert "Koledar" in listed
    assert secret not in listed


def test_the_answer_with_the_key_is_stored_nowhere(page: Visitor) -> None:
    answer = page.post("/account/tokens/new/", {"token_id": str(new_id()), "name": "x", "days": "30"})

    assert answer.headers["Cache-Control"] == "no-store"


def test_a_form_sent_twice_makes_one_key(page: Visitor) -> None:
    token_id = str(new_id())
    made(page, token_id=token_id)

    again = page.post("/account/tokens/new/", {"token_id": token_id, "name": "Koledar", "days": "90"}, follow=True)

    assert "made already" in again.content.decode()
    assert ApiToken.objects.count() == 1


def test_a_form_with_faults_keeps_what_was_typed_and_makes_nothing(page: Visitor) -> None:
    assert "Koledar" in made(page, days="9999")
    made(page, name=" ")
    made(page, token_id="x")

    assert not ApiToken.objects.exists()


def test_the_form_says_what_the_key_opens(page: Visitor) -> None:
    form = page.get("/account/tokens/new/").content.decode()

    assert "recording your lessons" in form
    assert "your consents" not in form


def test_a_revoked_key_stays_in_the_list_and_opens_nothing(page: Visitor, teacher: User) -> None:
    made(page)
    token = ApiToken.objects.get()

    page.post(f"/account/tokens/{token.pk}/revoke")
    page.post(f"/account/tokens/{token.pk}/revoke")

    listed = page.get("/account/tokens/").content.decode()
    assert "Revoked on" in listed
    assert "/revoke" not in listed


def test_nobody_sees_or_revokes_somebody_elses_key(page: Visitor, director: User) -> None:
    theirs, _secret = make_token(person=director, token_id=new_id(), name="Urnik", days=30)

    assert "Urnik" not in page.get("/account/tokens/").content.decode()
    assert page.post(f"/account/tokens/{theirs.pk}/revoke").status_code == 404
    assert page.post(f"/account/tokens/{uuid4()}/revoke").status_code == 404
    assert ApiToken.objects.get().revoked_at is None


def test_a_person_has_a_bounded_number_of_keys(page: Visitor, teacher: User) -> None:
    for _ in range(MOST_TOKENS):
        make_token(person=teacher, token_id=new_id(), name="x", days=30)

    assert f"You have {MOST_TOKENS} keys that work" in made(page)
    assert ApiToken.objects.count() == MOST_TOKENS


def test_whoever_is_not_logged_in_is_asked_to(os_reka: School) -> None:
    answer = Client(SERVER_NAME="os-reka.localhost").get("/account/tokens/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/account/tokens/")


@pytest.mark.parametrize(
    ("language", "days"), [("uk", "90 днів"), ("pl", "90 dni"), ("en", "90 days"), ("sl", "90 dni")]
)
def test_how_long_a_key_works_is_said_in_the_readers_language(language: str, days: str) -> None:
    with translation.override(language):
        assert days in str(TokenForm()["days"])
