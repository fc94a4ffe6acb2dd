"""What every door of the API does: who may call, what an error looks like, what is read again and what is not."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from ediary_core.models import ClassKind, Lesson, SchoolClass
from tenants.access import Action, Role
from tenants.api.door import ApiDoor
from tenants.backend.current import connection
from tenants.people.api.me import Me
from tenants.people.models import ApiToken, RequestCount, RoleAssignment, User
from tenants.people.services.tokens import revoke_token
from tenants.schools.models import School, Stage
from tests.school.api.conftest import Caller, Diary
from tests.school.conftest import enter

Calling = Callable[[User | None], Caller]


def put_into_stage(school: School, stage: Stage) -> None:
    with schema_context("public"):
        School.objects.filter(pk=school.pk).update(stage=stage)


@pytest.fixture
def session(live: School, guardian: User) -> Iterator[Client]:
    """Gaja's browser, which checks forms as a real one must."""
    browser = Client(SERVER_NAME="os-reka.localhost", enforce_csrf_checks=True)
    browser.force_login(guardian)
    with tenant_context(live):
        yield browser


def test_a_door_cannot_be_defined_without_its_actions() -> None:
    with pytest.raises(ImproperlyConfigured, match="names no action"):
        type("Nameless", (ApiDoor,), {"get": lambda self, request: None})
    with pytest.raises(ImproperlyConfigured, match="names no write_action"):
        type("Careless", (ApiDoor,), {"action": Action.LESSON_VIEW, "post": lambda self, request: None})


def test_a_person_is_known_by_a_token(calling: Calling, guardian: User, pupil: User, school: School) -> None:
    me = calling(guardian).get("me").json()

    assert (me["name"], me["roles"], me["school"]["name"]) == ("Gaja Novak", ["guardian"], "OŠ Reka")
    assert me["children"] == [{"id": str(pupil.pk), "name": "Pia Novak", "relation": "parent"}]


def test_whoever_is_not_known_is_asked_for_a_token(calling: Calling, school: School) -> None:
    answer = calling(None).get("me")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Zgoda"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {key: answer.json()[key] for key in ("type", "title", "status", "instance")} == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "instance": "/api/v1/me",
    }


def test_a_token_of_one_school_is_worthless_in_another(calling: Calling, guardian: User, sp_brzozowa: School) -> None:
    """Even where the other school has a person with the same id, and a token with the same id."""
    gaja = calling(guardian)
    put_into_stage(sp_brzozowa, Stage.LIVE)
    with tenant_context(sp_brzozowa):
        User.objects.create(pk=guardian.pk, username="gaja", given_name="G", family_name="N", language="pl")
        RoleAssignment.objects.create(user_id=guardian.pk, role=Role.GUARDIAN, since=timezone.localdate())
        there = Client(SERVER_NAME="sp-brzozowa.localhost").get("/api/v1/me", headers=gaja.headers)

    assert there.status_code == 401
    assert gaja.get("me").status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer zgoda_", "Bearer zgoda_x y", "Basic Z2FqYTp4", "Bearer zgoda_óé", "Bearer " + "z" * 5000],
)
def test_a_token_that_is_none_opens_nothing(live: School, header: str) -> None:
    answer = Client(SERVER_NAME="os-reka.localhost").get("/api/v1/me", HTTP_AUTHORIZATION=header)

    assert answer.status_code == 401


def test_a_revoked_or_expired_token_opens_nothing(calling: Calling, guardian: User, teacher: User) -> None:
    gaja, tomaz = calling(guardian), calling(teacher)
    revoke_token(token=ApiToken.objects.get(user=guardian))
    ApiToken.objects.filter(user=teacher).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert [caller.get("me").status_code for caller in (gaja, tomaz)] == [401, 401]


def test_a_bad_token_is_not_excused_by_a_session(session: Client) -> None:
    assert session.get("/api/v1/me").status_code == 200
    assert session.get("/api/v1/me", headers={"authorization": "Bearer zgoda_no"}).status_code == 401


def test_a_person_who_left_or_a_school_that_is_not_open_lets_no_token_in(
    calling: Calling, guardian: User, teacher: User, live: School
) -> None:
    gaja, tomaz = calling(guardian), calling(teacher)
    put_into_stage(live, Stage.ONBOARDING)
    assert [caller.get("me").status_code for caller in (gaja, tomaz)] == [401, 200]

    User.objects.filter(pk=teacher.pk).update(is_active=False)
    assert tomaz.get("me").status_code == 401


def test_the_day_of_the_last_use_is_kept_and_written_once(calling: Calling, guardian: User) -> None:
    gaja = calling(guardian)

    def writes() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert gaja.get("me").status_code == 200
        return sum(query["sql"].startswith('UPDATE "people_apitoken"') for query in asked.captured_queries)

    assert (writes(), writes()) == (1, 0)
    assert ApiToken.objects.get(user=guardian).last_used_on == timezone.localdate()


def test_a_session_changes_nothing_without_the_pages_token(session: Client, school: School) -> None:
    refused = session.put("/api/v1/consents/email", {}, content_type="application/json")
    session.cookies["csrftoken"] = "a" * 32
    allowed = session.put(
        "/api/v1/consents/email", {}, content_type="application/json", headers={"x-csrftoken": "a" * 32}
    )

    assert (refused.status_code, refused.json()["status"]) == (403, 403)
    # Past the check, and then told what is missing.
    assert [fault["pointer"] for fault in allowed.json()["errors"]] == ["/notice_id"]


