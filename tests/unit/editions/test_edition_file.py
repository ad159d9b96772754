"""An edition as a file: written to be read by people, read back strictly, every fault told at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.rules.definition import Definition, Outcome
from screening.clinical.rules.definition import to_json as canonical
from screening.clinical.text.json_errors import DefinitionError, Fault, content_hash
from screening.editions.edition_file import (
    CHANGED,
    FORMAT,
    LARGEST_BYTES,
    MOST_FAULTS,
    EditionFile,
    from_json,
    to_json,
)
from tests.paths import PROJECT
from tests.rules import LEXICON_FILE, RULES_FILE, rules_with_two_more, shipped_rules
from tests.unit.builders import case, definition, enough_cases, item, listed_item, rule_sets


def edition_file(rules: Definition | None = None, **changes: Any) -> EditionFile:
    """An exported edition, of the shipped rules unless others are given."""
    rules = rules or shipped_rules()
    plain: dict[str, Any] = {
        "format": FORMAT,
        "number": 3,
        "published_at": datetime(2026, 11, 23, 14, 32, 5, tzinfo=UTC),
        "published_by": "Ada Approver",
        "written_by": "Eve Editor, Ed Editor",
        "change_note": "Hypersensitivity is asked.",
        "sha256": content_hash(canonical(rules)),
        "rules": rules,
    }
    return EditionFile(**plain | changes)


WHOLE = "this must be a whole number without a decimal point or quotes, but it is "
DIRECTION = "character 2 cannot be shown or printed (right-to-left override); enter the text again"
EXPORTED = to_json(edition_file())
SMALL = to_json(edition_file(definition()))


def faults_of(file: bytes | str) -> tuple[Fault, ...]:
    """What reading finds wrong."""
    with pytest.raises(DefinitionError) as error:
        from_json(file)
    return error.value.faults


def changed(change: Callable[[dict[str, Any]], object], exported: str = EXPORTED) -> str:
    """The file after somebody changed it."""
    plain = json.loads(exported)
    change(plain)
    return json.dumps(plain)


def with_own_hash(rules: Definition) -> str:
    """A file whose hash is that of its rules, whatever they are."""
    return to_json(edition_file(rules))


# There and back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(shipped_rules(), id="shipped"),
        pytest.param(rules_with_two_more(), id="with two more"),
        pytest.param(definition(listed=(listed_item(),), lexicon="0a" * 32), id="with names"),
        pytest.param(definition(title="Σίσυφος — <b>3 × limit</b>"), id="letters of other scripts and markup"),
    ],
)
def test_an_edition_is_read_back_as_it_was_written(rules: Definition) -> None:
    exported = edition_file(rules)
    assert from_json(to_json(exported)) == exported
    assert from_json(to_json(exported).encode()) == exported


@pytest.mark.parametrize(
    "published_at",
    [
        datetime(2026, 11, 23, 14, 32, tzinfo=UTC),
        datetime(2026, 7, 1, 9, 0, 0, 123456, tzinfo=ZoneInfo("America/New_York")),
    ],
    ids=str,
)
def test_a_file_that_was_read_is_written_as_the_same_bytes(published_at: datetime) -> None:
    exported = to_json(edition_file(published_at=published_at))
    assert to_json(from_json(exported)) == exported


def test_a_file_is_readable_and_in_its_own_order() -> None:
    plain = json.loads(EXPORTED)
    assert list(plain) == [
        *("format", "number", "published_at", "published_by", "written_by", "change_note", "sha256", "rules")
    ]
    assert json.dumps(plain, indent=2, ensure_ascii=False) + "\n" == EXPORTED


def test_the_rules_in_a_file_are_those_that_were_hashed() -> None:
    plain = json.loads(EXPORTED)
    content = json.dumps(plain["rules"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert content == canonical(shipped_rules())
    assert content_hash(content) == plain["sha256"]


def test_letters_of_other_scripts_are_written_as_they_are() -> None:
    assert "Σίσυφος — 3 × limit" in to_json(edition_file(change_note="Σίσυφος — 3 × limit"))


def test_who_wrote_an_edition_and_why_may_be_unknown() -> None:
    exported = edition_file(written_by="", change_note="")
    assert from_json(to_json(exported)) == exported


@pytest.mark.parametrize(
    "rewritten",
    [
        pytest.param(lambda text: json.dumps(json.loads(text), indent=None), id="spaces"),
        pytest.param(lambda text: json.dumps(json.loads(text), sort_keys=True), id="order of fields"),
        pytest.param(lambda text: "\ufeff" + text, id="mark of some editors"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="line ends"),
    ],
)
def test_how_a_file_is_written_does_not_matter(rewritten: Callable[[str], str]) -> None:
    assert from_json(rewritten(EXPORTED)) == edition_file()


# No file of ours ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "said"),
    [
        pytest.param(b"", "the file is empty", id="nothing"),
        pytest.param(b" \n ", "the file is empty", id="spaces"),
        pytest.param(EXPORTED.encode("utf-16"), "this is not text in UTF-8", id="UTF-16"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "this is not text in UTF-8", id="a picture"),
        pytest.param("\ud800", "this is not text in UTF-8", id="half a character"),
        pytest.param("é".encode()[:1], "the file is cut off within a letter", id="half a letter"),
        pytest.param("x" * (LARGEST_BYTES + 1), "this is larger than 2 MB", id="too large"),
        pytest.param("é" * (LARGEST_BYTES // 2 + 1), "this is larger than 2 MB", id="too large in bytes"),
        pytest.param('{"a": 1,\n "b" 2}', "this is not JSON: expected `:` (line 2, column 6)", id="no JSON"),
        pytest.param("<html>", "this is not JSON: expected value (line 1, column 1)", id="a page"),
        pytest.param(EXPORTED + "{}", "this is not JSON: trailing characters", id="two files in one"),
        pytest.param("[" * 100_000, "are nested too deeply", id="deep lists"),
        pytest.param('{"a":' * 100_000, "are nested too deeply", id="deep fields"),
        pytest.param('{"number": ' + "9" * 100_000 + "}", "a number has too many digits", id="a number without end"),
        pytest.param("[]", "this must be a group of named fields, but it is a list", id="a list"),
        pytest.param("null", "this must be a group of named fields, but it is empty", id="null"),
        pytest.param("NaN", "this must be a group of named fields, but it is nan", id="no number"),
    ],
)
def test_what_is_no_edition_at_all_is_one_fault_of_the_file(file: bytes | str, said: str) -> None:
    (fault,) = faults_of(file)
    assert (fault.place, said in fault.sentence) == ("the file", True), fault


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_says_so_and_where(share: float) -> None:
    kept = EXPORTED[: int(len(EXPORTED) * share)].rstrip()
    (fault,) = faults_of(kept)
    assert fault.sentence == (
        f"the file is incomplete: it ends in line {kept.count(chr(10)) + 1} "
        "inside a list, a group of fields or a text"
    )


def test_nothing_is_parsed_of_a_file_that_is_too_large() -> None:
    (fault,) = faults_of("[" * (LARGEST_BYTES + 1))
    assert fault == ("the file", "this is larger than 2 MB, which no edition is; it was not read")


@pytest.mark.parametrize("given", ["ldn-screen-edition/2", "ldn-screen-opioids/1", ""])
def test_another_format_is_the_only_fault_that_is_told(given: str) -> None:
    file = changed(lambda plain: plain.update(format=given, colour="red"))
    assert faults_of(file) == (
        ("the file", f"this file is of format {given}; this release reads ldn-screen-edition/1"),
    )


def test_the_names_of_opioids_are_no_edition() -> None:
    (fault,) = faults_of(LEXICON_FILE.read_bytes())
    assert "this file is of format ldn-screen-opioids/1" in fault.sentence


def test_a_plain_rules_file_says_what_to_do_with_it() -> None:
    (fault,) = faults_of(RULES_FILE.read_bytes())
    assert fault.sentence == (
        "this is a plain rules file (ldn-screen-rules/1), not an exported edition; load it with the command "
        "load_rules, or export the edition that was published from it"
    )


# Fields -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(json.loads(EXPORTED)))
def test_no_field_may_be_missing(name: str) -> None:
    assert (name, "this field is missing; add it") in faults_of(changed(lambda plain: plain.pop(name)))


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"colour": "red"}, "colour", "there is no field with this name; remove it"),
        ({"number": 0}, "number", "0 is too small; use 1 or more"),
        ({"number": 2**31}, "number", "2147483648 is too large; use 2147483647 or less"),
        ({"number": 3.5}, "number", f"{WHOLE}3.5"),
        ({"number": True}, "number", f"{WHOLE}true"),
        ({"published_by": " "}, "published_by", "this text is empty; fill it in"),
        ({"change_note": "x" * 4001}, "change_note", "this text is too long; use at most 4000 characters"),
        ({"change_note": "a\u202eb"}, "change_note", DIRECTION),
        ({"sha256": "A"}, "sha256", "“A” is not allowed here; use 64 hexadecimal digits"),
        ({"format": 1}, "format", "1 is not one of the allowed values; use “ldn-screen-edition/1”"),
        ({"rules": []}, "rules", "this must be a group of named fields, but it is a list"),
    ],
)
def test_a_field_of_another_kind_is_told(changes: dict[str, Any], place: str, said: str) -> None:
    told = faults_of(changed(lambda plain: plain.update(changes)))
    assert [fault.sentence for fault in told if fault.place == place and fault.sentence != CHANGED] == [said]


@pytest.mark.parametrize("moment", ["2026-11-23", "2026-11-23T14:32:00", "yesterday", 1795444325, None])
def test_the_time_of_publishing_has_a_day_a_time_and_a_zone(moment: object) -> None:
    (fault,) = faults_of(changed(lambda plain: plain.update(published_at=moment)))
    assert (fault.place, "such as 2027-11-01T14:30:00+00:00" in fault.sentence) == ("published_at", True)


def test_a_name_that_stands_twice_is_a_fault_even_where_both_say_the_same() -> None:
    (fault,) = faults_of(EXPORTED.replace('"number": 3,', '"number": 3, "number": 3,'))
    assert fault == ("number", "this stands here more than once; leave one")


def test_a_name_that_stands_twice_within_the_rules_is_told_with_its_place() -> None:
    (fault,) = faults_of(EXPORTED.replace('"name": "pregnancy"', '"name": "safe", "name": "pregnancy"'))
    assert fault == ("rules.items[3].name", "this stands here more than once; leave one")


# Rules --------------------------------------------------------------------------------------------------------


def _first_rule(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda plain: plain["rules"]["items"][0].update(changes)


def test_rules_that_were_changed_after_the_export_are_told() -> None:
    assert faults_of(changed(_first_rule(why="Another reason."))) == (("rules", CHANGED),)


def test_a_case_that_was_taken_out_is_a_change_of_the_rules() -> None:
    assert faults_of(changed(lambda plain: plain["rules"]["cases"].pop())) == (("rules", CHANGED),)


def test_another_hash_of_names_is_a_change_of_the_rules() -> None:
    assert faults_of(changed(lambda plain: plain["rules"].update(lexicon="0b" * 32))) == (("rules", CHANGED),)


def test_another_hash_in_the_file_is_a_change_too() -> None:
    assert faults_of(changed(lambda plain: plain.update(sha256="0a" * 32))) == (("rules", CHANGED),)


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        (
            {"severity": "grave"},
            "severity",
            "“grave” is not one of the allowed values; use “contraindicated”, “avoid” or “caution”",
        ),
        (
            {"trigger": "age > 18"},
            "trigger",
            "“age > 18” is not one of the allowed values; use “answered-yes” or “found-in-list”",
        ),
        ({"surprise": 1}, "surprise", "there is no field with this name; remove it"),
        (
            {"holds_days": 7.5},
            "holds_days",
            f"{WHOLE}7.5",
        ),
    ],
)
def test_rules_that_cannot_be_read_are_told_together_with_the_change(
    changes: dict[str, object], place: str, said: str
) -> None:
    assert faults_of(changed(_first_rule(**changes))) == ((f"rules.items[1].{place}", said), ("rules", CHANGED))


@pytest.mark.parametrize(
    "days", [7.5, "7", True, 1e400, "9" * 50], ids=["a fraction", "a text", "true", "endless", "many digits"]
)
def test_an_interval_is_a_whole_number_of_days(days: object) -> None:
    def change(plain: dict[str, Any]) -> None:
        plain["rules"]["items"][0]["follow_ups"][1]["choices"][0]["interval"]["days"] = days

    fault, _ = faults_of(changed(change))
    assert fault.place == "rules.items[1].follow_ups[2].choices[1].interval.days"
    assert fault.sentence.startswith(WHOLE)


def test_rules_that_a_later_release_wrote_with_more_fields_are_no_change() -> None:
    """The hash is that of what stands in the file, so a field too many is all that is wrong."""
    plain = json.loads(EXPORTED)
    plain["rules"]["items"][0]["colour"] = "red"
    content = json.dumps(plain["rules"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    (fault,) = faults_of(json.dumps(plain | {"sha256": content_hash(content)}))
    assert fault.place == "rules.items[1].colour"


def test_rules_that_would_mislead_are_told() -> None:
    rules = definition(item("rule", sources=(), finding="LDN is safe"))
    assert faults_of(with_own_hash(rules)) == (
        ("rule rule", "there is no source; add at least one, of the kind “opinion” if there is no better source"),
        ("rule rule, finding", "“safe” is a verdict, and only the prescriber decides; use other words"),
    )


def test_a_case_that_is_not_as_expected_is_told() -> None:
    wrong = case(words="All no.", outcome=Outcome.CANNOT_CONCLUDE)
    rules = definition(item("rule"), cases=(*enough_cases(item("rule")), wrong))
    assert faults_of(with_own_hash(rules)) == (
        ("case 4, “All no.”", "expects “Cannot conclude”, found “None identified”"),
    )


def test_all_that_is_wrong_is_told_at_once() -> None:
    def change(plain: dict[str, Any]) -> None:
        del plain["number"]
        plain["change_note"] = "\x07"
        plain["rules"]["items"][0]["sources"] = []
        plain["rules"]["cases"][0]["outcome"] = "caution_flagged"

    assert [fault.place for fault in faults_of(changed(change))] == [
        "number",
        "rules",
        "change_note",
        "rule opioid-use",
        "case 1, “Every question is answered no.”",
    ]


def test_200_rules_are_refused_in_a_moment_and_in_one_sentence() -> None:
    rules = definition(*(item(f"rule-{number}") for number in range(200)))
    assert faults_of(with_own_hash(rules)) == (("items", "there are 200 rules; use at most 60"),)


def test_faults_without_number_are_counted_and_not_all_listed() -> None:
    faults = faults_of(changed(lambda plain: plain.update({f"field-{number}": 1 for number in range(5000)})))
    assert len(faults) == MOST_FAULTS + 1
    assert faults[-1] == ("the file", f"{5000 - MOST_FAULTS} more faults are not listed")


# Whatever comes -----------------------------------------------------------------------------------------------


def read(file: bytes | str) -> EditionFile | None:
    """The edition, or None where it was refused with at least one fault; nothing else may happen."""
    try:
        return from_json(file)
    except DefinitionError as refusal:
        return None if refusal.faults else pytest.fail("refused without a fault")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_fault(file: bytes) -> None:
    assert read(file) is None


@given(st.text(st.characters(), max_size=200))
def test_any_text_is_refused_with_a_fault(file: str) -> None:
    assert read(file) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*json.loads(EXPORTED), "other"]), VALUES, max_size=3))
def test_any_value_in_any_field_is_read_or_refused(changes: dict[str, Any]) -> None:
    found = read(changed(lambda plain: plain.update(changes), SMALL))
    assert found is None or content_hash(canonical(found.rules)) == found.sha256


@given(st.integers(0, len(SMALL) - 1), st.integers(0, 20), st.binary(max_size=5))
def test_a_file_that_was_damaged_is_refused_or_says_the_same(place: int, length: int, instead: bytes) -> None:
    content = SMALL.encode()
    found = read(content[:place] + instead + content[place + length :])
    assert found is None or found.rules == definition()


@given(rule_sets(most=5))
def test_the_rules_of_a_file_that_is_read_are_those_that_were_hashed(rules: Definition) -> None:
    found = read(to_json(edition_file(rules)))
    assert found is None or content_hash(canonical(found.rules)) == found.sha256


def test_the_exchange_formats_are_plain_python() -> None:
    for module in ("editions/edition_file.py", "web/spreadsheets.py"):
        assert "django" not in (PROJECT / "screening" / module).read_text(encoding="utf-8").casefold()
