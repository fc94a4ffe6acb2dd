"""More than any form takes."""

import io

import pytest
from django.urls import reverse

from tenants.people.models import User
from tenants.schools.models import School
from tests.school.conftest import Browser
from tests.school.visitors import Visitor

MIB = 1024 * 1024


class Tap(io.BytesIO):
    """A body that must not be drunk."""

    was_read = False

    def read(self, *_sizes: int | None) -> bytes:
        Tap.was_read = True
        return b""


@pytest.mark.parametrize("length", [str(41 * MIB), "9" * 40, "-1", "many"])
@pytest.mark.parametrize("path", ["/login", "/roster/", "/no-such-page", "/api/", "/api/schema"])
def test_what_is_larger_than_any_form_is_refused_unread(
    browser: Browser, school: School, path: str, length: str
) -> None:
    Tap.was_read = False
    form = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": length, "wsgi.input": Tap()}

    answer = browser.request(PATH_INFO=path, REQUEST_METHOD="POST", **form)

    assert answer.status_code == 413
    assert not Tap.was_read


def test_the_answer_says_what_to_do(browser: Browser, school: School) -> None:
    answer = browser.request(
        PATH_INFO="/login", REQUEST_METHOD="POST", CONTENT_LENGTH=str(41 * MIB), HTTP_ACCEPT_LANGUAGE="pl"
    )

    assert "Proszę wrócić i wybrać mniejszy plik." in answer.content.decode()


def test_a_program_is_answered_as_programs_understand(school: School, teacher: User) -> None:
    page = Visitor(school, teacher)

    answer = page.post(
        "/api/v1/lessons", b"{" + b" " * (3 * MIB), content_type="application/json", CONTENT_LENGTH=str(41 * MIB)
    )

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_many_fields_are_no_error_of_ours(school: School, teacher: User) -> None:
    answer = Visitor(school, teacher).post(reverse("lesson-begin"), {f"field-{number}": "x" for number in range(1001)})

    assert answer.status_code == 400
