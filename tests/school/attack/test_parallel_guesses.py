"""Many guesses at the same moment: none slips through between the look at the lock and the count."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django_tenants.utils import tenant_context

from tenants.backend.current import connection
from tenants.people.models import LoginThrottle
from tenants.people.services.throttle import FREE_TRIES, TooManyTries, count_try
from tenants.schools.models import School
from tests.school.conftest import school_called

NAME = "guessed-in-parallel"


@pytest.fixture
def really(django_db_setup: None, django_db_blocker: Any) -> Iterator[School]:
    """The school, in transactions that are really committed: only so can one guess see another."""
    with django_db_blocker.unblock():
        school = school_called("os-reka")
        yield school
        with tenant_context(school):
            LoginThrottle.objects.all().delete()
        connection.close()


def test_twenty_guesses_at_once_are_no_more_than_five(really: School) -> None:
    def guess(_number: int) -> bool:
        try:
            with tenant_context(really):
                count_try(identifier=NAME)
            return True
        except TooManyTries:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=10) as together:
        judged = list(together.map(guess, range(20)))

    assert sum(judged) == FREE_TRIES
