"""An edition as one JSON file, to carry it to another installation: its rules and cases, their hash, who and when.

Nothing of a file is believed: it is read strictly, the hash is worked out anew, and every fault is listed at once.
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
MOST_FAULTS = 1000
"""So many faults are listed; what is beyond is counted."""

CHANGED = "the rules are not those that were published: the file was changed after it was exported"
THE_FILE = "the file"
_TYPED = ("published_by", "written_by", "change_note")
_LARGEST_NUMBER = 2**31 - 1
_SHORT_NUMBER = 20


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid", strict=True))
class EditionFile:
    """An edition with what another installation wants to know of it. ``sha256`` is the hash of its canonical JSON."""

    format: Literal["ldn-screen-edition/1"]
    number: Annotated[int, Field(ge=1, le=_LARGEST_NUMBER)]
    published_at: AwareDatetime
    published_by: Text
    written_by: OptionalText
    change_note: OptionalText
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    rules: Definition


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="ignore", strict=True))
class _RulesAlone:
    """The rules of a file in which something beside them is wrong."""

    rules: Definition


_JSON: TypeAdapter[Any] = TypeAdapter(Any)
_WHOLE = TypeAdapter(EditionFile)
_RULES = TypeAdapter(_RulesAlone)


def to_json(edition_file: EditionFile) -> str:
    """The file's text: readable, and the same for equal editions. Its ``rules`` are the canonical JSON's."""
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
    """Read a file that ``to_json`` wrote.

    Raises:
        DefinitionError: it is no edition of this format, it was changed, or its rules may not be published; all that
            is wrong is listed.
    """
    text = _text(file)
    plain = _plain(text)
    _refuse_another_format(plain)
    edition_file, definition, faults = _read(text)
    faults += (*_repeated_names(plain), *_hash_faults(plain, definition), *_unprintable_faults(plain))
    faults += faults_of(definition) if definition else ()
    if edition_file is None or faults:
        raise DefinitionError(_as_listed(faults))
    return edition_file


# Is it a file of ours? ----------------------------------------------------------------------------------------


def _text(file: bytes | str) -> str:
    """The text of a file, without the mark that some editors put before it; nothing is read of one too large."""
    content = file if isinstance(file, bytes) else file.encode(errors="surrogatepass")
    if len(content) > LARGEST_BYTES:
        raise _refusal(f"this is larger than {LARGEST_BYTES // 1024**2} MB, which no edition is; it was not read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise _refusal("the file is cut off within a letter") from None
        raise _refusal("this is not text in UTF-8, which an exported edition is") from None
    if not text.strip():
        raise _refusal("the file is empty")
    return text


class _Named(dict[str, object]):
    """The named fields of a JSON object, with the names that stand in it more than once."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.repeated = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]


def _plain(text: str) -> object:
    """The file as lists, texts, whole numbers and ``_Named``; other numbers are kept as they are written."""
    try:
        _JSON.validate_json(text)  # it tells where a file is cut off, and how deep or long is too much
        return json.loads(text, object_pairs_hook=_Named, parse_int=_whole, parse_float=str, parse_constant=str)
    except ValidationError as error:
        raise DefinitionError(tuple(structural_faults(error))) from None
    except (ValueError, RecursionError):
        raise _refusal("this is not JSON that can be read") from None


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _SHORT_NUMBER else digits


def _refuse_another_format(plain: object) -> None:
    given = plain.get("format", FORMAT) if isinstance(plain, dict) else FORMAT
    if given == definitions.FORMAT:
        raise _refusal(
            f"this is a plain rules file ({given}), not an exported edition; load it with the command load_rules, or "
            "export the edition that was published from it"
        )
    if isinstance(given, str) and given != FORMAT:
        raise _refusal(f"this file is of format {shown(given)}; this release reads {FORMAT}")


def _refusal(sentence: str) -> DefinitionError:
    return DefinitionError((Fault(THE_FILE, sentence),))


# What is wrong with it ----------------------------------------------------------------------------------------


def _read(text: str) -> tuple[EditionFile | None, Definition | None, tuple[Fault, ...]]:
    """The file, its rules as far as they can be read, and why one or both cannot."""
    try:
        edition_file = _WHOLE.validate_json(text)
    except ValidationError as error:
        return None, _rules_alone(text), tuple(structural_faults(error))
    return edition_file, edition_file.rules, ()


def _rules_alone(text: str) -> Definition | None:
    try:
        return _RULES.validate_json(text).rules
    except ValidationError:
        return None


def _repeated_names(part: object, location: tuple[int | str, ...] = ()) -> Iterator[Fault]:
    if isinstance(part, _Named):
        for name in part.repeated:
            yield Fault(reading.place((*location, name)), "this stands here more than once; leave one")
        for name, each in part.items():
            yield from _repeated_names(each, (*location, name))
    if isinstance(part, list):
        for number, each in enumerate(part):
            yield from _repeated_names(each, (*location, number))


def _hash_faults(plain: object, definition: Definition | None) -> Iterator[Fault]:
    """That the rules are not those of the hash that the file names; what cannot be read is hashed as it is."""
    if not isinstance(plain, dict) or not {"sha256", "rules"} <= plain.keys():
        return
    found = definitions.to_json(definition) if definition else _canonical(plain["rules"])
    if content_hash(found) != plain["sha256"]:
        yield Fault("rules", CHANGED)


def _canonical(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _unprintable_faults(plain: object) -> Iterator[Fault]:
    for name in _TYPED:
        words = plain.get(name) if isinstance(plain, dict) else None
        if isinstance(words, str):
            yield from unprintable(name, words.strip())


def _as_listed(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    beyond = len(faults) - MOST_FAULTS
    more = (Fault(THE_FILE, f"{beyond} more faults are not listed"),) if beyond > 0 else ()
    return faults[:MOST_FAULTS] + more
