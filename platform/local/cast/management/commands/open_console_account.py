import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from tenants.operators.models import Operator


class Command(BaseCommand):
    help = "The vendor's operator of the demo gets the password that is read from standard input."

    def handle(self, *args: Any, **options: Any) -> None:
        operator, _ = Operator.objects.get_or_create(username="operator", defaults={"name": "Olga Operator"})
        operator.set_password(sys.stdin.read().strip())
        operator.save()
        self.stdout.write(json.dumps({"username": operator.username}))
