from local.places import ROOT
from local.sms_gateway import TROUBLES


def test_the_documentation_names_every_trouble_of_the_gateway() -> None:
    text = (ROOT / "docs" / "sms.md").read_text(encoding="utf-8")

    assert [digits for digits in TROUBLES if f"| {digits} |" not in text] == []
