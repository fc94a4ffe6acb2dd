"""manage.py export_ledger SCHOOL FILE: the school's ledger for zgoda-verify, on a machine that has nothing of ours."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context
from rich.progress import Progress

from opt_in.services.ledger import export_ledger
from tenants.schools.models import School


class Command(BaseCommand):
    help = "Writes one school's ledger as JSON Lines (docs/ledger.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", help="the school's subdomain")
        parser.add_argument("file", type=Path, help="where to write it; an existing file is not overwritten")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            school = School.objects.get(subdomain__iexact=options["school"])
        except School.DoesNotExist:
            raise CommandError(f"There is no school at the address {options['school']}.") from None
        if options["file"].exists():
            raise CommandError(f"{options['file']} is there already. Remove it or choose another name.")
        unfinished = options["file"].with_name(options["file"].name + ".part")
        try:
            with unfinished.open("w", encoding="utf-8", newline="\n") as out, Progress(transient=True) as progress:
                task = progress.add_task("Leaves")
                with tenant_context(school):
                    leaves = export_ledger(
                        school_id=school.id,
                        out=out,
                        progress=lambda done, total: progress.update(task, completed=done, total=total),
                    )
            unfinished.rename(options["file"])
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        self.stdout.write(f"{leaves} leaves of {school.subdomain} are in {options['file']}.")
