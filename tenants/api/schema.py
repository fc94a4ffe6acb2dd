"""What the OpenAPI description says about every door: the problems it may answer with, and its ETag."""

import inspect
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

PROBLEM = "application/problem+json"
_READS = ("GET", "HEAD")

_ALWAYS = {
    "401": "No token, or none that opens this school.",
    "404": "There is nothing here, or it is not yours to see.",
    "406": "The API speaks JSON only.",
    "429": "Too many requests.",
    "500": "Something broke on our side.",
}
_FOR_BODIES = {"413": "The body is too large.", "415": "The body must be JSON."}


class FaultAnswer(serializers.Serializer[Any]):
    pointer = serializers.CharField(required=False, help_text="JSON Pointer (RFC 6901) into the body.")
    parameter = serializers.CharField(required=False, help_text="Name of a parameter of the query.")
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """Problem details, RFC 9457."""

    type = serializers.CharField(help_text="A URI reference; `about:blank` where the status says it all.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    errors = FaultAnswer(many=True, required=False)  # type: ignore[assignment]


class ApiSchema(AutoSchema):
    def _is_list_view(self, serializer: Any = None) -> bool:
        return bool(getattr(self.view, "is_list", False)) and self.method in _READS

    def get_description(self) -> str:  # type: ignore[override]
        """What the method says about itself; of a door's class the reader of the API needs to know nothing."""
        return inspect.cleandoc(getattr(self.view, self.method.lower()).__doc__ or "")

    def get_summary(self) -> str:
        """Its first sentence, for lists."""
        return " ".join(self.get_description().split()).partition(". ")[0].removesuffix(".")

    def get_override_parameters(self) -> list[Any]:
        etag = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 304], description="RFC 9110.")
        retry = OpenApiParameter("Retry-After", int, OpenApiParameter.HEADER, response=[429], description="Seconds.")
        challenge = OpenApiParameter(
            "WWW-Authenticate", str, OpenApiParameter.HEADER, response=[401], description="RFC 6750."
        )
        if self.method not in _READS:
            return [retry, challenge]
        known = OpenApiParameter(
            "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of an answer that you have."
        )
        return [retry, challenge, etag, known]

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for code, description in self._problems().items():
            if code not in bodies or "content" not in bodies[code]:
                said = bodies.get(code, {}).get("description") or description
                shown = self._get_response_for_code(Problem, code, [PROBLEM], direction)  # type: ignore[no-untyped-call]
                bodies[code] = shown | {"description": said}
        if self.method in _READS:
            headers = self._get_response_headers_for_code("304", direction)
            bodies["304"] = {"headers": headers, "description": "What you have is still right."}
        return dict(sorted(bodies.items()))

    def _problems(self) -> dict[str, str]:
        """By code: what every door may say, what a body or a parameter may cause, and what this one adds."""
        found = dict(_ALWAYS)
        if self.method not in _READS:
            found["403"] = "A change by session without the page's CSRF token."
        if self.method in ("POST", "PUT", "PATCH"):
            found |= _FOR_BODIES
        has_query = any(parameter["in"] == "query" for parameter in self._get_parameters())
        if self.method in ("POST", "PUT", "PATCH") or has_query:
            found["400"] = "The request is not valid; `errors` says where."
        own: dict[str, str] = getattr(self.view, "problems", {}).get(self.method.lower(), {})
        return found | own

    def get_operation_id(self) -> str:
        return super().get_operation_id().removeprefix("v1_")
