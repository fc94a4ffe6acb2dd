"""Schools as the vendor knows them: public facts, verdicts on the whole school, and tens."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import or_
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from opt_in.console.numbers import TROUBLE_FROM_PERCENT, Numbers, numbers_of
from opt_in.console.selectors.campaigns import campaigns
from opt_in.gate import vendor as gate
from opt_in.gate.types import SchoolVerdict, Tally
from tenants.schools.models import School, Stage

# Health looks at the latest requests that were judged; older ones say little about today.
REQUESTS_LOOKED_AT = 5


@dataclass(frozen=True, slots=True)
class Health:
    """What came of the latest requests at one school: the newest verdict, and deliveries in tens."""

    verdict: SchoolVerdict | None
    numbers: Numbers

    @property
    def word(self) -> str:
        """trouble, good, or unknown where too little was sent to say."""
        percent = self.numbers.failed_percent
        if percent is None:
            return "unknown"
        return "trouble" if percent >= TROUBLE_FROM_PERCENT else "good"


def schools_found(*, words: str = "", country: str = "", stage: str = "") -> QuerySet[School]:
    """Every school whose name or address holds the words, by address."""
    found = School.objects.order_by("subdomain")
    if country:
        found = found.filter(country=country)
    if stage:
        found = found.filter(stage=stage)
    for word in words.split():
        in_names = (Q(**{f"names__{language}__icontains": word}) for language, _ in settings.LANGUAGES)
        found = found.filter(reduce(or_, in_names, Q(subdomain__icontains=word)))
    return found


def schools_to_ask() -> QuerySet[School]:
    """Those that a request can be put to. One that is not live, too: the gate refuses, and the school sees it."""
    return School.objects.exclude(stage=Stage.CLOSED).order_by("country", "subdomain")


def schools_with_ids(ids: Sequence[UUID | str]) -> dict[UUID, School]:
    return School.objects.in_bulk([UUID(str(one)) for one in ids])


def health_of_schools() -> dict[UUID, Health]:
    """Schools that the latest requests were put to. A fixed number of questions to the gate, however many schools."""
    latest = list(islice((one for one in campaigns() if one.outcome == "done"), REQUESTS_LOOKED_AT))
    verdicts: dict[UUID, SchoolVerdict] = {}
    tallies: dict[UUID, list[Tally]] = defaultdict(list)
    for campaign in latest:
        for verdict in gate.verdicts(campaign.id):
            verdicts.setdefault(verdict.school_id, verdict)
        for tally in gate.tallies(campaign.id):
            tallies[tally.school_id].append(tally)
    return {school: Health(verdict, numbers_of(tallies[school])) for school, verdict in verdicts.items()}
