"""What comes before everything: the Python environment; then the tests and the checks inside it.

Standard library only, because it runs before anything is installed. It must parse on Python 3.6, so that an
old Python is told what is wrong and does not stumble over syntax.
"""

import argparse
import concurrent.futures
import contextlib
import functools
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import typing
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - the first line of ./run takes whatever python3 there is
    sys.exit("LDN Screen needs Python 3.11 or newer; this is Python {}.{}.".format(*sys.version_info[:2]))

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PROJECT_VARIABLES = {
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "DEBUG",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "TIME_ZONE",
}  # and all that begin with LDN_, but for:
VARIABLES_OF_TESTS = {"LDN_CHROMIUM", "LDN_TEST_DATABASE"}
NOTHING_TO_RUN = 5
VERDICTS = {0: "in order", NOTHING_TO_RUN: "nothing to run there"}
NEEDS_THE_TERMINAL = {"--pdb", "--trace", "-s", "--capture=no"}
SIGNS_OF_NO_NETWORK = (
    "NewConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "ProxyError",
    "connection broken",
)


class Refusal(Exception):
    """Something the person at the terminal can mend; its text is the one sentence they read."""


def command(function):
    """Make an entry point whose failures are one plain sentence each."""

    @functools.wraps(function)
    def entry_point(arguments: list[str]) -> int:
        try:
            return function(arguments)
        except KeyboardInterrupt:
            return 130
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
        except OSError as fault:
            print(f"{fault.filename or ROOT} cannot be used: {fault.strerror}.", file=sys.stderr)
        return 1

    return entry_point


# The environment


def ensure_environment(lock: str) -> None:
    """Have .venv hold what requirements/<lock>.txt lists; a stamp makes the second time free."""
    if is_installed(lock):
        return
    print("Preparing the Python environment in .venv; this happens once.", flush=True)
    if not environment_works():
        make_environment()
    install(lock)
    for held in {lock, "runtime"}:  # dev holds all of runtime
        stamp(held).write_text(fingerprint(held))


def is_installed(lock: str) -> bool:
    """Whether the stamp names this very lock and the Python that is still there."""
    return PYTHON.exists() and stamp(lock).is_file() and stamp(lock).read_text() == fingerprint(lock)


def stamp(lock: str) -> Path:
    """Where an installed lock is remembered: among the packages, so that it goes when they go."""
    packages = next(VENV.glob("lib/python*/site-packages"), VENV / "Lib" / "site-packages")
    return packages / f"installed-{lock}.sha256"


def requirements(lock: str) -> Path:
    """The hashed list of packages, of which there are two: runtime and dev."""
    return ROOT / "requirements" / f"{lock}.txt"


def fingerprint(lock: str) -> str:
    """Changes with the list of packages and with the Python behind .venv."""
    return hashlib.sha256(requirements(lock).read_bytes() + os.fsencode(PYTHON.resolve())).hexdigest()


def environment_works() -> bool:
    """Whether .venv can be installed into; one that was left half-made cannot."""
    question = "import pip, sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    try:
        return quietly([str(PYTHON), "-c", question]).returncode == 0
    except OSError:
        return False


def make_environment() -> None:
    """Make .venv anew."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise Refusal("This Python cannot make environments: install the Debian package python3-venv first.")
    if VENV.is_dir() and not VENV.is_symlink():
        shutil.rmtree(VENV)
    else:
        VENV.unlink(missing_ok=True)
    # The Python that runs this may be that of the .venv just removed, so ask the one it was made from.
    made = quietly([getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(VENV)])
    if made.returncode:
        raise Refusal(f"The Python environment could not be made: {last_line(made)}")


def install(lock: str) -> None:
    """Install a lock with uv, or with pip where uv cannot be had or does not know the mirror."""
    listed = ["--quiet", "--require-hashes", "--requirement", str(requirements(lock))]
    pip = tool("pip", "--no-input", "--disable-pip-version-check", "install")
    get_uv = [*pip, "--quiet", "--retries", "1", "--timeout", "10", "uv"]
    use_uv = tool("uv", "pip", "install", "--python", str(PYTHON), *listed)
    if all(quietly(step).returncode == 0 for step in (get_uv, use_uv)):
        return
    installed = quietly([*pip, "--retries", "2", *listed])
    if installed.returncode and any(sign in installed.stderr for sign in SIGNS_OF_NO_NETWORK):
        raise Refusal("No package source can be reached: this needs PyPI, or a mirror that pip is set up for.")
    if installed.returncode:
        raise Refusal(f"The packages could not be installed: {last_line(installed)}")


def tool(name: str, *arguments: str) -> "list[str]":
    """The command line of a Python tool that lives in .venv."""
    return [str(PYTHON), "-m", name, *arguments]


def program(name: str, *arguments: str) -> "list[str]":
    """The command line of a tool in .venv that is no Python module."""
    return [str(PYTHON.with_name(name)), *arguments]


def quietly(
    arguments: "list[str]", environment: "dict[str, str] | None" = None
) -> "subprocess.CompletedProcess[str]":
    """Run a program in the project's folder and keep what it says."""
    return subprocess.run(
        arguments,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="replace",
    )


def last_line(finished: "subprocess.CompletedProcess[str]") -> str:
    """The line in which most programs say what went wrong."""
    lines = (finished.stderr.strip() or finished.stdout.strip()).splitlines() or ["it did not say why."]
    return lines[-1].removeprefix("CommandError: ").removeprefix("ERROR: ")


