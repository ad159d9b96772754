"""The rules, medicine names and cues that the project ships."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from screening.clinical.medications import cues
from screening.clinical.medications import lexicon as lexicons
from screening.clinical.medications.cues import Cues
from screening.clinical.medications.lexicon import Lexicon
from screening.clinical.medications.reader import Recogniser
from screening.clinical.rules.definition import Definition, from_json, to_json
from tests.paths import FIXTURES

RULES_FILE = FIXTURES / "ldn_rules.json"
LEXICON_FILE = FIXTURES / "opioids.json"
CUES_FILE = FIXTURES / "medication_cues.json"
FURTHER_FILE = FIXTURES / "further_rules.json"
TWO_FURTHER = ("hypersensitivity", "severe-renal-impairment")


def _as_in_a_rule_set(*link_ids: str) -> dict[str, list[Any]]:
    by_link_id = {each["item"]["link_id"]: each for each in json.loads(FURTHER_FILE.read_text())["rules"]}
    chosen = [by_link_id[link_id] for link_id in link_ids]
    return {"items": [each["item"] for each in chosen], "cases": [case for each in chosen for case in each["cases"]]}


FURTHER_RULES = _as_in_a_rule_set(*TWO_FURTHER)


@cache
def shipped_rules() -> Definition:
    """Return the rules of edition 1."""
    return from_json(RULES_FILE.read_bytes())


@cache
def shipped_lexicon() -> Lexicon:
    """Return the medicine names of edition 1."""
    return lexicons.from_json(LEXICON_FILE.read_bytes())


def changed_rules(**items: dict[str, Any]) -> Definition:
    """Return the shipped rules with some fields replaced; write a link id with underscores for its dashes."""
    plain = json.loads(to_json(shipped_rules()))
    for item in plain["items"]:
        item.update(items.get(item["link_id"].replace("-", "_"), {}))
    return from_json(json.dumps(plain))


def rules_with_two_more(**changes: Any) -> Definition:
    """Return the shipped rules and two from the library; ``changes`` replace fields of the pregnancy rule."""
    plain = json.loads(to_json(changed_rules(pregnancy=changes)))
    plain["items"] += FURTHER_RULES["items"]
    plain["cases"] += FURTHER_RULES["cases"]
    return from_json(json.dumps(plain))


@cache
def shipped_cues() -> Cues:
    """Return the cue words for the assertion of medicines."""
    return cues.from_json(CUES_FILE.read_bytes())


@cache
def shipped_recogniser() -> Recogniser:
    """Return the recogniser for the medicine names of edition 1."""
    return Recogniser(shipped_lexicon(), shipped_cues())
