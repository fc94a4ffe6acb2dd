"""A browser in which one person of the test's school is logged in."""

from typing import Any

from django.test import Client

from tenants.backend.current import connection
from tenants.people.models import User
from tenants.schools.models import School


class Visitor(Client):
    """After each answer the test is inside the school again: the site has left it."""

    def __init__(self, school: School, person: User, *, language: str = "en") -> None:
        super().__init__(SERVER_NAME=f"{school.subdomain}.localhost")
        self.school = school
        # The tests read along in English.
        User.objects.filter(pk=person.pk).update(language=language)
        self.force_login(User.objects.get(pk=person.pk))

    def request(self, **request: Any) -> Any:
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(self.school)
