"""``replay_screenings --resume FILE``: an interrupted run continues and counts what it found before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection

from screening.models import Edition, Screening
from screening.safety import replay as replay_module
from screening.safety import resume_file
from tests.factories import EditionFactory, ScreeningFactory
from tests.paths import PROJECT
from tests.replays import Replayed, replay, tamper

DIFFERS = "outcome caution_flagged → none_identified"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of a resume file that does not exist yet."""
    return tmp_path / "replay.json"


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two screenings a chunk."""
    monkeypatch.setattr(replay_module, "CHUNK_SIZE", 2)


@pytest.fixture
def seven(db: None, edition: Edition, small_chunks: None) -> list[Screening]:
    """Seven screenings, of which the second and the last but one differ."""
    screenings: list[Screening] = [ScreeningFactory() for _ in range(7)]
    for each in (screenings[1], screenings[5]):
        tamper("screening_screening", "outcome = 'caution_flagged'", where=f"id = {each.pk}")
    return screenings


def line_of(screening: Screening) -> str:
    return f"{screening.short_id} {screening.uuid} edition 1: {DIFFERS}"


def interrupt(after: int, fault: type[BaseException] = KeyboardInterrupt) -> pytest.MonkeyPatch:
    """Interrupt the run while it evaluates the screening after this many; undo the result to lift it."""
    patch, what_differs, calls = pytest.MonkeyPatch(), replay_module.Replay._what_differs, iter(range(after))

    def stop(*arguments: Any) -> Any:
        if next(calls, None) is None:
            raise fault
        return what_differs(*arguments)

    patch.setattr(replay_module.Replay, "_what_differs", stop)
    return patch


def interrupted(file: Path | None, after: int, **options: Any) -> CommandError:
    """Run until it is interrupted, and return the error."""
    patch = interrupt(after)
    try:
        with pytest.raises(CommandError) as caught:
            replay(resume=file, **options)
    finally:
        patch.undo()
    return caught.value


# Continuing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", range(7))
def test_an_interrupted_run_continues_and_counts_what_was_found_before(
    seven: list[Screening], file: Path, after: int
) -> None:
    assert interrupted(file, after).returncode == 130
    code, lines = replay(resume=file)
    evaluated = after // 2 * 2
    not_yet_named = [line_of(seven[number]) for number in (1, 5) if number >= evaluated]
    assert lines[0].startswith(f"Continuing: {evaluated} screenings evaluated")
    assert lines[1:] == [*not_yet_named, "7 screenings evaluated, 2 differ."]
    assert code == 1


def test_a_run_that_found_something_before_the_interruption_exits_with_1(
    edition: Edition, small_chunks: None, file: Path
) -> None:
    screenings = [ScreeningFactory() for _ in range(4)]
    tamper("screening_screening", "outcome = 'caution_flagged'", where=f"id = {screenings[0].pk}")
    interrupted(file, 3)
    assert replay(resume=file) == Replayed(
        1,
        [
            "Continuing: 2 screenings evaluated, 1 differs. Those were named before.",
            "4 screenings evaluated, 1 differs.",
        ],
    )


def test_a_complete_run_removes_the_file(seven: list[Screening], file: Path) -> None:
    assert replay(resume=file).code == 1
    assert not [*file.parent.iterdir()]


def test_an_interruption_without_a_file_says_that_nothing_was_kept(seven: list[Screening]) -> None:
    assert str(interrupted(None, 3)) == "Interrupted. Nothing was kept; --resume FILE keeps the progress."


def test_an_interruption_with_a_file_says_how_to_continue(seven: list[Screening], file: Path) -> None:
    assert str(interrupted(file, 3)) == "Interrupted. The same command continues."


def test_a_database_that_goes_away_is_reported_and_the_run_continues(
    seven: list[Screening], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, calls = replay_module._answers, iter(range(2))

    def lose_the_connection(*arguments: Any) -> Any:
        if next(calls, None) is None:
            raise OperationalError("server closed the connection\nSample Patient")
        return answers(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(replay_module, "_answers", lose_the_connection)
        with pytest.raises(
            CommandError, match=r"^The database cannot be read: server closed the connection$"
        ) as caught:
            replay(resume=file)
    assert caught.value.returncode == 2
    assert replay(resume=file).lines[-1] == "7 screenings evaluated, 2 differ."


def test_a_database_that_goes_away_while_an_edition_is_read_is_no_difference(
    seven: list[Screening], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_module, "_readable", mock.Mock(side_effect=OperationalError("connection lost")))
    with pytest.raises(CommandError, match="The database cannot be read: connection lost"):
        replay()


def test_screenings_recorded_after_the_run_began_are_left_out_when_it_continues(
    seven: list[Screening], file: Path
) -> None:
    interrupted(file, 3)
    ScreeningFactory()
    assert replay(resume=file).lines[-2:] == [
        "7 screenings evaluated, 2 differ.",
        "1 screening recorded since the run began, not evaluated.",
    ]


def test_the_file_names_no_patient(seven: list[Screening], file: Path) -> None:
    interrupted(file, 3)
    assert not [each for each in ("Sample", "DEMO", "1961-04") if each in file.read_text()]


# Refused files ------------------------------------------------------------------------------------------------


def refused(file: Path, **options: Any) -> str:
    """Return why a file is refused; it stays as it was."""
    before = file.read_bytes()
    with pytest.raises(CommandError) as caught:
        replay(resume=file, **options)
    assert (caught.value.returncode, file.read_bytes()) == (2, before)
    return str(caught.value).removeprefix(f"{file} ")


@pytest.fixture
def halfway(seven: list[Screening], file: Path) -> Path:
    """The file of a run that was interrupted after four screenings."""
    interrupted(file, 5)
    return file


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b"\xff\x00", b"patients,2026\n", b'{"format": "other"}']
)
def test_a_file_of_something_else_is_refused(seven: list[Screening], file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert refused(file) == "is damaged, or no file of this command. Name another file."


def test_a_truncated_file_is_refused(halfway: Path) -> None:
    halfway.write_bytes(halfway.read_bytes()[:-20])
    assert refused(halfway) == "is damaged, or no file of this command. Name another file."


@pytest.mark.parametrize(
    "change",
    [
        {"position": -1},
        {"evaluated": "4"},
        {"different": 2.5},
        {"last": None},
        {"patient": "Sample"},
        {"total": True},
    ],
)
def test_a_file_with_impossible_values_is_refused(halfway: Path, change: dict[str, object]) -> None:
    halfway.write_text(json.dumps(json.loads(halfway.read_text()) | change))
    assert refused(halfway) == "is damaged, or no file of this command. Name another file."


@pytest.mark.parametrize("change", [{"position": 1_000_000}, {"evaluated": 3}, {"last": 1}])
def test_a_file_that_does_not_fit_the_screenings_is_refused(halfway: Path, change: dict[str, object]) -> None:
    halfway.write_text(json.dumps(json.loads(halfway.read_text()) | change))
    expected = f"does not fit the screenings of this database. Remove {halfway} to begin again."
    assert refused(halfway) == expected


def test_a_file_of_another_database_is_refused(halfway: Path) -> None:
    stored = json.loads(halfway.read_text()) | {"last_uuid": "5d3a91c7-0000-4000-8000-000000000001"}
    halfway.write_text(json.dumps(stored))
    assert refused(halfway).startswith("does not fit the screenings of this database.")


def test_a_file_of_another_release_is_refused(halfway: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume_file, "release", lambda: "another")
    assert refused(halfway) == f"was written by another release. Remove {halfway} to begin again."


def test_a_file_of_a_run_with_other_options_is_refused(halfway: Path) -> None:
    assert refused(halfway, read_lists=True) == "was written without --read-lists. Use the same options."


def test_a_folder_that_cannot_be_written_is_refused_before_the_run(seven: list[Screening], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        replay(resume=tmp_path / "missing" / "replay.json")


def test_a_folder_instead_of_a_file_is_refused(seven: list[Screening], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        replay(resume=tmp_path)


def test_the_release_is_the_code_that_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    (tmp_path / "screening").mkdir()
    code = tmp_path / "screening" / "evaluate.py"
    settings.BASE_DIR, releases = tmp_path, set()
    for text in ("A = 1", "A = 2"):
        code.write_text(text)
        resume_file.release.cache_clear()
        releases.add(resume_file.release())
    resume_file.release.cache_clear()
    assert len(releases) == 2


# Real processes -----------------------------------------------------------------------------------------------

CHILD = """
import os, signal, sys, time
import django
django.setup()
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for programs in the background
from django.core.management import execute_from_command_line
from screening.safety import replay

