"""What is brought up to date before everything starts."""

from pathlib import Path

import pytest

from local import prepare


def test_a_translation_that_changed_alone_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is as the code wants it, so nothing else is done."""
    (tmp_path / "prepared").write_text(prepare._fingerprint(tmp_path))
    compiled: list[str] = []
    told: list[str] = []
    monkeypatch.setattr(prepare, "provide_static_files", lambda _state: None)
    monkeypatch.setattr("local.prepare.is_compiled", lambda: bool(compiled))
    monkeypatch.setattr("local.prepare.compile_catalogues", lambda: compiled.append("all"))

    for _start in range(2):
        prepare.prepare(tmp_path, told.append)

    assert (compiled, told) == (["all"], ["Translations"])
