"""The Python environment of ./run, ./test and ./check, and what the last two do in it.

Standard library only, and it must parse on Python 3.6, so that an old Python gets a sentence and no traceback.
"""

import argparse
import concurrent.futures
import importlib.util
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

if sys.version_info < (3, 11):  # noqa: UP036 - the first line of ./run takes whatever python3 there is
    sys.exit("LDN Screen needs Python 3.11 or newer; this is Python {}.{}.".format(*sys.version_info[:2]))

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"  # the hashed lists of packages, runtime.txt and dev.txt
VENV = ROOT / ".venv"
STAMP = VENV / "installed.txt"  # what was installed last, by which Python
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

DJANGO_VARIABLES = {"ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "TIME_ZONE"}
TEST_VARIABLES = {"LDN_CHROMIUM", "LDN_TEST_DATABASE"}
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
INTERACTIVE = {"--pdb", "--trace", "-s", "--capture=no"}
VERDICTS = {0: "in order", 5: "nothing to run there"}  # by pytest's exit codes

CHECKS = {  # the slowest first
    "types": "mypy --no-error-summary",
    "template faults": "djlint --lint --quiet templates",
    "migrations": "python manage.py makemigrations --check --dry-run",
    "deployment": "python manage.py check --deploy --fail-level WARNING",
    "layers": "lint-imports --no-cache",
    "style": "ruff check --quiet .",
    "format": "ruff format --check .",
    "template format": "djade --check",
}
FIXES = ("ruff check --fix --quiet .", "ruff format --quiet .", "djade")


def main(script: Callable[[list[str]], int]) -> None:
    """Run a script with the arguments of the command line and end with its exit code."""
    try:
        sys.exit(script(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as fault:
        sys.exit(f"{fault.filename or ROOT} cannot be used: {fault.strerror}.")


def ensure_environment(lock: str) -> None:
    """Have .venv hold what requirements/<lock>.txt lists; the second time this only compares files."""
    if PYTHON.exists() and STAMP.is_file() and STAMP.read_text() in {fingerprint(lock), fingerprint("dev")}:
        return  # dev holds all of runtime
    print("Preparing the Python environment in .venv; this happens once.", flush=True)
    make_environment()
    install(lock)
    STAMP.write_text(fingerprint(lock))


def fingerprint(lock: str) -> str:
    """Changes with the list of packages and with the Python behind .venv."""
    return f"# {PYTHON.resolve()}\n{(REQUIREMENTS / f'{lock}.txt').read_text()}"


def make_environment() -> None:
    """Make .venv; one that was left half-made, or that something else made, is first emptied."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit("This Python cannot make environments: install the Debian package python3-venv first.")
    is_whole = PYTHON.exists() and STAMP.is_file()
    if VENV.is_symlink() and not is_whole:
        VENV.unlink()  # what it leads to is somebody else's
    made = quietly([sys.executable, "-m", "venv", *([] if is_whole else ["--clear"]), str(VENV)])
    if made.returncode:
        sys.exit(f"The Python environment could not be made. {made.stdout.strip() or made.stderr.strip()}")


def install(lock: str) -> None:
    """Install a list of packages: with uv in seconds, or with pip where only pip is set up for a mirror."""
    listed = ["--quiet", "--require-hashes", "--requirement", str(REQUIREMENTS / f"{lock}.txt")]
    pip = tool("pip", "--no-input", "--disable-pip-version-check", "install")
    get_uv = [*pip, "--quiet", "--retries", "1", "--timeout", "10", "uv"]
    use_uv = tool("uv", "pip", "install", "--python", str(PYTHON), *listed)
    if all(quietly(step).returncode == 0 for step in (get_uv, use_uv)):
        return
    installed = quietly([*pip, "--retries", "2", *listed])
    if installed.returncode and "connection broken" in installed.stderr:
        sys.exit("No package source can be reached: this needs PyPI, or a mirror that pip is set up for.")
    if installed.returncode:
        sys.exit(f"The packages could not be installed. {installed.stderr.strip()}")


def tool(name: str, *arguments: str) -> list[str]:
    """The command line of a Python module that lives in .venv."""
    return [str(PYTHON), "-m", name, *arguments]


def quietly(command: list[str], env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program in the project's folder and keep what it says."""
    return subprocess.run(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, errors="replace"
    )


def without_project_variables() -> dict[str, str]:
    """The person's environment less what would configure this project."""
    ours = DJANGO_VARIABLES | {name for name in os.environ if name.startswith("LDN_")} - TEST_VARIABLES
    return {name: value for name, value in os.environ.items() if name not in ours}


def test(arguments: list[str]) -> int:
    """Run pytest with these arguments on both databases, side by side unless a person wants to talk to the tests.

    What PostgreSQL's run says is shown when SQLite's is through. The exit code is that of the first failure; that
    there was nothing to run is one only when it is so on both.
    """
    ensure_environment("dev")
    runs: dict[str, subprocess.Popen[bytes]] = {}
    signal.signal(signal.SIGTERM, lambda *_: list(map(subprocess.Popen.terminate, runs.values())))
    try:
        with tempfile.TemporaryFile() as output:
            if INTERACTIVE.isdisjoint(arguments):
                runs["postgresql"] = start_tests("postgresql", arguments, output)
            for engine, name in ENGINES.items():
                print(f"\nTests on {name}", flush=True)
                if engine not in runs:
                    runs[engine] = start_tests(engine, arguments)
                runs[engine].wait()
            output.seek(0)
            print(output.read().decode(errors="replace"), flush=True)
    except KeyboardInterrupt:  # pytest heard it too, and has a database server to stop
        for run in runs.values():
            run.wait()
        raise
    codes = {name: runs[engine].returncode for engine, name in ENGINES.items()}
    for name, code in codes.items():
        print(f"{name}: {VERDICTS.get(code, 'NOT in order, see above')}")
    return next((code for code in codes.values() if code not in VERDICTS), min(codes.values()))


def start_tests(engine: str, arguments: list[str], output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """One pytest process on one database."""
    environment = {**without_project_variables(), "LDN_TEST_DATABASE": engine}
    pytest = tool("pytest", "-p", "tests.needs", *arguments)
    return subprocess.Popen(pytest, cwd=ROOT, env=environment, stdout=output, stderr=output)


def check(arguments: list[str]) -> int:
    """Run every check, several at once, and show what they found."""
    parser = argparse.ArgumentParser(prog="check", description="Check all that needs no test.")
    parser.add_argument("--fix", action="store_true", help="first mend what a machine can mend")
    options = parser.parse_args(arguments)
    ensure_environment("dev")
    for command in FIXES if options.fix else ():
        quietly(command_line(command))
    production = {
        **without_project_variables(),
        "ALLOWED_HOSTS": "ldn.example.org",
        "DATABASE_URL": "sqlite://:memory:",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda command: quietly(command_line(command), production), CHECKS.values()))
    failed = {name: each for name, each in zip(CHECKS, found, strict=True) if each.returncode}
    for name, each in failed.items():
        print(f"--- {name}\n{each.stdout.strip()}\n{each.stderr.strip()}\n")
    hint = " ./check --fix corrects most of style, format and template format." if failed else ""
    print(f"{len(CHECKS) - len(failed)} of {len(CHECKS)} checks found nothing to correct.{hint}")
    return 1 if failed else 0


def command_line(command: str) -> list[str]:
    """A command of the tables above, with the programs of .venv; djade wants every template by name."""
    name, *arguments = command.split()
    templates = sorted(map(str, (ROOT / "templates").rglob("*.html"))) if name == "djade" else []
    return [str(PYTHON.with_name(name)), *arguments, *templates]
