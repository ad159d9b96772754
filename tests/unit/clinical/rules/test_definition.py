"""The dataclasses of a rule set: canonical JSON, strict parsing that reports every fault, and their methods."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from dataclasses import FrozenInstanceError
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from screening.clinical.rules.definition import (
    AnswerCode,
    Definition,
    FollowUpKind,
    Listed,
    Severity,
    from_json,
    to_json,
)
from screening.clinical.text.json_errors import DefinitionError, Fault, content_hash
from tests.paths import PROJECT
from tests.rules import shipped_rules
from tests.unit.builders import (
    allowing_not_applicable,
    choice,
    definition,
    follow_up,
    item,
    listed_item,
    rule_sets,
)

# Canonical JSON -----------------------------------------------------------------------------------------------


@given(rule_sets())
def test_a_rule_set_survives_a_round_trip_through_json(rules: Definition) -> None:
    assert from_json(to_json(rules)) == rules


def test_the_shipped_rules_survive_a_round_trip_through_json() -> None:
    assert from_json(to_json(shipped_rules())) == shipped_rules()


def test_canonical_json_has_sorted_keys_and_no_spaces() -> None:
    text = to_json(shipped_rules())
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_canonical_json_does_not_escape_letters_of_other_scripts() -> None:
    assert "Σίσυφος — 3 × limit" in to_json(definition(title="Σίσυφος — 3 × limit"))


def _reversed(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {name: _reversed(plain[name]) for name in reversed(plain)}
    return [_reversed(each) for each in plain] if isinstance(plain, list) else plain


@pytest.mark.parametrize(
    "rewritten",
    [
        pytest.param(lambda plain: json.dumps(plain, indent=3), id="whitespace"),
        pytest.param(lambda plain: json.dumps(_reversed(plain)), id="order of keys"),
        pytest.param(lambda plain: json.dumps(plain, ensure_ascii=True), id="escapes"),
        pytest.param(lambda plain: json.dumps(plain, ensure_ascii=False).encode(), id="bytes"),
        pytest.param(lambda plain: json.dumps(plain | {"dose_high_mg": "4.500"}), id="trailing zeros"),
        pytest.param(lambda plain: json.dumps(plain | {"dose_high_mg": 4.5}), id="a number without quotes"),
        pytest.param(
            lambda plain: json.dumps(plain | {"title": f" {plain['title']}\n"}), id="white space around a text"
        ),
    ],
)
def test_formatting_does_not_change_the_canonical_json(rewritten: Any) -> None:
    canonical = to_json(shipped_rules())
    assert to_json(from_json(rewritten(json.loads(canonical)))) == canonical


def test_missing_and_empty_lists_are_equal() -> None:
    plain = as_plain()
    plain["items"][0] |= {"follow_ups": [], "not_applicable_reasons": []}
    shorter = deepcopy(plain)
    del shorter["items"][0]["follow_ups"], shorter["items"][0]["not_applicable_reasons"]
    assert to_json(from_json(json.dumps(shorter))) == to_json(from_json(json.dumps(plain)))


def test_the_order_of_rules_matters() -> None:
    one, other = item("one"), item("other")
    assert to_json(definition(one, other, cases=())) != to_json(definition(other, one, cases=()))


# Rules raised by a medication list ----------------------------------------------------------------------------

RECORDS_OF_AN_EARLIER_RELEASE = PROJECT / "tests" / "golden" / "records.json"


def test_an_edition_from_before_lists_were_read_has_the_same_canonical_json_as_then() -> None:
    rows = json.loads(RECORDS_OF_AN_EARLIER_RELEASE.read_text(encoding="utf-8"))
    (content,) = [row["fields"]["content"] for row in rows if row["model"] == "screening.edition"]
    rules = from_json(content)
    assert (rules.listed, rules.lexicon, {rule.listed for rule in rules.items}) == ((), "", {None})
    assert to_json(rules) == content


def test_rules_raised_by_a_list_survive_a_round_trip_through_json() -> None:
    rules = definition(item(listed=Listed.OPIOID), listed=(listed_item(),), lexicon="0a" * 32)
    assert from_json(to_json(rules)) == rules


@pytest.mark.parametrize("lexicon_hash", ["0a" * 31, "0a" * 32 + "0", "Z" * 64, "names"])
def test_a_lexicon_hash_is_64_hexadecimal_digits(lexicon_hash: str) -> None:
    with pytest.raises(DefinitionError, match="lexicon"):
        from_json(json.dumps(json.loads(to_json(definition())) | {"lexicon": lexicon_hash}))


def test_another_lexicon_makes_another_rule_set() -> None:
    assert to_json(definition(lexicon="0a" * 32)) != to_json(definition(lexicon="0b" * 32))


def test_rules_are_found_by_link_id_whether_asked_or_not() -> None:
    rules = definition(item("asked"), listed=(listed_item("not-asked"),))
    assert [rules.item(link_id).link_id for link_id in ("asked", "not-asked")] == ["asked", "not-asked"]
    assert list(rules.by_link_id) == ["asked"]
    with pytest.raises(KeyError):
        rules.item("neither")


@pytest.mark.parametrize(("checked_by", "is_reviewed"), [("", False), ("A clinician", True)])
def test_rules_that_are_not_asked_need_a_review_too(checked_by: str, is_reviewed: bool) -> None:
    rules = definition(item(checked_by="A clinician"), listed=(listed_item(checked_by=checked_by),))
    assert rules.is_reviewed is is_reviewed


def test_the_medicines_that_raise_a_rule_do_not_change_its_question() -> None:
    assert item(listed=Listed.OPIOID).asks_the_same_as(item())


# The hash -----------------------------------------------------------------------------------------------------


def test_the_hash_is_the_sha_256_of_the_utf_8_bytes() -> None:
    canonical = to_json(shipped_rules())
    assert content_hash(canonical) == hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def test_the_hash_of_a_text_never_changes() -> None:
    assert content_hash('{"title":"3 × limit"}') == "5f6c08fa22d2e8f72197809f6889f92149ba665c705cad8df63e0a42cf2e3caa"


@given(rule_sets())
def test_equal_rule_sets_have_equal_hashes(rules: Definition) -> None:
    assert content_hash(to_json(from_json(to_json(rules)))) == content_hash(to_json(rules))


def test_one_letter_changes_the_hash() -> None:
    assert content_hash(to_json(definition(title="Rules"))) != content_hash(to_json(definition(title="Rulez")))


# Strict parsing -----------------------------------------------------------------------------------------------


def as_plain() -> dict[str, Any]:
    """A rule set as plain data that a test may break."""
    number = follow_up("number", FollowUpKind.NUMBER, minimum=Decimal(0))
    rules = definition(allowing_not_applicable("rule", follow_ups=(number, follow_up("one", FollowUpKind.ONE))))
    plain: dict[str, Any] = json.loads(to_json(rules))
    return plain


def faults_of(plain: object) -> tuple[Fault, ...]:
    """The faults found when the data is parsed."""
    with pytest.raises(DefinitionError) as error:
        from_json(json.dumps(plain))
    return error.value.faults


def broken(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """A rule set with another value at a path."""
    plain = as_plain()
    part: Any = plain
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return plain


ITEM = ("items", 0)
FOLLOW_UP = (*ITEM, "follow_ups", 0)


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        pytest.param(("colour",), "red", "colour", id="unknown field"),
        pytest.param((*ITEM, "colour"), "red", "items[1].colour", id="unknown field of a rule"),
        pytest.param(
            (*FOLLOW_UP, "colour"), "red", "items[1].follow_ups[1].colour", id="unknown field of a follow-up"
        ),
        pytest.param((*ITEM, "sources", 0, "page"), 4, "items[1].sources[1].page", id="unknown field of a source"),
        pytest.param(("cases", 1, "who"), "me", "cases[2].who", id="unknown field of a case"),
        pytest.param(("format",), "ldn-screen-rules/2", "format", id="unknown format"),
        pytest.param((*ITEM, "severity"), "grave", "items[1].severity", id="unknown severity"),
        pytest.param((*ITEM, "severity"), "Avoid", "items[1].severity", id="severity in capitals"),
        pytest.param((*ITEM, "trigger"), "answered-no", "items[1].trigger", id="unknown trigger"),
        pytest.param((*ITEM, "trigger"), None, "items[1].trigger", id="no trigger"),
        pytest.param((*FOLLOW_UP, "kind"), "colour", "items[1].follow_ups[1].kind", id="unknown kind of follow-up"),
        pytest.param((*FOLLOW_UP, "feeds"), "x", "items[1].follow_ups[1].feeds", id="unknown calculation"),
        pytest.param((*ITEM, "sources", 0, "kind"), "blog", "items[1].sources[1].kind", id="unknown kind of source"),
        pytest.param(("cases", 0, "outcome"), "fine", "cases[1].outcome", id="unknown outcome"),
        pytest.param(("cases", 0, "otherwise"), "maybe", "cases[1].otherwise", id="unknown answer"),
        pytest.param((*ITEM, "question"), "", "items[1].question", id="empty text"),
        pytest.param((*ITEM, "question"), " \n", "items[1].question", id="blank text"),
        pytest.param((*ITEM, "question"), "x" * 4001, "items[1].question", id="text too long"),
        pytest.param((*ITEM, "question"), 5, "items[1].question", id="number instead of text"),
        pytest.param((*ITEM, "holds_days"), -1, "items[1].holds_days", id="negative days"),
        pytest.param((*ITEM, "holds_days"), "30", "items[1].holds_days", id="text instead of number"),
        pytest.param((*ITEM, "holds_days"), True, "items[1].holds_days", id="true instead of number"),
        pytest.param((*ITEM, "next_review"), "1 Nov 2027", "items[1].next_review", id="date not in ISO"),
        pytest.param((*ITEM, "sources"), {}, "items[1].sources", id="object instead of list"),
        pytest.param(("dose_low_mg",), "NaN", "dose_low_mg", id="not a number"),
        pytest.param(("dose_low_mg",), "Infinity", "dose_low_mg", id="infinity"),
        pytest.param(("items",), None, "items", id="null instead of list"),
    ],
)
def test_an_invalid_field_is_a_fault_with_its_place(path: tuple[str | int, ...], value: object, place: str) -> None:
    assert [fault.place for fault in faults_of(broken(path, value))] == [place]


@pytest.mark.parametrize("link_id", ["", "Opioid", "1st", "-x", "a.b", "a_b", "a b", "ö", "a\n", "x" * 28], ids=repr)
def test_an_invalid_link_id_is_a_fault(link_id: str) -> None:
    assert [fault.place for fault in faults_of(broken((*ITEM, "link_id"), link_id))] == ["items[1].link_id"]


def test_the_longest_link_id_has_27_characters() -> None:
    assert item("x" * 27).link_id == "x" * 27


@pytest.mark.parametrize("name", sorted(as_plain()))
def test_a_missing_field_of_a_rule_set_is_a_fault(name: str) -> None:
    plain = as_plain()
    del plain[name]
    assert [fault.place for fault in faults_of(plain)] == [name]


OPTIONAL_IN_A_RULE = {"follow_ups", "not_applicable_reasons"}


@pytest.mark.parametrize("name", sorted(as_plain()["items"][0].keys() - OPTIONAL_IN_A_RULE))
def test_a_missing_field_of_a_rule_is_a_fault_unless_it_is_optional(name: str) -> None:
    plain = as_plain()
    del plain["items"][0][name]
    assert [fault.place for fault in faults_of(plain)] == [f"items[1].{name}"]


def test_all_faults_are_reported_at_once() -> None:
    plain = broken((*ITEM, "severity"), "grave")
    plain["format"] = "other"
    plain["items"][0]["trigger"] = "never"
    plain["cases"][2]["surprise"] = 1
    assert {fault.place for fault in faults_of(plain)} == {
        "format", "items[1].severity", "items[1].trigger", "cases[3].surprise"
    }  # fmt: skip


def test_a_fault_names_its_place_and_the_allowed_values() -> None:
    plain = broken((*ITEM, "severity"), "grave")
    with pytest.raises(DefinitionError, match=r"^items\[1\]\.severity: “grave” .*“avoid” or “caution”"):
        from_json(json.dumps(plain))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "NaN", "[" * 10_000, "\ud800", b"\xff\xfe", b"\x00"],
    ids=["empty", "incomplete", "list", "null", "NaN", "deep", "surrogate", "not UTF-8", "NUL"],
)
def test_a_text_that_is_not_a_rule_set_is_a_fault_of_the_file(text: str | bytes) -> None:
    with pytest.raises(DefinitionError, match=r"^the file: "):
        from_json(text)


# Methods of the parts -----------------------------------------------------------------------------------------


def test_not_applicable_is_offered_last() -> None:
    assert allowing_not_applicable().answer_codes == ("yes", "no", "unknown", "not_applicable")


def test_not_applicable_is_not_offered_without_reasons_for_it() -> None:
    assert item().answer_codes == (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)


@pytest.mark.parametrize(
    ("part", "name"),
    [(definition(), "title"), (item(), "severity"), (follow_up("x"), "kind"), (choice("x"), "next_step")],
    ids=["rule set", "rule", "follow-up", "choice"],
)
def test_the_parts_of_a_rule_set_are_immutable(part: object, name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(part, name, "another")


def test_rules_are_found_by_their_link_id() -> None:
    one, other = item("one"), item("other")
    assert definition(one, other).by_link_id == {"one": one, "other": other}


def test_a_rule_set_is_reviewed_when_every_rule_is() -> None:
    assert definition(item("one", checked_by="Dr A"), item("other", checked_by="Dr B")).is_reviewed


def test_a_rule_set_is_not_reviewed_if_one_rule_is_not() -> None:
    assert not definition(item("one", checked_by="Dr A"), item("other")).is_reviewed


@pytest.mark.parametrize(
    ("dose", "is_low"),
    [("0.49", False), ("0.5", True), ("3", True), ("4.5", True), ("4.51", False), ("50", False)],
)
def test_both_ends_of_the_dose_range_count_as_low_doses(dose: str, is_low: bool) -> None:
    assert definition().is_low_dose(Decimal(dose)) is is_low


@pytest.mark.parametrize(("code", "found"), [("first", "first"), ("other", None)])
def test_a_choice_is_found_by_its_code(code: str, found: str | None) -> None:
    choice_found = follow_up("kind", FollowUpKind.ONE).choice(code)
    assert (choice_found and choice_found.code) == found


@pytest.mark.parametrize(("link_id", "found"), [("agent", "agent"), ("other", None)])
def test_a_follow_up_is_found_by_its_link_id(link_id: str, found: str | None) -> None:
    follow_up_found = item(follow_ups=(follow_up("kind"), follow_up("agent"))).follow_up(link_id)
    assert (follow_up_found and follow_up_found.link_id) == found


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"question": "Is there another thing?"}, id="question"),
        pytest.param({"help": "Think of tablets."}, id="help"),
        pytest.param({"not_applicable_reasons": (choice("a-reason"),)}, id="not applicable"),
        pytest.param({"follow_ups": (follow_up("agent"),)}, id="follow-ups"),
    ],
)
def test_a_rule_whose_question_changed_is_asked_again(changes: dict[str, Any]) -> None:
    after = item(**changes)
    assert definition(after).changes_since(definition(item())).ask_again == (after,)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"next_step": "Refer."}, id="next step"),
        pytest.param({"severity": Severity.CAUTION}, id="severity"),
        pytest.param({"why": "Another reason."}, id="why"),
        pytest.param({"sources": ()}, id="sources"),
    ],
)
def test_a_rule_whose_question_did_not_change_is_not_asked_again(changes: dict[str, Any]) -> None:
    assert definition(item(**changes)).changes_since(definition(item())).ask_again == ()


def test_a_new_rule_is_asked() -> None:
    new = item("new")
    assert definition(item(), new).changes_since(definition(item())).ask_again == (new,)


def test_a_removed_rule_is_no_longer_asked() -> None:
    removed = item("removed")
    assert definition(item()).changes_since(definition(removed, item())).no_longer_asked == (removed,)
