import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from local import places
from local.keys import SUPERUSER
from local.postgres import Cluster, ClusterNotStarted


def servers_on(cluster: Cluster) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(cluster._place) in word for word in process.info["cmdline"] or []):
            found.append(process)
    return found


def test_the_right_password_opens_the_login(cluster: Cluster) -> None:
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres")) as connection:
        row = connection.execute("SELECT current_user").fetchone()

    assert row == (SUPERUSER,)


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_or_missing_password_opens_no_login(cluster: Cluster, password: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host=cluster.host,
            port=cluster.port,
            user=SUPERUSER,
            password=password,
            dbname="postgres",
            passfile="/nowhere",
        )


def test_the_access_rules_know_nothing_but_scram(cluster: Cluster) -> None:
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres")) as connection:
        rules = connection.execute("SELECT type, database, user_name, auth_method FROM pg_hba_file_rules").fetchall()

    assert rules == [("local", ["all"], ["all"], "scram-sha-256")]


def test_passwords_are_kept_as_scram_verifiers(cluster: Cluster) -> None:
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres")) as connection:
        row = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [SUPERUSER]).fetchone()

    assert row is not None
    assert row[0].startswith("SCRAM-SHA-256$")


def test_the_server_listens_on_no_network_address(cluster: Cluster) -> None:
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres")) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()

    assert row == ("",)


def test_the_server_never_runs_as_root(cluster: Cluster) -> None:
    assert {process.uids().effective for process in servers_on(cluster)} != {0}
    assert servers_on(cluster)


def test_stopping_leaves_no_process_and_no_socket(state: Path) -> None:
    cluster = Cluster(state, durable=False)
    cluster.start()
    assert servers_on(cluster)

    cluster.stop()

    assert servers_on(cluster) == []
    assert list(Path(cluster.host).iterdir()) == []
    assert not cluster.is_running()


def test_what_was_committed_is_there_after_a_restart(state: Path) -> None:
    cluster = Cluster(state)
    with cluster, psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")

    with Cluster(state) as again, psycopg.connect(again.conninfo(SUPERUSER, "postgres")) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()

    assert row == (0,)


def test_starting_twice_is_harmless(state: Path) -> None:
    with Cluster(state, durable=False) as first:
        before = first._process
        first.start()
        second = Cluster(state, durable=False)
        second.start()

        second.stop()  # it was not the one that started the server

        assert first._process is before
        assert first.is_running()


def test_data_whose_passwords_are_lost_is_made_anew(state: Path) -> None:
    with Cluster(state, durable=False):
        pass
    (state / "keys.json").unlink()
    (state / "postgres.mark").unlink()

    with Cluster(state, durable=False) as cluster:
        assert cluster.is_running()


def test_an_interrupted_first_start_is_begun_again(state: Path) -> None:
    cluster = Cluster(state, durable=False)
    cluster._data.mkdir(parents=True)
    (cluster._data / "PG_VERSION").write_text("18\n")

    with cluster:
        assert cluster.is_running()


def test_a_failing_start_says_why_and_leaves_nothing(state: Path) -> None:
    cluster = Cluster(state, durable=False)
    cluster.prepare()
    (cluster._data / "global" / "pg_control").unlink()

    with pytest.raises(ClusterNotStarted, match="could not find the database system"):
        cluster.start()

    assert servers_on(cluster) == []


def test_the_server_ends_with_a_parent_that_was_killed(state: Path) -> None:
    code = "import sys,time; from pathlib import Path; from local.postgres import Cluster\n"
    code += "Cluster(Path(sys.argv[1]), durable=False).start(); print('up', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(state)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        servers = servers_on(Cluster(state))
        assert servers

        parent.kill()
        _, alive = psutil.wait_procs(servers, timeout=10)

    assert alive == []


def test_secrets_are_readable_by_their_owner_only(state: Path) -> None:
    Cluster(state)

    assert stat.S_IMODE((state / "keys.json").stat().st_mode) == 0o600


def test_the_rights_of_existing_folders_stay_as_they_are(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    state = tmp_path / "clone" / ".state"
    state.parent.mkdir(mode=0o705)
    state.parent.chmod(0o705)

    with Cluster(state, durable=False) as cluster:
        assert cluster.is_running()

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o705
    places._remove_state(state)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can own a folder that the server's account cannot enter")
def test_root_can_run_it_below_a_folder_that_only_root_can_enter(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    state = home / "clone" / ".state"

    with Cluster(state, durable=False) as cluster:
        assert cluster.is_running()

    places._remove_state(state)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_very_long_path_is_no_hindrance(tmp_path: Path) -> None:
    state = tmp_path / ("long" * 30) / ".state"

    with Cluster(state, durable=False) as cluster:
        assert cluster.is_running()

    places._remove_state(state)


def test_a_folder_that_others_could_have_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "ROOT", tmp_path)  # another clone, so another folder
    folder = places.outside_folder()
    folder.chmod(0o777)

    with pytest.raises(RuntimeError, match="others can write in it"):
        places.outside_folder()

    folder.rmdir()


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = places.outside_folder() / f"temporary-{ended.pid}-abcdef"
    left.mkdir()
    (left / "keys.json").touch()

    with places.temporary_state():
        assert not left.exists()


def test_signals_reach_the_server_only_through_us(cluster: Cluster) -> None:
    """Ctrl-C goes to the whole foreground group; a server in it would end before the applications do."""
    assert cluster._process is not None
    assert os.getpgid(cluster._process.pid) != os.getpgid(0)
    assert signal.getsignal(signal.SIGINT) is not None
