"""manage.py import_roster SCHOOL FILE [--apply]: what a OneRoster bundle would change; --apply does it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tenants.utils import tenant_context
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tenants.onboarding.roster.differences import differences_of
from tenants.onboarding.roster.plan import RosterPlan
from tenants.onboarding.roster.problems import RosterRefused
from tenants.onboarding.services.roster import import_roster, preview_roster
from tenants.schools.models import School

# Reading seven files, comparing, writing classes, people, families and enrolments.
STAGES = 12
# On a terminal two hundred lines show every pattern of mistakes.
PROBLEMS_SHOWN = 200


class Command(BaseCommand):
    help = "Imports a OneRoster 1.1 or 1.2 CSV bundle. Without --apply it only shows what would change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", help="the school's subdomain or id")
        parser.add_argument("file", type=Path, help="the bundle, a ZIP archive")
        parser.add_argument("--apply", action="store_true", help="write the changes")
        parser.add_argument(
            "--allow-many-endings",
            action="store_true",
            help="apply even when many people would end",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        school = _find_school(options["school"])
        # rich ends its lines itself, and draws the progress bar without ending them.
        self.stdout.ending = ""
        console = Console(file=cast(TextIO, self.stdout), highlight=False)
        try:
            zone = timezone.override(ZoneInfo(school.time_zone))
            with tenant_context(school), zone, _progress(console) as progress:
                task = progress.add_task("", total=STAGES)

                def step(stage: str, records: int) -> None:
                    progress.update(task, advance=1, description=f"{stage} ({records})" if records else stage)

                if options["apply"]:
                    allow = options["allow_many_endings"]
                    plan = import_roster(school=school, path=options["file"], allow_many_endings=allow, step=step)
                else:
                    plan = preview_roster(school=school, path=options["file"], step=step)
                progress.update(task, completed=STAGES, description=_("done"))
        except RosterRefused as refused:
            _show_problems(console, refused)
            raise CommandError(
                ngettext(
                    "Refused: %(count)d problem. Nothing was changed.",
                    "Refused: %(count)d problems. Nothing was changed.",
                    refused.total,
                )
                % {"count": refused.total}
            ) from None
        _show_plan(console, plan, applied=options["apply"])


def _find_school(name: str) -> School:
    try:
        return School.objects.get(pk=UUID(name))
    except ValueError:
        pass
    except School.DoesNotExist:
        raise CommandError(_("There is no school with this id.")) from None
    try:
        return School.objects.get(subdomain__iexact=name)
    except School.DoesNotExist:
        raise CommandError(_("There is no school at the address “%(name)s”.") % {"name": name}) from None


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _show_problems(console: Console, refused: RosterRefused) -> None:
    table = Table(_("File"), _("Line"), _("Field"), _("Problem"), _("What to do"))
    shown = refused.problems[:PROBLEMS_SHOWN]
    for problem in shown:
        line = str(problem.line) if problem.line else ""
        table.add_row(*map(_literal, (problem.file, line, problem.field or "", problem.message, problem.advice)))
    if console.is_terminal:
        console.print(table)
    else:
        for problem in shown:
            console.print(str(problem), markup=False, soft_wrap=True)
    if refused.total > len(shown):
        console.print(_("… and %(count)d more.") % {"count": refused.total - len(shown)}, markup=False)


def _literal(text: str) -> str:
    """Text of the file must not act as rich's markup."""
    return text.replace("[", r"\[")


def _show_plan(console: Console, plan: RosterPlan, *, applied: bool) -> None:
    table = Table("", _("created"), _("changed"), _("ended"), _("unchanged"))
    for kind, difference in plan.by_kind():
        counts = (len(difference.created), len(difference.changed), len(difference.ended), difference.unchanged)
        table.add_row(kind, *map(str, counts))
    console.print(table)
    for line in differences_of(plan):
        console.print(line, markup=False, soft_wrap=True)
    for notice in plan.notices:
        console.print(f"- {notice}", markup=False, soft_wrap=True)
    if plan.changes_nothing:
        console.print(_("The school already is as the roster says; nothing to write."))
    elif applied:
        console.print(_("Imported."))
    else:
        console.print(_("Nothing was written. Repeat with --apply to import."))
