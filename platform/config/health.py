"""Liveness for machines: is the process up, does the database answer, is the gate sound."""

import time
from collections.abc import Callable

import structlog
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from opt_in.gate.selfcheck import UnsoundGate, require_sound_gate

log = structlog.get_logger("zgoda.health")

# Anybody may ask for health as often as they like; the gate's catalogue is read at most this often. One that was found
# unsound is looked at sooner, so that a repair is seen.
GATE_CHECK_SECONDS = 30.0
UNSOUND_CHECK_SECONDS = 1.0


class GateState:
    """The last answer of the gate's self-check, shared by the threads of one process."""

    def __init__(self) -> None:
        self.checked_at = float("-inf")
        self.is_sound = False

    def look(self) -> bool:
        now = time.monotonic()
        if now - self.checked_at >= (GATE_CHECK_SECONDS if self.is_sound else UNSOUND_CHECK_SECONDS):
            try:
                require_sound_gate(connection)
                self.is_sound = True
            except UnsoundGate:
                self.is_sound = False
                log.exception("health.gate_unsound")
            self.checked_at = now
        return self.is_sound


gate_state = GateState()


def health(request: HttpRequest) -> JsonResponse:
    database, gate = "ok", "unknown"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        gate = "sound" if gate_state.look() else "unsound"
    except DatabaseError:
        log.exception("health.database_silent")
        database = "silent"
    healthy = database == "ok" and gate == "sound"
    answer = {"status": "ok" if healthy else "failing", "database": database, "gate": gate}
    return JsonResponse(answer, status=200 if healthy else 503)


class HealthMiddleware:
    """Answers /health before the school is looked up and the host is judged: a probe knows neither."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/health" and request.method in {"GET", "HEAD"}:
            return health(request)
        return self.get_response(request)
