"""The virtual environment of ./run, ./test and ./check, and the code of the last two.

It uses the standard library only and must parse on Python 3.6, so that an old Python shows a message instead of a
traceback.
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

if sys.version_info < (3, 11):  # noqa: UP036 - ./run is started by any python3
    sys.exit("LDN Screen needs Python 3.11 or newer; this is Python {}.{}.".format(*sys.version_info[:2]))

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"  # the lock files runtime.txt and dev.txt
VENV = ROOT / ".venv"
STAMP = VENV / "installed.txt"  # the fingerprint of the last installation
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

DJANGO_VARIABLES = {"ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "TIME_ZONE"}
TEST_VARIABLES = {"LDN_CHROMIUM", "LDN_TEST_DATABASE"}
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
INTERACTIVE = {"--pdb", "--trace", "-s", "--capture=no"}
HOSTILE = ["tests/hostile", "--hostile-requests", "3334"]  # of each of three seeds: 10,002 in all
RELIABILITY = ["tests/reliability", "--reliability-rounds", "20"]
LONG_RUNS = {"hostile": HOSTILE, "reliability": RELIABILITY}
EXIT_MESSAGES = {0: "no failures", 5: "no tests to run"}  # by exit code of pytest

CHECKS = {  # the slowest first
    "types": "mypy --no-error-summary",
    "template lint": "djlint --lint --quiet templates",
    "known vulnerabilities": "python -m ldn_screen.audit_packages",
    "migrations": "python manage.py makemigrations --check --dry-run",
    "deployment": "python manage.py check --deploy --fail-level WARNING",
    "layers": "lint-imports --no-cache",
    "style": "ruff check --quiet .",
    "format": "ruff format --check .",
    "template format": "djade --check",
}
SHOWN_ALWAYS = "known vulnerabilities"  # without a network nothing is looked up, which must not look like a result
FIXES = ("ruff check --fix --quiet .", "ruff format --quiet .", "djade")


def main(script: Callable[[list[str]], int]) -> None:
    """Run a script with the command-line arguments and exit with its exit code."""
    try:
        sys.exit(script(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as fault:
        sys.exit(f"{fault.filename or ROOT} cannot be used: {fault.strerror}.")


def ensure_environment(lock: str) -> None:
    """Install requirements/<lock>.txt into .venv, unless that was done already."""
    if PYTHON.exists() and STAMP.is_file() and STAMP.read_text() in {fingerprint(lock), fingerprint("dev")}:
        return  # dev includes runtime
    print("Preparing the Python environment in .venv. This happens only once.", flush=True)
    make_environment()
    install(lock)
    STAMP.write_text(fingerprint(lock))


def fingerprint(lock: str) -> str:
    """Return a text that changes with the lock file and with the Python of .venv."""
    return f"# {PYTHON.resolve()}\n{(REQUIREMENTS / f'{lock}.txt').read_text()}"


def make_environment() -> None:
    """Create .venv. An incomplete one, or one created by another tool, is cleared first."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit("This Python cannot create virtual environments. Install the Debian package python3-venv first.")
    is_complete = PYTHON.exists() and STAMP.is_file()
    if VENV.is_symlink() and not is_complete:
        VENV.unlink()  # its target belongs to someone else
    created = run_quietly([sys.executable, "-m", "venv", *([] if is_complete else ["--clear"]), str(VENV)])
    if created.returncode:
        sys.exit(f"The Python environment could not be created. {created.stdout.strip() or created.stderr.strip()}")


def install(lock: str) -> None:
    """Install a lock file with uv, or with pip if uv is not available."""
    packages = ["--quiet", "--require-hashes", "--requirement", str(REQUIREMENTS / f"{lock}.txt")]
    pip = tool("pip", "--no-input", "--disable-pip-version-check", "install")
    get_uv = [*pip, "--quiet", "--retries", "1", "--timeout", "10", "uv"]
    use_uv = tool("uv", "pip", "install", "--python", str(PYTHON), *packages)
    if all(run_quietly(step).returncode == 0 for step in (get_uv, use_uv)):
        return
    installed = run_quietly([*pip, "--retries", "2", *packages])
    if installed.returncode and "connection broken" in installed.stderr:
        sys.exit("No package index can be reached. Allow access to PyPI, or configure a mirror for pip.")
    if installed.returncode:
        sys.exit(f"The packages could not be installed. {installed.stderr.strip()}")


