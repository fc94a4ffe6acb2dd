"""A message as its reader gets it: subject, plain text and HTML, in one language."""

import json
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.template.backends.base import BaseEngine
from django.template.backends.django import DjangoTemplates
from django.utils.translation import override

from notifications.kinds import CampaignProposed, Kind, LedgerCheckpoint, Parameters
from notifications.languages import Language, format_day
from notifications.reasons import reason_for
from opt_in.wording import product_name

# School = teal, vendor = amber, platform = slate: from the envelope's origin, never from the author.
COLOURS = {"school": "#0f766e", "vendor": "#b45309", "platform": "#475569"}


@dataclass(frozen=True, slots=True)
class VendorText:
    """The vendor's words in one language, out of the approved content, and the links that belong below them."""

    sender: str
    subject: str
    body: str
    allowed_on: date
    why_url: str
    withdraw_url: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """How an offer by text message is stopped: this word, sent to this number."""

    word: str
    number: str


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


def _engine(name: str, *, autoescape: bool) -> BaseEngine:
    return DjangoTemplates({"NAME": name, "DIRS": [], "APP_DIRS": True, "OPTIONS": {"autoescape": autoescape}})


# Two engines, because Django escapes HTML in text templates too: "O'Brien" would arrive as "O&#x27;Brien".
text_engine = _engine("mail-text", autoescape=False)
html_engine = _engine("mail-html", autoescape=True)


def render(
    *,
    kind: Kind,
    language: Language,
    school: str,
    day: date,
    parameters: Parameters,
    vendor_text: VendorText | None = None,
) -> Rendered:
    """Render one message; `school` is its name in this language, `day` today in the school's zone."""
    context: dict[str, Any] = {
        "language": language,
        "origin": kind.origin,
        "colour": COLOURS[kind.origin],
        "school": school,
        "day": format_day(day, language),
        "params": parameters,
    }
    with override(language):
        if isinstance(parameters, CampaignProposed):
            context |= {"product": product_name(parameters.product), "reason": reason_for(parameters.code)}
        if vendor_text is not None:
            context |= {
                "text": vendor_text,
                "sender": vendor_text.sender,
                "allowed_on": format_day(vendor_text.allowed_on, language),
                "why_url": vendor_text.why_url,
                "withdraw_url": vendor_text.withdraw_url,
            }
        # One line: a line break in a subject would be a way to write further headers. And nothing in the code of
        # headers (RFC 2047): a mailbox would show what is behind it, which nobody has read before.
        subject = " ".join(_render(text_engine, kind, "subject.txt", context).split()).replace("=?", "= ?")
        context["subject"] = subject
        text = _tidy(_render(text_engine, kind, "body.txt", context))
        html = _render(html_engine, kind, "body.html", context)
    return Rendered(subject=subject, text=text, html=html, attachments=_attachments(parameters))


def render_sms(
    *,
    kind: Kind,
    language: Language,
    school: str,
    parameters: Parameters,
    vendor_text: VendorText | None = None,
    way_out: WayOut | None = None,
) -> str:
    """Render one text message: who speaks, what is said, and for an offer how it is stopped and why it came."""
    context = {"school": school, "params": parameters, "text": vendor_text, "way_out": way_out}
    with override(language):
        text = _render(text_engine, kind, "sms.txt", context)
    # Composed letters: an accent of its own would make the message longer, or unreadable on old phones.
    composed = unicodedata.normalize("NFC", _tidy(text).strip())
    # SMSAPI reads [%…%] as a command, for instance to put a link there that tells who followed it.
    return composed.replace("[%", "[ %")


def _render(engine: BaseEngine, kind: Kind, name: str, context: dict[str, Any]) -> str:
    return str(engine.get_template(f"{kind.templates}/{name}").render(context))


def _tidy(text: str) -> str:
    """At most one empty line in a row; the signature mark "-- " keeps its space (RFC 3676)."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        kept = line if line == "-- " else line.rstrip()
        if kept or (lines and lines[-1]):
            lines.append(kept)
    return "\n".join(lines) + "\n"


def _attachments(parameters: Parameters) -> tuple[Attachment, ...]:
    if not isinstance(parameters, LedgerCheckpoint):
        return ()
    # What zgoda-verify reads: a list of checkpoints, kept by the reader outside our reach.
    content = json.dumps(parameters.checkpoints, indent=2, sort_keys=True).encode()
    return (Attachment("checkpoints.json", content, "application/json"),)
