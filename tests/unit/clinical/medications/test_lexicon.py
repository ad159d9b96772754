"""The shipped lexicon is consistent, and ``check`` lists every fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from screening.clinical.medications.lexicon import OpioidGroup, Product, check, from_json, to_json
from screening.clinical.medications.matcher import letters_and_digits
from screening.clinical.medications.scripts import has_other_script
from screening.clinical.rules.definition import Feeds
from screening.clinical.text.json_errors import DefinitionError
from tests.rules import shipped_lexicon, shipped_recogniser, shipped_rules
from tests.unit.builders import TODAY


def test_the_shipped_lexicon_has_no_fault() -> None:
    assert check(shipped_lexicon()) == ()


def test_every_entry_names_a_source_with_its_licence() -> None:
    lexicon = shipped_lexicon()
    licences = {each.code: each.licence for each in lexicon.sources}
    sources = [
        *(each.sources for each in lexicon.ingredients),
        *(each.sources for each in lexicon.products),
        *(each.sources for each in lexicon.shorthand),
    ]
    assert all(codes and all(licences[code] for code in codes) for codes in sources)


def test_every_interval_is_one_that_the_opioid_rule_offers() -> None:
    kinds = shipped_rules().by_link_id["opioid-use"].follow_up_for(Feeds.INTERVAL_KIND)
    assert kinds is not None
    offered = {choice.code for choice in kinds.choices}
    lexicon = shipped_lexicon()
    used = {each.interval for each in lexicon.ingredients} | {each.interval for each in lexicon.products}
    used |= {each.interval for each in lexicon.shorthand}
    forms = {code for each in lexicon.forms for code in (each.interval, each.becomes)}
    assert (used | forms | set(lexicon.never_ended)) - {""} <= offered


def compared(name: str) -> str:
    """Return a name as it is compared with others."""
    return name.casefold() if has_other_script(name) else letters_and_digits(name)


def test_no_look_alike_is_also_a_name() -> None:
    lexicon = shipped_lexicon()
    names = {compared(name) for each in lexicon.ingredients for name in (each.name, *each.synonyms)}
    names |= {compared(each.name) for each in lexicon.products}
    assert {compared(each) for each in lexicon.look_alikes}.isdisjoint(names)


def names_in_scripts() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each name in a script other than Latin, and its ingredients."""
    for ingredient in shipped_lexicon().ingredients:
        yield from ((name, (ingredient.name,)) for name in ingredient.synonyms if has_other_script(name))
    for product in shipped_lexicon().products:
        if has_other_script(product.name):
            yield product.name, product.ingredients


def test_every_name_in_another_script_is_matched_whole_with_its_ingredients() -> None:
    wrong = []
    for name, ingredients in names_in_scripts():
        found = shipped_recogniser().read(f"1. {name} 10 mg", TODAY).found
        if [each.ingredient for each in found] != [*ingredients] or found[0].term != name:
            wrong.append((name, found))
    assert wrong == []


def test_no_look_alike_in_another_script_is_matched() -> None:
    names = [name for name in shipped_lexicon().look_alikes if has_other_script(name)]
    assert names
    assert [name for name in names if shipped_recogniser().read(name, TODAY).found] == []


@pytest.mark.parametrize(
    "language", ["морфин", "морфін", "μορφίνη", "مورفين", "مورفین", "מורפין", "吗啡", "嗎啡", "モルヒネ"]
)
def test_morphine_is_matched_in_many_languages(language: str) -> None:
    assert [each.ingredient for each in shipped_recogniser().read(language, TODAY).found] == ["morphine"]


def test_no_look_alike_is_also_an_abbreviation() -> None:
    lexicon = shipped_lexicon()
    assert {letters_and_digits(each) for each in lexicon.look_alikes}.isdisjoint(
        letters_and_digits(each.text) for each in lexicon.shorthand
    )


def test_doses_are_numbers_without_a_unit() -> None:
    doses = {dose for each in shipped_lexicon().shorthand for dose in each.doses}
    assert doses
    assert all(f"{float(dose):g}" == dose for dose in doses)


def test_words_for_an_illicit_opioid_take_precedence() -> None:
    becomes = [each.becomes for each in shipped_lexicon().forms if each.interval == "short-acting"]
    assert becomes[0] == "illicit-or-unknown"


def test_a_form_lists_words_next_to_which_it_does_not_apply() -> None:
    depot = next(each for each in shipped_lexicon().forms if each.becomes == "buprenorphine-depot")
    assert {"patch", "film", "tablet"} <= set(depot.unless)
    assert {"weekly", "monthly"}.isdisjoint(depot.words)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "codeine",
            "morphine",
            "diamorphine",
            "hydromorphone",
            "oxycodone",
            "hydrocodone",
            "oxymorphone",
            "fentanyl",
        ),
        *("sufentanil", "alfentanil", "remifentanil", "carfentanil", "pethidine", "methadone", "levomethadone"),
        *(
            "levorphanol",
            "dextropropoxyphene",
            "tramadol",
            "tapentadol",
            "buprenorphine",
            "butorphanol",
            "nalbuphine",
        ),
        *(
            "pentazocine",
            "meptazinol",
            "dezocine",
            "loperamide",
            "diphenoxylate",
            "difenoxin",
            "eluxadoline",
            "opium",
        ),
        *("pholcodine", "dihydrocodeine", "ethylmorphine", "tilidine", "piritramide", "dipipanone", "ketobemidone"),
        *("tianeptine", "kratom", "oliceridine", "benzhydrocodone", "levacetylmethadol", "isotonitazene"),
    ],
)
def test_an_opioid_is_listed_by_its_international_name(name: str) -> None:
    assert shipped_lexicon().by_name[name].group is not OpioidGroup.ANTAGONIST


def test_a_lexicon_survives_a_round_trip_through_json() -> None:
    assert from_json(to_json(shipped_lexicon())) == shipped_lexicon()


def test_an_unknown_field_is_reported_with_its_path() -> None:
    plain = json.loads(to_json(shipped_lexicon()))
    plain["products"][0]["strength"] = "5 mg"
    with pytest.raises(DefinitionError, match=r"products\[1\]\.strength"):
        from_json(json.dumps(plain))


def test_every_fault_is_listed() -> None:
    lexicon = shipped_lexicon()
    faulty = replace(
        lexicon,
        products=(
            Product(name="Nothing", ingredients=(), sources=()),
            Product(name="nothing", ingredients=("water",), sources=("hearsay",)),
        ),
    )
    assert [str(fault) for fault in check(faulty)] == [
        "Nothing: there is no source; name at least one",
        "Nothing: there is no ingredient; name at least one",
        "nothing: there is no source “hearsay”",
        "nothing: there is no ingredient “water”",
        "products: “nothing” is listed 2 times",
    ]


def test_well_known_names_of_no_ingredient_are_listed_in_order() -> None:
    first, *others = shipped_lexicon().ingredients
    names = tuple("zyxwvutsrq")
    faulty = replace(shipped_lexicon(), ingredients=(replace(first, well_known=names), *others))
    assert [str(fault) for fault in check(faulty)] == [
        f"{first.name}: “{name}” is listed as well known but is not one of its names" for name in sorted(names)
    ]
