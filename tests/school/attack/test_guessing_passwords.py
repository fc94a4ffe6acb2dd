"""Guessing a password: one account has many names, and each of them can be written in many ways."""

import pytest

from tenants.people.models import Channel, LoginThrottle, Provenance, User
from tenants.people.services.contacts import change_contact
from tenants.people.services.throttle import FREE_TRIES
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tests.school.conftest import Browser

SPELLINGS = {
    "mail": [
        "tomaz@os-reka.example",
        "TOMAZ@OS-REKA.EXAMPLE",
        # Full-width letters, which a host name may be written in.
        "tomaz@\uff4fs-reka.example",
        "tomaz@o\uff53-reka.example",
        "tomaz@os-\uff52eka.example",
        "tomaz@os-r\uff45ka.example",
    ],
    "number": ["040 123 456", "040-123-456", "(040) 123456", "+386 40 123456", "0038640123456", "040/123 456"],
    "name": ["tomaz", " TOMAZ", "Tomaz ", "tOmaz", "toMaz", "tomAz"],
}


@pytest.mark.parametrize("kind", SPELLINGS)
def test_writing_it_differently_gives_no_further_tries(
    school: School, browser: Browser, teacher: User, kind: str
) -> None:
    mirror_stage(school=school, stage=Stage.LIVE)
    change_contact(person=teacher, channel=Channel.SMS, address="+38640123456", entered_by=Provenance.DIRECTOR)

    answers = [
        browser.post("/login", {"username": spelling, "password": "wrong"}).status_code for spelling in SPELLINGS[kind]
    ]

    assert answers == [200] * FREE_TRIES + [429]
    assert LoginThrottle.objects.count() == 1
