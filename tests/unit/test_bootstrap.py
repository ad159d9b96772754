"""The scripts that run before anything is installed."""

from __future__ import annotations

import ast
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ldn_screen import bootstrap, demonstration
from ldn_screen.bootstrap import Refusal

BEFORE_INSTALLATION = ["run", "test", "check", "ldn_screen/bootstrap.py", "ldn_screen/demonstration.py"]
FAKE_AGE = "import sys; sys.version_info = (3, 6, 15); import ldn_screen.bootstrap"


def finished(code: int = 0, stdout: str = "", stderr: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], code, stdout, stderr)


def answering(
    monkeypatch: pytest.MonkeyPatch, reply: Callable[[list[str]], subprocess.CompletedProcess[str]]
) -> list[list[str]]:
    """Start no program, but reply as told; the programs that would have been started."""
    started: list[list[str]] = []

    def quietly(arguments: list[str]) -> subprocess.CompletedProcess[str]:
        started.append(arguments)
        return reply(arguments)

    monkeypatch.setattr(bootstrap, "quietly", quietly)
    return started


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with the two locks and an environment that looks whole."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv/bin/python")
    (tmp_path / "requirements").mkdir()
    for lock in ("runtime", "dev"):
        bootstrap.requirements(lock).write_text(f"{lock}==1\n")
    for folder in ("bin", "lib/python3.11/site-packages"):
        (tmp_path / ".venv" / folder).mkdir(parents=True)
    bootstrap.PYTHON.symlink_to(sys.executable)
    return tmp_path / ".venv"


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The programs that would have been started; all of them succeed."""
    return answering(monkeypatch, lambda arguments: finished())


class TestOldPython:
    @pytest.mark.parametrize("path", BEFORE_INSTALLATION)
    def test_every_script_parses_there(self, path: str) -> None:
        assert ast.parse((bootstrap.ROOT / path).read_text(), feature_version=(3, 6)).body

    def test_it_is_told_in_one_sentence(self) -> None:
        said = subprocess.run(
            [sys.executable, "-c", FAKE_AGE], cwd=bootstrap.ROOT, capture_output=True, text=True, check=False
        )
        assert (said.returncode, said.stdout) == (1, "")
        assert said.stderr == "LDN Screen needs Python 3.11 or newer; this is Python 3.6.\n"

    @pytest.mark.parametrize("path", BEFORE_INSTALLATION)
    def test_nothing_is_imported_that_must_first_be_installed(self, path: str) -> None:
        tree = ast.parse((bootstrap.ROOT / path).read_text())
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "ldn_screen"}


class TestEntryPoint:
    def test_a_refusal_is_one_sentence(self, capsys: pytest.CaptureFixture[str]) -> None:
        def refuse(arguments: list[str]) -> int:
            raise Refusal("Port 8000 is taken.")

        assert bootstrap.command(refuse)([]) == 1
        assert capsys.readouterr().err == "Port 8000 is taken.\n"

    def test_a_folder_that_cannot_be_written_is_named(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "var").touch()
        assert bootstrap.command(lambda _: (tmp_path / "var" / "demo").mkdir())([]) == 1
        assert capsys.readouterr().err == f"{tmp_path}/var/demo cannot be used: Not a directory.\n"

    def test_ctrl_c_is_silent(self, capsys: pytest.CaptureFixture[str]) -> None:
        def interrupted(arguments: list[str]) -> int:
            raise KeyboardInterrupt

        assert bootstrap.command(interrupted)([]) == 130
        assert capsys.readouterr().err == ""


class TestEnvironment:
    def test_it_is_installed_once(self, venv: Path, programs: list[list[str]]) -> None:
        bootstrap.ensure_environment("runtime")
        first = len(programs)
        bootstrap.ensure_environment("runtime")
        assert first == len(programs) > 0

    def test_the_tests_packages_hold_those_of_the_product(self, venv: Path, programs: list[list[str]]) -> None:
        bootstrap.ensure_environment("dev")
        assert bootstrap.is_installed("runtime")

    def test_a_changed_lock_is_installed(self, venv: Path, programs: list[list[str]]) -> None:
        bootstrap.ensure_environment("runtime")
        bootstrap.requirements("runtime").write_text("other==2\n")
        assert not bootstrap.is_installed("runtime")

    def test_another_python_behind_it_is_noticed(self, venv: Path, programs: list[list[str]]) -> None:
        bootstrap.ensure_environment("runtime")
        (venv / "other-python").touch()
        bootstrap.PYTHON.unlink()
        bootstrap.PYTHON.symlink_to(venv / "other-python")
        assert not bootstrap.is_installed("runtime")

    @pytest.mark.parametrize("left", ["a folder", "a file", "a dangling link"])
    def test_what_is_left_half_made_is_made_anew(
        self, venv: Path, programs: list[list[str]], monkeypatch: pytest.MonkeyPatch, left: str
    ) -> None:
        monkeypatch.setattr(bootstrap, "environment_works", lambda: False)
        if left != "a folder":
            venv.rename(venv.with_name("gone"))
            venv.symlink_to("nowhere") if "link" in left else venv.touch()
        bootstrap.make_environment()
        assert not os.path.lexists(venv)
        assert programs[-1][1:] == ["-m", "venv", str(venv)]

    def test_a_python_without_pip_does_not_work(self, venv: Path) -> None:
        bootstrap.PYTHON.unlink()
        bootstrap.PYTHON.write_text("")
        assert not bootstrap.environment_works()

    def test_debians_package_is_named(self, venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(Refusal, match="python3-venv"):
            bootstrap.make_environment()


class TestInstallation:
    def test_uv_does_it_where_it_can_be_had(self, venv: Path, programs: list[list[str]]) -> None:
        bootstrap.install("runtime")
        assert programs[-1][2] == "uv"
        assert "--require-hashes" in programs[-1]

    @pytest.mark.parametrize("missing", ["getting uv", "using uv"])
    def test_pip_does_it_otherwise(self, venv: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
        def reply(arguments: list[str]) -> subprocess.CompletedProcess[str]:
            refused = arguments[-1] == "uv" if missing == "getting uv" else arguments[2] == "uv"
            return finished(1 if refused else 0)

        started = answering(monkeypatch, reply)
        bootstrap.install("runtime")
        assert started[-1][2] == "pip"
        assert "--require-hashes" in started[-1]

    def test_no_network_is_told_from_a_bad_package(self, venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        answering(monkeypatch, lambda _: finished(1, stderr="WARNING: NewConnectionError\nERROR: No match"))
        with pytest.raises(Refusal, match="No package source can be reached"):
            bootstrap.install("runtime")
        answering(monkeypatch, lambda _: finished(1, stderr="ERROR: HASHES DO NOT MATCH"))
        with pytest.raises(Refusal, match="could not be installed: HASHES DO NOT MATCH"):
            bootstrap.install("runtime")


class TestDemonstration:
    @pytest.fixture
    def kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(demonstration, "DEMO_FILE", tmp_path / "demo.env")
        monkeypatch.setattr(demonstration, "PROPOSAL", tmp_path / "demo.env.new")
        return tmp_path / "demo.env"

    def test_a_first_start_makes_its_own_secrets(self) -> None:
        values = demonstration.demo_values({}, {})
        assert values.keys() == {"LDN_DEMO", "SECRET_KEY", "LDN_DEMO_PASSWORD"}
        assert len(values["SECRET_KEY"]) > 50
        assert values != demonstration.demo_values({}, {})

    def test_a_later_start_keeps_them(self) -> None:
        values = demonstration.demo_values({}, {"DATABASE_URL": "postgresql://db/ldn"})
        assert demonstration.demo_values(values, {}) == values

    def test_the_environment_prevails(self) -> None:
        kept = demonstration.demo_values({}, {"LDN_DEMO_PASSWORD": "earlier", "DATABASE_URL": "sqlite:///a"})
        given = {"LDN_DEMO_PASSWORD": "later", "DATABASE_URL": "", "SECRET_KEY": "of something else"}
        values = demonstration.demo_values(kept, given)
        assert values == {"LDN_DEMO": "1", "LDN_DEMO_PASSWORD": "later", "SECRET_KEY": kept["SECRET_KEY"]}

    @pytest.mark.parametrize("password", ["two\nlines", " spaces ", "bell\a"])
    def test_what_a_line_cannot_hold_is_refused(self, password: str) -> None:
        with pytest.raises(Refusal, match="LDN_DEMO_PASSWORD"):
            demonstration.demo_values({}, {"LDN_DEMO_PASSWORD": password})

    def test_what_has_worked_is_kept_for_its_owner_only(self, kept: Path) -> None:
        values = {"LDN_DEMO": "1", "SECRET_KEY": "a=b#c", "LDN_DEMO_PASSWORD": "ö x"}
        demonstration.propose(values)
        demonstration.keep_proposal()
        assert demonstration.read_values(kept) == values
        assert [path.stat().st_mode & 0o777 for path in kept.parent.iterdir()] == [0o600]

    def test_what_was_refused_is_not_asked_again(self, kept: Path) -> None:
        kept.write_text("DATABASE_URL=sqlite:///mine\n")
        demonstration.propose({"DATABASE_URL": "sqlite:///refused"})
        demonstration.propose(demonstration.read_values(kept))
        demonstration.keep_proposal()
        assert demonstration.read_values(kept) == {"DATABASE_URL": "sqlite:///mine"}

    def test_a_taken_port_is_named(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(Refusal, match=f"Port {port} of 127.0.0.1 .*in use.*--port"):
                demonstration.free_address("127.0.0.1", port)

    @pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
    def test_a_port_that_is_none_is_refused(self, port: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            demonstration.run_options([f"--port={port}"])
        assert "1 to 65535" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")]
    )
    def test_the_welcome_holds_what_a_person_needs(self, host: str, shown: str) -> None:
        words = demonstration.welcome((host, 8000), "bafo-kilu")
        assert f"http://{shown}:8000\n" in words
        assert "bafo-kilu" in words
        for account in ("clinician", "prescriber", "editor", "approver", "auditor", "admin"):
            assert account in words


def test_tests_and_checks_see_nothing_of_the_developers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "LDN_DEMO", "DJANGO_SETTINGS_MODULE", "LDN_CHROMIUM"):
        monkeypatch.setenv(name, "the developer's")
    left = {name for name, value in bootstrap.without_project_variables().items() if value == "the developer's"}
    assert left == {"LDN_CHROMIUM"}


@pytest.mark.parametrize("said", ["CommandError: No such table.", "Some progress\nERROR: No such table.\n"])
def test_of_a_failure_the_last_line_is_told(said: str) -> None:
    assert bootstrap.last_line(finished(1, stderr=said)) == "No such table."


@pytest.mark.parametrize(
    ("codes", "code"), [([0, 0], 0), ([0, 5], 0), ([5, 5], 5), ([0, 1], 1), ([5, 2], 2), ([1, 2], 1)]
)
def test_a_failure_anywhere_is_the_exit_code_and_nothing_to_run_only_when_it_is_so_everywhere(
    codes: list[int], code: int
) -> None:
    assert bootstrap.exit_code(codes) == code
