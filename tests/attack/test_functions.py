"""Who may execute what, as in the table of docs/decisions and the design: nothing else, and no guard left out."""

import pytest

from local.keys import LOGINS

from .world import INSUFFICIENT_PRIVILEGE, Gate, refusal

SCHOOL = {
    "add_suppression", "approve_content", "authorise", "campaign_content", "checkpoints", "confirm_resolution",
    "consents_of", "counts", "decision_of", "enqueue", "envelopes", "envelopes_of", "erase_subject", "expand",
    "explain", "forecast", "give_consent", "go_live", "instructions", "ledger", "ledger_heads", "notices",
    "object_to_vendor", "proposals", "put_contacts", "put_subjects", "record_resolution", "refuse_consent",
    "reject_content", "resolutions", "revoke", "suppressions_of", "suspend", "timeline", "timeline_days",
    "waiting_campaigns", "withdraw_consent",
}  # fmt: skip

# Written down here from the design, not from the grants: a table that only tests itself agrees with its own mistakes.
MAY_EXECUTE: dict[str, set[str]] = {
    "app_school": {"schools_to_expand"},
    "gate_school": SCHOOL,
    "app_vendor": {
        "propose",
        "stop_campaign",
        "set_kill_switch",
        "campaigns",
        "verdicts",
        "kill_switches",
        "tallies",
    },
    "app_keeper": {"judge", "sweep", "tally", "make_checkpoint", "make_checkpoints"},
    "app_dispatch": {
        "due",
        "claim",
        "take",
        "complete",
        "report_feedback",
        "campaign_content",
        "provider_events",
        "finish_provider_event",
        "stop_by_address",
        "report_delivery",
    },
    "app_public": {"withdraw_by_token", "object_by_token", "explain_by_token", "put_provider_event"},
    "zgoda_owner": {"register_school", "rename_school", "register_sender"},
    "ledger_witness": {"read_ledger", "read_checkpoints"},
}


for _login in LOGINS:
    MAY_EXECUTE[_login].add("registered_kinds")  # what the self-check of every process compares


def test_every_login_is_in_the_table() -> None:
    assert set(MAY_EXECUTE) == {*LOGINS, "gate_school"}


@pytest.mark.parametrize("role", MAY_EXECUTE)
def test_a_role_may_execute_what_its_work_needs_and_nothing_else(gate: Gate, role: str) -> None:
    granted = gate.inspect(
        "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'consent'::regnamespace"
        " AND has_function_privilege(%s, oid, 'EXECUTE')",
        role,
    )

    assert {name for (name,) in granted} == MAY_EXECUTE[role]


@pytest.mark.parametrize("login", LOGINS)
def test_the_functions_of_another_party_are_refused_when_called(gate: Gate, login: str) -> None:
    before = gate.fingerprint()
    calls = gate.inspect(
        "SELECT proname, format('SELECT consent.%I(%s)', proname,"
        " (SELECT string_agg('NULL::' || format_type(t, NULL), ', ') FROM unnest(proargtypes::oid[]) t)) FROM pg_proc"
        " WHERE pronamespace = 'consent'::regnamespace AND prorettype <> 'trigger'::regtype"
    )
    assert len(calls) > 60

    with gate.login(login) as connection:
        allowed = [
            call
            for name, call in calls
            if name not in MAY_EXECUTE[login] and refusal(connection, call) != INSUFFICIENT_PRIVILEGE
        ]

    assert allowed == []
    assert gate.fingerprint() == before


def test_what_only_the_gate_itself_calls_is_closed_to_everybody(gate: Gate) -> None:
    open_to_all = gate.inspect(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'consent'::regnamespace"
        " AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)"
    )

    assert open_to_all == []


def test_no_function_outside_the_gate_runs_with_the_rights_of_its_owner(gate: Gate) -> None:
    assert (
        gate.inspect(
            "SELECT proname FROM pg_proc WHERE proowner = 'consent_owner'::regrole"
            " AND pronamespace <> 'consent'::regnamespace"
        )
        == []
    )
    assert gate.inspect("SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace NOT IN ('consent'::regnamespace,"
                        " 'pg_catalog'::regnamespace, 'information_schema'::regnamespace)") == []  # fmt: skip
