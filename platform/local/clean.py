"""make clean: removes the demo's state, also the part of it that lies outside the clone."""

import shutil

from local.demo import tell
from local.places import STATE, outside_folder
from local.postgres import Cluster
from local.static_files import COLLECTED


def main() -> None:
    if Cluster(STATE).is_running():
        raise SystemExit("make demo is running; stop it first.")
    shutil.rmtree(outside_folder(), ignore_errors=True)
    shutil.rmtree(STATE, ignore_errors=True)
    shutil.rmtree(COLLECTED, ignore_errors=True)
    tell("The demo's state is gone.")


if __name__ == "__main__":
    main()
