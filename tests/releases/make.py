"""``python -m tests.releases.make``: write the files of this release, once, before it is published.

A later release must read them, so never write those of an earlier release again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import django
import time_machine
from django.test.runner import DiscoverRunner
from django.test.utils import setup_test_environment

FOLDER = Path(__file__).parent


def main() -> None:
    """Fill a test database, and write its backup and the words of its screenings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from ldn_screen.release import release
    from screening.operations.backup.actions import make_backup
    from tests.releases.installation import MADE_AT, summaries, use_in_every_way
    from tests.trail import sealed_later

    setup_test_environment()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        with time_machine.travel(MADE_AT):
            use_in_every_way()
            sealed_later(4)
            make_backup(FOLDER / f"{release()}.ldnbackup")
        words = json.dumps(summaries(), ensure_ascii=False, indent=1, sort_keys=True)
        (FOLDER / f"{release()}.summaries.json").write_text(f"{words}\n", encoding="utf-8")
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()
