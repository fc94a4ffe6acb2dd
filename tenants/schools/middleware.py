"""Which school a request is for: by its host name, and by nothing that the browser says otherwise."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language_from_request, override
from django_tenants.utils import tenant_context

from tenants.backend.current import connection
from tenants.schools.models import Stage
from tenants.schools.selectors.schools import school_of_host


class SchoolOfHost:
    """Puts the whole request into one school and takes the connection out of it afterwards, whatever happens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection.set_schema_to_public()
        try:
            school = school_of_host(request.get_host().partition(":")[0])
        except DisallowedHost:
            school = None
        if school is None:
            return _page(request, "schools/unknown.html", status=404)
        if school.stage == Stage.CLOSED:
            return _page(request, "schools/closed.html", status=410)
        request.school = school  # type: ignore[attr-defined]
        with tenant_context(school), timezone.override(ZoneInfo(school.time_zone)):
            return self.get_response(request)


def _page(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    """In the language chosen on the page or the browser's: there is no school here whose language could be meant."""
    chosen = request.GET.get("language", "")
    language = chosen if chosen in dict(settings.LANGUAGES) else get_language_from_request(request)
    with override(language):
        return render(request, template, status=status)
