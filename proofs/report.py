"""What a proof says when it held. A proof that does not hold raises, and its message says how to see it again."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
MARK = "<!-- below: written by make prove -->"

Figure = int | float | str


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof that held: what was shown, in sentences, and how much was tried."""

    name: str
    sentences: list[str]
    figures: dict[str, Figure] = field(default_factory=dict)
    seconds: float = 0.0


class Prover(Protocol):
    """What every module of proofs offers. `seconds` is its share of time; `quick` asks for the part in make test."""

    def __call__(self, *, seed: int, seconds: float, quick: bool) -> Proof: ...


def table(rows: list[tuple[str, str, str, str]]) -> str:
    """Aligned columns: what, how much, seconds, result."""
    lines = [("What", "How much", "Seconds", "Result"), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column == 2 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def shown(figures: dict[str, Figure]) -> str:
    return ", ".join(f"{_number(value)} {name}" for name, value in figures.items())


def _number(value: Figure) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else value


def keep(rows: list[tuple[str, str, str, str]], *, seed: int) -> None:
    """Put a whole run's figures at the end of docs/benchmarks.md, in place of the last one's."""
    lines = [
        MARK,
        "",
        f"## Proofs, seed {seed}",
        "",
        "| what | how much | seconds | result |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    above = PAGE.read_text().partition(MARK)[0] if PAGE.exists() else ""
    PAGE.write_text(above.rstrip() + "\n\n" + "\n".join(lines) + "\n")
