"""docs/trust.md promises nothing that no test holds, and names no test that is not there."""

import re

import pytest

from local.places import ROOT

PAGE = (ROOT / "docs" / "trust.md").read_text()
SENTENCES = [line.removeprefix("- ") for line in PAGE.splitlines() if line.startswith("- ")]
REFERENCES = sorted(set(re.findall(r"\[`([^`]+)`\]", PAGE)))


def missing(reference: str) -> str:
    """What of this reference is not there; empty when all is."""
    path, _, name = reference.partition("::")
    if not (ROOT / path).exists():
        return path
    if name and f"def {name}(" not in (ROOT / path).read_text():
        return name
    return ""


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_has_its_test_or_says_that_nothing_prevents_it(sentence: str) -> None:
    assert "[`" in sentence or ("not prevented" in sentence and "detectable by" in sentence)


@pytest.mark.parametrize("reference", REFERENCES)
def test_what_the_page_names_is_there(reference: str) -> None:
    assert missing(reference) == ""


def test_a_renamed_test_would_be_noticed() -> None:
    assert missing("tests/gate/test_codes.py::test_that_nobody_wrote") == "test_that_nobody_wrote"
    assert missing("tests/gate/test_nothing.py") == "tests/gate/test_nothing.py"


def test_the_page_has_no_paragraph_outside_its_lists_that_promises_something() -> None:
    promising = [line for line in PAGE.splitlines()[6:] if line and not line.startswith(("#", "- "))]
    assert promising == []
