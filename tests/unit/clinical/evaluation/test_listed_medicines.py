"""How the medicines of a list are named beside an answer, and how they are kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.evaluation.listed_medicines import (
    from_plain,
    name_and_kind,
    named,
    raising,
    to_plain,
    with_kinds,
)
from screening.clinical.medications.lexicon import OpioidGroup
from screening.clinical.medications.reader import ListedMedicine
from screening.clinical.rules.definition import Listed
from tests.rules import shipped_rules
from tests.unit.builders import (
    FollowUpKind,
    choice,
    follow_up,
    interval_kind,
    item,
    medication_list,
    medicine,
    mentioned,
    naltrexone,
)

OPIOID_USE = shipped_rules().items[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({}, "codeine, agonist, short-acting", id="an ingredient"),
        pytest.param({"product": "Nurofen Plus"}, "codeine (Nurofen Plus), agonist, short-acting", id="a product"),
        pytest.param(
            {"interval": "long-acting"}, "codeine, agonist, long-acting (extended-release or patch)", id="a patch"
        ),
        pytest.param({"interval": "not-offered"}, "codeine, agonist", id="a kind that the rule does not offer"),
        pytest.param(
            {"ingredient": "methadone", "interval": "methadone"}, "methadone, agonist", id="a kind of its own name"
        ),
        pytest.param(
            {"ingredient": "loperamide", "group": OpioidGroup.GUT_ACTING, "interval": "gut-acting"},
            "loperamide, gut-acting (such as loperamide)",
            id="a group that its kind says too",
        ),
        pytest.param(
            {"group": OpioidGroup.PARTIAL_OR_MIXED, "interval": "buprenorphine-depot"},
            "codeine, partial or mixed agonist, buprenorphine injection or implant",
            id="a partial agonist",
        ),
    ],
)
def test_a_medicine_is_told_by_ingredient_product_and_kind(changes: dict[str, Any], words: str) -> None:
    assert name_and_kind(medicine(**changes), OPIOID_USE) == words


def test_without_a_rule_the_kind_is_the_group() -> None:
    assert name_and_kind(medicine()) == "codeine, agonist"


def test_the_same_medicine_on_several_lines_is_named_once_with_its_places() -> None:
    said = named(OPIOID_USE, [medicine(line=2), medicine("tramadol", 3), medicine(line=5, term="CODEINE")])
    assert said == (
        "an opioid: codeine, agonist, short-acting, line 2 “codeine” and line 5 “CODEINE”; "
        "tramadol, agonist, short-acting, line 3 “tramadol”."
    )


def test_of_many_places_three_are_told_and_the_others_counted() -> None:
    said = named(OPIOID_USE, [medicine(line=line) for line in range(1, 100)])
    assert said.endswith("line 1 “codeine”, line 2 “codeine”, line 3 “codeine” and 96 more.")


def test_the_same_ingredient_of_another_kind_is_named_for_itself() -> None:
    said = named(OPIOID_USE, [medicine(), medicine(line=2, interval="long-acting")])
    assert said.count("codeine, agonist") == 2


def test_kinds_that_were_chosen_stand_before_those_of_the_list() -> None:
    details: dict[str, FollowUpValue] = {"kind": ("methadone",), "agent": "x"}
    assert with_kinds(OPIOID_USE, details, [medicine(), medicine(interval="nonsense")]) == {
        "kind": ("methadone", "short-acting"),
        "agent": "x",
    }


def test_one_choice_of_a_kind_takes_those_of_the_list_beside_it() -> None:
    kind = interval_kind(kind=FollowUpKind.ONE)
    assert with_kinds(item(follow_ups=(kind,)), {"kind": "dated"}, [medicine(interval="undated")]) == {
        "kind": ("dated", "undated")
    }


@pytest.mark.parametrize(
    "follow_ups", [(), (follow_up("kind", FollowUpKind.ONE, choices=(choice("short-acting"),)),)]
)
def test_a_rule_that_asks_for_no_interval_takes_no_kinds(follow_ups: tuple[Any, ...]) -> None:
    assert with_kinds(item(follow_ups=follow_ups), {"kind": "x"}, [medicine()]) == {"kind": "x"}


@pytest.mark.parametrize(
    ("listed", "raised"),
    [(None, []), (Listed.OPIOID, ["codeine"]), (Listed.NALTREXONE, ["naltrexone"])],
)
def test_a_rule_is_raised_by_the_medicines_that_it_names(listed: Listed | None, raised: list[str]) -> None:
    found = medication_list(medicine(), mentioned("tramadol", 2), naltrexone(3))
    assert [each.ingredient for each in raising(item(listed=listed), found)] == raised


@pytest.mark.parametrize("kept", [medicine(), mentioned(product="Percocet", line=3), naltrexone(2)])
def test_a_medicine_that_was_kept_is_read_as_it_was(kept: ListedMedicine) -> None:
    assert from_plain(json.loads(json.dumps(to_plain([kept, kept])))) == (kept, kept)
