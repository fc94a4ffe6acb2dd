from datetime import date

from django.urls import URLPattern, URLResolver, path, register_converter

from ediary_core.views.classes import Classes, ClassPage
from ediary_core.views.lesson import BeginLesson, LessonEntries, LessonPage, LessonTakeBack
from ediary_core.views.today import Today


class Day:
    """2026-11-22."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


class Period:
    """The number of a lesson in its day."""

    regex = r"1[0-5]|[0-9]"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int | str) -> str:
        return str(value)


register_converter(Day, "day")
register_converter(Period, "period")

urlpatterns: list[URLPattern | URLResolver] = [
    path("lessons/", Today.as_view(), name="lessons"),
    path("lessons/begin/", BeginLesson.as_view(), name="lesson-begin"),
    path("lessons/<uuid:class_id>/<day:held_on>/<period:period>/", LessonPage.as_view(), name="lesson"),
    path(
        "lessons/<uuid:class_id>/<day:held_on>/<period:period>/entries/",
        LessonEntries.as_view(),
        name="lesson-entries",
    ),
    path(
        "lessons/<uuid:class_id>/<day:held_on>/<period:period>/take-back/",
        LessonTakeBack.as_view(),
        name="lesson-take-back",
    ),
    path("classes/", Classes.as_view(), name="classes"),
    path("classes/<uuid:class_id>/", ClassPage.as_view(), name="class"),
]
