"""On PostgreSQL the web processes have a role that owns nothing and cannot change an append-only table."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.db.models import Model

from ldn_screen.bootstrap import without_project_variables
from screening.audit import append_only
from screening.audit.append_only import REFUSAL, append_only_models
from tests import databases
from tests.factories import UserFactory
from tests.paths import PROJECT
from tests.roles import APP, OWNER, acting_as, create_roles, run_script

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

STATEMENTS = {
    "update": "UPDATE {table} SET id = id",
    "update of no row": "UPDATE {table} SET id = id WHERE false",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table}",
    "truncate with what refers to it": "TRUNCATE {table} CASCADE",
    "lock a row": "SELECT id FROM {table} FOR UPDATE",
    "insert or update": "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET id = excluded.id",
    "merge": "MERGE INTO {table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    "disable the triggers": "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "drop a trigger": "DROP TRIGGER {table}_no_delete ON {table}",
    "drop the table": "DROP TABLE {table} CASCADE",
    "add a column": "ALTER TABLE {table} ADD COLUMN another int",
    "another trigger": "CREATE TRIGGER another BEFORE INSERT ON {table} EXECUTE FUNCTION append_only_refusal()",
    "a rule": "CREATE RULE another AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "become its owner": "ALTER TABLE {table} OWNER TO CURRENT_USER",
}
ELSEWHERE = {
    "a table": "CREATE TABLE another (id int)",
    "a table in the public schema": "CREATE TABLE public.another (id int)",
    "a temporary table": "CREATE TEMPORARY TABLE another (id int)",
    "a schema": "CREATE SCHEMA another",
    "an extension": "CREATE EXTENSION hstore",
    "another refusal": "CREATE OR REPLACE FUNCTION append_only_refusal() RETURNS trigger LANGUAGE sql AS ''",
    "no triggers in this session": "SET session_replication_role = replica",
    "a role": "CREATE ROLE another",
    "truncate a table that may be changed": "TRUNCATE screening_worklistentry",
}
REFUSALS = ("permission denied", "must be owner", "must be able to SET ROLE")
OWNED = """
SELECT 'class ' || relname FROM pg_class WHERE relowner = %(role)s::regrole
UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspowner = %(role)s::regrole
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proowner = %(role)s::regrole
UNION ALL SELECT 'database ' || datname FROM pg_database WHERE datdba = %(role)s::regrole
"""
TABLES = pytest.mark.parametrize("model", append_only_models(), ids=lambda model: model.__name__)


@pytest.fixture
def _roles(db: None) -> None:
    create_roles()


def answer_to(statement: str, role: str = APP) -> str:
    """Return what the database says to a statement of a role; empty if it is accepted."""
    try:
        with acting_as(role), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as refusal:
        return str(refusal)
    return ""


@pytest.mark.usefixtures("_roles")
@TABLES
def test_the_application_can_read_and_insert_and_nothing_else(model: type[Model]) -> None:
    table = model._meta.db_table
    answers = {name: answer_to(each.format(table=table)) for name, each in STATEMENTS.items()}
    assert {name: each for name, each in answers.items() if not any(map(each.__contains__, REFUSALS))} == {}
    assert answer_to(f"SELECT * FROM {table}") == ""
    assert answer_to(f"INSERT INTO {table} SELECT * FROM {table} WHERE false") == ""


@pytest.mark.usefixtures("_roles")
@TABLES
def test_the_owner_is_refused_by_the_triggers(model: type[Model]) -> None:
    table = model._meta.db_table
    statements = [f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"]
    assert [each for each in statements if REFUSAL not in answer_to(each, OWNER)] == []


@pytest.mark.usefixtures("_roles")
@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_application_cannot_make_or_become(name: str) -> None:
    assert any(map(answer_to(ELSEWHERE[name]).__contains__, REFUSALS)), answer_to(ELSEWHERE[name])


@pytest.mark.usefixtures("_roles")
def test_the_application_changes_and_deletes_rows_of_other_tables() -> None:
    tables = set(connection.introspection.table_names()) - {each._meta.db_table for each in append_only_models()}
    assert {"screening_worklistentry", "screening_user", "throttle_cache"} <= tables
    statements = [
        statement for each in tables for statement in (f"SELECT 1 FROM {each} FOR UPDATE", f"DELETE FROM {each}")
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert {each: answer_to(each) for each in statements if "permission denied" in answer_to(each)} == {}


@pytest.mark.usefixtures("_roles")
def test_the_application_owns_nothing_and_the_owner_everything() -> None:
    with connection.cursor() as cursor:
        cursor.execute(OWNED, {"role": APP})
        assert cursor.fetchall() == []
        cursor.execute(OWNED, {"role": OWNER})
        owned = {name for (name,) in cursor.fetchall()}
    assert {"schema public", "function append_only_refusal", f"database {connection.settings_dict['NAME']}"} <= owned
    assert {f"class {name}" for name in connection.introspection.table_names()} <= owned


@pytest.mark.usefixtures("_roles")
def test_nobody_else_has_any_right() -> None:
    UserFactory()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE ldn_test_other")
        cursor.execute("SELECT has_database_privilege('ldn_test_other', current_database(), 'CONNECT, TEMPORARY')")
        assert cursor.fetchone() == (False,)
    assert "permission denied for schema public" in answer_to("SELECT * FROM public.screening_user", "ldn_test_other")


@pytest.mark.usefixtures("_roles")
def test_a_table_that_a_migration_adds_can_be_read_and_inserted_into_at_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {OWNER}")
        cursor.execute("CREATE TABLE added (id bigint GENERATED BY DEFAULT AS IDENTITY, name text)")
        cursor.execute("RESET ROLE")
    assert answer_to("INSERT INTO added (name) VALUES ('x') RETURNING id") == ""
    assert "permission denied" in answer_to("DELETE FROM added")
    create_roles()
    assert answer_to("DELETE FROM added") == ""


@pytest.mark.usefixtures("_roles")
def test_a_right_that_was_granted_by_hand_is_taken_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT DELETE, TRUNCATE ON screening_auditevent TO {APP}")
        cursor.execute("GRANT ALL ON screening_auditevent TO PUBLIC")
    assert REFUSAL in answer_to("DELETE FROM screening_auditevent")
    create_roles()
    assert "permission denied" in answer_to("DELETE FROM screening_auditevent")
    assert "permission denied" in answer_to("TRUNCATE screening_auditevent")


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER screening_answer_no_update ON screening_answer",
        "ALTER TABLE screening_answer DISABLE TRIGGER screening_answer_no_truncate",
        "ALTER TABLE screening_answer ENABLE REPLICA TRIGGER screening_answer_no_delete",
    ],
)
def test_without_one_of_its_triggers_an_append_only_table_is_refused(change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(change)
    with pytest.raises(DatabaseError, match="screening_answer has 2 of the three triggers that keep it append-only"):
        create_roles()


def test_without_any_trigger_the_mark_of_a_table_tells_that_it_is_append_only() -> None:
    append_only.remove(connection)
    with pytest.raises(DatabaseError, match="has 0 of the three triggers"):
        create_roles()


def test_tables_of_which_none_is_append_only_are_refused() -> None:
    append_only.remove(connection)
    with connection.cursor() as cursor:
        for each in append_only_models():
            cursor.execute(f"COMMENT ON TABLE {each._meta.db_table} IS NULL")
    with pytest.raises(DatabaseError, match="no table is append-only"):
        create_roles()


def test_a_superuser_or_a_member_of_the_owner_cannot_be_the_role_of_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {OWNER}")
        cursor.execute(f"CREATE ROLE {APP} IN ROLE {OWNER}")
    with pytest.raises(DatabaseError, match=f"{APP} is a superuser or a member of {OWNER}"):
        create_roles()


# In a database of its own --------------------------------------------------------------------------------------


class NewDatabase(NamedTuple):
    """An empty database with its URL, and names for two roles."""

    url: str
    owner: str
    app: str

    def url_of(self, role: str) -> str:
        """Return the URL with which a role connects."""
        parts = urlsplit(self.url)
        place = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{role}:{quote(PASSWORD)}@{place}").geturl()


PASSWORD = 'it\'s "quoted" \\ %s :app'


@pytest.fixture
def database() -> Iterator[NewDatabase]:
    """An empty database; afterwards it is dropped, and so are the roles."""
    suffix = secrets.token_hex(4)
    name, owner, app = (f"ldn_{kind}_{suffix}" for kind in ("database", "owner", "app"))
    with psycopg.connect(databases.url(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield NewDatabase(urlsplit(databases.url())._replace(path=f"/{name}").geturl(), owner, app)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            for role in (app, owner):
                server.execute(f"DROP ROLE IF EXISTS {role}")


def test_psql_runs_the_script_before_and_after_the_owner_migrates(database: NewDatabase) -> None:
    passwords = {"LDN_OWNER_PASSWORD": PASSWORD, "LDN_APP_PASSWORD": PASSWORD}
    made = run_script(database.url, database.owner, database.app, **passwords)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    variables = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "x", "DATABASE_URL": database.url_of(database.owner)}
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=PROJECT, env=without_project_variables() | variables, check=True, timeout=300)
    again = run_script(database.url_of(database.owner), database.owner, database.app)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    with psycopg.connect(database.url_of(database.app), autocommit=True) as web:
        assert web.execute("SELECT count(*) FROM screening_auditevent").fetchone() == (0,)
        assert web.execute("DELETE FROM screening_user").rowcount == 0
        for statement in (f"SET ROLE {database.owner}", "DELETE FROM screening_auditevent"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(statement)


def test_after_an_error_the_script_ends_with_an_error_and_changes_nothing(database: NewDatabase) -> None:
    with psycopg.connect(database.url, autocommit=True) as server:
        server.execute("CREATE TABLE screening_auditevent (id int)")
        failed = run_script(database.url, database.owner, database.app)
        assert failed.returncode == 3
        assert "no table is append-only" in failed.stderr
        assert server.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [database.app]).fetchone() == (0,)