def without_project_variables() -> "dict[str, str]":
    """The person's environment less what would configure this project."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in VARIABLES_OF_TESTS or not (name in PROJECT_VARIABLES or name.startswith("LDN_"))
    }


# ./test


@command
def test(arguments: "list[str]") -> int:
    """Run pytest with the same arguments on each database; the first failure is the exit code.

    What no database can change runs on one of them only, so that on the other there may be nothing to run.
    """
    ensure_environment("dev")
    codes = run_tests(arguments) if NEEDS_THE_TERMINAL.isdisjoint(arguments) else run_tests_in_turn(arguments)
    print()
    for engine, code in codes.items():
        print(f"{ENGINES[engine]}: {VERDICTS.get(code, 'NOT in order, see above')}")
    return exit_code(list(codes.values()))


def exit_code(codes: "list[int]") -> int:
    """The first failure; that nothing was found to run is one only when it is so everywhere."""
    failed = [code for code in codes if code not in VERDICTS]
    return failed[0] if failed else min(codes)


def run_tests(arguments: "list[str]") -> "dict[str, int]":
    """The tests on all databases side by side; what the later ones say is kept until the first is through."""
    with contextlib.ExitStack() as kept:
        files = {engine: kept.enter_context(tempfile.TemporaryFile()) for engine in list(ENGINES)[1:]}
        runs = {engine: start_tests(engine, arguments, files.get(engine)) for engine in ENGINES}
        codes = {}
        for engine, run in runs.items():
            print(f"\nTests on {ENGINES[engine]}", flush=True)
            codes[engine] = wait_for(run, *runs.values())
            if engine in files:
                files[engine].seek(0)
                print(files[engine].read().decode(errors="replace"), flush=True)
    return codes


def run_tests_in_turn(arguments: "list[str]") -> "dict[str, int]":
    """One database after the other, for a person who wants to talk to the tests."""
    return {engine: wait_for(start_tests(engine, arguments)) for engine in ENGINES}


def start_tests(
    engine: str, arguments: "list[str]", output: "typing.IO[bytes] | None" = None
) -> "subprocess.Popen[bytes]":
    """One pytest process on one database."""
    environment = {**without_project_variables(), "LDN_TEST_DATABASE": engine}
    errors = subprocess.STDOUT if output else None
    pytest = tool("pytest", "-p", "tests.needs", *arguments)
    return subprocess.Popen(pytest, cwd=ROOT, env=environment, stdout=output, stderr=errors)


def wait_for(run: "subprocess.Popen[bytes]", *others: "subprocess.Popen[bytes]") -> int:
    """The exit code of a run; what stops it stops the others too, in peace."""

    def stop_all(*_: object) -> None:
        for each in (run, *others):
            each.terminate()

    signal.signal(signal.SIGTERM, stop_all)
    try:
        return run.wait()
    except KeyboardInterrupt:  # pytest heard it too, and has a database server to take down
        for each in (run, *others):
            each.wait()
        raise


# ./check


@command
def check(arguments: "list[str]") -> int:
    """Run every check and list what is to be mended."""
    parser = argparse.ArgumentParser(prog="check", description="Check all that needs no test.")
    parser.add_argument("--fix", action="store_true", help="first mend what a machine can mend")
    options = parser.parse_args(arguments)
    ensure_environment("dev")
    for mending in mendings() if options.fix else []:
        quietly(mending)
    return report(checks())


def report(steps: "list[tuple[str, list[str], str]]") -> int:
    """Run the checks side by side and say what they found, then how to mend it."""
    environment = production_like()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(lambda step: quietly(step[1], environment), steps))
    failed = [(step, outcome) for step, outcome in zip(steps, outcomes, strict=True) if outcome.returncode]
    for (name, _, _), outcome in failed:
        print(f"--- {name}\n{outcome.stdout.strip()}\n{outcome.stderr.strip()}\n")
    for (name, _, hint), _ in failed:
        print(f"{name}: {hint}")
    print(f"{len(steps) - len(failed)} of {len(steps)} checks found nothing to mend.")
    return 1 if failed else 0


def mendings() -> "list[list[str]]":
    """What a machine can mend."""
    return [
        tool("ruff", "check", "--fix", "--quiet", "."),
        tool("ruff", "format", "--quiet", "."),
        program("djade", *templates()),
    ]


def checks() -> "list[tuple[str, list[str], str]]":
    """Each check: its name, its command, and how to mend what it finds. The slowest go first."""
    by_machine, by_hand = "./check --fix mends most of it", "change the lines named above"
    manage = [str(PYTHON), "manage.py"]
    return [
        ("types", tool("mypy", "--no-error-summary"), by_hand),
        ("template faults", tool("djlint", "--lint", "--quiet", *templates()), by_hand),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], "manage.py makemigrations"),
        (
            "deployment",
            [*manage, "check", "--deploy", "--fail-level", "WARNING"],
            "change ldn_screen/settings.py",
        ),
        (
            "layers",
            program("lint-imports", "--no-cache"),
            "import only from rows further down",
        ),
        ("style", tool("ruff", "check", "--quiet", "."), by_machine),
        ("format", tool("ruff", "format", "--check", "."), by_machine),
        ("template format", program("djade", "--check", *templates()), by_machine),
    ]


def templates() -> "list[str]":
    """Every HTML template of the project."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))


def production_like() -> "dict[str, str]":
    """The variables of an installation that is not a demonstration."""
    return {
        **without_project_variables(),
        "ALLOWED_HOSTS": "ldn.example.org",
        "DATABASE_URL": "sqlite://:memory:",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
