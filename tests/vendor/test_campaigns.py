"""The vendor asks, looks at what became of it, and stops. Through the pages; what counts is what lies in the inbox."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from opt_in.console.forms.campaign import CampaignForm
from opt_in.console.senders import SENDERS
from opt_in.gate import vendor as gate
from tenants.schools.models import School

TOMORROW = timezone.localdate() + timedelta(days=1)


def mail(**changes: Any) -> dict[str, Any]:
    return {
        "product": "plus",
        "starts_on": "",
        "ends_on": TOMORROW.isoformat(),
        "reach": "countries",
        "countries": ["SI"],
        "subject_sl": "Paket Plus",
        "body_sl": "Pozdravljeni,\r\npreizkusite Plus.",
    } | changes


def sms(**changes: Any) -> dict[str, Any]:
    text = {"body_sl": "Paket Plus za vso družino", "body_pl": "Pakiet Plus dla całej rodziny"}
    return mail() | {"countries": ["SI", "PL"], **text, **changes}


def write(client: Client, channel: str, data: Mapping[str, Any]) -> Any:
    return client.post(f"/campaigns/new/{channel}/", data)


def looked_at(client: Client, channel: str = "email") -> dict[str, str]:
    """What the page that shows the draft sends along."""
    page = client.get(f"/campaigns/new/{channel}/look/").content.decode()
    return {"looked_at": page.split('name="looked_at" value="')[1].split('"')[0]}


def send(client: Client, channel: str = "email") -> Any:
    return client.post(f"/campaigns/new/{channel}/look/", looked_at(client, channel))


def ask(client: Client, channel: str = "email", **changes: Any) -> UUID:
    """The whole way; returns the campaign."""
    assert write(client, channel, {"email": mail, "sms": sms}[channel](**changes)).status_code == 302
    answer = send(client, channel)
    assert answer.status_code == 302
    return UUID(answer["Location"].strip("/").rpartition("/")[2])


def inbox() -> list[Any]:
    """What this test put there: the keeper has not seen it, for it is never committed."""
    return [request for request in gate.campaigns() if request.handled_at is None]


def test_a_request_goes_from_form_to_inbox_in_three_steps(olga: Client) -> None:
    written = write(olga, "email", mail(starts_on=timezone.localdate().isoformat()))
    assert written["Location"] == "/campaigns/new/email/look/"
    look = olga.get("/campaigns/new/email/look/").content.decode()
    assert inbox() == []

    sent = send(olga)

    (request,) = inbox()
    assert sent["Location"] == f"/campaigns/{request.campaign_id}/"
    assert "From the vendor" in look
    assert 'src="/campaigns/new/email/look/sl"' in look
    body = request.body
    assert body["texts"] == {"email": {"sl": {"subject": "Paket Plus", "body": "Pozdravljeni,\npreizkusite Plus."}}}
    assert body["targets"] == {"countries": ["SI"], "schools": None}
    assert (body["sender"], body["channels"], body["audience"]) == ("zgoda-offers", ["email"], "guardians")
    ends = datetime.fromisoformat(body["expires_at"])
    assert timezone.localtime(ends).replace(tzinfo=None) == datetime.combine(TOMORROW, datetime.min.time()) + timedelta(
        days=1
    )
    assert timezone.localtime(datetime.fromisoformat(body["not_before"])).hour == 0


def test_no_text_is_called_optional_that_a_school_may_need(olga: Client) -> None:
    assert 'class="optional"' not in olga.get("/campaigns/new/email/").content.decode()


def test_single_schools_are_asked_by_name(olga: Client, sp_brzozowa: School) -> None:
    ask(olga, reach="schools", countries=[], schools=[str(sp_brzozowa.pk)], subject_pl="Plus", body_pl="Dzień dobry")

    (request,) = inbox()
    assert request.body["targets"] == {"countries": ["PL"], "schools": [str(sp_brzozowa.pk)]}


def test_the_count_is_of_all_that_arrives(olga: Client) -> None:
    """Who writes, how to stop and why are part of the message, and of its price."""
    page = olga.post("/campaigns/new/length", {"language": "pl", "body_pl": "Pakiet"}).content.decode()
    write(olga, "sms", sms())
    look = olga.get("/campaigns/new/sms/look/").content.decode()

    assert int(page.split(" characters")[0].rpartition(" ")[2]) > 60
    assert "STOP" in look
    assert "UCS-2" in look


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"ends_on": "2020-01-01"}, "This day is over"),
        ({"ends_on": "soon"}, "valid date"),
        ({"ends_on": "2999-01-01"}, "a year at most"),
        ({"starts_on": "2020-01-01"}, "This day is over"),
        ({"starts_on": (TOMORROW + timedelta(days=3)).isoformat()}, "lies before the first"),
        ({"countries": []}, "at least one country"),
        ({"countries": ["XX"]}, "Select a valid choice"),
        ({"reach": "schools"}, "at least one school"),
        ({"reach": "schools", "schools": ["not an id"]}, "not a valid"),
        ({"reach": "everybody"}, "Select a valid choice"),
        ({"product": "gold"}, "Select a valid choice"),
        ({"subject_sl": ""}, "A mail needs a subject"),
        ({"body_sl": ""}, "a subject without a text"),
        ({"countries": ["SI", "PL"]}, "polski"),
        ({"body_sl": "x" * 10_001}, "at most 10000"),
        ({"body_sl": "x\x00y"}, "Null characters"),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_nothing_is_lost(
    olga: Client, change: dict[str, Any], complaint: str
) -> None:
    answer = write(olga, "email", mail(subject_en="Kept", body_en="This stays", **change))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert complaint in page
    assert "is-invalid" in page or "field-error" in page
    assert "This stays" in page
    assert "This stays" in olga.get("/campaigns/new/email/").content.decode()
    assert olga.get("/campaigns/new/email/look/")["Location"] == "/campaigns/new/email/"
    assert olga.post("/campaigns/new/email/look/")["Location"] == "/campaigns/new/email/"
    assert inbox() == []


def test_a_mail_of_the_draft_is_a_document_that_can_do_nothing(olga: Client) -> None:
    write(olga, "email", mail(body_sl="Plus <script>alert(1)</script>"))

    page = olga.get("/campaigns/new/email/look/")
    document = olga.get("/campaigns/new/email/look/sl")

    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "&lt;script&gt;" in document.content.decode()
    assert "Od ponudnika" in document.content.decode()
    assert "OŠ Reka" in document.content.decode()
    assert "script-src" not in document["Content-Security-Policy"]
    assert "default-src 'none'" in document["Content-Security-Policy"]
    assert olga.get("/campaigns/new/email/look/pl").status_code == 404
    assert olga.get("/campaigns/new/email/look/xx").status_code == 404


def test_a_draft_waits_and_can_be_thrown_away(olga: Client) -> None:
    write(olga, "sms", sms())
    assert "There is a draft" in olga.get("/campaigns/new/").content.decode()
    assert "całej rodziny" in olga.get("/campaigns/new/sms/").content.decode()

    olga.post("/campaigns/new/sms/drop")

    assert "There is a draft" not in olga.get("/campaigns/new/").content.decode()
    assert "całej rodziny" not in olga.get("/campaigns/new/sms/").content.decode()
    assert inbox() == []


def test_sending_twice_asks_once_and_says_so(olga: Client) -> None:
    write(olga, "email", mail())
    shown = looked_at(olga)
    olga.post("/campaigns/new/email/look/", shown)

    again = olga.post("/campaigns/new/email/look/", shown, follow=True)

    assert again.redirect_chain == [("/campaigns/", 302)]
    assert "sent already" in again.content.decode()
    assert len(inbox()) == 1


def test_what_is_sent_is_what_was_looked_at(olga: Client) -> None:
    """Two windows write the same draft; the one that looked first must not send what the other wrote."""
    write(olga, "email", mail(subject_sl="One"))
    first = looked_at(olga)
    write(olga, "email", mail(subject_sl="Two"))

    answer = olga.post("/campaigns/new/email/look/", first, follow=True).content.decode()

    assert inbox() == []
    assert "the draft was changed meanwhile" in answer
    assert "Two" in answer
    assert send(olga).status_code == 302
    assert len(inbox()) == 1


def test_a_day_is_that_day_at_every_school_that_is_asked(
    olga: Client, os_reka: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kyiv is an hour ahead of the vendor: the last day must not reach into the next one there."""
    kyiv = ZoneInfo("Europe/Kyiv")
    os_reka.time_zone = kyiv.key
    monkeypatch.setattr(CampaignForm, "asked_schools", lambda form: [os_reka])

    ask(olga, starts_on=TOMORROW.isoformat())

    (request,) = inbox()
    starts, ends = (datetime.fromisoformat(request.body[name]) for name in ("not_before", "expires_at"))
    for zone in (kyiv, timezone.get_current_timezone()):
        assert starts.astimezone(zone).date() == TOMORROW
        assert (ends - timedelta(microseconds=1)).astimezone(zone).date() == TOMORROW


