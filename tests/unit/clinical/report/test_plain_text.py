"""A summary as plain text: lines of at most 80 characters, and no text lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.report.chart_copy import Printing, chart_copy
from screening.clinical.report.plain_text import as_ascii_text, as_text
from screening.clinical.report.record import Amended, RecordStatus, Superseded, Voided
from screening.clinical.report.summary import summarise
from screening.clinical.rules.definition import Definition
from screening.clinical.text.ascii_text import as_ascii, spelt_out
from tests.rules import shipped_rules
from tests.unit.builders import (
    CLINIC_ZONE,
    NO,
    NOT_KNOWN,
    TODAY,
    YES,
    Answers,
    all_answered,
    definition,
    item,
    record,
    source,
    with_patient,
    words_of,
    yes,
)

LATER = datetime(2026, 11, 23, 15, 12, tzinfo=CLINIC_ZONE)
PRINTING = Printing(by="Ada Example", role="clinician", at=LATER)
SUCCESSOR = UUID("e2953f4b-0000-4000-8000-000000000006")
SUPERSEDED = Superseded(by=SUCCESSOR, at=LATER, reason="She had misheard", current=SUCCESSOR)
VOIDED = Voided(by="Ada Example", role="clinician", at=LATER, reason="Wrong patient")
TWO = definition(item("one"), item("two"))


def text(
    rules: Definition = TWO,
    answers: Answers | None = None,
    *,
    status: RecordStatus = None,
    notice: str = "",
    **changes: Any,
) -> str:
    """The plain text of a screening; every question is answered no unless a test gives answers."""
    kept = record(rules, all_answered(rules) if answers is None else answers, **changes)
    return as_text(chart_copy(kept, summarise(kept, TODAY, status), PRINTING, notice))


def parts(plain_lines: str) -> list[list[str]]:
    """The lines of each part; parts are separated by an empty line."""
    return [part.split("\n") for part in plain_lines.removesuffix("\n").split("\n\n")]


# The parts ----------------------------------------------------------------------------------------------------


def test_the_text_begins_with_what_it_is_and_who_decides() -> None:
    assert parts(text())[0] == ["LDN contraindication screen. A prescriber must decide."]


def test_the_notice_of_an_installation_is_in_the_first_line() -> None:
    plain_lines = parts(text(notice="Demonstration, not for real patients."))[0]
    assert " ".join(plain_lines).endswith("A prescriber must decide. Demonstration, not for real patients.")


def test_patient_and_provenance_are_a_line_each_under_their_labels() -> None:
    assert parts(text())[1] == [
        "Patient: Sample Patient",
        "Born: 12 April 1961 (65)",
        "Record number: DEMO-0001",
        "Intended dose: 4.5 mg daily",
        "Screened: 23 November 2026, 14:32 EST",
        "By: Ada Example, clinician",
        "Rules: Edition 3",
        "Record: 5d3a-91c7",
    ]


def test_the_outcome_is_shown_with_its_tally_and_next_step() -> None:
    plain_lines = parts(text(answers={"one": YES, "two": NO}))[2]
    assert plain_lines[:2] == ["Contraindication flagged: one", "1 contraindicated, 1 answered no"]
    assert plain_lines[2].startswith("Next: Do not start LDN on these answers.")


def test_a_flag_is_under_its_heading_with_each_line_indented() -> None:
    answers = {"one": yes(), "two": NO}
    plain_lines = text(definition(item("one", sources=(source(), source(title="Another"))), item("two")), answers)
    assert (
        "FLAGGED\n\n"
        "Contraindicated. There is one\n"
        "  Answer: Yes.\n"
        "  Next step: Act on one.\n"
        "  Why: Why one matters.\n"
        "  Sources\n"
        "  - Opinion This rule set.\n"
        "  - Opinion Another.\n"
        "  Question 1 of 2; Edition 3; Next review 1 November 2027; Ask again at every\n"
        "  screening\n\n"
    ) in plain_lines


def test_one_source_has_a_singular_label() -> None:
    assert "  Source\n  - Opinion This rule set.\n" in text(answers={"one": YES, "two": NO})


def test_unresolved_answers_are_under_their_own_heading_after_the_flags() -> None:
    plain_lines = text(answers={"one": NOT_KNOWN, "two": YES})
    assert plain_lines.index("FLAGGED\n\nContraindicated. There is two") < plain_lines.index(
        "UNRESOLVED\n\nNot known: unresolved"
    )


def test_several_flags_share_one_heading() -> None:
    assert text(answers={"one": YES, "two": YES}).count("FLAGGED") == 1


@pytest.mark.parametrize(
    ("answers", "absent"),
    [
        pytest.param({"one": NO, "two": NO}, ["FLAGGED", "UNRESOLVED"], id="nothing flagged or unresolved"),
        pytest.param({"one": YES, "two": NOT_KNOWN}, ["OTHER ANSWERS"], id="nothing else asked"),
    ],
)
def test_a_heading_over_nothing_is_left_out(answers: Answers, absent: list[str]) -> None:
    assert [heading for heading in absent if heading in text(answers=answers)] == []


def test_what_was_answered_is_a_list() -> None:
    plain_lines = text(answers={"one": YES, "two": NO})
    assert "\n\nOTHER ANSWERS\n- No. Is there two?\n\n" in plain_lines


def test_limits_and_counselling_are_lists_under_their_headings() -> None:
    plain_lines = text()
    assert "\n\nWHAT THIS SCREEN DOES NOT COVER\n- What was not asked\nThe basis.\n\n" in plain_lines
    assert "\n\nIF LDN IS PRESCRIBED, TELL THE PATIENT\n- What to tell the patient\n\n" in plain_lines


def test_without_counselling_there_is_no_heading_for_it() -> None:
    assert "TELL THE PATIENT" not in text(definition(counselling=()))


def test_the_prescriber_gets_boxes_and_lines() -> None:
    assert parts(text())[-2] == [
        "PRESCRIBER’S DECISION",
        "Not yet decided when this was printed.",
        "[ ] Prescribe",
        "[ ] Do not prescribe",
        "[ ] Defer until",
        "[ ] Need more information",
        "[ ] Refer",
        "Reasons, flag by flag:",
        "Name and role:",
        "Signature:",
        "Date and time:",
    ]


def test_the_last_part_names_who_made_it_when_and_the_full_record_id() -> None:
    assert " ".join(parts(text())[-1]) == (
        "Printed 23 November 2026, 15:12 EST by Ada Example, clinician. Record 5d3a91c7-0000-4000-8000-000000000001"
    )


def test_the_text_ends_with_one_line_break() -> None:
    assert re.search(r"[^\n]\n\Z", text())


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN], ids=["yes", "no", "not known"])
def test_parts_are_separated_by_one_empty_line_and_no_part_is_empty(answer: Any) -> None:
    assert "\n\n\n" not in text(answers={"one": answer, "two": answer}, patient=with_patient(dose_mg=None))


# A record that is not current ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "plain_lines"),
    [
        pytest.param(
            SUPERSEDED,
            "*** SUPERSEDED *** on 23 November 2026, 15:12 EST, by record e295-3f4b. Do not act on this page. "
            "Reason: She had misheard.",
            id="superseded",
        ),
        pytest.param(
            VOIDED,
            "*** VOID *** Entered in error; marked on 23 November 2026, 15:12 EST, by Ada Example, clinician. "
            "Do not act on this page. Reason: Wrong patient.",
            id="void",
        ),
    ],
)
def test_the_watermark_comes_before_the_outcome(status: RecordStatus, plain_lines: str) -> None:
    _, _, mark, outcome, *_ = parts(text(status=status))
    assert " ".join(mark) == plain_lines
    assert outcome[0].startswith("No listed contraindication")


@pytest.mark.parametrize(
    ("status", "instead"),
    [
        pytest.param(
            SUPERSEDED,
            "These answers are superseded. The prescriber decides on record e295-3f4b.",
            id="superseded",
        ),
        pytest.param(VOIDED, "This record was entered in error. It must not be used.", id="void"),
    ],
)
def test_with_a_watermark_there_is_nothing_to_tick_or_sign(status: RecordStatus, instead: str) -> None:
    assert parts(text(status=status))[-2] == ["NO DECISION ON THIS PAGE", instead]


@pytest.mark.parametrize(
    ("status", "instead"),
    [
        pytest.param(SUPERSEDED, "Instead: Use record e295-3f4b, which replaces this one.", id="superseded"),
        pytest.param(
            VOIDED, "Instead: Check the list of screenings for others with this record number, and", id="void"
        ),
    ],
)
def test_with_a_watermark_instead_replaces_the_next_step(status: RecordStatus, instead: str) -> None:
    plain_lines = text(status=status)
    assert parts(plain_lines)[3][2] == instead
    assert "Next:" not in plain_lines


def test_a_current_record_has_no_watermark() -> None:
    assert "***" not in text()


def test_the_amended_record_is_named_at_the_head() -> None:
    amends = Amended(uuid=SUCCESSOR, reason="She had misheard")
    assert parts(text(amends=amends))[1][-1] == "Amends: e295-3f4b, because: She had misheard"


# Lines --------------------------------------------------------------------------------------------------------


def test_a_line_of_80_characters_stays_whole() -> None:
    name = "B" * (80 - len("Patient: "))
    assert f"Patient: {name}\n" in text(patient=with_patient(name=name))


def test_a_line_of_81_characters_is_broken_between_words() -> None:
    name = f"Ada {'B' * (77 - len('Patient: '))}"
    assert f"Patient: Ada\n{'B' * 68}\n" in text(patient=with_patient(name=name))


def test_a_word_longer_than_a_line_is_broken_within() -> None:
    plain_lines = text(patient=with_patient(name="B" * 200))
    assert re.findall("B{3,}", plain_lines) == ["B" * 71, "B" * 80, "B" * 49]


def test_a_word_is_not_broken_at_its_hyphen() -> None:
    reason = f"{'x' * 60} well-known-and-hyphenated-word"
    plain_lines = text(answers={"one": YES, "two": NO}, rules=definition(item("one", why=reason), item("two")))
    assert "\n  well-known-and-hyphenated-word\n" in plain_lines


@pytest.mark.parametrize(
    ("rules", "answers", "first", "next_line"),
    [
        pytest.param(
            definition(item("one", why="word " * 30)), {"one": YES}, "  Why: word word", "  word", id="under a flag"
        ),
        pytest.param(
            definition(item("one", sources=(source(title="word " * 30),))),
            {"one": YES},
            "  - Opinion word word",
            "    word",
            id="under a source",
        ),
        pytest.param(
            definition(item("one", question="word " * 30)), {"one": NO}, "- No. word word", "  word", id="in a list"
        ),
        pytest.param(definition(basis="word " * 30), None, "word word", "word", id="in a paragraph"),
    ],
)
def test_a_wrapped_line_is_indented_under_its_first_words(
    rules: Definition, answers: Answers | None, first: str, next_line: str
) -> None:
    lines = text(rules, answers).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith(first))
    assert re.match(r" *\w+", lines[place + 1])[0] == next_line  # type: ignore[index]


TYPED = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn"]), min_size=1, max_size=500).map(
    lambda typed: " ".join(typed.split()) or "x"
)
"""Text that a form accepts."""


@given(name=TYPED, number=TYPED, detail=TYPED, reason=TYPED)
def test_no_line_is_longer_than_80_characters_and_no_character_is_lost(
    name: str, number: str, detail: str, reason: str
) -> None:
    rules = shipped_rules()
    plain_lines = text(
        rules,
        all_answered(rules, NO, opioid_use=yes(agent=detail)),
        patient=with_patient(name=name, record_number=number),
        amends=Amended(uuid=SUCCESSOR, reason=reason),
        status=replace(VOIDED, reason=reason),
    )
    assert [line for line in plain_lines.split("\n") if len(line) > 80] == []
    bare = re.sub(r"\s", "", plain_lines)
    assert [each for each in (name, number, detail, reason.rstrip(".")) if re.sub(r"\s", "", each) not in bare] == []


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN], ids=["yes", "no", "not known"])
@pytest.mark.parametrize("status", [None, SUPERSEDED, VOIDED], ids=["current", "superseded", "void"])
def test_every_word_of_the_summary_is_in_the_text(answer: Any, status: RecordStatus) -> None:
    rules = shipped_rules()
    kept = record(rules, all_answered(rules, answer), amends=Amended(uuid=SUCCESSOR, reason="She had misheard"))
    summary = summarise(kept, TODAY, status)
    plain_lines = " ".join(as_text(chart_copy(kept, summary, PRINTING)).split()).casefold()
    shown = replace(summary, state="", watermark=None, headings=None)  # type: ignore[arg-type]
    codes = (
        {
            each
            for entry in (*summary.flagged, *summary.unresolved, *summary.answered)
            for each in (entry.link_id, entry.answer, entry.finding, entry.state)
        }
        | {each.state for each in summary.tally}
        | {summary.outcome}
    )
    missing = [each for each in words_of(shown).splitlines() if each and each.casefold() not in plain_lines]
    assert set(missing) <= {str(code) for code in codes}


# In ASCII -----------------------------------------------------------------------------------------------------


def in_ascii(**changes: Any) -> str:
    """The plain text of a screening in ASCII, with a flag and details."""
    rules = shipped_rules()
    kept = record(rules, all_answered(rules, NO, opioid_use=yes(agent=changes.pop("detail", "Tramadol"))), **changes)
    return as_ascii_text(chart_copy(kept, summarise(kept, TODAY), PRINTING))


def test_where_nothing_but_signs_differs_it_has_the_same_words() -> None:
    rules = shipped_rules()
    kept = record(rules, all_answered(rules, YES))
    copy = chart_copy(kept, summarise(kept, TODAY), PRINTING)
    assert as_ascii_text(copy).split() == as_ascii(as_text(copy)).split()


def test_a_note_below_the_patient_lists_what_ascii_cannot_show() -> None:
    plain_lines = parts(in_ascii(patient=with_patient(name="José 李")))
    assert plain_lines[1][0] == "Patient: Jose [U+674E]"
    assert " ".join(plain_lines[2]) == (
        "The patient's name has letters that ASCII cannot show. Their Unicode numbers are given instead. "
        "Accents are left out. The letters by their Unicode numbers: Jose is Jos[U+00E9]."
    )


def test_without_letters_outside_ascii_there_is_no_note() -> None:
    assert parts(in_ascii())[2][0] == "Contraindication flagged: opioid use"


@given(name=TYPED, detail=TYPED)
def test_in_ascii_no_line_is_longer_than_80_characters_and_no_character_is_lost(name: str, detail: str) -> None:
    plain_lines = in_ascii(patient=with_patient(name=name), detail=detail)
    assert plain_lines.isascii()
    assert [line for line in plain_lines.split("\n") if len(line) > 80] == []
    bare = re.sub(r"\s", "", plain_lines)
    for typed in (name, detail):
        assert re.sub(r"\s", "", as_ascii(typed)) in bare
        for word in typed.split():
            stripped = re.sub(r"\s", "", spelt_out(word.strip(".,;:!?()[]{}<>\"'“”„‘’«»…-–—*/")))
            assert stripped in bare


def test_a_number_of_a_letter_is_not_broken_between_two_lines() -> None:
    plain_lines = in_ascii(patient=with_patient(name="Я" * 199))
    assert re.findall(r"U\+[0-9A-F]*", plain_lines) == ["U+042F"] * 199
