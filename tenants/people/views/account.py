"""The person's own account: language, sessions, and the way to contacts and tokens."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override

from tenants.access import Action, Scope
from tenants.doors import Door
from tenants.people.selectors.sessions import sessions_of
from tenants.people.services.language import UnknownLanguage, choose_language
from tenants.people.services.sessions import end_all_sessions, end_session, public_id
from tenants.people.views.login import destination


class Account(Door):
    action = Action.ACCOUNT_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "roles": sorted(str(role.label) for role in self.access.roles),
            "may_change_contacts": self.access.reach(Action.CONTACT_CHANGE) is not Scope.NONE,
            "may_have_keys": self.access.reach(Action.TOKEN_MANAGE) is not Scope.NONE,
        }
        return self.page("people/account.html", context)


class ChooseLanguage(Door):
    action = Action.ACCOUNT_VIEW

    def post(self, request: HttpRequest) -> HttpResponse:
        language = request.POST.get("language", "")
        try:
            choose_language(person=self.person, language=language)
        except UnknownLanguage:
            raise Http404 from None
        with override(language):
            messages.success(request, _("Pages and messages to you are in this language from now on."))
        return redirect(destination(request, otherwise="account"))


class Sessions(Door):
    action = Action.ACCOUNT_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = [
            {
                "id": public_id(session.session_key),
                "session": session,
                "is_here": session.session_key == request.session.session_key,
            }
            for session in sessions_of(self.person)
        ]
        return self.page("people/sessions.html", {"rows": rows})


class EndSession(Door):
    action = Action.ACCOUNT_VIEW

    def post(self, request: HttpRequest, session_id: str) -> HttpResponse:
        if not end_session(person=self.person, session_id=session_id):
            raise Http404
        if session_id == public_id(request.session.session_key or ""):
            logout(request)
            messages.success(request, _("You are logged out."))
            return redirect("login")
        messages.success(request, _("That session has ended."))
        return redirect("sessions")


class EndAllSessions(Door):
    action = Action.ACCOUNT_VIEW

    def post(self, request: HttpRequest) -> HttpResponse:
        end_all_sessions(person=self.person)
        logout(request)
        messages.success(request, _("You are logged out everywhere."))
        return redirect("login")
