from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

# Enough for a page that filters; the rest is only counted.
PROBLEMS_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stops an import. `line` is the line in the file as a text editor counts it, the header is 1."""

    file: str
    line: int | None
    field: str | None
    message: str
    advice: str

    def __str__(self) -> str:
        line = _("line %(line)d") % {"line": self.line} if self.line else ""
        place = ", ".join(part for part in (self.file, line, self.field or "") if part)
        return f"{place}: {self.message} {self.advice}"


class Problems:
    """Collects what is wrong with a bundle: every problem is counted, the first PROBLEMS_KEPT are kept."""

    def __init__(self) -> None:
        self.total = 0
        self._kept: list[Problem] = []

    def add(self, file: str, line: int | None, field: str | None, message: str, advice: str) -> None:
        self.total += 1
        if len(self._kept) < PROBLEMS_KEPT:
            self._kept.append(Problem(file, line, field, message, advice))

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._kept)

    def __bool__(self) -> bool:
        return self.total > 0

    def stop_if_any(self) -> None:
        """Raise what was collected so far, where going on would only produce follow-up problems."""
        if self:
            raise RosterRefused(self)


class RosterRefused(Exception):
    """The bundle cannot be imported as it is; nothing was changed."""

    def __init__(self, problems: Problems) -> None:
        self.problems = tuple(problems)
        self.total = problems.total
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shorten(value: str) -> str:
    """A value as a report may quote it: short, and without control characters that would draw on a terminal."""
    visible = "".join(character if character.isprintable() else "�" for character in value)
    return visible if len(visible) <= 40 else visible[:39] + "…"
