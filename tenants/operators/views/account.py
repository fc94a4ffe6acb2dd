"""The operator's own account: language and sessions."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override

from tenants.operators.doors import OperatorDoor
from tenants.operators.selectors.sessions import sessions_of
from tenants.operators.services.operators import UnknownLanguage, choose_language
from tenants.operators.services.sessions import end_all_sessions, end_session, public_id
from tenants.operators.views.login import destination


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
        here = request.session.session_key
        rows = [
            {"id": public_id(session.session_key), "session": session, "is_here": session.session_key == here}
            for session in sessions_of(self.operator)
        ]
        return self.page("operators/sessions.html", {"rows": rows})


class EndSession(OperatorDoor):
    def post(self, request: HttpRequest, session_id: str) -> HttpResponse:
        here = request.session.session_key or ""
        if not end_session(operator=self.operator, session_id=session_id):
            raise Http404
        if public_id(here) == session_id:
            logout(request)
            messages.success(request, _("You are logged out."))
            return redirect("login")
        messages.success(request, _("That session has ended."))
        return redirect("sessions")


class EndAllSessions(OperatorDoor):
    def post(self, request: HttpRequest) -> HttpResponse:
        end_all_sessions(operator=self.operator)
        logout(request)
        messages.success(request, _("You are logged out everywhere."))
        return redirect("login")
