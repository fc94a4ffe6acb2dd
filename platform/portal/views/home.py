"""The start page: what somebody needs first, by role (docs: pages)."""

from django.http import HttpRequest, HttpResponse

from tenants.access import Action
from tenants.doors import Door


class Home(Door):
    action = Action.ACCOUNT_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("portal/home.html")
