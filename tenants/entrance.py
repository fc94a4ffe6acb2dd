"""In and out, and one's own sessions: the pages that a school and the vendor's console have alike.

What somebody gets wrong at the login says nothing about who has an account.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from tenants.open_doors import OpenDoor
from tenants.sessions import end_session, public_id
from tenants.throttle import TooManyTries

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


def name_field(label: "StrPromise") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class NameAndPassword(forms.Form):
    username = name_field(gettext_lazy("User name"))
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=512,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class LoginPage(OpenDoor):
    """A house says which form, which template, how tries are counted and what its words are."""

    open_because = "Whoever logs in is not logged in yet."
    form_class: ClassVar[type[NameAndPassword]] = NameAndPassword
    template: ClassVar[str]

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(destination(request))
        return self.form_page(self.form_class())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.form_page(form)
        name = form.cleaned_data["username"]
        try:
            self.count_try(name)
        except TooManyTries as locked:
            answer = render(request, "portal/429.html", {"minutes": -(-locked.seconds // 60)}, status=429)
            answer["Retry-After"] = str(locked.seconds)
            return answer
        person = self.judged(name, form.cleaned_data["password"])
        if isinstance(person, HttpResponse):
            return person
        if person is None:
            form.add_error(None, self.refused())
            return self.form_page(form)
        self.forgive(name)
        self.begin_session(person)
        if failed := request.session["failed_logins"]:
            # Read on the next page, which is in the person's own language and no longer in that of the login.
            with translation.override(person.language):
                messages.warning(request, self.failed(failed))
        return redirect(destination(request))

    def form_page(self, form: NameAndPassword) -> HttpResponse:
        wanted = self.request.POST.get("next") or self.request.GET.get("next") or ""
        return render(self.request, self.template, {"form": form, "next": wanted})

    def judged(self, name: str, password: str) -> Any:
        """Who it is; None when name and password do not match; or a page that says why not now."""
        return authenticate(self.request, username=name, password=password)

    def count_try(self, name: str) -> None:
        """Before it is judged. Raises TooManyTries."""
        raise NotImplementedError

    def forgive(self, name: str) -> None:
        raise NotImplementedError

    def begin_session(self, person: Any) -> None:
        raise NotImplementedError

    def refused(self) -> str:
        """The same for a name that nobody has and for a wrong password."""
        raise NotImplementedError

    def failed(self, number: int) -> str:
        """So many tries failed since the last visit."""
        raise NotImplementedError


class Logout(OpenDoor):
    open_because = "Going out is free; it ends the visitor's own session only."

    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        messages.success(request, _("You are logged out."))
        return redirect("login")


def destination(request: HttpRequest, otherwise: str = "home") -> str:
    """Where the visitor wanted to go, as long as that is an address in this house."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # Without the slash it would be taken for the name of a route.
    return wanted if safe and wanted.startswith("/") else reverse(otherwise)


def session_rows(request: HttpRequest, sessions: "QuerySet[Any]") -> list[dict[str, object]]:
    here = request.session.session_key
    return [
        {"id": public_id(session.session_key), "session": session, "is_here": session.session_key == here}
        for session in sessions
    ]


def ended_session(request: HttpRequest, sessions: "QuerySet[Any]", session_id: str) -> HttpResponse:
    """End one of these sessions; the one of this browser is a log-out."""
    here = public_id(request.session.session_key or "")
    if not end_session(sessions=sessions, session_id=session_id):
        raise Http404
    if session_id == here:
        logout(request)
        messages.success(request, _("You are logged out."))
        return redirect("login")
    messages.success(request, _("That session has ended."))
    return redirect("sessions")


def ended_sessions(request: HttpRequest, sessions: "QuerySet[Any]") -> HttpResponse:
    """End them all, here as well."""
    sessions.delete()
    logout(request)
    messages.success(request, _("You are logged out everywhere."))
    return redirect("login")
