import signal
import subprocess
import time
from collections.abc import Callable
from uuid import UUID

from local.environment import environment_for
from local.places import ROOT
from local.run import command_of
from opt_in.gate import school, vendor
from tests.dispatch.world import Person, World

Keep = Callable[[], None]
TIMEOUT = 30


def put_into_inbox(world: World, **changes: object) -> UUID:
    """A request as the vendor's login makes it; nobody has looked at it yet."""
    with world.login("app_vendor") as connection:
        return vendor.propose(world.request(**changes), connection=connection)


def verdicts(world: World, campaign: UUID) -> list[tuple[object, ...]]:
    return world.stored("SELECT verdict, code FROM consent.campaign_target WHERE campaign_id = %s", campaign)


def test_a_request_gets_its_verdict_and_the_director_hears_of_it(world: World, keep: Keep) -> None:
    campaign = put_into_inbox(world)

    keep()

    assert verdicts(world, campaign) == [("DENY", "DENY_SCHOOL_NOT_AUTHORISED")]
    assert world.stored(
        "SELECT subject_id, state FROM consent.envelope WHERE kind = 'campaign.proposed' AND state = 'queued'"
    ) == [(world.director.id, "queued")]


def test_a_malformed_request_does_not_hold_up_the_next(world: World, keep: Keep) -> None:
    malformed = put_into_inbox(world, texts={"email": {"pl": "no object"}}, channels="email")
    campaign = put_into_inbox(world)

    keep()

    assert verdicts(world, malformed) == []
    assert len(verdicts(world, campaign)) == 1
    outcomes = world.stored("SELECT outcome FROM consent.request ORDER BY request_id")
    assert outcomes == [("refused",), ("done",)]


def test_a_request_that_cannot_be_judged_holds_up_no_other_duty(world: World, guardian: Person, keep: Keep) -> None:
    world.queue_offers([guardian])
    with world.inside() as connection:
        school.revoke(actor=world.director.id, reason="enough", connection=connection)
    world.stored("ALTER FUNCTION consent.judge_targets RENAME TO judged_no_more")
    put_into_inbox(world)

    keep()

    assert world.stored("SELECT count(*) FROM consent.request WHERE handled_at IS NULL") == [(1,)]
    assert world.states() == {"cancelled": 1}
    assert world.stored("SELECT count(*) FROM consent.checkpoint") == [(3,)]


def test_what_a_revocation_left_waiting_is_cancelled(world: World, guardian: Person, keep: Keep) -> None:
    world.queue_offers([guardian])
    with world.inside() as connection:
        school.revoke(actor=world.director.id, reason="enough", connection=connection)

    keep()

    assert world.states() == {"cancelled": 1}


def test_a_claim_whose_dispatcher_never_came_back_is_settled(world: World, guardian: Person, keep: Keep) -> None:
    campaign = world.queue_offers([guardian])
    message = world.queue_message(guardian)
    ids = [row[0] for row in world.stored("SELECT envelope_id FROM consent.envelope WHERE state = 'queued'")]
    with world.login("app_dispatch") as connection:
        connection.execute("SELECT consent.claim(%s::uuid[])", [ids])
    world.stored("UPDATE consent.envelope SET lease_until = clock_timestamp() WHERE state = 'claimed'")

    keep()

    assert world.stored("SELECT state FROM consent.envelope WHERE campaign_id = %s", campaign) == [("unknown",)]
    assert world.state_of(message) == "queued"


def test_checkpoints_are_made_once_a_day_however_often_the_keeper_restarts(world: World, keep: Keep) -> None:
    keep()
    keep()

    queued = "SELECT subject_id FROM consent.envelope WHERE kind = 'ledger.checkpoint' AND state = 'queued'"
    assert sorted(row[0] for row in world.stored(queued)) == sorted([world.director.id, world.chair.id])


def test_the_vendor_gets_no_number_below_five(world: World, guardian: Person, keep: Keep) -> None:
    campaign = world.queue_offers([guardian])

    keep()

    assert world.stored("SELECT messages FROM consent.tally WHERE campaign_id = %s", campaign) == [(1,)]
    with world.login("app_vendor") as connection:
        assert vendor.tallies(campaign, connection=connection) == []


def test_a_lost_connection_is_opened_again(world: World, keep: Keep) -> None:
    keep()
    world.stored("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app_keeper'")
    campaign = put_into_inbox(world)

    keep()
    keep()

    assert len(verdicts(world, campaign)) == 1


def sessions_of_keepers(world: World) -> int:
    (row,) = world.stored("SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'app_keeper'")
    return int(str(row[0]))


def start_keeper(world: World) -> subprocess.Popen[bytes]:
    environment = environment_for("keeper", world.cluster.state) | {"ZGODA_DB_NAME": world.database}
    return subprocess.Popen(command_of(["manage.py", "keeper"]), cwd=ROOT, env=environment)


def test_two_keepers_judge_a_request_once_and_stop_when_told(world: World) -> None:
    before = sessions_of_keepers(world)
    keepers = [start_keeper(world), start_keeper(world)]
    try:
        end = time.monotonic() + TIMEOUT
        # Who is in the database knows what SIGTERM means; who is still starting does not.
        while sessions_of_keepers(world) < before + 2:
            assert time.monotonic() < end
            time.sleep(0.05)
        campaigns = [put_into_inbox(world) for _ in range(5)]
        while world.stored("SELECT count(*) FROM consent.request WHERE handled_at IS NULL") != [(0,)]:
            assert time.monotonic() < end
            time.sleep(0.05)
        for keeper in keepers:
            keeper.send_signal(signal.SIGTERM)
        assert [keeper.wait(TIMEOUT) for keeper in keepers] == [0, 0]
    finally:
        for keeper in keepers:
            keeper.kill()
            keeper.wait()

    for campaign in campaigns:
        assert len(verdicts(world, campaign)) == 1
    leaves = "SELECT count(*) FROM consent.leaf WHERE stream = 'vendor' AND body LIKE '%%\"propose\"%%'"
    assert world.stored(leaves) == [(5,)]


def test_a_keeper_killed_at_any_moment_leaves_nothing_half_done(world: World) -> None:
    for pause in (0.0, 0.7, 0.9, 1.1):
        keeper = start_keeper(world)
        put_into_inbox(world)
        time.sleep(pause)
        keeper.kill()
        keeper.wait()
    environment = environment_for("keeper", world.cluster.state) | {"ZGODA_DB_NAME": world.database}
    subprocess.run(
        command_of(["manage.py", "keeper", "--once"]), cwd=ROOT, env=environment, check=True, timeout=TIMEOUT
    )

    assert world.stored("SELECT count(*), count(handled_at) FROM consent.request") == [(4, 4)]
    assert world.stored("SELECT count(*) FROM consent.campaign_target") == [(4,)]
    assert world.stored(
        "SELECT count(*) FROM consent.envelope WHERE kind = 'campaign.proposed' AND state = 'queued'"
    ) == [(4,)]