def test_a_text_message_that_no_telephone_would_join_is_refused(olga: Client) -> None:
    page = write(olga, "sms", sms(body_sl="ž" * 600)).content.decode()

    assert "6 are the most" in page
    assert "ž" * 600 in page
    assert inbox() == []


def test_a_mistake_names_the_language_of_its_text(olga: Client) -> None:
    page = write(olga, "email", mail(subject_pl="Plus", body_pl="")).content.decode()

    assert '<a href="#id_body_pl">Text (polski)</a>: There is a subject without a text' in page


def test_each_choice_says_which_text_it_needs(olga: Client, sp_brzozowa: School) -> None:
    """The style sheet opens that one; what is written or wrong is open in any case."""
    blank = olga.get("/campaigns/new/email/").content.decode()
    refused = write(olga, "email", mail(countries=["SI", "PL"], subject_uk="Плюс", body_uk="Так")).content.decode()

    assert re.search(r'name="countries" value="PL"[^>]* data-speaks="pl"', blank)
    assert re.search(rf'name="schools" value="{sp_brzozowa.pk}"[^>]* data-speaks="pl"', blank)
    assert "is-open" not in blank
    opened = re.findall(r'written-in is-open" data-language="(..)"', refused)
    assert opened == ["sl", "pl", "uk"]


