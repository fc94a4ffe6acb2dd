"""The console's first page: schools with stage and health."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from opt_in.console.forms.schools import SchoolFilter
from opt_in.console.selectors.schools import Health, health_of_schools, schools_found
from opt_in.reasons import reason_for
from tenants.operators.doors import OperatorDoor
from tenants.schools.models import School

ON_A_PAGE = 25


class Schools(OperatorDoor):
    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = SchoolFilter(request.GET)
        found = schools_found(words=chosen.chosen("q"), country=chosen.chosen("country"), stage=chosen.chosen("stage"))
        page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
        health = health_of_schools()
        rows = [_row(school, health) for school in page.object_list]
        return self.page("console/schools.html", {"form": chosen, "page": page, "rows": rows})


def _row(school: School, health: dict[UUID, Health]) -> dict[str, object]:
    its_health = health.get(school.pk)
    verdict = its_health.verdict if its_health else None
    return {
        "school": school,
        "health": its_health,
        "verdict": verdict,
        "reason": reason_for(verdict.code) if verdict else "",
    }
