"""What the provisioner may register, and what is refused with a sentence."""

from uuid import uuid4

import pytest

from opt_in.gate.errors import GateBadInput
from opt_in.gate.register import register_school

from .world import Gate


@pytest.mark.parametrize("time_zone", ["Europe/Nowhere", "UTC+3", "Europe/../Warsaw", "warsaw", ""])
def test_a_school_in_a_time_zone_that_does_not_exist_is_refused(gate: Gate, time_zone: str) -> None:
    school_id = uuid4()
    role = f"school_{school_id.hex}"
    owner = gate.session("zgoda_owner")
    owner.execute(f"CREATE ROLE {role} NOLOGIN")

    with pytest.raises(GateBadInput, match="time zone"):
        register_school(
            school_id=school_id,
            role_name=role,
            names={"pl": "Szkoła Nigdzie"},
            country="PL",
            languages=["pl"],
            time_zone=time_zone,
            connection=owner,
        )

    found = gate.superuser.execute("SELECT count(*) FROM consent.school WHERE school_id = %s", [school_id]).fetchone()
    assert found == (0,)
    owner.execute(f"DROP ROLE {role}")
