"""Counts the requests of a caller of the API, in the database.

A counter in each process's memory would let a caller through once per process. The broker is no place either: it holds
jobs, may be RabbitMQ, and a school page must not depend on it. The database is there for every request anyway; one
statement on one row costs less than the queries that it protects. Asynchronous commit: a crash may forget a count.
"""

import hashlib
import hmac
import time

from django.conf import settings
from django.db import transaction

from tenants.backend.current import connection
from tenants.people.models import RequestCount

_COUNT = """
    INSERT INTO people_requestcount (caller_hash, minute, requests) VALUES (%s, %s, 1)
    ON CONFLICT (caller_hash) DO UPDATE SET
        minute = EXCLUDED.minute,
        requests = CASE people_requestcount.minute WHEN EXCLUDED.minute THEN people_requestcount.requests + 1 ELSE 1 END
    RETURNING requests, xmax = 0
"""
_KEPT_MINUTES = 60


def count_request(*, caller: str) -> tuple[int, int]:
    """Count one more request; returns how many it were in this minute, and the seconds until the next one."""
    now = int(time.time())
    minute = now // 60
    key = hmac.digest(settings.ADDRESS_HASH_KEY, b"api caller\0" + caller.encode(), hashlib.sha256)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_COUNT, [key, minute])
        requests, is_new = cursor.fetchone()
        if is_new:
            # Whoever comes for the first time sweeps up after those who left, so the table stays small.
            RequestCount.objects.filter(minute__lt=minute - _KEPT_MINUTES).delete()
    return requests, 60 - now % 60
