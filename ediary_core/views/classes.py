from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from ediary_core.selectors.class_lists import pupils_for
from ediary_core.selectors.classes import classes_for
from ediary_core.selectors.day_attendance import attendance_of_day
from ediary_core.selectors.enrolments import teachers_of
from ediary_core.selectors.namesakes import signs_of
from ediary_core.selectors.register_order import in_register_order
from tenants.access import Action
from tenants.doors import Door

CLASSES_ON_A_PAGE = 50


class Classes(Door):
    action = Action.CLASS_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        on = timezone.localdate()
        words = _words(request)
        classes = classes_for(person=self.person, scope=self.reach, on=on).select_related("subject")
        for word in words:
            classes = classes.filter(title__icontains=word)
        page = Paginator(classes, CLASSES_ON_A_PAGE).get_page(request.GET.get("page"))
        return self.page("ediary_core/classes.html", {"classes": page, "search": " ".join(words)})


class ClassPage(Door):
    action = Action.CLASS_VIEW

    def get(self, request: HttpRequest, class_id: UUID) -> HttpResponse:
        on = timezone.localdate()
        school_class = classes_for(person=self.person, scope=self.reach, on=on).filter(pk=class_id).first()
        if school_class is None:
            raise Http404
        words = _words(request)
        # Seeing that there is a class is one right, seeing who is in it another.
        scope = self.access.reach(Action.PERSON_VIEW)
        reached = pupils_for(person=self.person, scope=scope, school_class=school_class, on=on)
        everybody = in_register_order(reached, language=self.school.languages[0])
        pupils = [x for x in everybody if all(word.casefold() in x.full_name.casefold() for word in words)]
        # Of all of them, so that whom a search leaves out is still told apart.
        signs = signs_of(everybody, on=on)
        attendance = attendance_of_day(
            person=self.person, scope=self.access.reach(Action.ATTENDANCE_VIEW), pupils=pupils, on=on
        )
        context = {
            "school_class": school_class,
            "on": on,
            "teachers": teachers_of(school_class=school_class, on=on),
            "pupils": [(pupil, signs.get(pupil.pk), attendance[pupil.pk]) for pupil in pupils],
            "search": " ".join(words),
        }
        return self.page("ediary_core/class.html", context)


def _words(request: HttpRequest) -> list[str]:
    """The words to search for; PostgreSQL's texts hold no zero bytes."""
    return request.GET.get("q", "").replace("\0", " ").split()[:5]
