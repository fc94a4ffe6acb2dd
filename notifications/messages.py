"""Translations without GNU gettext: collects the texts of an app, brings its catalogues up to date and compiles them.

python -m notifications.messages collect   # after a text has changed: adds what is new, marks what is gone
python -m notifications.messages compile   # after every change of a catalogue; also a step of the installation
python -m notifications.messages check     # missing, fuzzy, superfluous entries, placeholders that differ, and texts
                                           # that two apps translate differently: Django merges all catalogues

An app takes part by having a folder `locale`. Its catalogues cover everything below the app's folder.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("sl", "pl", "uk")
# What Django's makemessages looks for, lazy variants included.
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


def catalogue_folders() -> list[Path]:
    """The `locale` folders of our own apps."""
    sources = [ROOT / "notifications", ROOT / "opt_in", ROOT / "tenants", ROOT / "ediary_core", ROOT / "platform"]
    return sorted(path for source in sources for path in source.rglob("locale") if path.is_dir())


def po_files() -> list[Path]:
    return sorted(path for folder in catalogue_folders() for path in folder.glob("*/LC_MESSAGES/django.po"))


def texts_of(app: Path) -> Catalog:
    """Every translatable text below the app's folder, Python and templates; nested apps with catalogues excluded."""
    catalogue = Catalog(charset="utf-8")
    nested = [folder.parent for folder in catalogue_folders() if folder.parent != app and app in folder.parents]
    for path in sorted(app.rglob("*")):
        if any(path.is_relative_to(other) for other in nested):
            continue
        if path.suffix == ".py":
            source = path.read_bytes()
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            # What stands between the tags is no Python, so neither is its indentation.
            code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            source = re.sub(r"(?m)^[ \t]+", "", code).encode()
        else:
            continue
        for _line, message, comments, context in extract("python", io.BytesIO(source), KEYWORDS, ("Translators:",)):
            place = (path.relative_to(ROOT).as_posix(), 0)
            catalogue.add(message, locations=[place], auto_comments=comments, context=context)
    return catalogue


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def collect() -> None:
    for folder in catalogue_folders():
        template = texts_of(folder.parent)
        for language in LANGUAGES:
            path = folder / language / "LC_MESSAGES" / "django.po"
            path.parent.mkdir(parents=True, exist_ok=True)
            catalogue = read_catalogue(path) if path.exists() else Catalog(locale=language, charset="utf-8")
            # No guessing: a similar sentence is not the same sentence.
            catalogue.update(template, no_fuzzy_matching=True)
            path.write_bytes(_header(catalogue) + _body(catalogue))


def _header(catalogue: Catalog) -> bytes:
    """Only what a reader of the file needs; dates and names would change with every collection."""
    lines = (
        'msgid ""',
        'msgstr ""',
        f'"Language: {catalogue.locale}\\n"',
        f'"Plural-Forms: {catalogue.plural_forms}\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
    )
    return "\n".join(lines).encode() + b"\n\n"


def _body(catalogue: Catalog) -> bytes:
    content = io.BytesIO()
    write_po(content, catalogue, width=120, omit_header=True, include_lineno=False, sort_output=True)
    return content.getvalue()


def compile_catalogues() -> None:
    for path in po_files():
        content = io.BytesIO()
        write_mo(content, read_catalogue(path))
        path.with_suffix(".mo").write_bytes(content.getvalue())


def is_compiled() -> bool:
    """Whether every catalogue has a compiled one that is not older."""
    compiled = [(path, path.with_suffix(".mo")) for path in po_files()]
    return bool(compiled) and all(mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime for po, mo in compiled)


def problems() -> Iterator[str]:
    """What is wrong with the catalogues, one sentence each."""
    for folder in catalogue_folders():
        wanted = {(message.context, message.id): message for message in texts_of(folder.parent) if message.id}
        for language in LANGUAGES:
            path = folder / language / "LC_MESSAGES" / "django.po"
            name = path.relative_to(ROOT).as_posix()
            if not path.exists():
                yield f"{name} is missing."
                continue
            catalogue = read_catalogue(path)
            present = {(message.context, message.id): message for message in catalogue if message.id}
            yield from (f"{name}: {key[1]!r} is not in the catalogue." for key in wanted.keys() - present.keys())
            yield from (f"{name}: {key[1]!r} is used nowhere." for key in present.keys() - wanted.keys())
            yield from (f"{name}: {key[1]!r} is left over." for key in catalogue.obsolete)
            for message in present.values():
                yield from (f"{name}: {message.id!r} {fault}" for fault in faults_of(message, catalogue.num_plurals))
    yield from disagreements()


def disagreements() -> Iterator[str]:
    """Texts that two apps translate differently. Which of the two a reader sees would depend on the order of the apps;
    where the meaning differs, a context tells them apart."""
    first: dict[tuple[str, str | None, str], tuple[Path, object]] = {}
    for path in po_files():
        for message in read_catalogue(path):
            if not message.id:
                continue
            text = message.id[0] if isinstance(message.id, list | tuple) else message.id
            other, translation = first.setdefault((path.parts[-3], message.context, text), (path, message.string))
            if translation != message.string:
                places = f"{path.relative_to(ROOT).as_posix()} and {other.relative_to(ROOT).as_posix()}"
                yield f"{places}: {text!r} is translated differently."


def faults_of(message: Message, plurals: int) -> Iterator[str]:
    singular, *others = message.id if isinstance(message.id, list | tuple) else [message.id]
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    translations = [text or "" for text in strings]
    if message.fuzzy:
        yield "is fuzzy."
    if others and len(translations) != plurals:
        yield f"needs {plurals} plural forms."
    if not all(translations):
        yield "is not translated."
        return
    allowed = [placeholders(text) for text in (singular, *others)]
    for text in translations:
        if placeholders(text) not in allowed:
            yield f"has other placeholders in {text!r}."
        if text.strip() != text and singular.strip() == singular:
            yield f"has blanks around {text!r}."


def placeholders(text: str) -> list[str]:
    return sorted(match.group(0) for match in PLACEHOLDER.finditer(text))


def main() -> None:
    match sys.argv[1:]:
        case ["collect"]:
            collect()
        case ["compile"]:
            compile_catalogues()
        case ["check"]:
            found = list(problems())
            sys.exit("\n".join(found) if found else 0)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
