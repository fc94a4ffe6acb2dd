"""make prove: every proof in one run, as a table; ends with 1 when one of them does not hold.

make prove                                   a seed of today's choosing, printed first
make prove ARGS="--seed 7"                   the same run again
make prove ARGS="--quick"                    the part that make test runs
make prove ARGS="--only properties"          one of them; may be given more than once
make prove ARGS="--only properties --replay …"   one story again, as its failure printed it
"""

import argparse
import importlib
import secrets
import sys
import time
import traceback
from types import ModuleType

from proofs.report import Proof, keep, shown, table

# Module of this package → its share in seconds: of the whole run (under 30 minutes), of the quick one (under 4).
SHARES: dict[str, tuple[float, float]] = {
    "properties": (300, 45),
    "broken_gates": (240, 40),
    "differential": (60, 15),
    "replay": (150, 20),
    "ledger": (60, 10),
    "isolation": (400, 25),
    "random_sql": (240, 20),
}


def main(arguments: list[str]) -> int:
    chosen = _parse(arguments)
    if chosen.replay is not None:
        _module(chosen.only[0]).replay(chosen.replay)
        print("It holds.")
        return 0
    seed = secrets.randbelow(2**31) if chosen.seed is None else chosen.seed
    print(
        f'Seed {seed}. The same again: make prove ARGS="--seed {seed}{" --quick" if chosen.quick else ""}"', flush=True
    )
    began = time.monotonic()
    rows = [_row(name, seed, chosen.quick) for name in chosen.only or SHARES]
    print(f"\n{table(rows)}\n\nmake prove took {time.monotonic() - began:.0f} s with seed {seed}.")
    if not chosen.quick and not chosen.only:
        keep(rows, seed=seed)
    return 1 if any(row[3] != "holds" for row in rows) else 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proofs", description="Prove the gate, the walls and the ledger.")
    parser.add_argument("--seed", type=int, help="the number that decides everything random")
    parser.add_argument("--quick", action="store_true", help="the part that make test runs")
    parser.add_argument("--only", action="append", default=[], choices=sorted(SHARES), metavar="NAME")
    parser.add_argument("--replay", metavar="STORY", help="what a failure printed; needs exactly one --only")
    chosen = parser.parse_args(arguments)
    if chosen.replay is not None and len(chosen.only) != 1:
        parser.error("--replay needs exactly one --only")
    return chosen


def _row(name: str, seed: int, quick: bool) -> tuple[str, str, str, str]:
    print(f"\nProving {name} …", flush=True)
    whole, part = SHARES[name]
    began = time.monotonic()
    try:
        proof: Proof = _module(name).prove(seed=seed, seconds=part if quick else whole, quick=quick)
    except Exception:
        # shown in full, and the others still get their turn
        traceback.print_exc(file=sys.stdout)
        return name, "", f"{time.monotonic() - began:.0f}", "DOES NOT HOLD"
    for sentence in proof.sentences:
        print(f"  {sentence}", flush=True)
    return name, shown(proof.figures), f"{time.monotonic() - began:.0f}", "holds"


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"proofs.{name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
