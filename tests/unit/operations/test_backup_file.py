"""A backup file is used only if every byte of it is as it was written."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from hypothesis import given, strategies

from screening.operations.backup.file_format import Foot, key_of
from screening.operations.backup.reading import CannotRestore
from tests.backups import HEAD, is_refused, lines_of, verified, write_file

LINES = [b'{"fields":{"text":"%d"},"model":"screening.answer","pk":%d}\n' % (each * 7919, each) for each in range(40)]
TABLES = {"screening.Screening": [], "screening.Answer": LINES, "screening.Void": LINES[:3]}


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small backup."""
    return write_file(tmp_path_factory.mktemp("backup") / "good.backup", HEAD.line(), TABLES)


def beside(backup: Path, content: bytes) -> Path:
    """Return a file with this content beside the backup."""
    path = backup.with_name("changed.backup")
    path.write_bytes(content)
    return path


def message(path: Path) -> str:
    """Return why a file is refused."""
    with pytest.raises(CannotRestore) as refusal:
        verified(path)
    return str(refusal.value).replace(str(path), "FILE")


def test_a_file_as_it_was_written_is_accepted(backup: Path) -> None:
    assert verified(backup) == HEAD


def test_any_program_for_gzip_can_read_it(backup: Path) -> None:
    assert gzip.decompress(backup.read_bytes()) == b"".join(lines_of(backup))
    assert lines_of(backup)[1:-1] == LINES + LINES[:3]


def test_a_change_of_any_byte_is_refused(backup: Path) -> None:
    content = backup.read_bytes()
    accepted = [
        place
        for place in range(len(content))
        if not is_refused(
            beside(backup, content[:place] + bytes([content[place] ^ (1 << place % 8)]) + content[place + 1 :])
        )
    ]
    assert accepted == []


@given(place=strategies.integers(min_value=0), change=strategies.integers(1, 255))
def test_any_change_of_a_byte_is_refused(backup: Path, place: int, change: int) -> None:
    content = bytearray(backup.read_bytes())
    content[place % len(content)] ^= change
    assert is_refused(beside(backup, bytes(content)))


def test_a_file_cut_anywhere_is_refused(backup: Path) -> None:
    content = backup.read_bytes()
    assert [size for size in range(len(content)) if not is_refused(beside(backup, content[:size]))] == []


@given(added=strategies.binary(min_size=1, max_size=40))
def test_anything_added_at_the_end_is_refused(backup: Path, added: bytes) -> None:
    assert is_refused(beside(backup, backup.read_bytes() + added))


@pytest.mark.parametrize("added", [b"\0" * 8, gzip.compress(b'{"x": 1}\n')], ids=["zeros", "another member"])
def test_what_gzip_would_accept_at_the_end_is_refused(backup: Path, added: bytes) -> None:
    assert is_refused(beside(backup, backup.read_bytes() + added))


@pytest.mark.parametrize("place", range(len(LINES)))
def test_a_missing_row_is_found_even_if_the_hash_of_the_file_is_right(backup: Path, place: int) -> None:
    foot = Foot.model_validate_json(lines_of(backup)[-1])
    tables = TABLES | {"screening.Answer": LINES[:place] + LINES[place + 1 :]}
    changed = write_file(backup.with_name("less.backup"), HEAD.line(), tables, foot)
    assert message(changed) == "FILE is damaged: it is not as it was written. Use another backup."


def test_an_added_row_is_found_even_if_the_hash_of_the_file_is_right(backup: Path) -> None:
    foot = Foot.model_validate_json(lines_of(backup)[-1])
    tables = TABLES | {"screening.Void": LINES[:4]}
    assert "is damaged" in message(write_file(backup.with_name("more.backup"), HEAD.line(), tables, foot))


@pytest.mark.parametrize(
    "content",
    [b"", b"PGDMP", b"SELECT 1;\n", gzip.compress(b"COPY public.x\n"), gzip.compress(b'{"format": "other"}\n'),
     gzip.compress(b"[1]\n"), gzip.compress(b"")],
)  # fmt: skip
def test_other_files_are_called_foreign(backup: Path, content: bytes) -> None:
    assert message(beside(backup, content)) == "FILE is not a backup that this application wrote."


def test_a_file_of_a_later_format_is_refused_with_the_release_that_reads_it(backup: Path) -> None:
    head = HEAD.line().replace(b'"version":1', b'"version":2').replace(b"0.1.0", b"7.0.0")
    changed = write_file(backup.with_name("later.backup"), head, TABLES)
    assert message(changed) == (
        "FILE has another format: it was written by release 7.0.0. Restore it with that release."
    )


def test_a_missing_file_and_a_folder_are_refused(backup: Path) -> None:
    assert message(backup.with_name("none")) == "FILE cannot be read: No such file or directory."
    assert message(backup.parent) == "FILE cannot be read: Is a directory."


def test_the_key_of_an_installation_is_recognised_and_not_shown() -> None:
    assert key_of("a secret key") == key_of("a secret key") != key_of("another key")
    assert "secret" not in key_of("a secret key")


def test_verifying_reports_its_progress(backup: Path, tmp_path: Path) -> None:
    copy, calls = shutil.copy(backup, tmp_path / "copy"), list[tuple[int, int]]()
    verified(Path(copy), lambda done, total: calls.append((done, total)))
    assert calls[-1] == (43, 43)
