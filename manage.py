#!/usr/bin/env python3
"""Django's command-line utility for this project."""

import os
import sys


def main() -> None:
    """Run a management command; report a missing package or setting in one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_screen.settings")
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)  # the folder of the web processes, which alone count
    try:
        from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
        from django.core.management import execute_from_command_line  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing.name} is not installed for this Python. Run ./run once, then use .venv/bin/python.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    main()
