"""A request as a guardian would get it: each channel, each language, rendered by what sends the real ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings

from notifications.composing import short_link
from notifications.kinds import KINDS, VendorCampaign
from notifications.languages import LANGUAGES, Language, in_language, known_language
from notifications.rendering import Rendered, VendorText, WayOut, render, render_sms
from notifications.sms_text import SmsParts, sms_parts
from notifications.stop_words import stop_word_for
from opt_in.gate import school as gate
from opt_in.gate.types import Content, Proposal

KIND = KINDS["vendor.campaign"]
# Nobody's token exists yet: the links of a preview lead nowhere, and are as long as real ones.
NO_LINK = "#"
NO_TOKEN = "0" * 32
# As long as the number that stop words are sent to, and nobody's.
NO_NUMBER = "+000 00 000000"
# As much of a subject or a text message as a card shows.
LONGEST_OPENING = 80


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a preview is for: some guardian of this school. `today` stands where the day of the school's yes will."""

    school_names: Mapping[str, str]
    country: str
    today: date


@dataclass(frozen=True, slots=True)
class Preview:
    """One text of the request; `text` is all that arrives. `mail` only for e-mail, `sms` only for text messages."""

    channel: str
    language: str
    sender: str
    address: str
    subject: str
    text: str
    mail: Rendered | None = None
    sms: SmsParts | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    language: str
    words: str


def language_name(language: str) -> str:
    """In its own words; a language that we do not speak by its code."""
    return next((name for code, name in LANGUAGES.items() if code == language), language)


def languages_of(content: Content, channel: str) -> Sequence[str]:
    return sorted(content.parsed["texts"].get(channel, {}))


def openings_of(offers: Sequence[Proposal], *, reader: str) -> dict[UUID, Opening]:
    """What tells two requests apart: each one's subject, of a text message its first words, in the reader's language
    where there is one."""
    contents = gate.campaign_contents([offer.campaign_id for offer in offers])
    return {offer.campaign_id: _opening(offer, contents[offer.campaign_id], reader) for offer in offers}


def _opening(offer: Proposal, content: Content, reader: str) -> Opening:
    channel = next((one for one in offer.channels if content.parsed["texts"].get(one)), None)
    if channel is None:
        return Opening("", "")
    texts = content.parsed["texts"][channel]
    return opening_in(content, channel, reader if reader in texts else min(texts))


def subject_in(content: Content, channel: str, language: str) -> str:
    """Empty where there is none; a text message has none that anybody would get, whatever the request holds."""
    subject: str | None = content.parsed["texts"][channel][language].get("subject")
    return "" if channel == "sms" else subject or ""


def opening_in(content: Content, channel: str, language: str) -> Opening:
    text = subject_in(content, channel, language) or content.parsed["texts"][channel][language]["body"]
    words = " ".join(text.split())
    return Opening(language, words if len(words) <= LONGEST_OPENING else f"{words[: LONGEST_OPENING - 1].rstrip()}…")


def preview_of(content: Content, *, channel: str, language: str, reader: Reader) -> Preview | None:
    """None when the request holds no such text."""
    parsed: dict[str, Any] = content.parsed
    text = parsed["texts"].get(channel, {}).get(language)
    if text is None:
        return None
    # The frame around the vendor's words is in a language that we speak.
    spoken = known_language(language)
    sender, subject = parsed["sender"]["name"] or "", text.get("subject") or ""
    address = parsed["sender"]["address"] or ""
    if channel == "email":
        words = VendorText(sender, subject, text["body"], reader.today, NO_LINK, NO_LINK)
        mail = _mail(words, spoken, reader)
        return Preview(channel, language, sender, address, mail.subject, mail.text, mail=mail)
    if channel == "sms":
        link = short_link(settings.PUBLIC_URL, NO_TOKEN)
        arrives = _sms(VendorText(sender, subject, text["body"], reader.today, link, ""), spoken, reader)
        return Preview(channel, language, sender, address, "", arrives, sms=sms_parts(arrives))
    return Preview(channel, language, sender, address, subject, text["body"])


def _mail(words: VendorText, language: Language, reader: Reader) -> Rendered:
    return render(
        kind=KIND,
        language=language,
        school=in_language(dict(reader.school_names), language),
        day=reader.today,
        parameters=VendorCampaign(),
        vendor_text=words,
    )


def _sms(words: VendorText, language: Language, reader: Reader) -> str:
    return render_sms(
        kind=KIND,
        language=language,
        school=in_language(dict(reader.school_names), language),
        parameters=VendorCampaign(),
        vendor_text=words,
        way_out=WayOut(stop_word_for(reader.country, language), NO_NUMBER),
    )
