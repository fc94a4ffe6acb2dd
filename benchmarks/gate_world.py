"""A school with thousands of guardians who all said yes, and envelopes that may all go out."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from local.keys import LOGINS, SUPERUSER
from local.postgres import Cluster
from opt_in.gate import keeper, register, school, vendor
from opt_in.gate.bootstrap import bootstrap

DATABASE = "bench"
PURPOSE, PRODUCT = "vendor_offers", "plus"
NOTICE = UUID("0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01")


@dataclass(frozen=True, slots=True)
class Place:
    cluster: Cluster
    school_id: UUID
    role: str
    director: UUID

    def authorise(self, session: psycopg.Connection) -> None:
        school.authorise(
            actor=self.director, purposes=[PURPOSE], products=[PRODUCT], channels=["email"], connection=session
        )


def install(cluster: Cluster) -> None:
    passwords = {login: cluster.password_of(login) for login in LOGINS}
    bootstrap(cluster.conninfo(SUPERUSER, "postgres"), passwords, DATABASE)


def make_place(cluster: Cluster, superuser: psycopg.Connection, readers: int) -> Place:
    """The authority by its own functions; the many guardians and their grants by one statement each."""
    identity = uuid4()
    place = Place(cluster, identity, f"school_{identity.hex}", uuid4())
    chair = uuid4()
    with psycopg.connect(cluster.conninfo("zgoda_owner", DATABASE)) as owner:
        role = sql.Identifier(place.role)
        owner.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
        owner.execute(sql.SQL("GRANT gate_school TO {} WITH INHERIT TRUE").format(role))
        owner.execute(sql.SQL("GRANT {} TO app_school WITH INHERIT FALSE, SET TRUE").format(role))
        register.register_school(
            school_id=identity,
            role_name=place.role,
            names={"pl": f"SP {identity.hex}"},
            country="PL",
            languages=["pl"],
            time_zone="Europe/Warsaw",
            connection=owner,
        )
    with psycopg.connect(cluster.conninfo("app_school", DATABASE), autocommit=True) as session:
        session.execute(sql.SQL("SET ROLE {}").format(role))
        school.put_subjects(
            [
                {"subject_id": person, "roles": [role_name], "is_adult": True, "is_active": True, "language": "pl"}
                for person, role_name in ((place.director, "director"), (chair, "council_chair"))
            ],
            connection=session,
        )
        school.go_live(actor=place.director, connection=session)
        place.authorise(session)
        resolution = school.record_resolution(
            actor=place.director,
            outcome="positive",
            decided_on=datetime.now(UTC).date(),
            votes_for=9,
            votes_against=0,
            votes_abstained=0,
            purposes=[PURPOSE],
            products=[PRODUCT],
            connection=session,
        )
        school.confirm_resolution(actor=chair, resolution_id=resolution, connection=session)
    _add_readers(superuser, place, readers)
    return place


def _add_readers(superuser: psycopg.Connection, place: Place, readers: int) -> None:
    given = {"school": place.school_id, "readers": readers, "notice": NOTICE}
    superuser.execute(
        """
        INSERT INTO consent.subject (school_id, subject_id, roles, is_adult, is_active, language, key, pseudonym)
        SELECT %(school)s, id, '{guardian}', true, true, 'pl', sha256(uuid_send(id)), md5(id::text)
        FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, %(readers)s)) new""",
        given,
    )
    superuser.execute(
        """
        INSERT INTO consent.contact (school_id, contact_id, subject_id, channel, version, sealed, address_hash,
                                     verified_at, provenance, is_active)
        SELECT school_id, gen_random_uuid(), subject_id, 'email', 1, 'sealed', sha256(uuid_send(subject_id)),
               now() - interval '1 day', 'self', true
        FROM consent.subject WHERE school_id = %(school)s AND 'guardian' = ANY (roles)""",
        given,
    )
    superuser.execute(
        """
        INSERT INTO consent.consent_event (event_id, school_id, subject_id, purpose, channel, act, actor, capture,
                                           contact_id, contact_version, notice_id, instruction_id, made_at, expires_at)
        SELECT gen_random_uuid(), c.school_id, c.subject_id, 'vendor_offers', 'email', 'give', c.subject_id, 'portal',
               c.contact_id, 1, %(notice)s, i.instruction_id, now(), i.valid_to
        FROM consent.contact c JOIN consent.instruction i USING (school_id) WHERE c.school_id = %(school)s""",
        given,
    )
    superuser.execute("ANALYZE")


def claimable(superuser: psycopg.Connection, place: Place, campaigns: int, wanted: int) -> list[UUID]:
    """Campaigns proposed, judged, approved and expanded as in real life; ids of envelopes that wait."""
    text = {"subject": "More from your diary", "body": "Try Plus.\n\nZgoda offers"}
    ids: list[UUID] = []
    for _ in range(campaigns):
        with psycopg.connect(place.cluster.conninfo("app_vendor", DATABASE), autocommit=True) as session:
            campaign = vendor.propose(
                {
                    "sender": "zgoda-offers",
                    "purpose": PURPOSE,
                    "product": PRODUCT,
                    "channels": ["email"],
                    "audience": "guardians",
                    "expires_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
                    "texts": {"email": {"en": text}},
                    "targets": {"countries": ["PL"], "schools": [str(place.school_id)]},
                },
                connection=session,
            )
        with psycopg.connect(place.cluster.conninfo("app_keeper", DATABASE), autocommit=True) as session:
            keeper.judge(connection=session)
        with psycopg.connect(place.cluster.conninfo("app_school", DATABASE), autocommit=True) as session:
            session.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(place.role)))
            content = school.campaign_content(campaign, connection=session)
            assert hashlib.sha256(content.canonical).digest() == content.content_sha256
            school.approve_content(
                actor=place.director,
                campaign_id=campaign,
                content_sha256=content.content_sha256,
                connection=session,
            )
            expansion = school.expand(campaign, connection=session)
            assert expansion.suppressed == 0, expansion
        rows = superuser.execute(
            "SELECT envelope_id FROM consent.envelope WHERE campaign_id = %s ORDER BY envelope_id", [campaign]
        ).fetchall()
        ids += [row[0] for row in rows]
    return ids[:wanted]
