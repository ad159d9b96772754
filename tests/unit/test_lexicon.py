"""The lexicon: what is shipped holds together, and faults are listed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from screening.clinical.definition import DefinitionError, Feeds
from screening.clinical.lexicon import Group, Product, check, from_json, to_json
from screening.clinical.recognition import squeezed
from tests.rules import shipped_lexicon, shipped_rules


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
    kinds = shipped_rules().by_link_id["opioid-use"].fed_by(Feeds.INTERVAL_KIND)
    assert kinds is not None
    offered = {choice.code for choice in kinds.choices}
    lexicon = shipped_lexicon()
    used = {each.interval for each in lexicon.ingredients} | {each.interval for each in lexicon.products}
    used |= {each.interval for each in lexicon.shorthand}
    forms = {code for each in lexicon.forms for code in (each.interval, each.becomes)}
    assert (used | forms | set(lexicon.never_ended)) - {""} <= offered


def test_no_look_alike_is_a_known_name() -> None:
    lexicon = shipped_lexicon()
    names = {squeezed(name) for each in lexicon.ingredients for name in (each.name, *each.synonyms)}
    names |= {squeezed(each.name) for each in lexicon.products}
    assert {squeezed(each) for each in lexicon.look_alikes}.isdisjoint(names)


def test_no_look_alike_is_an_abbreviation() -> None:
    lexicon = shipped_lexicon()
    assert {squeezed(each) for each in lexicon.look_alikes}.isdisjoint(
        squeezed(each.text) for each in lexicon.shorthand
    )


def test_doses_stand_as_figures_without_a_unit() -> None:
    doses = {dose for each in shipped_lexicon().shorthand for dose in each.doses}
    assert doses
    assert all(f"{float(dose):g}" == dose for dose in doses)


def test_a_form_of_an_illicit_opioid_is_told_before_any_other() -> None:
    becomes = [each.becomes for each in shipped_lexicon().forms if each.interval == "short-acting"]
    assert becomes[0] == "illicit-or-unknown"


def test_a_form_may_name_words_beside_which_it_says_nothing() -> None:
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
def test_an_opioid_is_known_by_its_international_name(name: str) -> None:
    assert shipped_lexicon().by_name[name].group is not Group.ANTAGONIST


def test_reading_what_was_written_gives_the_same_lexicon() -> None:
    assert from_json(to_json(shipped_lexicon())) == shipped_lexicon()


def test_an_unknown_field_is_refused_with_its_place() -> None:
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
        "products: “nothing” stands here 2 times",
    ]
