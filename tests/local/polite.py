"""A program for the tests of the process manager: writes down that it was asked to end, and ends."""

import signal
import sys
import time
from pathlib import Path
from types import FrameType

from local.tether import end_with_manager


def main(name: str, log: Path) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        with log.open("a") as file:
            file.write(f"{name}\n")
        sys.exit(0)

    end_with_manager()
    signal.signal(signal.SIGTERM, end)
    print(name, "runs", flush=True)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
