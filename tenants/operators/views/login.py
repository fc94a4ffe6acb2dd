"""In and out of the vendor console (what both houses have alike: tenants.entrance)."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenants.entrance import LoginPage
from tenants.operators.login import begin_session
from tenants.operators.services.throttle import count_try, forgive


class Login(LoginPage):
    template = "operators/login.html"

    def count_try(self, name: str) -> None:
        count_try(identifier=name)

    def forgive(self, name: str) -> None:
        forgive(identifier=name)

    def begin_session(self, person: Any) -> None:
        begin_session(self.request, person)

    def refused(self) -> str:
        return _("Name and password do not match. Please check both; small and capital letters count.")

    def failed(self, number: int) -> str:
        return ngettext(
            "Since your last visit somebody tried %(number)s time to log in as you with a wrong password."
            " If it was not you, tell whoever looks after the console.",
            "Since your last visit somebody tried %(number)s times to log in as you with a wrong password."
            " If it was not you, tell whoever looks after the console.",
            number,
        ) % {"number": number}
