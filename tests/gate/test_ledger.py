"""The ledger: one leaf for each act and decision, one chain for each stream, nothing of a person in it."""

import hashlib
import json
from uuid import UUID

import pytest

from opt_in.gate import keeper, vendor, witness
from opt_in.gate import school as acts
from opt_in.gate.canonical import canonical_json
from opt_in.gate.types import Leaf

from .world import Gate, Offer, School, offer_at, register_school


def recomputed(leaves: list[Leaf]) -> bytes:
    """The chain as RFC-like arithmetic, without the database; fails at the first leaf that is not what it says."""
    chain = bytes(32)
    for number, leaf in enumerate(leaves, 1):
        assert canonical_json(json.loads(leaf.body)) == leaf.body
        assert leaf.seq == number
        assert leaf.hash == hashlib.sha256(b"\x00" + leaf.body.encode()).digest()
        chain = hashlib.sha256(b"\x01" + chain + leaf.hash).digest()
        assert leaf.chain == chain
    return chain


def test_every_stream_verifies_and_ends_where_its_head_says(gate: Gate, school: School) -> None:
    guardians = [school.guardian() for _ in range(5)]
    offer = offer_at(school, guardians)
    gate.claim(*school.envelopes_of(offer.campaign))
    gate.take(offer.envelope)
    gate.complete(offer.envelope)
    keeper.sweep(connection=gate.session("app_keeper"))
    school.revoke()

    for head in acts.ledger_heads(connection=school.connection):
        leaves = school.leaves(head.stream)
        assert (len(leaves), recomputed(leaves)) == (head.size, head.root)
        assert head.size > 0


def test_each_act_has_exactly_one_leaf(gate: Gate, school: School) -> None:
    offer = offer_at(school)
    gate.claim(offer.envelope)
    gate.take(offer.envelope)
    gate.complete(offer.envelope)
    while keeper.sweep(connection=gate.session("app_keeper")).chained:
        pass
    school.revoke()

    written = {
        stream: [json.loads(leaf.body)["act"] for leaf in school.leaves(stream)]
        for stream in ("authority", "vendor", "dispatch")
    }

    assert written == {
        "authority": [
            "register",
            "officers",
            "stage",
            "authorise",
            "resolution",
            "confirm",
            "give",
            "approved",
            "revoke",
        ],
        "vendor": ["propose"],
        "dispatch": ["expand", "decide", "outcomes"],
    }


def test_every_leaf_names_its_school_and_its_stream(gate: Gate, school: School) -> None:
    offer = offer_at(school)
    gate.claim(offer.envelope)
    gate.take(offer.envelope)
    gate.complete(offer.envelope)
    keeper.sweep(connection=gate.session("app_keeper"))

    for stream in ("authority", "vendor", "dispatch"):
        bodies = [json.loads(leaf.body) for leaf in school.leaves(stream)]
        assert {(body["school"], body["stream"]) for body in bodies} == {(str(school.id), stream)}


def test_a_kill_switch_leaves_a_leaf_wherever_it_counts(gate: Gate, school: School, other_school: School) -> None:
    offer = offer_at(school)
    session = gate.session("app_vendor")
    for scope, key in (("channel", "push"), ("campaign", str(offer.campaign))):
        for is_on in (True, False):
            vendor.set_kill_switch(scope, key, is_on, connection=session)
    gate.judge()

    def switched(there: School) -> list[tuple[str, str, bool]]:
        bodies = [json.loads(leaf.body) for leaf in there.leaves("vendor")]
        return [(one["scope"], one["key"], one["on"]) for one in bodies if one["act"] == "kill_switch"]

    channel = [("channel", "push", True), ("channel", "push", False)]
    campaign = [("campaign", str(offer.campaign), True), ("campaign", str(offer.campaign), False)]
    assert switched(school) == channel + campaign
    assert switched(other_school) == channel  # of the campaign it knows nothing


def test_a_school_that_comes_later_is_told_what_is_stopped(gate: Gate) -> None:
    session = gate.session("app_vendor")
    vendor.set_kill_switch("channel", "push", True, connection=session)
    gate.judge()
    try:
        late = register_school(gate)
    finally:
        vendor.set_kill_switch("channel", "push", False, connection=session)
        gate.judge()

    assert json.loads(late.leaves("authority")[0].body)["stopped"] == ["channel:push"]
    late.connection.close()


def test_grant_and_decision_speak_of_the_same_address_and_name_it_nowhere(gate: Gate, offer: Offer) -> None:
    gate.claim(offer.envelope)

    (given,) = (body for leaf in offer.school.leaves("authority") if (body := json.loads(leaf.body))["act"] == "give")
    decided = json.loads(offer.school.leaves("dispatch")[-1].body)

    assert given["contact"] == decided["contact"]
    assert len(given["contact"]) == 32
    assert str(offer.guardian.contact).replace("-", "") != given["contact"]


def test_a_refused_act_has_no_leaf(school: School) -> None:
    before = len(school.leaves("authority"))

    with pytest.raises(Exception, match="director"):
        acts.authorise(
            actor=school.chair.subject,
            purposes=["vendor_offers"],
            products=["plus"],
            channels=["email"],
            connection=school.connection,
        )

    assert len(school.leaves("authority")) == before


