"""The lexicon: names of opioids on medication lists, as data (ingredients, products, shorthand, look-alikes).

Loading is strict, as for rules: an unknown field is a fault. ``from_json`` validates the structure and ``check`` the
content; both report every fault at once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Literal

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from screening.clinical.text.json_errors import Code, DefinitionError, Fault, OptionalText, Text, structural_faults

FORMAT: Literal["ldn-screen-opioids/1"] = "ldn-screen-opioids/1"


class OpioidGroup(StrEnum):
    """How an ingredient acts. The screen does not count an antagonist alone as an opioid."""

    AGONIST = "agonist"
    PARTIAL_OR_MIXED = "partial_or_mixed"
    GUT_ACTING = "gut_acting"
    ANTAGONIST = "antagonist"


Name = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
AtcCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]\d{2}[A-Z]{2}\d{2}$")]
RxNormId = Annotated[str, StringConstraints(pattern=r"^\d{2,8}$")]

_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class LexiconSource:
    """A source of names (a registry, a code list, a publication) and the licence for using its facts."""

    code: Code
    title: Text
    licence: Text


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Ingredient:
    """A substance by its international name, with its other names and spellings.

    ``interval`` is the code of the kind of opioid, a choice of the opioid rule, that determines the opioid-free
    interval; empty for an antagonist. ``rxnorm`` holds RxNorm concept ids, ``atc`` WHO ATC codes. Names in
    ``well_known`` are common enough to be recognised when misspelt or inside a longer word.
    """

    name: Name
    group: OpioidGroup
    sources: tuple[Code, ...]
    interval: OptionalText = ""
    synonyms: tuple[Name, ...] = ()
    salts: tuple[Name, ...] = ()
    atc: tuple[AtcCode, ...] = ()
    rxnorm: tuple[RxNormId, ...] = ()
    well_known: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Product:
    """A brand or product line, without strength; ``interval`` only if it differs from that of its ingredient.

    A ``well_known`` name is common enough to be recognised when misspelt.
    """

    name: Name
    ingredients: tuple[Name, ...]
    sources: tuple[Code, ...]
    interval: OptionalText = ""
    well_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Shorthand:
    """An abbreviation, street name or other shorthand for a medicine.

    With ``beside`` it is ambiguous: it matches only next to a dose, a form or a frequency, or as a whole entry. With
    ``doses`` it matches directly next to one of these numbers, and without ``beside`` only there. It never matches
    directly next to a word of ``unless``.
    """

    text: Name
    ingredients: tuple[Name, ...]
    sources: tuple[Code, ...]
    interval: OptionalText = ""
    beside: bool = False
    unless: tuple[Name, ...] = ()
    doses: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class FormWords:
    """Words for a form that change the interval of a name next to them: a patch, a depot, extended release.

    They change nothing next to a word of ``unless``. If several entries apply, the first one is used.
    """

    interval: Code
    becomes: Code
    words: tuple[Name, ...]
    unless: tuple[Name, ...] = ()


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Lexicon:
    """All names. ``look_alikes`` are names of other medicines that resemble the name of an opioid.

    ``never_ended`` are the intervals of depots and implants, which act for months and never count as ended.
    """

    format: Literal["ldn-screen-opioids/1"]
    title: Text
    sources: tuple[LexiconSource, ...]
    ingredients: tuple[Ingredient, ...]
    products: tuple[Product, ...]
    shorthand: tuple[Shorthand, ...]
    forms: tuple[FormWords, ...]
    look_alikes: tuple[Name, ...]
    never_ended: tuple[Code, ...] = ()

    def __hash__(self) -> int:
        """Return a cheap hash for the caches; equal lexicons have equal hashes."""
        return hash((self.title, len(self.ingredients), len(self.products)))

    @cached_property
    def by_name(self) -> dict[str, Ingredient]:
        """The ingredients by international name."""
        return {each.name: each for each in self.ingredients}


_ADAPTER = TypeAdapter(Lexicon)


def from_json(text: str | bytes) -> Lexicon:
    """Read a lexicon from JSON.

    Raises:
        DefinitionError: the text is not JSON, or a field is missing, unknown or of the wrong type.
    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise DefinitionError(tuple(structural_faults(error))) from None


@lru_cache(maxsize=2)
def to_json(lexicon: Lexicon) -> str:
    """Return the canonical JSON of a lexicon (sorted keys, no spaces), the same for equal lexicons."""
    plain = _ADAPTER.dump_python(lexicon, mode="json")
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=2)
def check(lexicon: Lexicon) -> tuple[Fault, ...]:
    """Return every fault of a lexicon; empty if it is valid."""
    return tuple(_faults(lexicon))


def _faults(lexicon: Lexicon) -> Iterator[Fault]:
    known = {each.code for each in lexicon.sources}
    for ingredient in lexicon.ingredients:
        yield from _source_faults(ingredient.name, ingredient.sources, known)
        if bool(ingredient.interval) is (ingredient.group is OpioidGroup.ANTAGONIST):
            yield Fault(ingredient.name, "an opioid needs an interval, an antagonist must not have one")
        for name in sorted(set(ingredient.well_known) - {ingredient.name, *ingredient.synonyms}):
            yield Fault(ingredient.name, f"“{name}” is listed as well known but is not one of its names")
    for product in lexicon.products:
        yield from _source_faults(product.name, product.sources, known)
        yield from _ingredient_faults(product.name, product.ingredients, lexicon)
    for shorthand in lexicon.shorthand:
        yield from _source_faults(shorthand.text, shorthand.sources, known)
        yield from _ingredient_faults(shorthand.text, shorthand.ingredients, lexicon)
    yield from _repeated("ingredients", (each.name for each in lexicon.ingredients))
    yield from _repeated("products", (each.name.casefold() for each in lexicon.products))
    yield from _repeated("shorthand", (each.text.casefold() for each in lexicon.shorthand))


def _source_faults(place: str, sources: tuple[str, ...], known: set[str]) -> Iterator[Fault]:
    if not sources:
        yield Fault(place, "there is no source; name at least one")
    for code in sources:
        if code not in known:
            yield Fault(place, f"there is no source “{code}”")


def _ingredient_faults(place: str, names: tuple[str, ...], lexicon: Lexicon) -> Iterator[Fault]:
    if not names:
        yield Fault(place, "there is no ingredient; name at least one")
    for name in names:
        if name not in lexicon.by_name:
            yield Fault(place, f"there is no ingredient “{name}”")


def _repeated(place: str, names: Iterable[str]) -> Iterator[Fault]:
    for name, times in Counter(names).items():
        if times > 1:
            yield Fault(place, f"“{name}” is listed {times} times")


GROUP_LABELS = {
    OpioidGroup.AGONIST: "agonist",
    OpioidGroup.PARTIAL_OR_MIXED: "partial or mixed agonist",
    OpioidGroup.GUT_ACTING: "gut-acting",
    OpioidGroup.ANTAGONIST: "antagonist",
}
