"""The scripts ./run, ./test and ./check."""

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

BOOTSTRAP_FILES = ["run", "test", "check", "ldn_screen/bootstrap.py", "ldn_screen/demonstration.py"]
FAKE_AGE = "import sys; sys.version_info = (3, 6, 15); import ldn_screen.bootstrap"


def finished(code: int = 0, stdout: str = "", stderr: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], code, stdout, stderr)


def fake_programs(
    monkeypatch: pytest.MonkeyPatch, reply: Callable[[list[str]], subprocess.CompletedProcess[str]]
) -> list[list[str]]:
    """Replace all programs by ``reply``; return the list of command lines."""
    started: list[list[str]] = []

    def run_quietly(command: list[str], env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return reply(command)

    monkeypatch.setattr(bootstrap, "run_quietly", run_quietly)
    return started


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with two lock files and an empty virtual environment."""
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
    """The command lines of fake programs, which all succeed."""
    return fake_programs(monkeypatch, lambda command: finished())


@pytest.fixture(autouse=True)
def restored_signal_handler() -> Iterator[None]:
    """Restore the handler of SIGTERM, which the scripts replace."""
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


class TestOldPython:
    @pytest.mark.parametrize("path", BOOTSTRAP_FILES)
    def test_every_script_parses_on_python_3_6(self, path: str) -> None:
        assert ast.parse((bootstrap.ROOT / path).read_text(), feature_version=(3, 6)).body

    def test_an_old_python_gets_one_sentence(self) -> None:
        process = subprocess.run(
            [sys.executable, "-c", FAKE_AGE], cwd=bootstrap.ROOT, capture_output=True, text=True, check=False
        )
        assert (process.returncode, process.stdout) == (1, "")
        assert process.stderr == "LDN Screen needs Python 3.11 or newer; this is Python 3.6.\n"

    @pytest.mark.parametrize("path", BOOTSTRAP_FILES)
    def test_scripts_import_only_the_standard_library(self, path: str) -> None:
        tree = ast.parse((bootstrap.ROOT / path).read_text())
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "ldn_screen"}


class TestMain:
    def test_the_exit_code_is_the_result_of_the_script(self) -> None:
        with pytest.raises(SystemExit) as ended:
            bootstrap.main(lambda arguments: 3)
        assert ended.value.code == 3

    def test_an_unusable_path_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "var").touch()
        with pytest.raises(SystemExit) as ended:
            bootstrap.main(lambda _: len((tmp_path / "var" / "demo").read_text()))
        assert ended.value.code == f"{tmp_path}/var/demo cannot be used: Not a directory."

    def test_ctrl_c_ends_without_a_traceback(self, capsys: pytest.CaptureFixture[str]) -> None:
        def interrupted(arguments: list[str]) -> int:
            raise KeyboardInterrupt

        with pytest.raises(SystemExit) as ended:
            bootstrap.main(interrupted)
        assert ended.value.code == 130
        assert capsys.readouterr().err == ""


class TestEnvironment:
    @pytest.mark.parametrize(("first", "then"), [("runtime", "runtime"), ("dev", "dev"), ("dev", "runtime")])
    def test_packages_are_installed_once(self, venv: Path, programs: list[list[str]], first: str, then: str) -> None:
        bootstrap.ensure_environment(first)
        assert programs
        programs.clear()
        bootstrap.ensure_environment(then)
        assert not programs

    @pytest.mark.parametrize("change", ["another lock", "a changed lock", "another python"])
    def test_after_a_change_packages_are_installed_into_the_existing_environment(
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

    def test_an_incomplete_environment_is_cleared(self, venv: Path, programs: list[list[str]]) -> None:
        bootstrap.ensure_environment("runtime")
        assert programs[0][1:] == ["-m", "venv", "--clear", str(venv)]

    def test_an_environment_with_a_missing_python_is_cleared(self, venv: Path, programs: list[list[str]]) -> None:
        (venv / "python-of-the-system").touch()
        bootstrap.PYTHON.unlink()
        bootstrap.PYTHON.symlink_to(venv / "python-of-the-system")
        bootstrap.ensure_environment("runtime")
        (venv / "python-of-the-system").unlink()
        programs.clear()
        bootstrap.ensure_environment("runtime")
        assert programs[0][1:] == ["-m", "venv", "--clear", str(venv)]

    def test_the_target_of_a_link_is_never_cleared(self, venv: Path, programs: list[list[str]]) -> None:
        venv.rename(venv.with_name("of somebody else"))
        venv.symlink_to("of somebody else")
        bootstrap.make_environment()
        assert not venv.is_symlink()
        assert (venv.with_name("of somebody else") / "bin").is_dir()

    def test_the_missing_debian_package_is_named(self, venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(SystemExit, match="python3-venv"):
            bootstrap.make_environment()

    def test_error_messages_of_venv_are_shown(self, venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        fake_programs(monkeypatch, lambda _: finished(1, stdout="Error: No space left on device\n"))
        with pytest.raises(SystemExit, match=r"could not be created\. Error: No space left on device"):
            bootstrap.make_environment()


class TestInstallation:
    def test_uv_installs_if_available(self, venv: Path, programs: list[list[str]]) -> None:
        bootstrap.install("runtime")
        assert programs[-1][2] == "uv"
        assert "--require-hashes" in programs[-1]

    @pytest.mark.parametrize("missing", ["getting uv", "using uv"])
    def test_pip_installs_if_uv_is_not_available(
        self, venv: Path, monkeypatch: pytest.MonkeyPatch, missing: str
    ) -> None:
        def reply(arguments: list[str]) -> subprocess.CompletedProcess[str]:
            refused = arguments[-1] == "uv" if missing == "getting uv" else arguments[2] == "uv"
            return finished(1 if refused else 0)

        started = fake_programs(monkeypatch, reply)
        bootstrap.install("runtime")
        assert started[-1][2] == "pip"
        assert "--require-hashes" in started[-1]

    def test_a_missing_network_and_a_bad_package_have_different_messages(
        self, venv: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fake_programs(monkeypatch, lambda _: finished(1, stderr="WARNING: Retrying after connection broken by 'X'"))
        with pytest.raises(SystemExit, match="No package index can be reached"):
            bootstrap.install("runtime")
        fake_programs(monkeypatch, lambda _: finished(1, stderr="ERROR: HASHES DO NOT MATCH"))
        with pytest.raises(SystemExit, match=r"could not be installed\. ERROR: HASHES DO NOT MATCH"):
            bootstrap.install("runtime")


class TestDemonstration:
    """./run with a fake server."""

    @pytest.fixture
    def demo_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(demonstration, "DEMO_FILE", tmp_path / "var" / "demo.env")
        monkeypatch.setattr(demonstration, "ensure_environment", lambda lock: None)
        return tmp_path / "var" / "demo.env"

    def run(self, monkeypatch: pytest.MonkeyPatch, server: str) -> tuple[int, int]:
        """Return the exit code of ./run and the port of its server."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        monkeypatch.setattr(demonstration, "tool", lambda *arguments: [sys.executable, "-c", server, *arguments])
        return demonstration.run([f"--port={port}"]), port

    SERVES_ONE = "import socket, sys; socket.create_server((sys.argv[2], int(sys.argv[3]))).accept()"
    REFUSES = "import sys; sys.exit(1)"

    def test_it_prints_address_accounts_and_password_once_the_server_responds(
        self, demo_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("LDN_DEMO_PASSWORD", "bafo-kilu")
        code, port = self.run(monkeypatch, self.SERVES_ONE)
        output = capsys.readouterr().out
        assert code == 0
        assert f"http://127.0.0.1:{port}\n" in output
        assert "bafo-kilu" in output
        for account in ("clinician", "prescriber", "editor", "approver", "auditor", "admin"):
            assert account in output

    def test_settings_that_worked_are_stored_readable_by_the_owner_only(
        self, demo_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "sqlite:///of?this=demo")
        self.run(monkeypatch, self.SERVES_ONE)
        first = demo_file.read_text()
        assert "\nDATABASE_URL=sqlite:///of?this=demo\n" in first
        assert demo_file.stat().st_mode & 0o777 == 0o600
        monkeypatch.delenv("DATABASE_URL")
        self.run(monkeypatch, self.SERVES_ONE)
        assert demo_file.read_text() == first

    def test_settings_that_did_not_work_are_not_stored(
        self, demo_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.run(monkeypatch, self.SERVES_ONE)
        first = demo_file.read_text()
        capsys.readouterr()
        monkeypatch.setenv("DATABASE_URL", "sqlite:///refused")
        assert self.run(monkeypatch, self.REFUSES)[0] == 1
        assert demo_file.read_text() == first
        assert capsys.readouterr().out == ""

    def test_the_first_start_creates_secrets(self) -> None:
        values = demonstration.demo_values({}, {})
        assert values.keys() == {"LDN_DEMO", "SECRET_KEY", "LDN_DEMO_PASSWORD"}
        assert len(values["SECRET_KEY"]) > 50
        assert values != demonstration.demo_values({}, {})

    def test_the_environment_takes_precedence(self) -> None:
        stored = demonstration.demo_values({}, {"LDN_DEMO_PASSWORD": "earlier", "DATABASE_URL": "sqlite:///a"})
        given = {"LDN_DEMO_PASSWORD": "later", "DATABASE_URL": "", "SECRET_KEY": "of something else"}
        values = demonstration.demo_values(stored, given)
        assert values == {"LDN_DEMO": "1", "LDN_DEMO_PASSWORD": "later", "SECRET_KEY": stored["SECRET_KEY"]}

    @pytest.mark.parametrize("password", ["two\nlines", " spaces ", "bell\a"])
    def test_a_password_that_is_not_one_plain_line_is_refused(self, password: str) -> None:
        with pytest.raises(SystemExit, match="LDN_DEMO_PASSWORD"):
            demonstration.demo_values({}, {"LDN_DEMO_PASSWORD": password})

    def test_a_port_in_use_is_reported(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(SystemExit, match=f"Port {port} of 127.0.0.1 .*in use.*--port"):
                demonstration.free_address("127.0.0.1", port)

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
    def test_an_invalid_port_is_refused(self, port: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            demonstration.run([f"--port={port}"])
        assert "port" in capsys.readouterr().err


def test_tests_and_checks_ignore_the_developers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "LDN_DEMO", "DJANGO_SETTINGS_MODULE", "LDN_CHROMIUM"):
        monkeypatch.setenv(name, "the developer's")
    left = {name for name, value in bootstrap.without_project_variables().items() if value == "the developer's"}
    assert left == {"LDN_CHROMIUM"}


class TestTest:
    def run(self, monkeypatch: pytest.MonkeyPatch, codes: dict[str, int], *arguments: str) -> tuple[int, list[str]]:
        """Return the exit code of ./test and the steps in their order, for these exit codes of pytest."""
        steps: list[str] = []

        class Run:
            def __init__(self, engine: str, arguments: list[str], output: object = None) -> None:
                self.engine, self.returncode = engine, codes[engine]
                steps.append(f"start {engine}: {' '.join(arguments)}")

            def wait(self) -> int:
                steps.append(f"wait for {self.engine}")
                return self.returncode

        monkeypatch.setattr(bootstrap, "ensure_environment", lambda lock: None)
        monkeypatch.setattr(bootstrap, "start_tests", Run)
        return bootstrap.test(list(arguments)), steps

    @pytest.mark.parametrize(
        ("codes", "code"), [([0, 0], 0), ([0, 5], 0), ([5, 5], 5), ([0, 1], 1), ([5, 2], 2), ([1, 2], 1)]
    )
    def test_the_exit_code_is_the_first_failure_or_no_tests_if_both_ran_none(
        self, monkeypatch: pytest.MonkeyPatch, codes: list[int], code: int
    ) -> None:
        exit_code, _ = self.run(monkeypatch, dict(zip(("sqlite", "postgresql"), codes, strict=True)))
        assert exit_code == code

    def test_both_runs_start_at_once_with_the_arguments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _, steps = self.run(monkeypatch, {"sqlite": 0, "postgresql": 0}, "-k", "opioid")
        assert sorted(steps[:2]) == ["start postgresql: -k opioid", "start sqlite: -k opioid"]

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("hostile", "tests/hostile --hostile-requests 3334 -x"),
            ("reliability", "tests/reliability --reliability-rounds 20 -x"),
        ],
    )
    def test_a_long_run_is_started_by_its_name(
        self, monkeypatch: pytest.MonkeyPatch, name: str, expected: str
    ) -> None:
        _, steps = self.run(monkeypatch, {"sqlite": 0, "postgresql": 0}, name, "-x")
        assert sorted(steps[:2]) == [f"start postgresql: {expected}", f"start sqlite: {expected}"]

    def test_interactive_runs_start_one_after_the_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _, steps = self.run(monkeypatch, {"sqlite": 0, "postgresql": 0}, "--pdb")
        assert steps == [
            "start sqlite: --pdb",
            "wait for sqlite",
            "start postgresql: --pdb",
            "wait for postgresql",
        ]
