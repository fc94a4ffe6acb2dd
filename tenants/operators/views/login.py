"""In and out. What somebody gets wrong here says nothing about who has an account."""

from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters

from tenants.operators.doors import OpenDoor
from tenants.operators.forms.login import LoginForm
from tenants.operators.login import begin_session
from tenants.operators.models import Operator
from tenants.operators.services.throttle import TooManyTries, count_try, forgive


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class Login(OpenDoor):
    open_because = "Whoever logs in is not logged in yet."

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(destination(request))
        return _page(request, LoginForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LoginForm(request.POST)
        if not form.is_valid():
            return _page(request, form)
        name = form.cleaned_data["username"]
        try:
            count_try(identifier=name)
        except TooManyTries as locked:
            answer = render(request, "portal/429.html", {"minutes": -(-locked.seconds // 60)}, status=429)
            answer["Retry-After"] = str(locked.seconds)
            return answer
        operator = authenticate(request, username=name, password=form.cleaned_data["password"])
        if not isinstance(operator, Operator):
            form.add_error(
                None,
                _("Name and password do not match. Please check both; small and capital letters count."),
            )
            return _page(request, form)
        forgive(identifier=name)
        begin_session(request, operator)
        if failed := request.session["failed_logins"]:
            # Read on the next page, which is in the operator's own language and no longer in that of the login.
            with translation.override(operator.language):
                messages.warning(request, _failed(failed))
        return redirect(destination(request))


class Logout(OpenDoor):
    open_because = "Going out is free; it ends the visitor's own session only."

    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        messages.success(request, _("You are logged out."))
        return redirect("login")


def _failed(number: int) -> str:
    return ngettext(
        "Since your last visit somebody tried %(number)s time to log in as you with a wrong password."
        " If it was not you, tell whoever looks after the console.",
        "Since your last visit somebody tried %(number)s times to log in as you with a wrong password."
        " If it was not you, tell whoever looks after the console.",
        number,
    ) % {"number": number}


def destination(request: HttpRequest, otherwise: str = "home") -> str:
    """Where the visitor wanted to go, as long as that is an address in this house."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # Without the slash it would be taken for the name of a route.
    return wanted if safe and wanted.startswith("/") else reverse(otherwise)


def _page(request: HttpRequest, form: LoginForm) -> HttpResponse:
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next") or ""}
    return render(request, "operators/login.html", context)
