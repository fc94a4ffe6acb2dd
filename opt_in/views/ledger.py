"""The ledger and its checkpoints: to read, to save, and to check without us."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django_tenants.utils import tenant_context

from opt_in.gate import school as gate
from opt_in.selectors.ledger import NewestLeaves, checkpoint_days
from opt_in.services.ledger import STREAMS, checkpoints_file, ledger_lines
from tenants.access import Action
from tenants.doors import Door
from tenants.schools.models import School

ON_ONE_PAGE = 25


class Ledger(Door):
    action = Action.LEDGER_READ

    def get(self, request: HttpRequest) -> HttpResponse:
        heads = {head.stream: head for head in gate.ledger_heads()}
        stream = request.GET.get("stream", "authority")
        if stream not in STREAMS:
            raise Http404
        page = Paginator(NewestLeaves(heads[stream]), ON_ONE_PAGE).get_page(request.GET.get("page"))
        context = {"heads": [heads[name] for name in STREAMS], "stream": stream, "page": page}
        return self.page("opt_in/ledger.html", context)


class LedgerDownload(Door):
    """The whole ledger as one file. Streamed: a million leaves take no more memory than two thousand."""

    action = Action.LEDGER_READ

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return StreamingHttpResponse(
            inside(self.school),
            content_type="application/jsonl; charset=utf-8",
            # The name that the instructions on the page use.
            headers=saved_as("ledger.jsonl"),
        )


class Checkpoints(Door):
    action = Action.LEDGER_READ

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(checkpoint_days(), ON_ONE_PAGE).get_page(request.GET.get("page"))
        return self.page("opt_in/checkpoints.html", {"page": page})


class CheckpointsDownload(Door):
    """All checkpoints in one file that zgoda-verify takes as it is."""

    action = Action.LEDGER_READ

    def get(self, request: HttpRequest) -> HttpResponse:
        content = checkpoints_file(school_id=self.school.id, checkpoints=gate.checkpoints())
        return HttpResponse(content, content_type="application/json", headers=saved_as("checkpoints.json"))


class Verifier(Door):
    """The program that checks the file: one file, nothing else needed."""

    action = Action.LEDGER_READ

    def get(self, request: HttpRequest) -> HttpResponse:
        found = importlib.util.find_spec("zgoda_verify")
        if found is None or found.origin is None:
            raise Http404
        program = Path(found.origin).read_bytes()
        return HttpResponse(program, content_type="text/x-python; charset=utf-8", headers=saved_as("zgoda_verify.py"))


def inside(school: School) -> Iterator[str]:
    """The file's lines. The response is sent after the request has left its school, so each part enters it anew."""
    parts = ledger_lines(school_id=school.id)
    while True:
        with tenant_context(school):
            lines = next(parts, None)
        if lines is None:
            return
        yield "".join(lines[0])


def saved_as(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
