"""The file from which an interrupted replay continues. It holds no patient data."""

from __future__ import annotations

import hashlib
import os
import platform
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from screening.screenings.models import Screening

from .replay import Progress

Count = Annotated[int, Field(ge=0)]


class CannotResume(Exception):
    """A file cannot be used to continue a replay; the message says why and what to do."""


class _Content(BaseModel):
    """What is stored: the progress, and what identifies the release, the options and the database."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["ldn-screen-replay/1"] = "ldn-screen-replay/1"
    release: str
    reads_lists: bool
    last_uuid: UUID | None
    last: Count
    total: Count
    position: Count
    evaluated: Count
    different: Count


class ResumeFile:
    """Stores the progress of one replay, and reads it back for the same release, options and database."""

    def __init__(self, path: Path, *, reads_lists: bool) -> None:
        self._path, self._reads_lists = path, reads_lists

    def read(self) -> Progress | None:
        """Return the stored progress; None if there is no such file.

        Raises:
            CannotResume: the file cannot be read, is damaged, or belongs to another run.
        """
        try:
            stored = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CannotResume(f"{self._path} cannot be read: {error.strerror}.") from None
        try:
            content = _Content.model_validate_json(stored, strict=True)
        except ValidationError:
            raise CannotResume(f"{self._path} is damaged, or no file of this command. Name another file.") from None
        again = f"Remove {self._path} to begin again."
        if content.release != release():
            raise CannotResume(f"{self._path} was written by another release. {again}")
        if content.reads_lists is not self._reads_lists:
            options = "with" if content.reads_lists else "without"
            raise CannotResume(f"{self._path} was written {options} --read-lists. Use the same options.")
        progress = Progress(content.last, content.total, content.position, content.evaluated, content.different)
        if content.last_uuid != _uuid(content.last) or not progress.fits_the_database:
            raise CannotResume(f"{self._path} does not fit the screenings of this database. {again}")
        return progress

    def store(self, progress: Progress) -> None:
        """Replace the file, so that it is complete at every moment.

        Raises:
            CannotResume: the file cannot be written.
        """
        content = _Content(
            release=release(),
            reads_lists=self._reads_lists,
            last_uuid=_uuid(progress.last),
            **asdict(progress),
        )
        part = self._path.with_name(f"{self._path.name}.part")
        try:
            with part.open("w", encoding="utf-8") as file:
                file.write(content.model_dump_json(indent=1))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            raise CannotResume(f"{self._path} cannot be written: {error.strerror}.") from None

    def remove(self) -> None:
        """Remove the file after a complete run."""
        self._path.unlink(missing_ok=True)


def _uuid(pk: int) -> UUID | None:
    return Screening.objects.filter(pk=pk).values_list("uuid", flat=True).first()


@cache
def release() -> str:
    """Return a hash of everything that a result can depend on besides the database.

    That is this application's code and the cues for reading lists, the version of Python, and that of the library
    that compares misspelt names.
    """
    code = settings.BASE_DIR / "screening"
    digest = hashlib.sha256(f"{platform.python_version()} {version('rapidfuzz')}".encode())
    for path in [*sorted(code.rglob("*.py")), settings.MEDICATION_CUES]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
