"""Export and import of an edition as a file: readable, parsed strictly, with all faults reported at once."""

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
    MAX_LISTED_FAULTS,
    EditionFile,
    from_json,
    to_json,
)
from tests.paths import PROJECT
from tests.rules import LEXICON_FILE, RULES_FILE, rules_with_two_more, shipped_rules
from tests.unit.builders import case, definition, enough_cases, item, listed_item, rule_sets


def edition_file(rules: Definition | None = None, **changes: Any) -> EditionFile:
    """Return an exported edition, by default of the shipped rules."""
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
    """Return the faults found on import."""
    with pytest.raises(DefinitionError) as error:
        from_json(file)
    return error.value.faults


def changed(change: Callable[[dict[str, Any]], object], exported: str = EXPORTED) -> str:
    """Return the file with a change."""
    plain = json.loads(exported)
    change(plain)
    return json.dumps(plain)


def with_own_hash(rules: Definition) -> str:
    """Return a file whose hash matches its rules."""
    return to_json(edition_file(rules))


# Export and import --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(shipped_rules(), id="shipped"),
        pytest.param(rules_with_two_more(), id="with two more"),
        pytest.param(definition(listed=(listed_item(),), lexicon="0a" * 32), id="with names"),
        pytest.param(definition(title="Σίσυφος — <b>3 × limit</b>"), id="letters of other scripts and markup"),
    ],
)
def test_an_imported_edition_equals_the_exported_one(rules: Definition) -> None:
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
def test_exporting_an_imported_file_gives_the_same_text(published_at: datetime) -> None:
    exported = to_json(edition_file(published_at=published_at))
    assert to_json(from_json(exported)) == exported


def test_a_file_is_indented_with_its_fields_in_a_fixed_order() -> None:
    plain = json.loads(EXPORTED)
    assert list(plain) == [
        *("format", "number", "published_at", "published_by", "written_by", "change_note", "sha256", "rules")
    ]
    assert json.dumps(plain, indent=2, ensure_ascii=False) + "\n" == EXPORTED