def test_the_receipt_of_a_decision_is_its_leaf(gate: Gate, offer: Offer) -> None:
    (decision,) = gate.claim(offer.envelope)

    receipt = acts.decision_of(offer.envelope, connection=offer.school.connection)

    leaf = offer.school.leaves("dispatch")[-1]
    assert receipt == {
        "format": "zgoda-receipt/1",
        "school": str(offer.school.id),
        "stream": "dispatch",
        "seq": decision.seq,
        "leaf": json.loads(leaf.body),
        "hash": leaf.hash.hex(),
    }
    assert decision.leaf_sha256 == leaf.hash
    assert receipt["leaf"]["verdict"] == "ALLOW"
    assert set(receipt["leaf"]) >= {
        "instruction",
        "resolution",
        "approval",
        "consent",
        "notice",
        "contact_version",
        "policy",
    }
    assert None not in [
        receipt["leaf"][name] for name in ("instruction", "resolution", "approval", "consent", "notice")
    ]


def test_the_ledger_names_no_person_and_erasing_one_leaves_only_a_pseudonym(gate: Gate, offer: Offer) -> None:
    person = offer.guardian.subject
    gate.claim(offer.envelope)
    everything = "".join(
        leaf.body for stream in ("authority", "vendor", "dispatch") for leaf in offer.school.leaves(stream)
    )

    acts.erase_subject(subject=person, connection=offer.school.connection)

    assert str(person) not in everything
    assert offer.guardian.address_hash.hex() not in everything
    kept = gate.superuser.execute(
        "SELECT (SELECT count(*) FROM consent.subject WHERE subject_id = %(who)s), "
        "(SELECT count(*) FROM consent.contact WHERE subject_id = %(who)s)",
        {"who": person},
    ).fetchone()
    assert kept == (0, 0)
    recomputed(offer.school.leaves("authority"))


def test_somebody_who_comes_back_after_being_erased_finds_no_grant_waiting(gate: Gate, school: School) -> None:
    guardian = school.guardian()
    school.authorise()
    school.grant(guardian)

    acts.erase_subject(subject=guardian.subject, connection=school.connection)
    school.put(guardian)

    school.resolve()
    campaign = gate.propose(school)
    school.approve(campaign)
    school.expand(campaign)
    (count,) = acts.counts(campaign, connection=school.connection)
    assert (count.state, count.code, count.messages) == ("suppressed", "DENY_OPT_IN_WITHDRAWN", 1)


def test_checkpoints_go_to_director_and_chair(gate: Gate, offer: Offer) -> None:
    heads = acts.ledger_heads(connection=offer.school.connection)

    points = keeper.make_checkpoint(offer.school.id, connection=gate.session("app_keeper"))

    mails = [row for row in acts.envelopes(connection=offer.school.connection) if row.kind == "ledger.checkpoint"]
    assert {mail.subject_id for mail in mails} == {offer.school.director.subject, offer.school.chair.subject}
    assert {(point["origin"], point["size"], point["root"]) for point in points} == {
        (f"zgoda/{offer.school.id}/{head.stream}", head.size, head.root.hex()) for head in heads
    }


def test_a_second_checkpoint_of_the_day_is_not_made(gate: Gate, offer: Offer) -> None:
    session = gate.session("app_keeper")
    keeper.make_checkpoints(connection=session)
    before = acts.checkpoints(connection=offer.school.connection)

    keeper.make_checkpoints(connection=session)

    assert len(before) == 3
    assert acts.checkpoints(connection=offer.school.connection) == before


def test_a_witness_reads_the_same_leaves(gate: Gate, offer: Offer) -> None:
    read = witness.read_ledger(school_id=offer.school.id, stream="authority", connection=gate.session("ledger_witness"))

    assert read == offer.school.leaves("authority")


def test_another_school_reads_its_own_ledger_only(offer: Offer, other_school: School) -> None:
    own = {leaf.hash for leaf in other_school.leaves("authority")}

    assert own
    assert own.isdisjoint(leaf.hash for leaf in offer.school.leaves("authority"))
    assert acts.decision_of(offer.envelope, connection=other_school.connection) is None
    assert acts.counts(offer.campaign, connection=other_school.connection) == []
    assert offer.campaign not in [row.campaign_id for row in acts.proposals(connection=other_school.connection)]


def test_the_canonical_form_of_the_database_is_the_one_of_the_rfc(gate: Gate) -> None:
    values = [
        {"b": 1, "a": [True, None, 'ž "quoted" \\ \n \t \u0001 \u007f €😀'], "B": {"z": -7, "_": []}, "aa": {}},
        [],
        "",
        9007199254740991,
        str(UUID(int=7)),
    ]

    found = [
        gate.superuser.execute("SELECT consent.jcs(%s::jsonb)", [json.dumps(value)]).fetchone() for value in values
    ]

    assert found == [(canonical_json(value),) for value in values]
