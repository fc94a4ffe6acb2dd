from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from tenants.api.problems import MEDIA_TYPE, problem
from tenants.doors import OpenDoor


class NoSuchResource(OpenDoor):
    """Whatever address below /api/ leads nowhere: a program gets an answer that it can read."""

    open_because = "It says that there is nothing, to everybody alike."

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        body = problem(
            status_code=HTTPStatus.NOT_FOUND,
            detail=_("No resource has this address. /api/ shows those that there are."),
            instance=request.path,
        )
        return JsonResponse(body, status=HTTPStatus.NOT_FOUND, content_type=MEDIA_TYPE)
