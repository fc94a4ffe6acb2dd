"""I14: every change of state has exactly one leaf, and the chains verify; read as a witness reads them."""

import hashlib
import json
from collections import Counter
from typing import Any

from opt_in.gate import witness
from proofs.properties.records import School
from proofs.properties.world import World


def check_ledgers(world: World) -> None:
    for there in world.history.schools:
        for stream in ("authority", "vendor", "dispatch"):
            leaves = _verified(world, there, stream)
            {"authority": _authority, "vendor": _vendor, "dispatch": _dispatch}[stream](world, there, leaves)
            world.figures["leaves"] += len(leaves)


def _verified(world: World, there: School, stream: str) -> list[dict[str, Any]]:
    """The chain, from RFC 8785 bytes and SHA-256 alone; each checkpoint was a point of it."""
    chain = bytes(32)
    points = {(size, root) for name, size, root in there.checkpoints if name == stream}
    bodies = []
    leaves = witness.read_ledger(
        school_id=there.id, stream=stream, max_leaves=10_000, connection=world.login("ledger_witness")
    )
    for number, leaf in enumerate(leaves, start=1):
        body = json.loads(leaf.body)
        canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(b"\x00" + canonical.encode()).digest()
        chain = hashlib.sha256(b"\x01" + chain + digest).digest()
        sound = (leaf.seq, leaf.body, leaf.hash, leaf.chain) == (number, canonical, digest, chain)
        world.require(sound, "I14", f"leaf {number} of {stream} does not verify")
        points.discard((number, chain.hex()))
        bodies.append(body)
    world.require(not points, "I14", f"a checkpoint of {stream} is no point of its chain")
    return bodies


def _authority(world: World, there: School, leaves: list[dict[str, Any]]) -> None:
    found = [leaf["act"] for leaf in leaves]
    world.require(found == there.authority, "I14", f"the stream authority says {found}, done was {there.authority}")


def _vendor(world: World, there: School, leaves: list[dict[str, Any]]) -> None:
    """I15 as well: one leaf for every attempt at this school, and none about another's."""
    leaves = leaves[there.vendor_leaves_before :]
    here = {str(one.id): one for one in world.history.campaigns if there.id in one.targets}
    found = Counter((str(leaf["act"]), str(leaf.get("campaign") or leaf.get("key"))) for leaf in leaves)
    done = Counter(("propose", one) for one in here)
    done += Counter(("stop", key) for key, one in here.items() if one.stopped)
    done += Counter(("kill_switch", key) for scope, key in world.history.switched if scope != "campaign" or key in here)
    world.require(found == done, "I15", f"the stream vendor says {found - done} more and {done - found} less than done")


def _dispatch(world: World, there: School, leaves: list[dict[str, Any]]) -> None:
    decided = Counter((leaf["envelope"], leaf["verdict"], leaf["code"]) for leaf in leaves if leaf["act"] == "decide")
    done = Counter((str(envelope), verdict, code) for envelope, verdict, code in there.decided)
    world.require(decided == done, "I14", f"decisions and their leaves differ: {decided - done} and {done - decided}")
    closed = Counter(one for leaf in leaves if leaf["act"] in ("cancelled", "expired") for one in leaf["envelopes"])
    ended = Counter(
        str(one.id) for one in world.outbox.values() if one.school == there.id and one.state in ("cancelled", "expired")
    )
    world.require(closed == ended, "I14", f"what was closed and its leaves differ: {closed - ended}, {ended - closed}")
    expansions = sum(leaf["act"] == "expand" for leaf in leaves)
    world.require(expansions == there.expansions, "I14", f"{expansions} leaves tell of {there.expansions} expansions")
    outcomes = Counter(
        (one["envelope"], one["outcome"]) for leaf in leaves if leaf["act"] == "outcomes" for one in leaf["outcomes"]
    )
    offers = Counter(
        (str(one.id), one.state)
        for one in world.outbox.values()
        if one.school == there.id and one.campaign and one.state in ("sent", "failed", "bounced", "unknown")
    )
    of_offers = Counter({key: n for key, n in outcomes.items() if world.is_offer(key[0])})
    world.require(of_offers == offers, "I14", f"outcomes and leaves differ: {of_offers - offers}, {offers - of_offers}")
