"""The lesson page: topic and attendance, saved as the teacher goes."""

from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ediary_core.forms.begin_lesson import BeginLessonForm
from ediary_core.forms.entries import NotEntries, read_entries
from ediary_core.forms.lesson import LessonForm
from ediary_core.forms.statuses import choices_of
from ediary_core.models import AttendanceStatus, Bell, Lesson, SchoolClass
from ediary_core.selectors.classes import classes_for
from ediary_core.selectors.lesson_sheet import LessonSheet, lesson_sheet, meets
from ediary_core.selectors.timetable import bells, teaches
from ediary_core.services.entries import Entry, Outcome, Result, may_enter, record_entries
from ediary_core.services.lessons import (
    LessonAlreadyRecorded,
    LessonHasEntries,
    LessonOutsideTerm,
    NotTeacherOfClass,
    begin_lesson,
    take_back_substitution,
)
from tenants.access import Action, Scope
from tenants.doors import Door
from tenants.people.models import User


class _SheetDoor(Door):
    """A door to one lesson's sheet: who records lessons and attendance, in a lesson that is theirs to record."""

    abstract_door = True
    action = Action.LESSON_RECORD

    def find(self, class_id: UUID, held_on: date, period: int) -> LessonSheet:
        if self.access.reach(Action.ATTENDANCE_RECORD) is Scope.NONE:
            raise Http404
        sheet = lesson_sheet(
            person=self.person,
            class_id=class_id,
            held_on=held_on,
            period=period,
            language=self.school.languages[0],
        )
        if sheet is None:
            raise Http404
        return sheet

    def write(self, sheet: LessonSheet, entries: list[Entry]) -> tuple[Lesson, list[Outcome]]:
        try:
            return record_entries(
                person=self.person,
                school_class=sheet.school_class,
                held_on=sheet.held_on,
                period=sheet.period,
                entries=entries,
                today=timezone.localdate(),
                now=timezone.now(),
            )
        except NotTeacherOfClass:
            # It was this person's when it was found; meanwhile it is somebody else's.
            raise Http404 from None


class LessonPage(_SheetDoor):
    action = Action.LESSON_RECORD

    def get(self, request: HttpRequest, class_id: UUID, held_on: date, period: int) -> HttpResponse:
        sheet = self.find(class_id, held_on, period)
        if held_on > timezone.localdate():
            messages.info(request, _("This lesson is still to come. It can be recorded on its day."))
            return redirect(_day_of(held_on))
        return self._show(sheet, LessonForm(sheet))

    def post(self, request: HttpRequest, class_id: UUID, held_on: date, period: int) -> HttpResponse:
        sheet = self.find(class_id, held_on, period)
        form = LessonForm(sheet, request.POST)
        if not form.is_valid():
            return self._show(sheet, form)
        entries = form.entries(now=timezone.now(), rest_present="rest" in request.POST)
        if entries:
            try:
                lesson, outcomes = self.write(sheet, entries)
            except LessonOutsideTerm:
                raise Http404 from None
            self._tell(request, lesson, outcomes)
        return redirect("lesson", class_id=class_id, held_on=held_on, period=period)

    def _tell(self, request: HttpRequest, lesson: Lesson, outcomes: list[Outcome]) -> None:
        if lesson.recorded_at is not None:
            messages.success(request, _("Saved. The lesson is recorded."))
        else:
            messages.success(request, _("Saved. A topic and the attendance of every pupil make the lesson recorded."))
        for outcome in outcomes:
            if outcome.colleague is not None:
                messages.warning(
                    request,
                    _("%(name)s had entered something else in the meantime; your entry has replaced it.")
                    % {"name": outcome.colleague.full_name},
                )

    def _show(self, sheet: LessonSheet, form: LessonForm) -> HttpResponse:
        used = {line.status for line in sheet.lines if line.status is not None}
        choices = choices_of(self.school.country, used=used)
        lines = []
        for line in sheet.lines:
            chosen = form[f"status-{line.pupil.pk}"].value() or (line.status.value if line.status else "")
            elsewhere = next((choice for choice in choices.more if choice.status.value == chosen), None)
            lines.append((line, chosen, elsewhere))
        context = {
            "sheet": sheet,
            "form": form,
            "lines": lines,
            "choices": choices,
            "now": int(timezone.now().timestamp() * 1000),
            "to_day": _day_of(sheet.held_on),
        }
        return self.page("ediary_core/lesson.html", context)


