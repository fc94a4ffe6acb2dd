"""The person's own keys to the API: made here, shown once, revoked here."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from tenants.access import Action, Scope
from tenants.doors import Door
from tenants.identity import new_id
from tenants.people.forms.tokens import TokenForm
from tenants.people.selectors.tokens import tokens_of
from tenants.people.services.tokens import MOST_TOKENS, TokenAlreadyMade, TooManyTokens, make_token, revoke_token

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

PER_PAGE = 25

# What a key opens, in the words of the pages; shown where the person reaches it.
OPENED: tuple[tuple[Action, "StrPromise"], ...] = (
    (Action.ACCOUNT_VIEW, gettext_lazy("your name, your roles and your children")),
    (Action.CLASS_VIEW, gettext_lazy("classes and who is in them, as far as you see them yourself")),
    (Action.LESSON_VIEW, gettext_lazy("lessons and their topics")),
    (Action.ATTENDANCE_VIEW, gettext_lazy("attendance, as far as you see it yourself")),
    (Action.MESSAGE_VIEW, gettext_lazy("messages to you, and why you got them")),
    (Action.CONSENT_VIEW, gettext_lazy("your consents")),
    (Action.LESSON_RECORD, gettext_lazy("recording your lessons")),
    (Action.ATTENDANCE_RECORD, gettext_lazy("correcting attendance")),
    (Action.CONSENT_GIVE, gettext_lazy("giving and withdrawing your consents")),
)


class Tokens(Door):
    action = Action.TOKEN_MANAGE

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(tokens_of(self.person), PER_PAGE).get_page(request.GET.get("page"))
        return self.page("people/tokens.html", {"tokens": page, "now": timezone.now()})


class NewToken(Door):
    action = Action.TOKEN_MANAGE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form(TokenForm(initial={"token_id": new_id()}))

    @sensitive_variables("secret")
    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST)
        if not form.is_valid():
            return self._form(form)
        try:
            token, secret = make_token(
                person=self.person,
                token_id=form.cleaned_data["token_id"],
                name=form.cleaned_data["name"],
                days=form.cleaned_data["days"],
            )
        except TokenAlreadyMade:
            messages.info(request, _("That key was made already and shown once. If you did not note it, make another."))
            return redirect("tokens")
        except TooManyTokens:
            said = _("You have %(most)s keys that work. Revoke one that you do not need any more.")
            form.add_error(None, said % {"most": MOST_TOKENS})
            return self._form(form)
        # Shown in the answer itself: on the way through a redirect the secret would have to be stored somewhere.
        shown = self.page(
            "people/token_made.html",
            {"token": token, "secret": secret, "address": request.build_absolute_uri("/api/v1/me")},
        )
        shown.headers["Cache-Control"] = "no-store"
        return shown

    def _form(self, form: TokenForm) -> HttpResponse:
        opened = [words for action, words in OPENED if self.access.reach(action) > Scope.NONE]
        return self.page("people/token_new.html", {"form": form, "opened": opened})


class RevokeToken(Door):
    action = Action.TOKEN_MANAGE

    def post(self, request: HttpRequest, token_id: UUID) -> HttpResponse:
        token = tokens_of(self.person).filter(pk=token_id).first()
        if token is None:
            raise Http404
        revoke_token(token=token)
        messages.success(request, _("The key “%(name)s” opens nothing any more.") % {"name": token.name})
        return redirect("tokens")
