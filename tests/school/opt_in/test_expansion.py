"""A campaign reaches envelopes only when every key of the school has turned, and what waits is never forgotten."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.gate.errors import GateRefused
from opt_in.services.approvals import approve_content, reject_content
from opt_in.services.expansion import expand_waiting
from opt_in.services.instructions import authorise_marketing, revoke_marketing
from opt_in.services.resolutions import Vote, confirm_resolution, record_resolution
from tenants.people.models import User
from tenants.people.services.roles import appoint_council_chair

SCOPE: dict[str, Any] = {"purposes": ["vendor_offers"], "products": ["plus"]}


def allow_everything(director: User, chair: User, campaign_id: UUID) -> None:
    gate.go_live(actor=director.id)
    appoint_council_chair(director=director, chair=chair)
    resolution_id = record_resolution(
        recorded_by=director, in_favour=True, decided_on=timezone.localdate(), vote=Vote(9, 1), **SCOPE
    )
    confirm_resolution(chair=chair, resolution_id=resolution_id)
    authorise_marketing(director=director, channels=["email"], **SCOPE)
    shown = gate.campaign_content(campaign_id)
    approve_content(director=director, campaign_id=campaign_id, content_sha256=shown.content_sha256)


def test_a_campaign_that_every_key_allows_is_expanded_once(
    director: User, guardian: User, propose: Callable[[], UUID]
) -> None:
    campaign_id = propose()
    allow_everything(director, guardian, campaign_id)

    first = expand_waiting()
    second = expand_waiting()

    assert [(expansion.verdict, expansion.queued, expansion.suppressed) for expansion in first] == [("ALLOW", 0, 1)]
    assert second == []
    assert [(row.state, row.code) for row in gate.counts(campaign_id)] == [("suppressed", "DENY_NO_OPT_IN")]


def test_nothing_waits_before_the_director_approved_the_content(
    director: User, guardian: User, propose: Callable[[], UUID]
) -> None:
    campaign_id = propose()
    gate.go_live(actor=director.id)

    assert expand_waiting() == []

    (proposal,) = [row for row in gate.proposals() if row.campaign_id == campaign_id]
    assert proposal.first_code == "DENY_SCHOOL_NOT_LIVE"
    assert gate.counts(campaign_id) == []


def test_a_revocation_before_the_worker_came_leaves_nobody_touched(
    director: User, guardian: User, propose: Callable[[], UUID]
) -> None:
    campaign_id = propose()
    allow_everything(director, guardian, campaign_id)

    revocation = revoke_marketing(director=director, reason="We changed our mind.")

    assert revocation.handed_over == 0
    assert expand_waiting() == []
    assert gate.counts(campaign_id) == []


def test_a_rejected_content_is_not_expanded(director: User, guardian: User, propose: Callable[[], UUID]) -> None:
    campaign_id = propose()
    allow_everything(director, guardian, campaign_id)

    reject_content(director=director, campaign_id=campaign_id, reason="Too loud.")

    assert expand_waiting() == []


def test_the_worker_is_asked_when_the_approval_has_committed(
    director: User,
    guardian: User,
    propose: Callable[[], UUID],
    broker: Callable[[], list[str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        allow_everything(director, guardian, propose())
        assert broker() == []

    # One wish for each act that can complete the keys: confirmation, instruction, approval.
    assert broker() == ["opt_in.expand_waiting"] * 3


def test_a_broker_that_is_away_loses_nothing(
    director: User, guardian: User, propose: Callable[[], UUID], django_capture_on_commit_callbacks: Any
) -> None:
    """No broker runs in these tests: every wish to the worker fails, and the gate still knows what waits."""
    campaign_id = propose()

    with django_capture_on_commit_callbacks(execute=True):
        allow_everything(director, guardian, campaign_id)

    assert gate.waiting_campaigns() == [campaign_id]


def test_a_guardian_cannot_authorise(guardian: User) -> None:
    with pytest.raises(GateRefused):
        authorise_marketing(director=guardian, channels=["email"], **SCOPE)

    # The refusal broke the transaction, as any database error does; nothing of it can be kept.


def test_the_director_cannot_confirm_for_the_chair(director: User) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    resolution_id = record_resolution(
        recorded_by=director, in_favour=True, decided_on=yesterday, vote=Vote(9, 1), **SCOPE
    )

    with pytest.raises(GateRefused):
        confirm_resolution(chair=director, resolution_id=resolution_id)

    (resolution,) = gate.resolutions()
    assert resolution.confirmed_at is None
