import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tenants.operators.services.operators import OperatorExists, UnusableUsername, create_operator


class Command(BaseCommand):
    help = "Adds a member of the vendor's staff. The password is asked for, or read as one line with --password-stdin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="a-z, 0-9, dot, dash, underscore")
        parser.add_argument("name", help="as it is shown, at most 200 letters")
        parser.add_argument("--language", choices=[code for code, _ in settings.LANGUAGES], default="en")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        password = _read_password() if options["password_stdin"] else _ask_for_password()
        try:
            operator = create_operator(
                username=options["username"], name=options["name"], password=password, language=options["language"]
            )
        except OperatorExists:
            raise CommandError(f"There is an operator {options['username']} already.") from None
        except UnusableUsername:
            raise CommandError("A user name has a-z, 0-9, dot, dash and underscore only, at most 64.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{operator.username} can log in.")


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\n")


def _ask_for_password() -> str:
    # Never on the command line: everybody on the machine can read that.
    password = getpass("Password: ")
    if password != getpass("Once more: "):
        raise CommandError("The two are not the same. Nothing was changed.")
    return password
