"""Input that no page of ours would send."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from ediary_core.models import LessonChange
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.ediary_core.conftest import structure  # noqa: F401
from tests.school.ediary_core.structure import TODAY, Structure
from tests.school.visitors import Visitor


@pytest.fixture
def page(school: School, teacher: User) -> Visitor:
    return Visitor(school, teacher)


@pytest.mark.parametrize("value", ["\ud800", "Ulomki \udfff", "\0"])
def test_half_a_letter_in_a_topic_is_refused(
    structure: Structure,  # noqa: F811
    page: Visitor,
    value: str,
) -> None:
    url = reverse("lesson-entries", kwargs={"class_id": structure.maths.pk, "held_on": TODAY, "period": 2})
    entry = {"id": str(uuid4()), "kind": "topic", "value": value, "entered_at": 0}

    answer = page.post(url, json.dumps({"entries": [entry]}), content_type="application/json")

    assert answer.status_code == 200
    assert [outcome["result"] for outcome in answer.json()["outcomes"]] == ["refused"]
    assert not LessonChange.objects.exists()
