"""No template says anything in one language only: every word for people goes through gettext."""

import re
from pathlib import Path

import pytest

from local.places import ROOT

_TRANSLATED = re.compile(r"{%-?\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
_TEMPLATE = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
_COMMENT = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|<!--.*?-->|<!doctype[^>]*>", re.DOTALL | re.IGNORECASE)
_NOT_TEXT = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
# Attributes that are read by people, or read to them.
_WORDS_IN = "aria-label|title|placeholder|alt|data-label|data-confirm|data-confirm-yes"
_SPOKEN = re.compile(rf"\b(?:{_WORDS_IN})=(?:\"([^\"]*)\"|'([^']*)')")
_TAG = re.compile(r"<[^>]*>", re.DOTALL)
_ENTITY = re.compile(r"&\w+;|&#\d+;")
# What is written alike in every language.
_NAMES = {
    "Zgoda", "kB", "SMS", "STOP", "JSON", "CSV", "PDF", "OneRoster", "zip", "API", "SHA", "UTF", "ISO", "IEC", "LD",
    "TS", "curl", "Authorization", "Bearer", "zgoda", "verify", "http", "https", "min", "px", "GSM", "UCS", "DPV",
}  # fmt: skip


def templates() -> list[Path]:
    sources = (ROOT / name for name in ("platform/portal", "tenants", "opt_in", "ediary_core", "notifications"))
    found = [path for source in sources for path in source.glob("**/templates/**/*") if path.is_file()]
    return sorted(path for path in found if path.suffix in {".html", ".txt"})


def bare_words(text: str) -> set[str]:
    """Words that stand in a template outside gettext."""
    text = _NOT_TEXT.sub(" ", _TRANSLATED.sub(" ", _COMMENT.sub(" ", text)))
    # A code sample is read by machines.
    text = re.sub(r"<(code|pre)\b.*?</\1>", " ", text, flags=re.DOTALL)
    text = _TEMPLATE.sub(" ", text)
    spoken = " ".join(double + single for double, single in _SPOKEN.findall(text))
    visible = _ENTITY.sub(" ", _TAG.sub(" ", text) + " " + spoken)
    return set(re.findall(r"[^\W\d_]{2,}", visible)) - _NAMES


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_no_bare_text(path: Path) -> None:
    assert bare_words(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Hello</p>", {"Hello"}),
        ('<p>{% translate "Hello" %} {{ name }}</p>', set()),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %} there", {"there"}),
        ('<a title="Go home">{{ home }}</a>', {"Go", "home"}),
        ("<nav aria-label=\"{% translate 'Main' %}\"></nav>", set()),
        ("{% if a > b %}yes{% endif %}", {"yes"}),
    ],
)
def test_bare_text_is_found(template: str, found: set[str]) -> None:
    assert bare_words(template) == found
