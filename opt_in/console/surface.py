"""Whether a text would be refused because it seems to come from a school. The gate's own rule decides
(`consent.fold_text`); this one is said beforehand, so that nobody learns of it only from the school's refusal."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from tenants.schools.models import School

# As consent.fold_text has them: letters that look like another one, and letters that nobody sees.
_ALIKE = str.maketrans(
    "łđøıіуасеорхјѕԁһкмтвнαοερντικԝԛӏɡɑᴏօսհո013",  # noqa: RUF001
    "ldoiiyaceopxjsdhkmtbhaoepvtikwqlgaoouhnole",
    "\u115f\u1160",
)
# Shorter names are found in any text.
_SHORTEST_NAME = 4
# Where a reader looks for who writes, at both ends of a mail; a text message is such a place from end to end.
_EDGE = 300


def schools_imitated(texts: Mapping[str, Mapping[str, str]], channel: str, schools: Iterable[School]) -> list[School]:
    """`texts`: language → subject and body."""
    surface = " ".join(part for text in texts.values() for part in _parts(text, channel))
    return [school for school in schools if any(name in surface for name in _names(school))]


def _parts(text: Mapping[str, str], channel: str) -> list[str]:
    body = _folded(text["body"])
    ends = [body[:_EDGE], body[-_EDGE:]] if channel == "email" else [body]
    return [_folded(text.get("subject", "")), *ends]


def _names(school: School) -> list[str]:
    folded = (_folded(name) for name in school.names.values())
    return [name for name in folded if len(name) >= _SHORTEST_NAME]


def _folded(text: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKD", text).lower().translate(_ALIKE))
