"""Every route of a school at once: reading changes nothing, a forged form does nothing, a name is never markup."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from ediary_core.models import Lesson, SchoolClass
from opt_in.gate import school as gate
from tenants.access import Role
from tenants.backend.current import connection
from tenants.people.models import ApiToken, User
from tenants.schools.models import School
from tests.school.access.routes.cast import Cast
from tests.school.access.test_routes import arguments, as_person, cast, patterns  # noqa: F401
from tests.school.conftest import Browser

# Begun and prolonged by a visit itself.
OF_THE_VISIT = {"people_schoolsession", "people_requestcount"}
# The first two end the visit; health is for machines, answered before there is a school.
NOT_VISITED = {"logout", "sessions-end", "health"}
MARKUP = "<img src=x onerror=alert(1)>"
BREAKS_OUT = "\"'></script><script>alert(1)</script>"


def named() -> dict[str, URLPattern]:
    found = patterns(get_resolver("config.urls_school").url_patterns)
    return {str(pattern.name): pattern for pattern in found if pattern.name}


def addresses(cast: Cast) -> dict[str, str]:  # noqa: F811
    """All that can be read: with the objects that the table of routes makes, each made once."""
    known = arguments()
    made: dict[object, dict[str, object]] = {}
    found = {}
    for name, pattern in named().items():
        if name in NOT_VISITED or (pattern.pattern.converters and name not in known):
            continue
        if pattern.pattern.converters:
            make = known[name]
            if make not in made:
                made[make] = dict(make(cast))
            found[name] = reverse(name, kwargs=made[make])
        else:
            found[name] = reverse(name) if name != "api-missing" else "/api/v1/nowhere"
    return found


def kept(school: School) -> dict[str, object]:
    """What the school's schema and its ledgers hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s ORDER BY 1", [school.schema_name]
        )
        tables = [name for (name,) in cursor.fetchall() if name not in OF_THE_VISIT]
        found: dict[str, object] = {}
        for table in tables:
            cursor.execute(f'SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
            found[table] = cursor.fetchone()
    found["ledger"] = [str(head) for head in gate.ledger_heads()]
    return found


def test_reading_changes_nothing_at_all(cast: Cast, school: School) -> None:  # noqa: F811
    found = addresses(cast)
    browsers = {role: as_person(person) for role, person in cast.people.items()}
    before = kept(school)

    for name, address in found.items():
        for browser in browsers.values():
            browser.get(address)
            browser.head(address)
        assert kept(school) == before, name


class Forger(Browser):
    """The browser of somebody who is logged in, sent here by another site's page."""

    def __init__(self, person: User) -> None:
        Client.__init__(self, enforce_csrf_checks=True, SERVER_NAME="os-reka.localhost")
        self.force_login(person, backend="tenants.people.login.SchoolLogin")


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.GUARDIAN, Role.TEACHER, Role.CHAIR])
def test_a_form_of_another_site_does_nothing(cast: Cast, school: School, role: Role) -> None:  # noqa: F811
    found = addresses(cast)
    forger = Forger(cast.people[role])
    before = kept(school)

    answers = {
        (name, method): getattr(forger, method)(address, **body).status_code
        for body in ({"data": {}, "content_type": "application/json"}, {})
        for name, address in found.items()
        for method in ("post", "put", "patch", "delete")
    }
    forger.post(reverse("logout"))
    forger.post(reverse("sessions-end"))

    # What is not there says so, and what takes no such method or form, too: nothing else was let in.
    assert set(answers.values()) <= {403, 404, 405, 415}
    assert {answers[(name, "post")] for name in found if not name.startswith("api")} == {403}
    assert kept(school) == before
    assert forger.get(reverse("account")).status_code == 200


@pytest.fixture
def marked(cast: Cast) -> dict[str, str]:  # noqa: F811
    """The addresses, with markup in whatever people may write."""
    found = addresses(cast)
    User.objects.update(given_name=MARKUP, family_name=BREAKS_OUT)
    SchoolClass.objects.update(title=f"3.a {MARKUP}{BREAKS_OUT}")
    Lesson.objects.update(topic=f"Ulomki {MARKUP}{BREAKS_OUT}")
    ApiToken.objects.update(name=MARKUP)
    return found


def test_what_people_wrote_is_never_markup(cast: Cast, marked: dict[str, str]) -> None:  # noqa: F811
    shown = 0
    for role, person in cast.people.items():
        browser = as_person(person)
        for name, address in marked.items():
            answer = browser.get(address)
            if answer.get("Content-Type", "").startswith("text/html"):
                content = answer.content.decode()
                assert MARKUP not in content, f"{name} as {role}"
                assert "<script>alert" not in content, f"{name} as {role}"
                shown += "&lt;img src=x" in content
    assert shown > 20
    assert settings.TEMPLATES[0]["OPTIONS"].get("autoescape", True)
