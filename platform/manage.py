#!/usr/bin/env python3
"""Django's command line; the process's environment names the settings module."""

import os
import sys
from pathlib import Path


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    for source in (root / "platform", root):
        if str(source) not in sys.path:
            sys.path.insert(0, str(source))
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        sys.exit("DJANGO_SETTINGS_MODULE is not set: name the process, e.g. config.settings.school.")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
