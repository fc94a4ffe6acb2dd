"""Who visits every route: one person of each role, in a school that is live."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tenants.access import Role
from tenants.people.models import User
from tenants.schools.models import School


@dataclass(frozen=True, slots=True)
class Cast:
    """`people` holds one person per role; the guardian is the parent of the pupil."""

    school: School
    people: Mapping[Role, User]

    @property
    def director(self) -> User:
        return self.people[Role.DIRECTOR]

    @property
    def teacher(self) -> User:
        return self.people[Role.TEACHER]

    @property
    def guardian(self) -> User:
        return self.people[Role.GUARDIAN]

    @property
    def pupil(self) -> User:
        return self.people[Role.PUPIL]


# Url name → the arguments of an address that leads to something which exists. Called inside the school.
Routes = Mapping[str, Callable[[Cast], Mapping[str, object]]]
