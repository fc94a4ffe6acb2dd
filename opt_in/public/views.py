"""Withdraw, object, explain. Reading changes nothing: link scanners and previews open every link in a mail."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from opt_in.gate import public as gate
from opt_in.gate.errors import GateConflict, GateNotFound
from opt_in.public.explanation import explain
from opt_in.public.pages import page, reader_language


# The POST needs no CSRF token, by design: a mailbox provider sends it without any cookie (RFC 8058), and there is no
# login or cookie that another site could abuse. The token in the address, known from one mail only, is the authority.
# Any POST counts, whatever its body: a withdrawal must not fail because a program put it differently.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST withdraws. The answer to the POST is the page itself: RFC 8058 forbids a redirect."""
    facts = facts_of(token)
    if request.method == "POST":
        try:
            gate.withdraw_by_token(token)
        except GateConflict:
            return show(request, "public/not_an_offer.html", token, facts, status=409)
        return show(request, "public/withdrawn.html", token, facts)
    is_offer = facts["class"] == "vendor_marketing"
    return show(request, "public/withdraw.html" if is_offer else "public/not_an_offer.html", token, facts)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def refuse_all(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST objects to everything of the vendor. Exempt from CSRF for the same reasons as `withdraw`."""
    facts = facts_of(token)
    if request.method == "POST":
        gate.object_by_token(token)
        return show(request, "public/refused_all.html", token, facts)
    return show(request, "public/refuse_all.html", token, facts)


@require_safe
def why(request: HttpRequest, token: str) -> HttpResponse:
    return show(request, "public/why.html", token, facts_of(token))


def facts_of(token: str) -> Mapping[str, Any]:
    try:
        return gate.explain_by_token(token)
    except GateNotFound as error:
        raise Http404 from error


def show(
    request: HttpRequest, template: str, token: str, facts: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    language = reader_language(request, facts["language"])
    return page(request, template, {**explain(facts, language), "token": token}, language=language, status=status)
