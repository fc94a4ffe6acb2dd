"""The API's addresses, below /api/. Each app has its own resources; what fits none is a problem, not a page."""

from django.urls import URLPattern, URLResolver, path, re_path

from ediary_core.api.attendance import AttendanceOfLesson, AttendanceOfPupil
from ediary_core.api.classes import Classes, OneClass, PupilsOfClass
from ediary_core.api.lessons import Lessons, OneLesson
from opt_in.api.consents import OneConsent, OwnConsents
from opt_in.api.messages import OneMessage, OwnMessages, Why
from portal.views.api import ApiDescription, ApiDocumentation
from tenants.api.missing import NoSuchResource
from tenants.people.api.me import Me

urlpatterns: list[URLPattern | URLResolver] = [
    path("", ApiDocumentation.as_view(), name="api"),
    path("schema", ApiDescription.as_view(), name="api-schema"),
    path("v1/me", Me.as_view(), name="api-me"),
    path("v1/classes", Classes.as_view(), name="api-classes"),
    path("v1/classes/<uuid:class_id>", OneClass.as_view(), name="api-class"),
    path("v1/classes/<uuid:class_id>/pupils", PupilsOfClass.as_view(), name="api-pupils"),
    path("v1/lessons", Lessons.as_view(), name="api-lessons"),
    path("v1/lessons/<uuid:lesson_id>", OneLesson.as_view(), name="api-lesson"),
    path("v1/lessons/<uuid:lesson_id>/attendance", AttendanceOfLesson.as_view(), name="api-attendance"),
    path(
        "v1/lessons/<uuid:lesson_id>/attendance/<uuid:pupil_id>", AttendanceOfPupil.as_view(), name="api-attendance-of"
    ),
    path("v1/consents", OwnConsents.as_view(), name="api-consents"),
    path("v1/consents/<slug:channel>", OneConsent.as_view(), name="api-consent"),
    path("v1/messages", OwnMessages.as_view(), name="api-messages"),
    path("v1/messages/<uuid:message_id>", OneMessage.as_view(), name="api-message"),
    path("v1/messages/<uuid:message_id>/why", Why.as_view(), name="api-why"),
    re_path(r".*", NoSuchResource.as_view(), name="api-missing"),
]
