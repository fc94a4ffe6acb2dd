import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from local.places import ROOT
from notifications import messages
from notifications.kinds import (
    KINDS,
    CampaignProposed,
    ContactCode,
    LedgerCheckpoint,
    Parameters,
    SchoolMessage,
    UnusableParameters,
    VendorCampaign,
    read_parameters,
)
from notifications.languages import LANGUAGES, Language, format_day, known_language
from notifications.reasons import REASONS
from notifications.rendering import VendorText, WayOut, render, render_sms
from opt_in.gate.codes import CODES
from tests.dispatch.world import World

SAMPLES: dict[str, Parameters] = {
    "contact.code": ContactCode(code="493027", minutes=15),
    "school.message": SchoolMessage(subject="Subject of the school", body="Body of the school"),
    "campaign.proposed": CampaignProposed(
        campaign_id="0198", product="plus", channels=["email"], verdict="DENY", code="DENY_COUNCIL_OPPOSED"
    ),
    "ledger.checkpoint": LedgerCheckpoint(
        checkpoints=[{"origin": "zgoda/0198/dispatch", "size": 3, "root": "ab" * 32, "at": "2026-11-21T00:00:00Z"}]
    ),
    "vendor.campaign": VendorCampaign(),
}
TEXT = VendorText("Zgoda offers", "Offer", "Text", date(2026, 9, 3), "https://z.example/why/1", "https://z.example/w/1")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the app with its catalogues, to spoil."""
    shutil.copytree(ROOT / "notifications", tmp_path / "notifications")
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    return tmp_path / "notifications" / "locale" / "sl" / "LC_MESSAGES" / "django.po"


def test_every_text_is_translated_with_the_same_placeholders() -> None:
    assert list(messages.problems()) == []


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('msgstr "Zakaj mi je bilo to poslano?"', 'msgstr ""', "is not translated"),
        ('msgid "Why did I get this?"', '#, fuzzy\nmsgid "Why did I get this?"', "is fuzzy"),
        ("Vaša koda je %(code)s.", "Vaša koda je %(kode)s.", "has other placeholders"),
        ("Vaša koda je %(code)s.", "Vaša koda je.", "has other placeholders"),
        ('msgid "Why did I get this?"', 'msgid "Why did you get this?"', "is not in the catalogue"),
        ('msgid "Why did I get this?"', 'msgid "Why did you get this?"', "is used nowhere"),
        ('msgstr[3] "Velja %(minutes)s minut."', 'msgstr[3] ""', "is not translated"),
    ],
)
def test_a_fault_in_a_catalogue_is_found(copy: Path, before: str, after: str, complaint: str) -> None:
    text = copy.read_text()
    assert before in text
    copy.write_text(text.replace(before, after, 1))

    assert any(complaint in problem for problem in messages.problems())


def test_a_new_sentence_in_a_template_is_found(copy: Path) -> None:
    template = copy.parents[3] / "templates" / "notifications" / "base.txt"
    template.write_text(template.read_text() + '{% translate "Something new" %}')

    assert any("'Something new' is not in the catalogue" in problem for problem in messages.problems())


def test_two_apps_may_not_translate_a_text_differently(copy: Path) -> None:
    public = Path("opt_in", "public")
    shutil.copytree(ROOT / public, copy.parents[4] / public)
    assert list(messages.problems()) == []

    copy.write_text(copy.read_text().replace('"Zakaj mi je bilo to poslano?"', '"Zakaj to?"', 1))

    assert list(messages.problems()) == [
        "opt_in/public/locale/sl/LC_MESSAGES/django.po and notifications/locale/sl/LC_MESSAGES/django.po: "
        "'Why did I get this?' is translated differently."
    ]


@pytest.mark.parametrize(
    "app",
    [
        "ediary_core",
        "notifications",
        "opt_in",
        "opt_in/console",
        "opt_in/public",
        "platform/portal",
        "tenants",
        "tenants/onboarding",
        "tenants/operators",
        "tenants/people",
        "tenants/schools",
    ],
)
def test_every_app_that_people_see_is_looked_at(app: str) -> None:
    assert ROOT / app / "locale" in messages.catalogue_folders()


def test_no_text_is_left_outside_the_catalogues() -> None:
    covered = [folder.parent for folder in messages.catalogue_folders()]
    sources = (
        path
        for top in ("ediary_core", "notifications", "opt_in", "platform", "tenants")
        for path in (ROOT / top).rglob("*")
        if path.suffix in {".py", ".html", ".txt"} and not any(path.is_relative_to(folder) for folder in covered)
    )

    outside = [path for path in sources if re.search(r"gettext|\{% (block)?translate", path.read_text())]

    # The names of the languages, which Django itself translates.
    assert outside == [ROOT / "platform" / "config" / "settings" / "base.py"]


# As docs/words.md says.
MARKS_OF_OTHERS = {"sl": r"[„“”\"]", "pl": r"[»«“\"]", "uk": r"[„“”\"]"}
IMPOLITE = {
    "sl": r"\b(tvoj|tvoja|tebe)\b",
    "pl": r"\b(twój|twoja|ciebie|Państw)",
    "uk": r"\b(ви|вас|вам|вами|ваш\w*)\b",
}


def unlike_the_others(source: str, translation: str, language: str) -> bool:
    ends_otherwise = any(source.endswith(mark) != translation.endswith(mark) for mark in ".?!:…")
    return bool(
        ends_otherwise
        or re.search(MARKS_OF_OTHERS[language], translation)
        or re.search(IMPOLITE[language], translation)
    )


@pytest.mark.parametrize(
    ("source", "translation", "language"),
    [
        ("Saved.", "Shranjeno", "sl"),
        ("Choose “All”.", "Izberite „Vse“.", "sl"),
        ("Choose “All”.", "Proszę wybrać «Wszystkie».", "pl"),
        ("Your yes.", "Państwa zgoda.", "pl"),
        ("Your yes.", "Це ваше рішення.", "uk"),
    ],
)
def test_a_translation_that_is_unlike_the_others_is_found(source: str, translation: str, language: str) -> None:
    assert unlike_the_others(source, translation, language)


def test_translations_are_polite_and_have_the_marks_of_their_language() -> None:
    found = [
        (path.relative_to(ROOT).as_posix(), text)
        for path in messages.po_files()
        for message in messages.read_catalogue(path)
        if message.id
        for source, *_plural in [message.id if isinstance(message.id, list | tuple) else [message.id]]
        for text in (message.string if isinstance(message.string, list | tuple) else [message.string])
        if unlike_the_others(source, text or "", path.parts[-3])
    ]

    assert found == []


def test_collecting_again_changes_nothing(copy: Path) -> None:
    before = copy.read_bytes()

    messages.collect()

    assert copy.read_bytes() == before


def test_the_command_compiles_without_gettext_on_the_machine() -> None:
    subprocess.run([sys.executable, "-m", "notifications.messages", "compile"], cwd=ROOT, env={"PATH": ""}, check=True)

    assert messages.is_compiled()


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("name", list(KINDS))
def test_every_kind_can_be_written_in_every_language(name: str, language: Language) -> None:
    written = render(
        kind=KINDS[name],
        language=language,
        school="OŠ Reka",
        day=date(2026, 11, 21),
        parameters=SAMPLES[name],
        vendor_text=TEXT if name == "vendor.campaign" else None,
    )

    assert written.subject
    assert f'<html lang="{language}">' in written.html
    for text in (written.subject, written.text, written.html):
        assert "%(" not in text
        assert "{{" not in text
        assert "None" not in text
    english = render(
        kind=KINDS[name],
        language="en",
        school="OŠ Reka",
        day=date(2026, 11, 21),
        parameters=SAMPLES[name],
        vendor_text=TEXT if name == "vendor.campaign" else None,
    )
    assert language == "en" or written.text != english.text


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.goes_by_sms])
def test_every_kind_for_a_phone_can_be_written_in_every_language(name: str, language: Language) -> None:
    def written(language: Language) -> str:
        is_offer = name == "vendor.campaign"
        return render_sms(
            kind=KINDS[name],
            language=language,
            school="OŠ Reka",
            parameters=SAMPLES[name],
            vendor_text=TEXT if is_offer else None,
            way_out=WayOut("STOP", "+38651000000") if is_offer else None,
        )

    text = written(language)
    assert text
    assert language == "en" or text != written("en")
    for left_over in ("%(", "{{", "None", "\n\n\n"):
        assert left_over not in text


def test_the_kinds_are_the_gates(world: World) -> None:
    stored = world.stored("SELECT kind, class, origin FROM consent.kind ORDER BY kind")

    assert stored == sorted((kind.name, kind.message_class, kind.origin) for kind in KINDS.values())


def test_every_reason_is_a_code_of_the_gate() -> None:
    assert set(REASONS) <= set(CODES)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"nonsense",
        b'{"code": "1"}',
        b'{"code": 1, "minutes": 15}',
        b'{"code":"1","minutes":1,"x":1}',
    ],
)
def test_parameters_that_do_not_fit_are_refused(raw: bytes) -> None:
    with pytest.raises(UnusableParameters):
        read_parameters(KINDS["contact.code"], raw)


@pytest.mark.parametrize(
    ("language", "written"),
    [("sl", "3. 9. 2026"), ("pl", "3 września 2026"), ("uk", "3 вересня 2026 року"), ("en", "3 September 2026")],
)
def test_a_day_is_written_as_people_write_it(language: Language, written: str) -> None:
    assert format_day(date(2026, 9, 3), language) == written


@pytest.mark.parametrize(("given", "known"), [("pl-PL", "pl"), ("UK", "uk"), ("de", "en"), (None, "en"), ("", "en")])
def test_an_unknown_language_becomes_english(given: str | None, known: str) -> None:
    assert known_language(given) == known
