"""Export and import of an edition as one JSON file: its rules and cases, their hash, who published it and when.

An imported file is not trusted: it is parsed strictly, the hash is recalculated, and all faults are listed at once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from screening.clinical.evaluation.cases import faults_of
from screening.clinical.rules import definition as definitions
from screening.clinical.rules.definition import Definition
from screening.clinical.rules.validation import unprintable
from screening.clinical.text import json_errors as reading
from screening.clinical.text.json_errors import (
    DefinitionError,
    Fault,
    OptionalText,
    Text,
    content_hash,
    structural_faults,
)
from screening.clinical.text.printable import shown

FORMAT: Literal["ldn-screen-edition/1"] = "ldn-screen-edition/1"
LARGEST_BYTES = 2 * 1024 * 1024
MAX_LISTED_FAULTS = 1000
"""Further faults are only counted."""

CHANGED = "the rules do not match the hash: the file was changed after it was exported"
THE_FILE = "the file"
_FREE_TEXTS = ("published_by", "written_by", "change_note")
_LARGEST_NUMBER = 2**31 - 1
_SHORT_NUMBER = 20


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid", strict=True))
class EditionFile:
    """An exported edition. ``sha256`` is the hash of the canonical JSON of its rules."""

    format: Literal["ldn-screen-edition/1"]
    number: Annotated[int, Field(ge=1, le=_LARGEST_NUMBER)]
    published_at: AwareDatetime
    published_by: Text
    written_by: OptionalText
    change_note: OptionalText
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    rules: Definition


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="ignore", strict=True))
class _RulesOnly:
    """Only the rules of a file, for when other fields are faulty."""

    rules: Definition


_JSON: TypeAdapter[Any] = TypeAdapter(Any)
_EDITION_FILE = TypeAdapter(EditionFile)
_RULES = TypeAdapter(_RulesOnly)


def to_json(edition_file: EditionFile) -> str:
    """Return the indented JSON of a file. Equal editions give equal text."""
    plain = {
        "format": edition_file.format,
        "number": edition_file.number,
        "published_at": edition_file.published_at.isoformat(),
        "published_by": edition_file.published_by,
        "written_by": edition_file.written_by,
        "change_note": edition_file.change_note,
        "sha256": edition_file.sha256,
        "rules": json.loads(definitions.to_json(edition_file.rules)),
    }
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def from_json(file: bytes | str) -> EditionFile:
    """Parse a file that ``to_json`` wrote.

    Raises:
        DefinitionError: the file is not an edition in this format, was changed after the export, or has rules that
            may not be published. The error lists all faults.
    """
    text = _text(file)
    plain = _plain(text)
    _refuse_another_format(plain)
    edition_file, definition, faults = _read(text)
    faults += (*_repeated_names(plain), *_hash_faults(plain, definition), *_unprintable_faults(plain))
    faults += faults_of(definition) if definition else ()
    if edition_file is None or faults:
        raise DefinitionError(_limited(faults))
    return edition_file


# Encoding, JSON and format ------------------------------------------------------------------------------------


def _text(file: bytes | str) -> str:
    """Decode a file, without a byte order mark. A file over the limit is refused without decoding it."""
    content = file if isinstance(file, bytes) else file.encode(errors="surrogatepass")
    if len(content) > LARGEST_BYTES:
        raise _refusal(f"the file is larger than {LARGEST_BYTES // 1024**2} MB, the limit; it was not read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise _refusal("the file is cut off within a character") from None
        raise _refusal("this is not UTF-8 text; an exported edition is") from None
    if not text.strip():
        raise _refusal("the file is empty")
    return text


class _JsonObject(dict[str, object]):
    """A JSON object that remembers repeated names."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.repeated = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]


def _plain(text: str) -> object:
    """Parse the file to lists, texts, integers and ``_JsonObject``; other numbers stay texts, exactly as written."""
    try:
        _JSON.validate_json(text)  # reports truncated files and exceeded limits
        return json.loads(
            text, object_pairs_hook=_JsonObject, parse_int=_integer, parse_float=str, parse_constant=str
        )
    except ValidationError as error:
        raise DefinitionError(tuple(structural_faults(error))) from None
    except (ValueError, RecursionError):
        raise _refusal("this is not valid JSON") from None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _SHORT_NUMBER else digits


def _refuse_another_format(plain: object) -> None:
    given = plain.get("format", FORMAT) if isinstance(plain, dict) else FORMAT
    if given == definitions.FORMAT:
        raise _refusal(
            f"this is a rules file ({given}), not an exported edition; load it with the command load_rules, or "
            "export the edition that was published from it"
        )
    if isinstance(given, str) and given != FORMAT:
        raise _refusal(f"this file has the format {shown(given)}; this release reads {FORMAT}")


def _refusal(sentence: str) -> DefinitionError:
    return DefinitionError((Fault(THE_FILE, sentence),))


# Faults of the content ----------------------------------------------------------------------------------------


def _read(text: str) -> tuple[EditionFile | None, Definition | None, tuple[Fault, ...]]:
    """Return the file or None, its rules or None, and the faults of its structure."""
    try:
        edition_file = _EDITION_FILE.validate_json(text)
    except ValidationError as error:
        return None, _rules_only(text), tuple(structural_faults(error))
    return edition_file, edition_file.rules, ()


def _rules_only(text: str) -> Definition | None:
    try:
        return _RULES.validate_json(text).rules
    except ValidationError:
        return None


def _repeated_names(part: object, location: tuple[int | str, ...] = ()) -> Iterator[Fault]:
    if isinstance(part, _JsonObject):
        for name in part.repeated:
            yield Fault(reading.place((*location, name)), "this name is repeated; keep one")
        for name, each in part.items():
            yield from _repeated_names(each, (*location, name))
    if isinstance(part, list):
        for number, each in enumerate(part):
            yield from _repeated_names(each, (*location, number))


def _hash_faults(plain: object, definition: Definition | None) -> Iterator[Fault]:
    """Compare the hash of the rules with the hash in the file. Rules that cannot be parsed are hashed as JSON."""
    if not isinstance(plain, dict) or not {"sha256", "rules"} <= plain.keys():
        return
    found = definitions.to_json(definition) if definition else _canonical(plain["rules"])
    if content_hash(found) != plain["sha256"]:
        yield Fault("rules", CHANGED)


def _canonical(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _unprintable_faults(plain: object) -> Iterator[Fault]:
    for name in _FREE_TEXTS:
        text = plain.get(name) if isinstance(plain, dict) else None
        if isinstance(text, str):
            yield from unprintable(name, text.strip())


def _limited(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    beyond = len(faults) - MAX_LISTED_FAULTS
    more = (Fault(THE_FILE, f"{beyond} more faults are not listed"),) if beyond > 0 else ()
    return faults[:MAX_LISTED_FAULTS] + more
