"""In and out of a school (what both houses have alike: tenants.entrance)."""

from typing import Any

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenants.entrance import LoginPage
from tenants.people.forms.login import LoginForm
from tenants.people.login import SchoolNotOpen, begin_session
from tenants.people.services.throttle import count_try, forgive


class Login(LoginPage):
    form_class = LoginForm
    template = "people/login.html"

    def judged(self, name: str, password: str) -> Any:
        try:
            return super().judged(name, password)
        except SchoolNotOpen:
            self.forgive(name)
            return render(self.request, "people/not_open.html", status=403)

    def count_try(self, name: str) -> None:
        count_try(identifier=name)

    def forgive(self, name: str) -> None:
        forgive(identifier=name)

    def begin_session(self, person: Any) -> None:
        begin_session(self.request, person)

    def refused(self) -> str:
        return _(
            "Name and password do not match. Please check both; small and capital letters count. If you share"
            " an address with somebody, enter your user name; it is on the slip from the school."
        )

    def failed(self, number: int) -> str:
        return ngettext(
            "Since your last visit somebody tried %(number)s time to log in as you with a wrong password.",
            "Since your last visit somebody tried %(number)s times to log in as you with a wrong password.",
            number,
        ) % {"number": number}
