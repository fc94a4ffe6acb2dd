import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from opt_in.gate import vendor as gate


class Command(BaseCommand):
    help = "What the vendor sees of a campaign: each school's verdict as a whole, and tallies rounded to tens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", type=UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        verdicts = gate.verdicts(options["campaign"])
        self.stdout.write(json.dumps({"verdicts": {str(row.school_id): [row.verdict, row.code] for row in verdicts}}))
