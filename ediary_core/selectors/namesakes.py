"""What tells apart pupils of one list who have the same name, and nothing of anybody else."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ediary_core.selectors.homerooms import homerooms_of
from tenants.people.models import User


@dataclass(frozen=True, slots=True)
class Sign:
    """One of these: a class or a middle name, a birthday, or the place among those of the name."""

    text: str = ""
    birthday: date | None = None
    number: int | None = None


def signs_of(pupils: Sequence[User], *, on: date) -> dict[UUID, Sign]:
    """For each pupil who shares the name with another in this list, the first of these that differs for all of them:
    class, middle name, day of birth. One query more, and only where there are namesakes."""
    groups: dict[tuple[str, str], list[User]] = defaultdict(list)
    for pupil in pupils:
        groups[(pupil.family_name.casefold(), pupil.given_name.casefold())].append(pupil)
    shared = [group for group in groups.values() if len(group) > 1]
    if not shared:
        return {}
    homerooms = homerooms_of(pupils=[pupil for group in shared for pupil in group], on=on)
    kinds: tuple[Callable[[User], Sign], ...] = (
        lambda pupil: Sign(text=homerooms.get(pupil.pk, "")),
        lambda pupil: Sign(text=pupil.middle_name),
        lambda pupil: Sign(birthday=pupil.date_of_birth and _of_no_year(pupil.date_of_birth)),
    )
    return {pk: sign for group in shared for pk, sign in _differing(group, kinds).items()}


def _differing(group: list[User], kinds: Sequence[Callable[[User], Sign]]) -> dict[UUID, Sign]:
    for kind in kinds:
        signs = {pupil.pk: kind(pupil) for pupil in group}
        if Sign() not in signs.values() and len(set(signs.values())) == len(group):
            return signs
    # By the id, which never changes, so that the first is the first on every page.
    ordered = sorted(group, key=lambda pupil: pupil.pk)
    return {pupil.pk: Sign(number=number) for number, pupil in enumerate(ordered, start=1)}


def _of_no_year(born_on: date) -> date:
    """How old somebody is tells nobody apart; 2000 was a leap year."""
    return born_on.replace(year=2000)