def test_what_is_known_is_not_sent_again(calling: Calling, diary: Diary, guardian: User) -> None:
    gaja = calling(guardian)
    first = gaja.get("lessons")
    etag = first.headers["ETag"]

    again = gaja.get("lessons", **{"if-none-match": f'"other", W/{etag}'})
    Lesson.objects.update(topic="Ulomki in odstotki")
    changed = gaja.get("lessons", **{"if-none-match": etag})

    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert changed.status_code == 200
    assert "private" in first.headers["Cache-Control"]


def test_a_long_list_comes_in_pages_with_links(calling: Calling, director: User, school: School) -> None:
    today = timezone.localdate()
    for number in range(5):
        SchoolClass.objects.create(
            title=f"{number}.a", kind=ClassKind.HOMEROOM, school_year=2027, begins_on=today, ends_on=today
        )
    darja = calling(director)

    first = darja.get("classes?limit=2&kind=homeroom")
    second = darja.get(first.json()["next"].partition("/api/v1/")[2])

    assert first.json()["count"] == 5
    assert first.headers["Link"] == f'<{first.json()["next"]}>; rel="next"'
    assert [item["title"] for item in second.json()["items"]] == ["2.a", "3.a"]
    assert 'rel="next"' in second.headers["Link"]
    assert 'rel="prev"' in second.headers["Link"]


def test_too_many_requests_are_told_when_to_go_on(
    calling: Calling, guardian: User, teacher: User, settings: Any
) -> None:
    settings.API_REQUESTS_PER_MINUTE = {"token": 2, "address": 1}
    gaja, tomaz, nobody = calling(guardian), calling(teacher), calling(None)

    codes = [gaja.get("me").status_code for _ in range(3)]
    strangers = [nobody.get("me").status_code for _ in range(2)]
    late = gaja.get("me")

    assert (codes, strangers) == ([200, 200, 429], [401, 429])
    assert 1 <= int(late.headers["Retry-After"]) <= 60
    assert late.headers["Content-Type"] == "application/problem+json"
    # Somebody else at the same address is not held up.
    assert tomaz.get("me").status_code == 200


def test_who_asked_is_counted_without_a_name_and_swept_up(calling: Calling, guardian: User) -> None:
    RequestCount.objects.create(caller_hash=b"old" * 10, minute=1, requests=9)

    calling(guardian).get("me")

    assert RequestCount.objects.get().requests == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v2/me", 404),
        ("GET", "/api/v1/me/", 404),
        ("POST", "/api/v1/nothing", 404),
        ("GET", "/api/v1/lessons/7", 404),
        ("DELETE", "/api/v1/me", 405),
        ("OPTIONS", "/api/v1/me", 405),
    ],
)
def test_every_error_is_a_problem(calling: Calling, guardian: User, method: str, path: str, status: int) -> None:
    gaja = calling(guardian)

    answer = gaja.client.generic(method, path, headers=gaja.headers)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["status"], answer.json()["instance"]) == (status, path)


def test_what_breaks_is_a_problem_without_a_word_about_it(
    calling: Calling, guardian: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    gaja = calling(guardian)
    gaja.client.raise_request_exception = False
    monkeypatch.setattr(Me, "get", lambda self, request: 1 / 0)

    answer = gaja.get("me")

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert "division" not in answer.content.decode()


def test_only_json_is_spoken(calling: Calling, diary: Diary, teacher: User, settings: Any) -> None:
    tomaz = calling(teacher)

    def post(body: str, kind: str = "application/json", **headers: str) -> tuple[int, str]:
        answer = tomaz.client.post("/api/v1/lessons", body, content_type=kind, headers={**tomaz.headers, **headers})
        return answer.status_code, answer.headers["Content-Type"]

    said = "application/problem+json"
    assert post("topic=x", "application/x-www-form-urlencoded") == (415, said)
    assert post("{}", accept="text/html") == (406, said)
    assert post("{") == (400, said)
    assert post("[" * 100_000) == (400, said)
    assert post("[]") == (400, said)
    assert post("7") == (400, said)
    assert post('{"topic": "\\ud800\\u0000"}') == (400, said)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert post('{"topic": "long"}') == (413, said)


def test_the_answer_is_in_the_persons_language(calling: Calling, diary: Diary, guardian: User, teacher: User) -> None:
    User.objects.filter(pk=guardian.pk).update(language="pl")
    gaja = calling(guardian)

    line = gaja.get(f"lessons/{diary.lesson.pk}/attendance/{diary.pia.pk}", **{"accept-language": "uk"})

    assert line.headers["Content-Language"] == "pl"


def test_a_list_costs_the_same_however_long_it_is(
    calling: Calling, diary: Diary, director: User, django_assert_num_queries: Any
) -> None:
    darja = calling(director)
    darja.get("lessons")

    with django_assert_num_queries(QUERIES_OF_LIST):
        assert darja.get("lessons").json()["count"] == 1
    for number in range(3, 9):
        Lesson.objects.create(
            school_class=diary.maths,
            teacher=enter(f"t{number}", Role.TEACHER),
            held_on=diary.today,
            period=number,
            topic="x",
            recorded_at=timezone.now(),
        )
    with django_assert_num_queries(QUERIES_OF_LIST):
        assert darja.get("lessons").json()["count"] == 7


# School, token with its person, roles at the entrance, roles and overrides for the matrix, the count and how it
# commits, how many items there are, the items.
QUERIES_OF_LIST = 9