replay.CHUNK_SIZE, what_differs, remaining = 2, replay.Replay._what_differs, [int(sys.argv.pop(1))]

def wait(*arguments):
    remaining[0] -= 1
    if remaining[0] == 0:
        print("waiting", flush=True)
        time.sleep(60)
    return what_differs(*arguments)

replay.Replay._what_differs = wait
execute_from_command_line(["manage.py", "replay_screenings", *sys.argv[1:]])
"""
"""Runs the command, and stops at the screening with this number, counted from 1, until it is killed; 0 for none."""


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment of a process that uses the test database."""
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    kept = {name: os.environ[name] for name in ("PATH", "SECRET_KEY", "ALLOWED_HOSTS") if name in os.environ}
    return kept | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "ldn_screen.settings", "PYTHONUTF8": "1"}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_killed_midway_continues(
    process_environment: dict[str, str], file: Path, number: signal.Signals
) -> None:
    EditionFactory()
    screenings: list[Screening] = [ScreeningFactory() for _ in range(7)]
    for each in (screenings[1], screenings[5]):
        tamper("screening_screening", "outcome = 'caution_flagged'", where=f"id = {each.pk}")

    def start(stop_at: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", CHILD, str(stop_at), "--resume", str(file)]
        environment = process_environment
        return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)

    with start(4) as killed:
        assert killed.stdout is not None
        assert [killed.stdout.readline().strip() for _ in range(2)] == [line_of(screenings[1]), "waiting"]
        killed.send_signal(number)
        killed.wait(timeout=30)
    assert killed.returncode == (130 if number is signal.SIGINT else -number)
    with start(0) as again:
        output, _ = again.communicate(timeout=60)
    assert output.splitlines() == [
        "Continuing: 2 screenings evaluated, 1 differs. Those were named before.",
        line_of(screenings[5]),
        "7 screenings evaluated, 2 differ.",
    ]
    assert (again.returncode, file.exists()) == (1, False)