def test_a_channel_without_sender_does_not_exist(olga: Client) -> None:
    for channel in ("push", "in_app", "letter"):
        assert olga.get(f"/campaigns/new/{channel}/").status_code == 404
        assert olga.get(f"/campaigns/new/{channel}/look/").status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Пакет «Плюс»", "UCS-2"),
        ("", "No text yet"),
        (" \r\n ", "No text yet"),
        ("x" * 50_000, "characters"),
    ],
)
def test_the_length_of_a_text_message_is_counted_while_it_is_written(olga: Client, text: str, said: str) -> None:
    answer = olga.post("/campaigns/new/length", {"language": "uk", "body_uk": text})

    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_a_text_message_has_an_estimate_in_its_countrys_money(olga: Client) -> None:
    page = olga.post("/campaigns/new/length", {"language": "pl", "body_pl": "Pakiet"}).content.decode()

    assert "Poland: about PLN " in page.replace("\xa0", " ")
    assert "for 100 messages" in page
    assert olga.post("/campaigns/new/length", {"language": "xx"}).status_code == 404


def test_a_line_break_counts_once_whatever_the_browser_sends(olga: Client) -> None:
    def characters(text: str) -> int:
        page = olga.post("/campaigns/new/length", {"language": "en", "body_en": text}).content.decode()
        return int(page.split(" characters")[0].rpartition(" ")[2])

    assert characters("a\r\nb") == characters("a\nb") == characters("abc")


def test_without_a_request_the_list_says_how_to_begin(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "campaigns", list)

    page = olga.get("/campaigns/").content.decode()

    assert "Nothing was asked yet" in page
    assert page.count('href="/campaigns/new/"') == 1


def test_what_was_asked_is_listed_with_its_state(olga: Client) -> None:
    campaign = ask(olga)

    listed = olga.get("/campaigns/").content.decode()
    page = olga.get(f"/campaigns/{campaign}/").content.decode()

    assert f"/campaigns/{campaign}/" in listed
    assert "Waits to be judged" in listed
    assert "Waits to be judged" in page
    assert "Paket Plus" in page


def test_requests_for_one_product_are_told_apart_by_what_they_say(olga: Client) -> None:
    ask(olga, subject_sl="Opomniki", subject_en="Reminders", body_en="Try it.")
    ask(olga, "sms", body_sl="Kratko o Plusu", countries=["SI"], body_pl="")

    listed = olga.get("/campaigns/").content.decode()
    switches = olga.get("/switches/").content.decode()

    for page in (listed, switches):
        assert "Reminders" in page
        assert "Opomniki" not in page
        assert "Kratko o Plusu" in page


def test_whatever_lies_in_the_inbox_is_shown_without_an_error(olga: Client) -> None:
    for body in (
        {},
        {"texts": [], "targets": 3, "channels": {"a": 1}, "product": None},
        {"texts": {"sms": {"sl": {"body": 1}}, "email": 2, "x": {"sl": "y"}}, "expires_at": "2026-99-99T00:00:00Z"},
        {
            "targets": {"schools": "all", "countries": [1]},
            "expires_at": "2026-01-01",
            "texts": {"sms": {"xx": {"body": "!"}}},
        },
    ):
        campaign = gate.propose(body)
        assert olga.get(f"/campaigns/{campaign}/").status_code == 200

    assert olga.get("/campaigns/").status_code == 200


def test_a_stop_is_asked_for_once_and_shown_as_on_its_way(olga: Client) -> None:
    campaign = ask(olga)

    for _ in range(2):
        assert olga.post(f"/campaigns/{campaign}/stop").status_code == 302

    page = olga.get(f"/campaigns/{campaign}/").content.decode()
    assert "A stop is on its way" in page
    assert f"/campaigns/{campaign}/stop" not in page
    assert [(one.scope, one.asked_on) for one in gate.kill_switches()] == [("stop", True)]


def test_an_unknown_campaign_is_not_there(olga: Client) -> None:
    for method, path in (("get", ""), ("post", "stop")):
        assert getattr(olga, method)(f"/campaigns/{UUID(int=7)}/{path}").status_code == 404


def test_the_senders_are_those_of_the_gates_register(django_db_setup: None, gate_rows: Any) -> None:
    for channel, sender in SENDERS.items():
        found = gate_rows.execute(
            "SELECT display_name, address, origin, has_one_click, has_stop_word FROM consent.sender"
            " WHERE sender_id = %s",
            [sender.sender_id],
        ).fetchone()
        assert found == (sender.name, sender.address, "vendor", channel == "email", channel == "sms")


def test_the_address_of_a_page_tells_no_text(olga: Client) -> None:
    """What is written travels in forms, so that it stands in no log of addresses."""
    written = write(olga, "email", mail())

    assert "Plus" not in unquote(written["Location"])
