"""The scripts that run before anything is installed."""

from __future__ import annotations

import ast
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ldn_screen import bootstrap, demonstration

BEFORE_INSTALLATION = ["run", "test", "check", "ldn_screen/bootstrap.py", "ldn_screen/demonstration.py"]
FAKE_AGE = "import sys; sys.version_info = (3, 6, 15); import ldn_screen.bootstrap"


def finished(code: int = 0, stdout: str = "", stderr: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], code, stdout, stderr)


def answering(
    monkeypatch: pytest.MonkeyPatch, reply: Callable[[list[str]], subprocess.CompletedProcess[str]]
) -> list[list[str]]:
    """Start no program, but reply as told; the programs that would have been started."""
    started: list[list[str]] = []

    def quietly(command: list[str], env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return reply(command)

    monkeypatch.setattr(bootstrap, "quietly", quietly)
    return started


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with the two lists of packages and an environment in which nothing is installed yet."""
    monkeypatch.setattr(bootstrap, "REQUIREMENTS", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv/installed.txt")
    for lock in ("runtime", "dev"):
        (tmp_path / f"{lock}.txt").write_text(f"{lock}==1\n")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    bootstrap.PYTHON.symlink_to(sys.executable)
    return tmp_path / ".venv"


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The programs that would have been started; all of them succeed."""
    return answering(monkeypatch, lambda command: finished())


@pytest.fixture(autouse=True)
def handler_of_pytest() -> Iterator[None]:
    """The scripts take SIGTERM for themselves; give it back."""
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


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


class TestMain:
    def test_the_exit_code_is_that_of_the_script(self) -> None:
        with pytest.raises(SystemExit) as ended:
            bootstrap.main(lambda arguments: 3)
        assert ended.value.code == 3

    def test_a_folder_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "var").touch()
        with pytest.raises(SystemExit) as ended:
            bootstrap.main(lambda _: len((tmp_path / "var" / "demo").read_text()))
        assert ended.value.code == f"{tmp_path}/var/demo cannot be used: Not a directory."

    def test_ctrl_c_is_silent(self, capsys: pytest.CaptureFixture[str]) -> None:
        def interrupted(arguments: list[str]) -> int:
            raise KeyboardInterrupt

        with pytest.raises(SystemExit) as ended:
            bootstrap.main(interrupted)
        assert ended.value.code == 130
        assert capsys.readouterr().err == ""


