"""One upload on its way: progress, problems with their correction, preview, and what was asked of it."""

import csv
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from tenants.access import Action, Scope
from tenants.doors import Door
from tenants.onboarding.forms.roster import Agreement, DifferenceFilter, RosterUpload
from tenants.onboarding.models import WORKING, Change, Hitch, ImportState, RosterImport
from tenants.onboarding.roster.correction import LONGEST_VALUE, Correction
from tenants.onboarding.roster.problems import RosterRefused
from tenants.onboarding.selectors.roster_imports import (
    differences_of,
    directors_own_to_undo,
    files_with_problems,
    import_with_id,
    last_applied,
    opened,
    problems_of,
)
from tenants.onboarding.selectors.roster_obstacles import obstacles_to_undo, touched_by
from tenants.onboarding.selectors.roster_rights import makes_administrators
from tenants.onboarding.services.roster_import import (
    DirectorsOwn,
    ManyEndings,
    NotNow,
    NotTheLast,
    RolesOfOthers,
    ask_again,
    ask_to_apply,
    ask_to_undo,
    correct_roster,
    discard_import,
)
from tenants.onboarding.tasks import work_later
from tenants.onboarding.views.roster_words import count_rows, count_sentence, endings_in, lines_of

A_PAGE = 50
# Each with a field to correct: on a phone these are cards.
PROBLEMS_ON_A_PAGE = 20
# Also as wide signs, which some spreadsheets take for the same.
_BEGIN_A_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
# A job that has told nothing for so long has ended without a word, or never began.
SILENT_FOR = timedelta(seconds=60)


class ImportDoor(Door):
    """One import of this school."""

    abstract_door = True
    action = Action.ROSTER_IMPORT

    def found(self, import_id: UUID) -> RosterImport:
        found = import_with_id(import_id)
        if found is None:
            raise Http404
        return found

    def back(self, import_id: UUID) -> HttpResponse:
        return redirect("roster-import", import_id=import_id)

    def too_late(self, import_id: UUID) -> HttpResponse:
        messages.warning(self.request, _("This import has moved on meanwhile. Nothing was changed; please look again."))
        return self.back(import_id)


class ShowImport(ImportDoor):
    def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        found = self.found(import_id)
        context: dict[str, Any] = {"found": found, "hitch": Hitch(found.hitch), "step": _step(found)}
        if found.state in WORKING:
            context |= {"is_silent": _is_silent(found)}
        elif found.state == ImportState.REFUSED:
            context |= _problems(found, request)
        elif found.state in {ImportState.READY, ImportState.APPLIED}:
            context |= _preview(found, request)
        if found.state == ImportState.APPLIED:
            last = last_applied()
            context["is_last"] = last is not None and last.pk == found.pk
        if found.state == ImportState.READY and self.access.reach(Action.ROLE_ASSIGN) is not Scope.SCHOOL:
            context["gives_roles_of_others"] = makes_administrators(found)
        context["steps"] = [_("Upload"), _("Check"), _("Preview"), _("Done")]
        return self.page("onboarding/roster_import.html", context)


class ImportProgress(ImportDoor):
    """The part of the page that asks again every second; the whole page comes back when the job has ended."""

    def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        found = self.found(import_id)
        if found.state not in WORKING:
            return HttpResponseClientRefresh()
        return self.page("onboarding/roster_progress.html", {"found": found, "is_silent": _is_silent(found)})


class ProblemsAsFile(ImportDoor):
    def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        found = self.found(import_id)
        response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="roster-problems.csv"'
        # Spreadsheets in all our countries take the semicolon.
        writer = csv.writer(response, delimiter=";")
        writer.writerow([_("File"), _("Row"), _("Field"), _("Value"), _("Problem"), _("What to do")])
        for problem in opened(problems_of(found)):
            row = (
                problem.file,
                problem.line or "",
                problem.field,
                problem.value or "",
                problem.message,
                problem.advice,
            )
            writer.writerow([_harmless(cell) for cell in row])
        return response


class CorrectImport(ImportDoor):
    def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        found = self.found(import_id)
        wanted = [
            Correction(problem.file, problem.line, problem.field, given)
            for problem in opened(problems_of(found))
            if problem.value is not None and problem.line
            if (given := request.POST.get(f"value-{problem.id}")) is not None and given.strip() != problem.value
            if len(given) <= LONGEST_VALUE and given.isprintable()
        ]
        if not wanted:
            messages.warning(request, _("No field was changed. Write the right value beside a problem first."))
            return self.back(import_id)
        try:
            correct_roster(import_id=import_id, corrections=wanted)
        except (NotNow, RosterRefused):
            return self.too_late(import_id)
        work_later(import_id=import_id, state=ImportState.READING)
        return self.back(import_id)


