"""Long lists in pages: the body holds the items, RFC 8288's Link header says where the next and previous ones are."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.problems import Fault, Invalid

MOST_ITEMS = 200


class Pages(LimitOffsetPagination):
    default_limit = 50
    max_limit = MOST_ITEMS
    most_skipped = 100_000
    limit_query_description = "How many items, from 1 to 200. Without it 50."
    offset_query_description = "How many items to skip, at most 100,000."

    def get_limit(self, request: Request) -> int:
        return whole_number(request, "limit", default=self.default_limit, least=1, most=MOST_ITEMS)

    def get_offset(self, request: Request) -> int:
        return whole_number(request, "offset", default=0, least=0, most=self.most_skipped)

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        return page_of(data, count=self.count, next_url=self.get_next_link(), previous_url=self.get_previous_link())

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "items"],
            "properties": {
                "count": {"type": "integer", "description": "How many there are on all pages together."},
                "next": link,
                "previous": link,
                "items": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        bounds = {
            "limit": (self.limit_query_description, {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS}),
            "offset": (self.offset_query_description, {"type": "integer", "minimum": 0, "maximum": self.most_skipped}),
        }
        return [
            {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
            for name, (description, schema) in bounds.items()
        ]


def page_of(items: Iterable[Any], *, next_url: str | None, previous_url: str | None, **more: Any) -> Response:
    """One page with its links, in the body and in the header."""
    links = {"next": next_url, "prev": previous_url}
    header = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items() if url)
    answer = Response({**more, "next": next_url, "previous": previous_url, "items": list(items)})
    if header:
        answer.headers["Link"] = header
    return answer


def whole_number(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    """A parameter of the query as a number within its bounds. What does not fit is said, never bent."""
    given = request.query_params.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 10 and least <= int(given) <= most):
        wrong = _("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        raise Invalid(Fault(wrong, parameter=name))
    return int(given)