class TestEnvironment:
    @pytest.mark.parametrize(("first", "then"), [("runtime", "runtime"), ("dev", "dev"), ("dev", "runtime")])
    def test_it_is_installed_once(self, venv: Path, programs: list[list[str]], first: str, then: str) -> None:
        bootstrap.ensure_environment(first)
        assert programs
        programs.clear()
        bootstrap.ensure_environment(then)
        assert not programs

    @pytest.mark.parametrize("change", ["another lock", "a changed lock", "another python"])
    def test_a_change_is_installed_into_what_is_there(
        self, venv: Path, programs: list[list[str]], change: str
    ) -> None:
        bootstrap.ensure_environment("runtime")
        programs.clear()
        if change == "a changed lock":
            (bootstrap.REQUIREMENTS / "runtime.txt").write_text("other==2\n")
        elif change == "another python":
            (venv / "other-python").touch()
            bootstrap.PYTHON.unlink()
            bootstrap.PYTHON.symlink_to(venv / "other-python")
        bootstrap.ensure_environment("dev" if change == "another lock" else "runtime")
        assert "--require-hashes" in programs[-1]
        assert programs[0][1:] == ["-m", "venv", str(venv)]

    def test_what_is_left_half_made_is_emptied(self, venv: Path, programs: list[list[str]]) -> None:
        bootstrap.ensure_environment("runtime")
        assert programs[0][1:] == ["-m", "venv", "--clear", str(venv)]

    def test_a_python_that_is_gone_is_replaced(self, venv: Path, programs: list[list[str]]) -> None:
        (venv / "python-of-the-system").touch()
        bootstrap.PYTHON.unlink()
        bootstrap.PYTHON.symlink_to(venv / "python-of-the-system")
        bootstrap.ensure_environment("runtime")
        (venv / "python-of-the-system").unlink()
        programs.clear()
        bootstrap.ensure_environment("runtime")
        assert programs[0][1:] == ["-m", "venv", "--clear", str(venv)]

    def test_what_a_link_leads_to_is_never_emptied(self, venv: Path, programs: list[list[str]]) -> None:
        venv.rename(venv.with_name("of somebody else"))
        venv.symlink_to("of somebody else")
        bootstrap.make_environment()
        assert not venv.is_symlink()
        assert (venv.with_name("of somebody else") / "bin").is_dir()

    def test_debians_package_is_named(self, venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(SystemExit, match="python3-venv"):
            bootstrap.make_environment()

    def test_what_venv_says_is_passed_on(self, venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        answering(monkeypatch, lambda _: finished(1, stdout="Error: No space left on device\n"))
        with pytest.raises(SystemExit, match=r"could not be made\. Error: No space left on device"):
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
        answering(monkeypatch, lambda _: finished(1, stderr="WARNING: Retrying after connection broken by 'X'"))
        with pytest.raises(SystemExit, match="No package source can be reached"):
            bootstrap.install("runtime")
        answering(monkeypatch, lambda _: finished(1, stderr="ERROR: HASHES DO NOT MATCH"))
        with pytest.raises(SystemExit, match=r"could not be installed\. ERROR: HASHES DO NOT MATCH"):
            bootstrap.install("runtime")


class TestDemonstration:
    """What ./run keeps, refuses and says. Its server is a stand-in here."""

    @pytest.fixture
    def kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(demonstration, "DEMO_FILE", tmp_path / "var" / "demo.env")
        monkeypatch.setattr(demonstration, "ensure_environment", lambda lock: None)
        return tmp_path / "var" / "demo.env"

    def run(self, monkeypatch: pytest.MonkeyPatch, server: str) -> tuple[int, int]:
        """The exit code of ./run, and the port that it gave to its server."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        monkeypatch.setattr(demonstration, "tool", lambda *arguments: [sys.executable, "-c", server, *arguments])
        return demonstration.run([f"--port={port}"]), port

    SERVES_ONE = "import socket, sys; socket.create_server((sys.argv[2], int(sys.argv[3]))).accept()"
    REFUSES = "import sys; sys.exit(1)"

    def test_it_says_what_a_person_needs_once_the_server_answers(
        self, kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("LDN_DEMO_PASSWORD", "bafo-kilu")
        code, port = self.run(monkeypatch, self.SERVES_ONE)
        said = capsys.readouterr().out
        assert code == 0
        assert f"http://127.0.0.1:{port}\n" in said
        assert "bafo-kilu" in said
        for account in ("clinician", "prescriber", "editor", "approver", "auditor", "admin"):
            assert account in said

    def test_what_has_worked_is_kept_for_its_owner_only(self, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "sqlite:///of?this=demo")
        self.run(monkeypatch, self.SERVES_ONE)
        first = kept.read_text()
        assert "\nDATABASE_URL=sqlite:///of?this=demo\n" in first
        assert kept.stat().st_mode & 0o777 == 0o600
        monkeypatch.delenv("DATABASE_URL")
        self.run(monkeypatch, self.SERVES_ONE)
        assert kept.read_text() == first

    def test_what_was_refused_is_not_kept(
        self, kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.run(monkeypatch, self.SERVES_ONE)
        first = kept.read_text()
        capsys.readouterr()
        monkeypatch.setenv("DATABASE_URL", "sqlite:///refused")
        assert self.run(monkeypatch, self.REFUSES)[0] == 1
        assert kept.read_text() == first
        assert capsys.readouterr().out == ""

    def test_a_first_start_makes_its_own_secrets(self) -> None:
        values = demonstration.demo_values({}, {})
        assert values.keys() == {"LDN_DEMO", "SECRET_KEY", "LDN_DEMO_PASSWORD"}
        assert len(values["SECRET_KEY"]) > 50
        assert values != demonstration.demo_values({}, {})

    def test_the_environment_prevails(self) -> None:
        kept = demonstration.demo_values({}, {"LDN_DEMO_PASSWORD": "earlier", "DATABASE_URL": "sqlite:///a"})
        given = {"LDN_DEMO_PASSWORD": "later", "DATABASE_URL": "", "SECRET_KEY": "of something else"}
        values = demonstration.demo_values(kept, given)
        assert values == {"LDN_DEMO": "1", "LDN_DEMO_PASSWORD": "later", "SECRET_KEY": kept["SECRET_KEY"]}

    @pytest.mark.parametrize("password", ["two\nlines", " spaces ", "bell\a"])
    def test_what_a_line_cannot_hold_is_refused(self, password: str) -> None:
        with pytest.raises(SystemExit, match="LDN_DEMO_PASSWORD"):
            demonstration.demo_values({}, {"LDN_DEMO_PASSWORD": password})

    def test_a_taken_port_is_named(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(SystemExit, match=f"Port {port} of 127.0.0.1 .*in use.*--port"):
                demonstration.free_address("127.0.0.1", port)

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
    def test_a_port_that_is_none_is_refused(self, port: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            demonstration.run([f"--port={port}"])
        assert "port" in capsys.readouterr().err


def test_tests_and_checks_see_nothing_of_the_developers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "LDN_DEMO", "DJANGO_SETTINGS_MODULE", "LDN_CHROMIUM"):
        monkeypatch.setenv(name, "the developer's")
    left = {name for name, value in bootstrap.without_project_variables().items() if value == "the developer's"}
    assert left == {"LDN_CHROMIUM"}


class TestTest:
    def run(self, monkeypatch: pytest.MonkeyPatch, codes: dict[str, int], *arguments: str) -> tuple[int, list[str]]:
        """The exit code of ./test, and what happened in which order, when pytest ends with these codes."""
        happened: list[str] = []

        class Run:
            def __init__(self, engine: str, arguments: list[str], output: object = None) -> None:
                self.engine, self.returncode = engine, codes[engine]
                happened.append(f"start {engine}: {' '.join(arguments)}")

            def wait(self) -> int:
                happened.append(f"wait for {self.engine}")
                return self.returncode

        monkeypatch.setattr(bootstrap, "ensure_environment", lambda lock: None)
        monkeypatch.setattr(bootstrap, "start_tests", Run)
        return bootstrap.test(list(arguments)), happened

    @pytest.mark.parametrize(
        ("codes", "code"), [([0, 0], 0), ([0, 5], 0), ([5, 5], 5), ([0, 1], 1), ([5, 2], 2), ([1, 2], 1)]
    )
    def test_a_failure_anywhere_is_the_exit_code_and_nothing_to_run_only_when_it_is_so_everywhere(
        self, monkeypatch: pytest.MonkeyPatch, codes: list[int], code: int
    ) -> None:
        ended, _ = self.run(monkeypatch, dict(zip(("sqlite", "postgresql"), codes, strict=True)))
        assert ended == code

    def test_both_engines_are_started_at_once_with_the_arguments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _, happened = self.run(monkeypatch, {"sqlite": 0, "postgresql": 0}, "-k", "opioid")
        assert sorted(happened[:2]) == ["start postgresql: -k opioid", "start sqlite: -k opioid"]

    def test_whoever_talks_to_the_tests_gets_one_run_after_the_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _, happened = self.run(monkeypatch, {"sqlite": 0, "postgresql": 0}, "--pdb")
        assert happened == [
            "start sqlite: --pdb",
            "wait for sqlite",
            "start postgresql: --pdb",
            "wait for postgresql",
        ]
