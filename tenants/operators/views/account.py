"""The operator's own account: language and sessions."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override

from tenants.entrance import destination, ended_session, ended_sessions, session_rows
from tenants.operators.doors import OperatorDoor
from tenants.operators.selectors.sessions import sessions_of
from tenants.operators.services.operators import UnknownLanguage, choose_language


class Account(OperatorDoor):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("operators/account.html")


class ChooseLanguage(OperatorDoor):
    def post(self, request: HttpRequest) -> HttpResponse:
        language = request.POST.get("language", "")
        try:
            choose_language(operator=self.operator, language=language)
        except UnknownLanguage:
            raise Http404 from None
        with override(language):
            messages.success(request, _("The pages are in this language from now on."))
        return redirect(destination(request, otherwise="account"))


class Sessions(OperatorDoor):
    def get(self, request: HttpRequest) -> HttpResponse:
        lead = _("If you do not know one of these, end it and tell whoever looks after the console.")
        rows = session_rows(request, sessions_of(self.operator))
        return self.page("portal/sessions.html", {"rows": rows, "lead": lead})


class EndSession(OperatorDoor):
    def post(self, request: HttpRequest, session_id: str) -> HttpResponse:
        return ended_session(request, sessions_of(self.operator), session_id)


class EndAllSessions(OperatorDoor):
    def post(self, request: HttpRequest) -> HttpResponse:
        return ended_sessions(request, sessions_of(self.operator))