class LessonEntries(_SheetDoor):
    """Takes entries of the page, one or a queue of them. What was answered need not be sent again."""

    action = Action.LESSON_RECORD

    def post(self, request: HttpRequest, class_id: UUID, held_on: date, period: int) -> HttpResponse:
        sheet = self.find(class_id, held_on, period)
        try:
            sent = read_entries(request.body)
        except NotEntries:
            return HttpResponseBadRequest()
        is_recorded, outcomes = sheet.is_recorded, list[Outcome]()
        # Only an entry begins a lesson; what nobody can read is none.
        if sent.entries:
            try:
                lesson, outcomes = self.write(sheet, list(sent.entries))
            except LessonOutsideTerm:
                return HttpResponseBadRequest()
            is_recorded = lesson.recorded_at is not None
        answered = [_as_json(outcome) for outcome in outcomes]
        answered += [{"id": name, "result": Result.REFUSED.value, "value": ""} for name in sent.unreadable]
        return JsonResponse(
            {
                "now": int(timezone.now().timestamp() * 1000),
                "recorded": is_recorded,
                "outcomes": answered,
            }
        )


class LessonTakeBack(_SheetDoor):
    """A substitution that was begun by mistake, as long as nothing was entered into it."""

    action = Action.LESSON_RECORD

    def post(self, request: HttpRequest, class_id: UUID, held_on: date, period: int) -> HttpResponse:
        sheet = self.find(class_id, held_on, period)
        if sheet.lesson is None:
            raise Http404
        try:
            take_back_substitution(teacher=self.person, lesson=sheet.lesson)
        except NotTeacherOfClass:
            raise Http404 from None
        except LessonHasEntries:
            messages.error(request, _("Something is entered in this lesson already, so it stays."))
            return redirect("lesson", class_id=class_id, held_on=held_on, period=period)
        messages.success(request, _("The substitution is taken back. Nothing was entered in it."))
        return redirect(_day_of(held_on))


def _day_of(held_on: date) -> str:
    return f"{reverse('lessons')}?day={held_on.isoformat()}"


def _as_json(outcome: Outcome) -> dict[str, str]:
    """What the page needs to know of an entry; a status comes with its label in the reader's language."""
    label = AttendanceStatus(outcome.value).label if outcome.value in AttendanceStatus.values else outcome.value
    return {
        "id": str(outcome.entry_id),
        "result": outcome.result.value,
        "value": outcome.value,
        "label": str(label),
        "colleague": outcome.colleague.full_name if outcome.colleague else "",
        "change": str(outcome.change_id or ""),
    }


def _period_now(rung: dict[int, Bell]) -> int | None:
    """The period that is on or comes next; the last one after school."""
    now = timezone.localtime().time()
    return next((period for period in sorted(rung) if rung[period].ends_at > now), max(rung, default=None))


class BeginLesson(Door):
    action = Action.LESSON_RECORD

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        initial = {"held_on": today, "period": _period_now(bells())}
        return self.page("ediary_core/begin_lesson.html", {"form": self._form(initial=initial)})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            asked = form.cleaned_data
            school_class: SchoolClass = asked["school_class"]
            try:
                taken_by = self._open(**asked)
            except LessonOutsideTerm:
                form.add_error("held_on", _("The class does not meet on this day. Choose a day of its school year."))
            else:
                if taken_by is not None:
                    form.add_error(
                        None, _("%(name)s already has this lesson of the class.") % {"name": taken_by.full_name}
                    )
            if form.is_valid():
                return redirect("lesson", class_id=school_class.pk, held_on=asked["held_on"], period=asked["period"])
        return self.page("ediary_core/begin_lesson.html", {"form": form})

    def _open(self, *, school_class: SchoolClass, held_on: date, period: int) -> User | None:
        """The colleague whose lesson it is, if it is not this person's to record. In an own class the first entry
        begins it, so that looking leaves nothing behind; a substitution is begun here, for that opens its sheet."""
        if teaches(person=self.person, school_class=school_class, on=held_on):
            if not meets(school_class, held_on):
                raise LessonOutsideTerm
        else:
            today = timezone.localdate()
            with suppress(LessonAlreadyRecorded):
                begin_lesson(
                    teacher=self.person,
                    school_class=school_class,
                    held_on=held_on,
                    period=period,
                    today=today,
                    is_substitution=True,
                )
        found = Lesson.objects.select_related("teacher")
        lesson = found.filter(school_class=school_class, held_on=held_on, period=period).first()
        return None if lesson is None or may_enter(person=self.person, lesson=lesson) else lesson.teacher

    def _form(self, *args: Any, **kwargs: Any) -> BeginLessonForm:
        # What was begun could not be gone on with: its page asks for both.
        if self.access.reach(Action.ATTENDANCE_RECORD) is Scope.NONE:
            raise Http404
        today = timezone.localdate()
        return BeginLessonForm(
            *args,
            own=classes_for(person=self.person, scope=Scope.OWN, on=today),
            all_classes=classes_for(person=self.person, scope=Scope.SCHOOL, on=today),
            bells=bells(),
            today=today,
            **kwargs,
        )
