"""manage.py import_timetable SCHOOL FILE [--bells FILE] [--from DAY]: the timetable of a week, all of it or nothing."""

from argparse import ArgumentParser
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from ediary_core.models import EnrolmentRole, SchoolClass
from ediary_core.selectors.enrolments import enrolments_on
from ediary_core.services.timetable import put_bells, put_timetable
from ediary_core.timetable.files import KnownClass, TimetableRefused, read_bells, read_timetable
from tenants.schools.models import School


class Command(BaseCommand):
    help = "Imports the timetable of a week from a CSV file: class (the roster's id), weekday (1 is Monday), period."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", help="the school's subdomain")
        parser.add_argument("file", type=Path, help="columns class, weekday, period")
        parser.add_argument("--bells", type=Path, help="columns period, begins, ends")
        parser.add_argument(
            "--from",
            dest="from_on",
            type=date.fromisoformat,
            help="the first day on which it holds; today if not given",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            school = School.objects.get(subdomain__iexact=options["school"])
        except School.DoesNotExist:
            message = _("There is no school at the address “%(name)s”.") % {"name": options["school"]}
            raise CommandError(message) from None
        from_on = options["from_on"] or timezone.localdate(timezone=ZoneInfo(school.time_zone))
        try:
            with tenant_context(school), transaction.atomic():
                lessons = read_timetable(options["file"], classes=_classes(from_on))
                if options["bells"]:
                    put_bells(bells=read_bells(options["bells"]))
                put = put_timetable(lessons=lessons, from_on=from_on)
        except TimetableRefused as refused:
            raise CommandError("\n".join([*refused.problems, _("Nothing was changed.")])) from None
        self.stdout.write(
            _("%(begun)d lessons of the week are new, %(ended)d ended, %(unchanged)d stay.")
            % {"begun": put.begun, "ended": put.ended, "unchanged": put.unchanged}
        )


def _classes(on: date) -> dict[str, KnownClass]:
    people: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for school_class, role, person in enrolments_on(on).values_list("school_class", "role", "person"):
        people[(school_class, role)].add(person)
    return {
        sourced_id: KnownClass(
            pk, frozenset(people[(pk, EnrolmentRole.TEACHER)]), frozenset(people[(pk, EnrolmentRole.PUPIL)])
        )
        for pk, sourced_id in SchoolClass.objects.filter(ended_on=None).values_list("pk", "sourced_id")
        if sourced_id
    }
