"""The vendor and the keeper act on connections of their own, with their own logins, as they do outside of tests."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.utils import timezone

from opt_in.gate import keeper, vendor
from tenants.schools.models import School
from tests.surroundings import start_cluster


def propose_to(school: School, **changes: Any) -> UUID:
    """A campaign by e-mail to this school alone, proposed by the vendor and judged by the keeper."""
    text = {"subject": "Paket Plus", "body": "Opomniki in koledar za vso družino. Ekipa Zgoda"}
    request = {
        "sender": "zgoda-offers",
        "purpose": "vendor_offers",
        "product": "plus",
        "channels": ["email"],
        "audience": "guardians",
        "expires_at": (timezone.now() + timedelta(days=7)).isoformat(),
        "texts": {"email": {"sl": text}},
        "targets": {"countries": [school.country], "schools": [str(school.id)]},
        **changes,
    }
    cluster = start_cluster()
    with psycopg.connect(cluster.conninfo("app_vendor")) as connection:
        campaign_id = vendor.propose(request, connection=connection)
    with psycopg.connect(cluster.conninfo("app_keeper")) as connection:
        keeper.judge(100, connection=connection)
    return campaign_id