class ApplyImport(ImportDoor):
    def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        self.found(import_id)
        try:
            ask_to_apply(import_id=import_id, person=self.person, may_end_many=Agreement(request.POST).agreed())
        except NotNow:
            return self.too_late(import_id)
        except DirectorsOwn:
            messages.error(request, _("This file changes who directs the school. Only a director can apply it."))
            return self.back(import_id)
        except RolesOfOthers:
            said = _("This file makes somebody a school administrator. Only somebody who may give roles can apply it.")
            messages.error(request, said)
            return self.back(import_id)
        except ManyEndings:
            messages.warning(request, _("Many people would leave the school. Please tick that this is meant."))
            return self.back(import_id)
        work_later(import_id=import_id, state=ImportState.APPLYING)
        return self.back(import_id)


class DiscardImport(ImportDoor):
    def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        self.found(import_id)
        try:
            discard_import(import_id=import_id)
        except NotNow:
            return self.too_late(import_id)
        messages.success(request, _("The upload was put aside and its file forgotten. The school is as it was."))
        return redirect("roster")


class AskAgain(ImportDoor):
    def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        found = self.found(import_id)
        try:
            ask_again(import_id=import_id)
        except NotNow:
            return self.too_late(import_id)
        work_later(import_id=import_id, state=ImportState(found.state))
        return self.back(import_id)


class UndoImport(ImportDoor):
    def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        found = self.found(import_id)
        if found.state != ImportState.APPLIED:
            return self.back(import_id)
        context = {
            "found": found,
            "obstacles": obstacles_to_undo(found, touched_by(found)),
            "directors_own": directors_own_to_undo(found),
            "counts": count_rows(found.counts),
            "sentence": count_sentence(found.counts),
        }
        return self.page("onboarding/roster_undo.html", context)

    def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        self.found(import_id)
        try:
            ask_to_undo(import_id=import_id, person=self.person)
        except (NotNow, NotTheLast):
            return self.too_late(import_id)
        except DirectorsOwn:
            said = _("This import changed who directs the school. Only a director can undo it.")
            messages.error(request, said)
            return self.back(import_id)
        except RolesOfOthers:
            said = _(
                "Somebody would be school administrator again. Only somebody who may give roles can undo this import."
            )
            messages.error(request, said)
            return self.back(import_id)
        work_later(import_id=import_id, state=ImportState.UNDOING)
        return self.back(import_id)


def _is_silent(found: RosterImport) -> bool:
    return found.hitch == Hitch.FAILED or found.moved_at < timezone.now() - SILENT_FOR


def _step(found: RosterImport) -> int:
    """Where the import stands among upload, check, preview, done."""
    return {ImportState.READING: 2, ImportState.REFUSED: 2, ImportState.READY: 3, ImportState.APPLYING: 3}.get(
        ImportState(found.state), 4
    )


def _problems(found: RosterImport, request: HttpRequest) -> dict[str, Any]:
    file = request.GET.get("file", "").replace("\0", "")
    page: Page[Any] = Paginator(problems_of(found, file=file), PROBLEMS_ON_A_PAGE).get_page(request.GET.get("page"))
    problems = opened(page)
    return {
        "problems": problems,
        "can_correct": any(problem.value is not None for problem in problems),
        "page": page,
        "files": files_with_problems(found),
        "chosen_file": file,
        "form": RosterUpload(),
        "longest": LONGEST_VALUE,
    }


def _preview(found: RosterImport, request: HttpRequest) -> dict[str, Any]:
    form = DifferenceFilter(request.GET)
    form.is_valid()
    rows = differences_of(found, **form.cleaned_data)
    page: Page[Any] = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return {
        "filter": form,
        "is_filtered": any(form.cleaned_data.values()),
        "page": page,
        "rows": [(row, lines_of(row.details, is_new=row.change == Change.NEW)) for row in page],
        "counts": count_rows(found.counts),
        "sentence": count_sentence(found.counts),
        "agreement": Agreement() if found.ends_many else None,
        "endings": endings_in(found.counts),
    }


def _harmless(cell: object) -> str:
    """A spreadsheet must not take a value of a stranger's file for a formula."""
    text = str(cell)
    return f"'{text}" if text.lstrip()[:1] in _BEGIN_A_FORMULA or text[:1].isspace() else text
