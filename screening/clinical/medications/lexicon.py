"""The names by which opioids stand on medication lists, as data: ingredients, products, shorthand, look-alikes.

Reading is strict, as it is for rules: an unknown field is a fault when the text is loaded. Structure is checked while
reading (``from_json``), meaning by ``check``; both list every fault at once.
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


class Group(StrEnum):
    """How an ingredient acts. An antagonist alone is no opioid in the sense of the screen."""

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
    """Where names were read: a registry, a code list, a publication; under which licence its facts may be used."""

    code: Code
    title: Text
    licence: Text


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Ingredient:
    """A substance by its international name, with its other names and spellings.

    ``interval`` is the code of the kind of opioid that its opioid-free interval goes by, as a rule offers it;
    empty for an antagonist. ``rxnorm`` holds concept ids, ``atc`` codes of the WHO classification. Names in
    ``well_known`` are met so often that they are also recognised misspelt, or within a longer word.
    """

    name: Name
    group: Group
    sources: tuple[Code, ...]
    interval: OptionalText = ""
    synonyms: tuple[Name, ...] = ()
    salts: tuple[Name, ...] = ()
    atc: tuple[AtcCode, ...] = ()
    rxnorm: tuple[RxNormId, ...] = ()
    well_known: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Product:
    """A brand or product line by name, without strength; ``interval`` where it differs from its ingredient's.

    A ``well_known`` name is met so often that it is also recognised misspelt.
    """

    name: Name
    ingredients: tuple[Name, ...]
    sources: tuple[Code, ...]
    interval: OptionalText = ""
    well_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Shorthand:
    """What clinicians and patients write instead of a name.

    With ``beside`` it also means something else, so that it counts only beside a dose, a form or a frequency, or as a
    whole entry. With ``doses`` it counts directly beside one of these figures, and without ``beside`` only there. It
    never counts directly beside a word of ``unless``.
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
    """Words of a form that change the interval of a name beside them: a patch, a depot, extended release.

    They change nothing beside a word of ``unless``. Of several that apply, the first does.
    """

    interval: Code
    becomes: Code
    words: tuple[Name, ...]
    unless: tuple[Name, ...] = ()


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Lexicon:
    """All that is known of names. ``look_alikes`` are other names that come close to one of an opioid.

    ``never_ended`` names the intervals of what stays in the body for months, so that it never counts as ended.
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
        """Cheap, and the same for equal lexicons."""
        return hash((self.title, len(self.ingredients), len(self.products)))

    @cached_property
    def by_name(self) -> dict[str, Ingredient]:
        """The ingredients by their international name."""
        return {each.name: each for each in self.ingredients}


_ADAPTER = TypeAdapter(Lexicon)


def from_json(text: str | bytes) -> Lexicon:
    """Read a lexicon from JSON.

    Raises:
        clinical.definition.DefinitionError: it is not JSON, or a field is missing, unknown or of the wrong kind.
    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise DefinitionError(tuple(structural_faults(error))) from None


@lru_cache(maxsize=2)
def to_json(lexicon: Lexicon) -> str:
    """The canonical JSON of a lexicon: sorted keys, no spaces, UTF-8; equal lexicons give equal bytes."""
    plain = _ADAPTER.dump_python(lexicon, mode="json")
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=2)
def check(lexicon: Lexicon) -> tuple[Fault, ...]:
    """Every fault of a lexicon; empty when it may be used."""
    return tuple(_faults(lexicon))


def _faults(lexicon: Lexicon) -> Iterator[Fault]:
    known = {each.code for each in lexicon.sources}
    for ingredient in lexicon.ingredients:
        yield from _source_faults(ingredient.name, ingredient.sources, known)
        if bool(ingredient.interval) is (ingredient.group is Group.ANTAGONIST):
            yield Fault(ingredient.name, "an opioid has the interval of its kind, an antagonist has none")
        for name in sorted(set(ingredient.well_known) - {ingredient.name, *ingredient.synonyms}):
            yield Fault(ingredient.name, f"“{name}” is well known and none of its names")
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
            yield Fault(place, f"“{name}” stands here {times} times")


GROUP_WORDS = {
    Group.AGONIST: "agonist",
    Group.PARTIAL_OR_MIXED: "partial or mixed agonist",
    Group.GUT_ACTING: "gut-acting",
    Group.ANTAGONIST: "antagonist",
}
