"""The API's documentation page, and the description that it is made from."""

import functools
import hashlib
import json

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from drf_spectacular.generators import SchemaGenerator

from portal.views import errors
from tenants.api import problems
from tenants.api.problems import Kind
from tenants.doors import OpenDoor


@functools.cache
def described() -> tuple[bytes, str]:
    """The OpenAPI description and its ETag: the same for every school and person, so made once per process."""
    with translation.override("en"):
        schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    body = json.dumps(schema, ensure_ascii=False, separators=(",", ":")).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


class ApiDescription(OpenDoor):
    open_because = "It describes the API and holds nobody's data."

    def get(self, request: HttpRequest) -> HttpResponse:
        body, etag = described()
        known = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
        answer: HttpResponse = HttpResponseNotModified()
        if etag not in known:
            answer = HttpResponse(body, content_type="application/vnd.oai.openapi+json;version=3.1")
        answer.headers["ETag"] = etag
        patch_cache_control(answer, public=True, max_age=300)
        return answer


class ApiDocumentation(OpenDoor):
    open_because = "Whoever writes a program reads here how, before having a token."

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "portal/api.html", {"kinds": {kind.value: kind.explanation for kind in Kind}})


def server_error(request: HttpRequest) -> HttpResponse:
    """A person gets a page, a program a problem."""
    return problems.server_error(request.path) if request.path.startswith("/api/v") else errors.server_error(request)
