import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from opt_in.gate.bootstrap import bootstrap

LOGINS = ("zgoda_owner", "app_school", "app_vendor", "app_public", "app_keeper", "app_dispatch", "ledger_witness")


class Command(BaseCommand):
    help = "Makes database, logins and gate as the superuser of ZGODA_BOOTSTRAP_DSN, then the schema public."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        dsn = os.environ.get("ZGODA_BOOTSTRAP_DSN")
        if not dsn:
            raise CommandError("ZGODA_BOOTSTRAP_DSN is not set: only the superuser can make logins.")
        missing = [name for name in map(_variable, LOGINS) if not os.environ.get(name)]
        if missing:
            raise CommandError(f"Not set: {', '.join(missing)}.")
        bootstrap(dsn, {login: os.environ[_variable(login)] for login in LOGINS}, settings.DATABASES["default"]["NAME"])
        call_command("migrate_schemas", shared=True, verbosity=options["verbosity"])


def _variable(login: str) -> str:
    return f"ZGODA_PASSWORD_{login.upper()}"
