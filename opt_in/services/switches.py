"""The vendor's kill switches. Asked for here, turned by the keeper."""

from django.db import transaction

from opt_in.gate import vendor as gate


@transaction.atomic
def ask_for_switch(*, scope: str, key: str, is_on: bool) -> None:
    """`scope`: platform (key empty), channel or campaign. On stops sending there, off allows what the schools allow."""
    gate.set_kill_switch(scope, key, is_on)
