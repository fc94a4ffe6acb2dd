"""The shape of one act at one school: who acts, what comes of it, printed as one line of JSON for the story."""

import json
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from opt_in.gate.sealing import address_hash, normalise_address
from tenants.access import Role
from tenants.people.models import Channel, ContactPoint, User
from tenants.schools.models import School

VENDOR_OFFERS = "vendor_offers"
PRODUCT = "plus"


class SchoolAct(BaseCommand, ABC):
    """A command that runs inside one school, as that school's role."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", help="the school's subdomain")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            school = School.objects.get(subdomain=options["school"])
        except School.DoesNotExist:
            raise CommandError(f"There is no school at the address {options['school']}.") from None
        with tenant_context(school):
            self.stdout.write(json.dumps(self.act(school, options), ensure_ascii=False))

    @abstractmethod
    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        """Do it; what comes back is printed."""


def holder_of(role: Role) -> User:
    """The one person who holds this office now."""
    return User.objects.get(role_assignments__role=role, role_assignments__until=None, is_active=True)


def contact_of(address: str) -> ContactPoint:
    """The contact point with this e-mail address."""
    found = address_hash(Channel.EMAIL, normalise_address(Channel.EMAIL, address))
    return ContactPoint.objects.get(channel=Channel.EMAIL, address_hash=found)
