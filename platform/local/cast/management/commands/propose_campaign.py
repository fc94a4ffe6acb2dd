import json
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from opt_in.services.campaigns import propose_campaign


class Command(BaseCommand):
    help = "The vendor proposes a campaign to every school in Slovenia, Poland and Ukraine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="sender, purpose, product, channels, audience and texts, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        request = json.loads(options["file"].read_text())
        request["expires_at"] = (timezone.now() + timedelta(days=14)).isoformat()
        request["targets"] = {"countries": ["SI", "PL", "UA"], "schools": None}
        self.stdout.write(json.dumps({"campaign": str(propose_campaign(request=request))}))
