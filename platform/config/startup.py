"""What every process does before it serves: it checks the gate and refuses to start when a guard is missing."""

from django.db import connection

from opt_in.gate.selfcheck import require_sound_gate


def start_process() -> None:
    """Raises when the gate in the database is not exactly the one this release was built with."""
    require_sound_gate(connection)
    # Forked workers must not share the connection of the process that checked.
    connection.close()
