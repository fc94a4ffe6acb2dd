"""The start page of the school's office: what there is to do, with numbers."""

from django.http import HttpRequest, HttpResponse

from tenants.access import Action, Scope
from tenants.doors import Door
from tenants.onboarding.selectors.office import accounts_never_used, addresses_not_confirmed
from tenants.onboarding.selectors.roster_imports import last_applied, open_imports


class SchoolTasks(Door):
    action = Action.PERSON_MANAGE

    def get(self, request: HttpRequest) -> HttpResponse:
        may_import = self.access.reach(Action.ROSTER_IMPORT) is Scope.SCHOOL
        context = {
            "accounts": accounts_never_used(),
            "addresses": addresses_not_confirmed(),
            "may_import": may_import,
            "open": open_imports() if may_import else [],
            "last": last_applied() if may_import else None,
        }
        return self.page("onboarding/start.html", context)
