"""make bench: every benchmark in one run, so that its figures may be compared with each other.

make bench                  prints the tables and writes docs/benchmarks.md
make bench ARGS=gate        runs one of them and only prints
"""

import importlib
import sys
from pathlib import Path

from benchmarks.report import Table, machine
from proofs.report import MARK

BENCHMARKS = ("gate", "demo", "provisioning", "roster_import")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

Written by `make bench`. All figures are from one run on one machine that ran servers, application and load together,
so compare them with each other; another machine gives other absolute figures.

Machine: {machine}.
"""


def main(chosen: list[str]) -> int:
    unknown = [name for name in chosen if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. Known: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    page = INTRODUCTION.format(machine=machine())
    for name in chosen or BENCHMARKS:
        print(f"Measuring {name} …", file=sys.stderr)
        tables: list[Table] = importlib.import_module(f"benchmarks.{name}").measure()
        for table in tables:
            print(table.markdown())
            page += "\n" + table.markdown()
    if not chosen:
        proofs = PAGE.read_text().partition(MARK)[1:] if PAGE.exists() else ()
        PAGE.write_text("\n".join([page, "".join(proofs)]).rstrip() + "\n")
    return 1 if "MISSED" in page else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