def tool(name: str, *arguments: str) -> list[str]:
    """Return the command line of a Python module in .venv."""
    return [str(PYTHON), "-m", name, *arguments]


def run_quietly(command: list[str], env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program in the project folder and capture its output."""
    return subprocess.run(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, errors="replace"
    )


def without_project_variables() -> dict[str, str]:
    """Return the environment without the variables that configure this project."""
    ours = DJANGO_VARIABLES | {name for name in os.environ if name.startswith("LDN_")} - TEST_VARIABLES
    return {name: value for name, value in os.environ.items() if name not in ours}


def test(arguments: list[str]) -> int:
    """Run pytest on both databases, in parallel unless the arguments ask for interaction.

    With “hostile” as the first argument it sends all hostile input instead of a small part of it, with “reliability”
    it makes each fault of the server and its database many times.
    The output of PostgreSQL's run is shown after SQLite's. Returns the exit code of the first failure, else pytest's
    code for “no tests” if both had none, else 0.
    """
    ensure_environment("dev")
    for name, instead in LONG_RUNS.items():
        if arguments[:1] == [name]:
            arguments = instead + arguments[1:]
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
    except KeyboardInterrupt:  # pytest also received it and must stop its database server
        for run in runs.values():
            run.wait()
        raise
    codes = {name: runs[engine].returncode for engine, name in ENGINES.items()}
    for name, code in codes.items():
        print(f"{name}: {EXIT_MESSAGES.get(code, 'FAILED, see above')}")
    return next((code for code in codes.values() if code not in EXIT_MESSAGES), min(codes.values()))


def start_tests(engine: str, arguments: list[str], output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start a pytest process on one database."""
    environment = {**without_project_variables(), "LDN_TEST_DATABASE": engine}
    pytest = tool("pytest", "-p", "tests.needs", *arguments)
    return subprocess.Popen(pytest, cwd=ROOT, env=environment, stdout=output, stderr=output)


def check(arguments: list[str]) -> int:
    """Run all checks in parallel and show the output of those that found problems."""
    parser = argparse.ArgumentParser(prog="check", description="Run all checks except the tests.")
    parser.add_argument("--fix", action="store_true", help="first fix style and formatting")
    parser.add_argument("--sbom", metavar="FILE", help="write a Software Bill of Materials (CycloneDX), and stop")
    options = parser.parse_args(arguments)
    ensure_environment("dev")
    if options.sbom:
        return write_sbom(options.sbom)
    for command in FIXES if options.fix else ():
        run_quietly(command_line(command))
    production = {
        **without_project_variables(),
        "ALLOWED_HOSTS": "ldn.example.org",
        "DATABASE_URL": "sqlite://:memory:",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda command: run_quietly(command_line(command), production), CHECKS.values()))
    failed = {name: each for name, each in zip(CHECKS, results, strict=True) if each.returncode}
    for name, each in failed.items():
        print(f"--- {name}\n{each.stdout.strip()}\n{each.stderr.strip()}\n")
    if SHOWN_ALWAYS not in failed:
        print(results[list(CHECKS).index(SHOWN_ALWAYS)].stdout.strip())
    hint = " ./check --fix fixes most problems of style, format and template format." if failed else ""
    print(f"{len(CHECKS) - len(failed)} of {len(CHECKS)} checks found no problems.{hint}")
    return 1 if failed else 0


def write_sbom(path: str) -> int:
    """Write the packages of an installation, with versions and hashes, as CycloneDX JSON. Returns the exit code."""
    lock = str(REQUIREMENTS / "runtime.txt")
    pyproject = ["--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible"]
    written = run_quietly(
        tool("cyclonedx_py", "requirements", *pyproject, "--output-file", str(Path(path).resolve()), lock)
    )
    print(f"Written to {path}." if written.returncode == 0 else written.stderr.strip())
    return written.returncode


def command_line(command: str) -> list[str]:
    """Return the command line of an entry of CHECKS or FIXES. djade needs the path of every template."""
    name, *arguments = command.split()
    templates = sorted(map(str, (ROOT / "templates").rglob("*.html"))) if name == "djade" else []
    return [str(PYTHON.with_name(name)), *arguments, *templates]