def test_the_hash_in_a_file_is_the_hash_of_its_rules() -> None:
    plain = json.loads(EXPORTED)
    content = json.dumps(plain["rules"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert content == canonical(shipped_rules())
    assert content_hash(content) == plain["sha256"]


def test_letters_of_other_scripts_are_not_escaped() -> None:
    assert "Σίσυφος — 3 × limit" in to_json(edition_file(change_note="Σίσυφος — 3 × limit"))


def test_author_and_change_note_may_be_empty() -> None:
    exported = edition_file(written_by="", change_note="")
    assert from_json(to_json(exported)) == exported


@pytest.mark.parametrize(
    "rewritten",
    [
        pytest.param(lambda text: json.dumps(json.loads(text), indent=None), id="spaces"),
        pytest.param(lambda text: json.dumps(json.loads(text), sort_keys=True), id="order of fields"),
        pytest.param(lambda text: "\ufeff" + text, id="byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="line ends"),
    ],
)
def test_formatting_of_the_file_does_not_matter(rewritten: Callable[[str], str]) -> None:
    assert from_json(rewritten(EXPORTED)) == edition_file()


# Not an exported edition --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "message"),
    [
        pytest.param(b"", "the file is empty", id="nothing"),
        pytest.param(b" \n ", "the file is empty", id="spaces"),
        pytest.param(EXPORTED.encode("utf-16"), "this is not UTF-8 text", id="UTF-16"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "this is not UTF-8 text", id="a picture"),
        pytest.param("\ud800", "this is not UTF-8 text", id="half a character"),
        pytest.param("é".encode()[:1], "the file is cut off within a character", id="half a letter"),
        pytest.param("x" * (LARGEST_BYTES + 1), "the file is larger than 2 MB", id="too large"),
        pytest.param("é" * (LARGEST_BYTES // 2 + 1), "the file is larger than 2 MB", id="too large in bytes"),
        pytest.param('{"a": 1,\n "b" 2}', "this is not JSON: expected `:` (line 2, column 6)", id="not JSON"),
        pytest.param("<html>", "this is not JSON: expected value (line 1, column 1)", id="HTML"),
        pytest.param(EXPORTED + "{}", "this is not JSON: trailing characters", id="two files in one"),
        pytest.param("[" * 100_000, "are nested too deeply", id="deep lists"),
        pytest.param('{"a":' * 100_000, "are nested too deeply", id="deep fields"),
        pytest.param('{"number": ' + "9" * 100_000 + "}", "a number has too many digits", id="a number without end"),
        pytest.param("[]", "this must be a group of named fields, but it is a list", id="a list"),
        pytest.param("null", "this must be a group of named fields, but it is empty", id="null"),
        pytest.param("NaN", "this must be a group of named fields, but it is nan", id="no number"),
    ],
)
def test_a_file_that_is_not_an_edition_has_one_fault(file: bytes | str, message: str) -> None:
    (fault,) = faults_of(file)
    assert (fault.place, message in fault.sentence) == ("the file", True), fault


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_reported_with_the_line(share: float) -> None:
    truncated = EXPORTED[: int(len(EXPORTED) * share)].rstrip()
    (fault,) = faults_of(truncated)
    assert fault.sentence == (
        f"the file is incomplete: it ends in line {truncated.count(chr(10)) + 1} "
        "inside a list, a group of fields or a text"
    )


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    (fault,) = faults_of("[" * (LARGEST_BYTES + 1))
    assert fault == ("the file", "the file is larger than 2 MB, the limit; it was not read")


@pytest.mark.parametrize("given", ["ldn-screen-edition/2", "ldn-screen-opioids/1", ""])
def test_of_a_file_in_another_format_only_the_format_is_reported(given: str) -> None:
    file = changed(lambda plain: plain.update(format=given, colour="red"))
    assert faults_of(file) == (
        ("the file", f"this file has the format {given}; this release reads ldn-screen-edition/1"),
    )


def test_a_lexicon_file_is_not_an_edition() -> None:
    (fault,) = faults_of(LEXICON_FILE.read_bytes())
    assert "this file has the format ldn-screen-opioids/1" in fault.sentence


def test_a_rules_file_is_refused_with_advice() -> None:
    (fault,) = faults_of(RULES_FILE.read_bytes())
    assert fault.sentence == (
        "this is a rules file (ldn-screen-rules/1), not an exported edition; load it with the command "
        "load_rules, or export the edition that was published from it"
    )


# Fields -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(json.loads(EXPORTED)))
def test_a_missing_field_is_reported(name: str) -> None:
    assert (name, "this field is missing; add it") in faults_of(changed(lambda plain: plain.pop(name)))


@pytest.mark.parametrize(
    ("changes", "place", "message"),
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
def test_an_invalid_field_is_reported(changes: dict[str, Any], place: str, message: str) -> None:
    faults = faults_of(changed(lambda plain: plain.update(changes)))
    assert [fault.sentence for fault in faults if fault.place == place and fault.sentence != CHANGED] == [message]


@pytest.mark.parametrize("moment", ["2026-11-23", "2026-11-23T14:32:00", "yesterday", 1795444325, None])
def test_the_publication_time_needs_date_time_and_time_zone(moment: object) -> None:
    (fault,) = faults_of(changed(lambda plain: plain.update(published_at=moment)))
    assert (fault.place, "such as 2027-11-01T14:30:00+00:00" in fault.sentence) == ("published_at", True)


def test_a_repeated_name_is_a_fault_even_with_the_same_value() -> None:
    (fault,) = faults_of(EXPORTED.replace('"number": 3,', '"number": 3, "number": 3,'))
    assert fault == ("number", "this name is repeated; keep one")


def test_a_repeated_name_within_the_rules_is_reported_with_its_place() -> None:
    (fault,) = faults_of(EXPORTED.replace('"name": "pregnancy"', '"name": "safe", "name": "pregnancy"'))
    assert fault == ("rules.items[3].name", "this name is repeated; keep one")


# Rules --------------------------------------------------------------------------------------------------------


def _first_rule(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda plain: plain["rules"]["items"][0].update(changes)


def test_rules_changed_after_the_export_are_reported() -> None:
    assert faults_of(changed(_first_rule(why="Another reason."))) == (("rules", CHANGED),)


def test_a_removed_case_is_a_change_of_the_rules() -> None:
    assert faults_of(changed(lambda plain: plain["rules"]["cases"].pop())) == (("rules", CHANGED),)


def test_another_lexicon_hash_is_a_change_of_the_rules() -> None:
    assert faults_of(changed(lambda plain: plain["rules"].update(lexicon="0b" * 32))) == (("rules", CHANGED),)


def test_another_hash_in_the_file_is_reported_as_a_change() -> None:
    assert faults_of(changed(lambda plain: plain.update(sha256="0a" * 32))) == (("rules", CHANGED),)


@pytest.mark.parametrize(
    ("changes", "place", "message"),
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
def test_invalid_rules_are_reported_together_with_the_change(
    changes: dict[str, object], place: str, message: str
) -> None:
    assert faults_of(changed(_first_rule(**changes))) == ((f"rules.items[1].{place}", message), ("rules", CHANGED))


@pytest.mark.parametrize(
    "days", [7.5, "7", True, 1e400, "9" * 50], ids=["a fraction", "a text", "true", "endless", "many digits"]
)
def test_an_interval_must_be_a_whole_number_of_days(days: object) -> None:
    def change(plain: dict[str, Any]) -> None:
        plain["rules"]["items"][0]["follow_ups"][1]["choices"][0]["interval"]["days"] = days

    fault, _ = faults_of(changed(change))
    assert fault.place == "rules.items[1].follow_ups[2].choices[1].interval.days"
    assert fault.sentence.startswith(WHOLE)


def test_unknown_fields_of_a_later_release_are_not_reported_as_a_change() -> None:
    """The hash covers the unknown field, so the unknown field is the only fault."""
    plain = json.loads(EXPORTED)
    plain["rules"]["items"][0]["colour"] = "red"
    content = json.dumps(plain["rules"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    (fault,) = faults_of(json.dumps(plain | {"sha256": content_hash(content)}))
    assert fault.place == "rules.items[1].colour"


def test_misleading_rules_are_reported() -> None:
    rules = definition(item("rule", sources=(), finding="LDN is safe"))
    assert faults_of(with_own_hash(rules)) == (
        (
            "rule rule, sources",
            "there is no source; add at least one, of the kind “opinion” if there is no better source",
        ),
        ("rule rule, finding", "“safe” is a verdict, and only the prescriber decides; use other words"),
    )


def test_a_case_with_an_unexpected_result_is_reported() -> None:
    wrong = case(words="All no.", outcome=Outcome.CANNOT_CONCLUDE)
    rules = definition(item("rule"), cases=(*enough_cases(item("rule")), wrong))
    assert faults_of(with_own_hash(rules)) == (
        ("case 4, “All no.”", "expects “Cannot conclude”, found “None identified”"),
    )


def test_all_faults_are_reported_at_once() -> None:
    def change(plain: dict[str, Any]) -> None:
        del plain["number"]
        plain["change_note"] = "\x07"
        plain["rules"]["items"][0]["sources"] = []
        plain["rules"]["cases"][0]["outcome"] = "caution_flagged"

    assert [fault.place for fault in faults_of(changed(change))] == [
        "number",
        "rules",
        "change_note",
        "rule opioid-use, sources",
        "case 1, “Every question is answered no.”",
    ]


def test_200_rules_are_refused_quickly_and_with_one_fault() -> None:
    rules = definition(*(item(f"rule-{number}") for number in range(200)))
    assert faults_of(with_own_hash(rules)) == (("items", "there are 200 rules; use at most 60"),)


def test_of_very_many_faults_the_rest_is_only_counted() -> None:
    faults = faults_of(changed(lambda plain: plain.update({f"field-{number}": 1 for number in range(5000)})))
    assert len(faults) == MAX_LISTED_FAULTS + 1
    assert faults[-1] == ("the file", f"{5000 - MAX_LISTED_FAULTS} more faults are not listed")


# Arbitrary input ----------------------------------------------------------------------------------------------


def read(file: bytes | str) -> EditionFile | None:
    """Return the edition, or None if it was refused with at least one fault."""
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
def test_any_value_in_any_field_is_accepted_or_refused(changes: dict[str, Any]) -> None:
    found = read(changed(lambda plain: plain.update(changes), SMALL))
    assert found is None or content_hash(canonical(found.rules)) == found.sha256


@given(st.integers(0, len(SMALL) - 1), st.integers(0, 20), st.binary(max_size=5))
def test_a_damaged_file_is_refused_or_has_the_same_rules(place: int, length: int, instead: bytes) -> None:
    content = SMALL.encode()
    found = read(content[:place] + instead + content[place + length :])
    assert found is None or found.rules == definition()


@given(rule_sets(most=5))
def test_the_rules_of_an_accepted_file_match_its_hash(rules: Definition) -> None:
    found = read(to_json(edition_file(rules)))
    assert found is None or content_hash(canonical(found.rules)) == found.sha256


def test_the_exchange_formats_do_not_depend_on_django() -> None:
    for module in ("editions/edition_file.py", "web/spreadsheets.py"):
        assert "django" not in (PROJECT / "screening" / module).read_text(encoding="utf-8").casefold()
