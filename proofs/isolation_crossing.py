"""What one school hands out, tried in another: sessions, logins, codes, jobs; and what does not exist to be tried.

Run as a school's process on two fresh schools; prints one line of JSON. Each thing is first seen working at home.
"""

import json
from collections.abc import Callable
from unittest import mock

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.contrib.auth import authenticate  # noqa: E402
from django.contrib.auth.middleware import AuthenticationMiddleware  # noqa: E402
from django.contrib.sessions.middleware import SessionMiddleware  # noqa: E402
from django.core.cache import caches  # noqa: E402
from django.db.models import FileField  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django_tenants.utils import tenant_context  # noqa: E402

from config.celery import app  # noqa: E402
from opt_in.gate.sealing import seal  # noqa: E402
from tenants.access import Role  # noqa: E402
from tenants.backend.task import HEADER, NoSchool, UnknownSchool  # noqa: E402
from tenants.identity import new_id  # noqa: E402
from tenants.people.login import begin_session  # noqa: E402
from tenants.people.models import Channel, ContactPoint, SchoolSession, User  # noqa: E402
from tenants.people.services import verification  # noqa: E402
from tenants.people.services.people import ContactRecord, PersonRecord, put_people  # noqa: E402
from tenants.people.sessions import SessionStore  # noqa: E402
from tenants.schools.middleware import SchoolOfHost  # noqa: E402
from tenants.schools.models import School  # noqa: E402

PASSWORD = "correct horse battery"  # noqa: S105 — of a person who does not exist


class Accepted(AssertionError):
    """Something of one school was worth something in another, or nothing at home either."""


def must(holds: object, what: str) -> None:
    if not holds:
        raise Accepted(what)


def refused(act: Callable[[], object], *errors: type[Exception]) -> bool:
    try:
        act()
    except errors:
        return True
    return False


def enter(school: School, person_id: object, password: str) -> User:
    """The same user name, mail address and even the same id in both schools: the hardest case."""
    contact = ContactRecord(channel=Channel.EMAIL, address="ana@family.example")
    with tenant_context(school):
        record = PersonRecord(
            id=person_id,  # type: ignore[arg-type]
            sourced_id="ana", username="ana", given_name="Ana", middle_name="", family_name="Novak",
            roles=frozenset({Role.TEACHER}), language="sl", contacts=(contact,),
        )  # fmt: skip
        put_people(people=[record])
        person = User.objects.get(pk=record.id)
        person.set_password(password)
        person.save(update_fields=["password"])
    return person


def session_of(school: School, person: User) -> str:
    request = RequestFactory().get("/")
    with tenant_context(school):
        request.session = SessionStore()
        begin_session(request, person)
        request.session.save()
    key = request.session.session_key
    must(key, "no session was made")
    return str(key)


def who_is(host: str, key: str) -> str:
    """The person that a request with this cookie is, through the real middleware."""

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(request.user.pk))

    request = RequestFactory(headers={"host": host}).get("/")
    request.COOKIES["zgoda_school"] = key

    def with_session(request: HttpRequest) -> HttpResponse:
        answer = SessionMiddleware(AuthenticationMiddleware(view))(request)
        assert isinstance(answer, HttpResponse)
        return answer

    return SchoolOfHost(with_session)(request).content.decode()


def sessions(home: School, away: School, at_home: User) -> str:
    key = session_of(home, at_home)
    must(who_is(f"{home.subdomain}.localhost", key) == str(at_home.pk), "the session does not work at home")
    must(who_is(f"{away.subdomain}.localhost", key) == "None", "a session of one school opened another")
    with tenant_context(home):
        row = SchoolSession.objects.get(pk=key)
    with tenant_context(away):
        SchoolSession.objects.create(session_key=key, session_data=row.session_data, expire_date=row.expire_date)
    must(who_is(f"{away.subdomain}.localhost", key) == "None", "a copied session opened another school")
    return "a session, also when its row is copied there and the same person id exists"


def logins(home: School, away: School, at_home: User) -> str:
    for login in ("ana", "ana@family.example"):
        with tenant_context(home):
            must(authenticate(username=login, password=PASSWORD) == at_home, "the login does not work at home")
        with tenant_context(away):
            must(authenticate(username=login, password=PASSWORD) is None, "a password of one school opened another")
    return "a user name or address with its password, where both schools know the same name"


def codes(home: School, away: School) -> str:
    sent: list[str] = []

    def note(plain: bytes) -> bytes:
        sent.append(json.loads(plain)["code"])
        return seal(plain)

    with mock.patch.object(verification, "seal", note):
        for school in (home, away):
            with tenant_context(school):
                verification.request_code(contact=ContactPoint.objects.get())
    with tenant_context(home):
        contact = ContactPoint.objects.get()
    code_at_home = sent[0]
    with tenant_context(away):
        known = ContactPoint.objects.get()
        same = sent[0] == sent[1]  # one in a million
        must(
            same
            or refused(lambda: verification.verify_contact(contact=known, code=code_at_home), verification.CodeRefused),
            "a code of one school verified a contact of another",
        )
        must(
            refused(lambda: verification.verify_contact(contact=contact, code=code_at_home), ContactPoint.DoesNotExist),
            "a contact of one school was verified in another",
        )
    with tenant_context(home):
        must(verification.verify_contact(contact=contact, code=code_at_home).verified_at, "the code fails at home")
    return "a verification code, and a contact point with its own code"


@app.task(name="proofs.name_of")
def name_of(*, person: str, **_: object) -> str:
    return User.objects.get(pk=person).given_name


def jobs(home: School, away: School) -> str:
    with tenant_context(home):
        only_here = User.objects.create(
            username="only-here", given_name="Only here", family_name="Novak", language="sl"
        )
        ids = {"person": str(only_here.pk)}
        must(name_of.apply(kwargs=ids).result == "Only here", "the job does not work at home")
        elsewhere = name_of.apply(kwargs=ids, headers={HEADER: str(away.id)})
        must(isinstance(elsewhere.result, User.DoesNotExist), "a job of one school read a person of another")
        for value in (home.schema_name, away.schema_name, away.subdomain, f"{home.id},{away.id}", str(new_id()), "*"):
            done = name_of.apply(kwargs=ids, headers={HEADER: value})
            must(isinstance(done.result, UnknownSchool), f"a job ran for {value}")
        done = name_of.apply(kwargs=ids, headers={HEADER: ""})
        must(isinstance(done.result, NoSchool), "a job ran without a school")
    must(refused(lambda: name_of.apply(kwargs=ids), NoSchool), "a job was queued outside any school")
    return "a job's ids under another school's header, nor any header that is not one school's id"


def nothing_else() -> str:
    """What does not exist yet cannot be tried; the day it does, this fails and asks for its own trial."""
    must(not caches.all(initialized_only=True), "a cache is used: try one school's keys in another, here")
    files = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, FileField)
    ]
    must(not files, f"files are kept ({files}): try one school's names in another, here")
    must(not hasattr(School, "__enter__"), "a school can be entered by `with`, whose stack threads share")
    return "cache keys and file names, of which there are none so far"


def main() -> None:
    home, away = School.objects.order_by("subdomain")[:2]
    person_id = new_id()
    at_home = enter(home, person_id, PASSWORD)
    enter(away, person_id, "another " + PASSWORD)
    tried = [sessions(home, away, at_home), logins(home, away, at_home), codes(home, away), jobs(home, away)]
    print(json.dumps({"tried": [*tried, nothing_else()]}))


if __name__ == "__main__":
    main()
