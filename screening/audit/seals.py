"""How audit events are hashed and seals are chained, and whether a stored trail still matches its seals.

A seal holds the hash of each event since the seal before, and the hash of that seal. Whoever changes a row must
therefore change every later seal too, and the hash of the last one (the anchor) no longer matches the copy that was
kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from .models import AuditEvent, Seal

CONTENT = ("at", "actor_id", "actor_name", "actor_role", "action", "subject", "address", "details")
"""The columns of an event that are sealed, in the order in which they are hashed. Its id is sealed beside them."""
START = "0" * 64
"""The anchor of a trail without seals; the first seal is chained to it."""
UNREADABLE = ""
"""Stands for the hash of a row that the database returns but that does not hold what its columns may hold."""
CHUNK_SIZE = 5_000


def hash_of_event(content: Sequence[object]) -> str:
    """Return the SHA-256 of an event; ``content`` holds its values in the order of ``CONTENT``."""
    return _sha256([_plain(value) for value in content])


def hash_of_seal(number: int, previous: str, events: Iterable[Iterable[object]], sealed_at: datetime) -> str:
    """Return the SHA-256 of a seal, which includes that of the seal before."""
    return _sha256([number, previous, [list(each) for each in events], _plain(sealed_at)])


def _plain(value: object) -> object:
    """Return a time in UTC with microseconds, alike on every database; any other value as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def _sha256(values: list[object]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


# Verifying ----------------------------------------------------------------------------------------------------


class Tampered(Exception):
    """A row differs from what was sealed; the text names the first one."""


class Verified(NamedTuple):
    """The progress of a verification: events compared so far, and the hash of the last seal."""

    events: int
    anchor: str


def verify(anchor: str = START) -> Iterator[Verified]:
    """Compare all sealed events with their seals, and yield the progress after each seal.

    ``anchor`` is the hash of a seal that was kept elsewhere; the chain must contain it.

    Raises:
        Tampered: an event or a seal was changed, removed, inserted or swapped, or the end of the trail was cut.
    """
    stored, compared, last, is_anchored = stored_events(), 0, START, anchor == START
    event = next(stored, None)
    for number, seal in enumerate(_seals(), start=1):
        _check_chain(seal, number, last)
        found = dict[int, str]()
        while event and event[0] <= seal.last_event:
            found[event[0]] = event[1]
            event = next(stored, None)
        _compare(seal, found)
        compared, last = compared + len(found), seal.hash
        is_anchored |= anchor == last
        yield Verified(compared, last)
    if not is_anchored:
        raise Tampered(
            "The anchor belongs to none of the seals: the end of the audit trail was removed or rewritten."
        )


def stored_events() -> Iterator[tuple[int, str]]:
    """Yield the id and the hash of every stored event, by id."""
    rows = AuditEvent.objects.order_by("pk")
    last: int | None = None
    while chunk := list(
        (rows if last is None else rows.filter(pk__gt=last)).values_list("pk", flat=True)[:CHUNK_SIZE]
    ):
        yield from _hashes(chunk)
        last = chunk[-1]


def _hashes(ids: Sequence[int]) -> list[tuple[int, str]]:
    rows = AuditEvent.objects.filter(pk__gte=ids[0], pk__lte=ids[-1]).order_by("pk")
    try:
        return [(pk, hash_of_event(content)) for pk, *content in rows.values_list("pk", *CONTENT)]
    except (TypeError, ValueError):  # SQLite stores any value in any column
        half = len(ids) // 2
        return [*_hashes(ids[:half]), *_hashes(ids[half:])] if half else [(ids[0], UNREADABLE)]


def _seals() -> Iterator[Seal]:
    try:
        yield from Seal.objects.order_by("number").iterator(chunk_size=100)
    except (TypeError, ValueError):
        raise Tampered("A seal was changed: it cannot be read.") from None


def _check_chain(seal: Seal, number: int, previous: str) -> None:
    if seal.number != number:
        raise Tampered(f"Seal {number} was removed.")
    try:
        is_unchanged = seal.hash == hash_of_seal(seal.number, seal.previous, seal.events, seal.sealed_at)
        is_unchanged &= seal.last_event == max(pk for pk, _ in seal.events)
    except (TypeError, ValueError):
        is_unchanged = False
    if not is_unchanged:
        raise Tampered(f"Seal {number} was changed.")
    if seal.previous != previous:
        raise Tampered(f"Seal {number} is not chained to the seal before it: one of the two was replaced.")


def _compare(seal: Seal, found: dict[int, str]) -> None:
    """Compare the events of one seal with those that are stored up to its last one."""
    sealed: dict[int, str] = dict(seal.events)
    for pk in sorted(sealed.keys() | found.keys()):
        if pk not in found:
            raise Tampered(f"Event {pk} was removed: it is in seal {seal.number} and no longer stored.")
        if pk not in sealed:
            raise Tampered(f"Event {pk} was inserted: it is not in seal {seal.number}, which covers this place.")
        if found[pk] != sealed[pk]:
            other = _sealed_as(found[pk])
            if other is not None:
                raise Tampered(f"Event {pk} was swapped: it holds what was sealed as event {other}.")
            raise Tampered(f"Event {pk} was changed: it differs from what is in seal {seal.number}.")


def _sealed_as(content_hash: str) -> int | None:
    """Return the id under which an event with this hash was sealed."""
    return next((pk for seal in _seals() for pk, sealed in seal.events if sealed == content_hash), None)
