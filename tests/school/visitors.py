"""A browser in which one person of the test's school is logged in."""

from tenants.people.models import User
from tenants.schools.models import School
from tests.school.conftest import Browser


class Visitor(Browser):
    def __init__(self, school: School, person: User, *, language: str = "en") -> None:
        super().__init__(SERVER_NAME=f"{school.subdomain}.localhost")
        # The tests read along in English.
        User.objects.filter(pk=person.pk).update(language=language)
        self.force_login(User.objects.get(pk=person.pk))
