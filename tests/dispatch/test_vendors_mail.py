import base64
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from notifications.languages import LANGUAGES, format_day
from tests.dispatch.conftest import Dispatch
from tests.dispatch.smtp_server import Steps, part
from tests.dispatch.world import TEXTS, Person, World

FIXED_LINES = {
    "sl": "Od ponudnika. Vaša šola je to dovolila dne {}.",
    "pl": "Od dostawcy. Pani/Pana szkoła zezwoliła na to dnia {}.",
    "uk": "Від постачальника. Ваша школа дозволила це {}.",
    "en": "From the vendor. Your school allowed it on {}.",
}
ONE_CLICK = re.compile(r"<http://localhost:8002/w/([0-9a-f]{64})>")


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_an_offer_says_who_it_is_from_in_the_readers_language(
    world: World, smtp: Steps, dispatch: Dispatch, language: str
) -> None:
    reader = world.add_person("reader@example.pl", language=language)
    world.queue_offers([reader])

    dispatch()

    message = smtp.to("reader@example.pl")
    allowed_on = format_day(datetime.now(ZoneInfo("Europe/Warsaw")).date(), language)  # type: ignore[arg-type]
    line = FIXED_LINES[language].format(allowed_on)
    assert part(message, "plain").splitlines()[0] == line
    assert line in part(message, "html")
    assert message["From"] == "Zgoda offers <offers@zgoda.example>"
    assert message["Subject"] == TEXTS["email"][language]["subject"]
    assert TEXTS["email"][language]["body"].splitlines()[0] in part(message, "plain")
    assert message["Content-Language"] == language


def test_an_offer_can_be_stopped_with_one_click(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue_offers([guardian])

    dispatch()

    message = smtp.to(guardian.address)
    link = ONE_CLICK.fullmatch(str(message["List-Unsubscribe"]))
    assert link is not None
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        assert f"http://localhost:8002/w/{link[1]}" in part(message, kind)
        assert f"http://localhost:8002/why/{link[1]}" in part(message, kind)


def test_only_a_hash_of_the_links_token_is_kept(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue_offers([guardian])

    dispatch()

    link = ONE_CLICK.fullmatch(str(smtp.to(guardian.address)["List-Unsubscribe"]))
    assert link is not None
    assert world.stored("SELECT count(*) FROM consent.envelope e WHERE e::text LIKE %s", f"%{link[1]}%") == [(0,)]
    assert world.stored(
        "SELECT state FROM consent.envelope WHERE token_sha256 = sha256(convert_to(%s, 'UTF8'))", link[1]
    ) == [("sent",)]


def test_an_offer_reaches_only_who_said_yes(world: World, guardian: Person, smtp: Steps, dispatch: Dispatch) -> None:
    world.add_person("silent@example.pl")
    world.queue_offers([guardian])

    dispatch()

    assert smtp.recipients == [guardian.address]
    assert world.states() == {"sent": 1, "suppressed": 1}


def test_no_offer_is_signed_by_the_school(world: World, guardian: Person, smtp: Steps, dispatch: Dispatch) -> None:
    world.queue_offers([guardian])

    dispatch()

    message = smtp.to(guardian.address)
    for header in ("From", "Sender", "Reply-To", "Subject"):
        assert "Brzozowa" not in str(message[header] or "")


def test_an_offer_whose_content_was_changed_is_never_sent(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    campaign = world.queue_offers([guardian])
    world.stored("ALTER TABLE consent.campaign_text DISABLE TRIGGER USER")
    world.stored("ALTER TABLE consent.campaign_text DROP CONSTRAINT campaign_text_check")
    world.stored(
        "UPDATE consent.campaign_text SET canonical = convert_to(replace(convert_from(canonical, 'UTF8'),"
        " 'Pakiet Plus', 'Pakiet Extra'), 'UTF8') WHERE campaign_id = %s",
        campaign,
    )

    dispatch()

    assert smtp.accepted == []
    assert world.states() == {"failed": 1}


def test_markup_in_an_offer_stays_text(world: World, guardian: Person, smtp: Steps, dispatch: Dispatch) -> None:
    text = {"subject": "Plus <b>now</b>", "body": 'Look: <script>alert("x")</script>\nhttps://zgoda.example/plus'}
    world.allow_offers()
    world.consent(guardian)
    campaign = world.propose({"email": {"pl": text}})
    world.discard_notices()
    world.approve(campaign)

    dispatch()

    message = smtp.to(guardian.address)
    assert "<script>" not in part(message, "html")
    assert 'href="https://zgoda.example/plus"' in part(message, "html")
    assert '<script>alert("x")</script>' in part(message, "plain")


def test_a_line_break_in_a_subject_writes_no_header(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue_message(guardian, "Wycieczka\r\nBcc: everybody@example.pl")

    dispatch()

    assert smtp.recipients == [guardian.address]
    assert smtp.accepted[0][1]["Bcc"] is None
    assert smtp.accepted[0][1]["Subject"] == "Wycieczka Bcc: everybody@example.pl"


def test_a_subject_in_the_code_of_mail_headers_arrives_as_the_director_saw_it(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    """RFC 2047: a mailbox would make "SP Brzozowa" of it, which neither the gate nor the director could read."""
    coded = base64.b64encode(b"SP Brzozowa: wycieczka 7").decode()
    world.allow_offers()
    world.consent(guardian)
    world.queue_campaign({"texts": {"email": {"pl": {"subject": f"=?utf-8?b?{coded}?=", "body": "Pakiet Plus"}}}})

    dispatch()

    assert smtp.to(guardian.address)["Subject"] == f"= ?utf-8?b?{coded}?="
