import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from config.health import health
from tenants.access import Action, Scope
from tenants.api.door import ApiDoor
from tenants.doors import Door, OpenDoor
from tenants.people.models import User

# Views that are no doors, by name and reason: a machine asks for health, without a login.
NO_DOORS = {health}


class MatrixPage(Door):
    action = Action.MATRIX_CHANGE

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(self.reach.name)


def visit(person: User | AnonymousUser, method: str = "get") -> HttpResponse:
    request = getattr(RequestFactory(), method)("/matrix")
    request.user = person
    response = MatrixPage.as_view()(request)
    assert isinstance(response, HttpResponse)
    return response


def test_a_door_cannot_be_defined_without_an_action() -> None:
    with pytest.raises(ImproperlyConfigured, match="names no action"):
        type("Nameless", (Door,), {})
    with pytest.raises(ImproperlyConfigured, match="names no action"):
        type("Misnamed", (Door,), {"action": "matrix.change"})


def test_an_open_door_cannot_be_defined_without_a_reason() -> None:
    with pytest.raises(ImproperlyConfigured, match="why it is open"):
        type("Careless", (OpenDoor,), {})


def test_the_base_itself_is_no_way_in(director: User) -> None:
    request = RequestFactory().get("/")
    request.user = director

    with pytest.raises(ImproperlyConfigured):
        Door.as_view()(request)


def test_a_director_enters_with_the_reach_of_the_matrix(director: User) -> None:
    assert visit(director).content.decode() == Scope.SCHOOL.name


def test_what_somebody_may_not_do_is_not_there_for_them(teacher: User, guardian: User) -> None:
    for person in (teacher, guardian):
        with pytest.raises(Http404):
            visit(person)


def test_whoever_is_not_logged_in_is_asked_to_and_cannot_post() -> None:
    assert visit(AnonymousUser()).status_code == 302
    assert visit(AnonymousUser(), "post").status_code == 401


def test_every_route_of_a_school_is_a_door_or_says_why_not() -> None:
    def views(patterns: list[URLPattern | URLResolver]) -> list[object]:
        found: list[object] = []
        for pattern in patterns:
            found += views(pattern.url_patterns) if isinstance(pattern, URLResolver) else [pattern.callback]
        return found

    for view in views(get_resolver("config.urls_school").url_patterns):
        # Django REST framework calls the class of a view by another name.
        door = getattr(view, "view_class", None) or getattr(view, "cls", None)
        assert view in NO_DOORS or (door is not None and issubclass(door, (Door, OpenDoor, ApiDoor))), view
