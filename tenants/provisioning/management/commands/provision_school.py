from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.profiles import UnknownCountry
from tenants.provisioning.school import NewSchool, SchoolDiffers, provision_school
from tenants.schools.models import Country, Kind


class Command(BaseCommand):
    help = "Makes a school: schema, role, default data, entry in the gate. Repeating it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--subdomain", required=True, help="os-reka for os-reka.<domain>")
        parser.add_argument(
            "--names", required=True, nargs="+", metavar="LANGUAGE=NAME", help='the first one is shown: sl="OŠ Reka"'
        )
        parser.add_argument("--country", required=True, choices=[country.value for country in Country])
        parser.add_argument("--kind", default=Kind.PRIMARY.value, choices=[kind.value for kind in Kind])
        parser.add_argument("--languages", default="", help="comma-separated; the country's when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        new = NewSchool(
            subdomain=options["subdomain"],
            names=dict(_name(entry) for entry in options["names"]),
            country=Country(options["country"]),
            kind=Kind(options["kind"]),
            languages=tuple(part.strip() for part in options["languages"].split(",") if part.strip()),
        )
        try:
            done = provision_school(new=new)
        except (SchoolDiffers, UnknownCountry, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done.school.id} {'provisioned' if done.is_new else 'was there already'}")


def _name(entry: str) -> tuple[str, str]:
    language, separator, name = entry.partition("=")
    if not separator or not language or not name.strip():
        raise CommandError(f"{entry!r} is not LANGUAGE=NAME.")
    return language.strip(), name.strip()
