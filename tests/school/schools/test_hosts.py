from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from config import health
from config.settings.base import secured
from opt_in.gate.selfcheck import UnsoundGate
from tenants.backend.current import connection
from tenants.schools.middleware import SchoolOfHost
from tenants.schools.models import Domain, School, Stage
from tenants.schools.services.lifecycle import mirror_stage


def where_am_i(request: HttpRequest) -> HttpResponse:
    return HttpResponse(connection.schema_name)


def ask(host: str) -> HttpResponse:
    return SchoolOfHost(where_am_i)(RequestFactory().get("/", headers={"host": host}))


@pytest.mark.parametrize("host", ["os-reka.localhost:8000", "os-reka.localhost", "OS-Reka.localhost:8000"])
def test_a_schools_host_leads_into_that_school_and_out_again(os_reka: School, host: str) -> None:
    answer = ask(host)

    assert answer.content.decode() == os_reka.schema_name
    assert connection.schema_name == "public"


def test_an_error_in_a_request_takes_the_connection_out_of_the_school(os_reka: School) -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        SchoolOfHost(fail)(RequestFactory().get("/", headers={"host": "os-reka.localhost"}))

    assert connection.schema_name == "public"


@pytest.mark.parametrize("host", ["nobody.localhost", "localhost", "os-reka.localhost.evil.example", "os-reka.example"])
def test_an_unknown_host_gets_a_clear_page_and_no_school(os_reka: School, host: str) -> None:
    answer = ask(host)

    assert answer.status_code == 404
    assert b"There is no school at this address" in answer.content


def test_the_page_for_an_unknown_host_speaks_the_browsers_language(os_reka: School) -> None:
    request = RequestFactory().get("/", headers={"host": "nobody.localhost", "accept-language": "pl,en;q=0.5"})

    answer = SchoolOfHost(where_am_i)(request).content.decode()

    assert '<html lang="pl">' in answer
    assert "Pod tym adresem nie ma szkoły" in answer


def test_the_language_can_be_chosen_on_the_page_for_an_unknown_host(os_reka: School) -> None:
    request = RequestFactory().get("/?language=uk", headers={"host": "nobody.localhost", "accept-language": "pl"})

    assert '<html lang="uk">' in SchoolOfHost(where_am_i)(request).content.decode()


def test_a_closed_school_says_so(os_reka: School) -> None:
    mirror_stage(school=os_reka, stage=Stage.CLOSED)

    assert ask("os-reka.localhost").status_code == 410


def test_school_web_can_mirror_a_stage_and_change_nothing_else_of_a_school(os_reka: School) -> None:
    mirror_stage(school=os_reka, stage=Stage.LIVE)
    assert School.objects.get(pk=os_reka.pk).stage == Stage.LIVE

    from django.db import ProgrammingError, transaction

    changes: list[dict[str, Any]] = [{"subdomain": "stolen"}, {"schema_name": f"school_{0:032x}"}, {"names": {}}]
    for change in changes:
        with pytest.raises(ProgrammingError, match="denied"), transaction.atomic():
            School.objects.filter(pk=os_reka.pk).update(**change)
    with pytest.raises(ProgrammingError, match="denied"), transaction.atomic():
        Domain.objects.create(domain="stolen.localhost", tenant=os_reka)


def test_health_needs_no_school(db: None) -> None:
    answer = Client().get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok", "gate": "sound"})


def test_a_gate_that_was_found_unsound_is_not_looked_at_with_every_question(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def look(_connection: object) -> None:
        looks.append("unsound")
        raise UnsoundGate(["A guard is missing."])

    monkeypatch.setattr(health, "require_sound_gate", look)
    state = health.GateState()

    assert [state.look() for _question in range(20)] == [False] * 20
    assert looks == ["unsound"]


@pytest.mark.parametrize("url", ["https://{subdomain}.zgoda.example", "HTTPS://zgoda.example"])
def test_where_people_come_over_https_no_cookie_goes_over_http(url: str) -> None:
    assert secured(url)["SESSION_COOKIE_SECURE"] is True
    assert secured(url)["CSRF_COOKIE_SECURE"] is True
    assert secured("http://zgoda.localhost") == {}


def test_a_school_has_its_name_in_the_readers_language(os_reka: School, settings: object) -> None:
    from django.utils.translation import override

    school = School(names={"sl": "OŠ Reka", "en": "Reka School"}, languages=["sl", "en"])

    with override("en"):
        english = school.name
    with override("pl"):
        polish = school.name

    assert (english, polish) == ("Reka School", "OŠ Reka")
