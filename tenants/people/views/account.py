"""The person's own account: language, sessions, and the way to contacts and tokens."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override

from tenants.access import Action, Scope
from tenants.doors import Door
from tenants.entrance import destination, ended_session, ended_sessions, session_rows
from tenants.people.selectors.sessions import sessions_of
from tenants.people.services.language import UnknownLanguage, choose_language


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
        lead = _("If you do not know one of these, end it and tell the school.")
        rows = session_rows(request, sessions_of(self.person))
        return self.page("portal/sessions.html", {"rows": rows, "lead": lead})


class EndSession(Door):
    action = Action.ACCOUNT_VIEW

    def post(self, request: HttpRequest, session_id: str) -> HttpResponse:
        return ended_session(request, sessions_of(self.person), session_id)


class EndAllSessions(Door):
    action = Action.ACCOUNT_VIEW

    def post(self, request: HttpRequest) -> HttpResponse:
        return ended_sessions(request, sessions_of(self.person))
