"""A door to a list: in pages, filtered by django-filter."""

from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend  # type: ignore[import-untyped]
from drf_spectacular.utils import OpenApiParameter
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants.api.door import ApiDoor
from tenants.api.pages import Pages
from tenants.api.problems import Fault, Invalid

ON = OpenApiParameter("on", date, description="A day, as 2026-09-01. Without it today, by the school's clock.")


class SaidFilters(DjangoFilterBackend):  # type: ignore[misc]
    """A filter's value that does not fit is answered with the name of its parameter, not with an empty list."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filters = self.get_filterset(request, queryset, view)
        if filters is None:
            return queryset
        if not filters.is_valid():
            raise Invalid(
                *(Fault(str(text), parameter=name) for name, texts in filters.errors.items() for text in texts)
            )
        found: QuerySet[Any] = filters.qs
        return found


class ListDoor(ApiDoor, GenericAPIView[Any]):
    abstract_door = True
    is_list = True
    pagination_class = Pages
    filter_backends = [SaidFilters]
    filterset_class: ClassVar[Any] = None

    def listed(self, queryset: QuerySet[Any]) -> Response:
        """One page of what the filters leave."""
        page = self.paginate_queryset(self.filter_queryset(queryset))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def day_in(request: Request, name: str = "on") -> date:
    """The day in the query; without one, today in the school's zone."""
    given = request.query_params.get(name)
    if given is None:
        return timezone.localdate()
    try:
        day = parse_date(given)
    except ValueError:
        day = None
    if day is None:
        raise Invalid(Fault(_("A day, as 2026-09-01."), parameter=name))
    return day
