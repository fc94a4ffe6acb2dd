"""What a provider of text messages calls, and where the short link in such a message leads.

This site understands nothing of what it is told: it seals it for the dispatcher and puts it into the gate's inbox. Why
it may do no more stands in docs/decisions/0005-who-reads-replies.md.
"""

import base64
from collections.abc import Callable, Iterable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from notifications.provider_events import reply_event, report_event
from opt_in.gate import public as gate
from opt_in.gate.event_box import seal_event

LARGEST_CALL = 16 * 1024
# Of a reply's text this much is looked at, and more than this many reports come in no call.
LONGEST_TEXT = 400
MOST_REPORTS = 50

Events = Iterable[tuple[str, bytes]]


def taking(events_of: Callable[[HttpRequest], Events]) -> Callable[[HttpRequest, str], HttpResponse]:
    """A view that keeps these events, each named by what makes it the same event when it comes again.

    Without a CSRF token: who calls is known by the secret in the address. The answer OK tells the provider that it need
    not call again.
    """

    @csrf_exempt
    @require_POST
    @wraps(events_of)
    def view(request: HttpRequest, secret: str) -> HttpResponse:
        wanted: str = getattr(settings, "SMS_CALLBACK_SECRET", "")
        if not wanted or not constant_time_compare(secret, wanted):
            raise Http404
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_CALL:
            return _said("Too large.", 413)
        for name, event in events_of(request):
            fingerprint = salted_hmac("opt_in.public.sms", name, algorithm="sha256").digest()
            if not gate.put_provider_event(fingerprint=fingerprint, sealed=seal_event(event)):
                return _said("Later, please.", 503)
        return _said("OK", 200)

    return view


@taking
def report(request: HttpRequest) -> Events:
    """SMSAPI's delivery reports: `idx` and `status`, several separated by commas."""
    indexes, statuses = (request.POST.get(name, "").split(",") for name in ("idx", "status"))
    for index, status in list(zip(indexes, statuses, strict=False))[:MOST_REPORTS]:
        if 0 < len(index) <= 64 and 0 < len(status) <= 8:
            yield f"report\0{index}\0{status}", report_event(index, status)


@taking
def inbound(request: HttpRequest) -> Events:
    """A reply as SMSAPI passes it on: `sms_from` (digits), `sms_text`, `sms_date` (Unix time)."""
    number, text = request.POST.get("sms_from", "")[:32], request.POST.get("sms_text", "")[:LONGEST_TEXT]
    if number and text:
        came = request.POST.get("MsgId") or request.POST.get("sms_date") or ""
        yield f"reply\0{number}\0{came}\0{text}", reply_event(number, text)


@require_safe
def follow(request: HttpRequest, short: str) -> HttpResponse:
    """From the 22 letters in a text message to the page that says why it came; a guess leads to no page."""
    digits = base64.urlsafe_b64decode(f"{short}==").hex()
    response = redirect("why", token=gate.token_of_short_link(digits))
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _said(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
    response["Cache-Control"] = "no-store"
    return response
