"""The diary: the class and the lesson that the API's routes use."""

from tests.school.access.routes.api import lesson_of
from tests.school.access.routes.cast import Cast, Routes


def _lesson(cast: Cast) -> dict[str, object]:
    lesson = lesson_of(cast)
    return {"class_id": lesson.school_class_id, "held_on": lesson.held_on, "period": lesson.period}


def _class(cast: Cast) -> dict[str, object]:
    return {"class_id": lesson_of(cast).school_class_id}


ROUTES: Routes = {"lesson": _lesson, "lesson-entries": _lesson, "lesson-take-back": _lesson, "class": _class}
