"""A decision in the PDF of a record: it takes the place of the boxes and lines, and no letter of it is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import page
import pytest

from screening.clinical.report.chart_copy import ChartCopy, Printing, chart_copy
from screening.clinical.report.decisions import DecisionText
from screening.clinical.report.record import Decided, GivenReason, RecordStatus
from screening.clinical.report.summary import summarise
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import Definition
from screening.clinical.text.wording import DEMONSTRATION
from screening.web.font_coverage import UnsupportedCharacter
from screening.web.pdf import Paper
from tests.printing import all_yes, bare, spaced
from tests.unit.builders import TODAY, Answers, all_answered, decided, definition, item, record
from tests.unit.web.test_pdf import (
    PRINTED_AT,
    SHIPPED,
    SUPERSEDED,
    VOIDED,
    WRONG_LENGTH,
    has_exact_lengths,
    letters_of,
    needs_pdftotext,
    on_both_papers,
    opened,
    read_out,
    render,
    texts_of,
)

ONE_FLAG = all_answered(SHIPPED) | {"opioid-use": all_yes(SHIPPED)["opioid-use"]}
EVERY_FLAG = all_yes(SHIPPED)
BOXES = ["Do not prescribe", "Signature", "Date and time", "Not yet decided"]


def reasons(rules: Definition, text: str, answers: Answers) -> tuple[GivenReason, ...]:
    """The same reason, with these own words, for every rule that is answered yes."""
    flagged = [each.link_id for each in rules.items if answers[each.link_id].code.value == "yes"]
    return tuple(GivenReason(link_id, "Benefit outweighs the risk here", text) for link_id in flagged)


def prescribed(text: str = "She asked for it", rules: Definition = SHIPPED, answers: Answers = ONE_FLAG) -> Decided:
    """A decision with every kind of line."""
    return decided(
        DecisionCode.PRESCRIBE,
        reasons=reasons(rules, text, answers),
        overrides=True,
        asked_again=(rules.items[-1].link_id,),
        dose_mg=Decimal("1.5"),
        product="Capsules from the compounding pharmacy",
    )


def sheet(
    *decisions: Decided,
    rules: Definition = SHIPPED,
    answers: Answers = ONE_FLAG,
    status: RecordStatus = None,
) -> ChartCopy:
    """The copy of a screening with these decisions, oldest first."""
    screened = record(rules, answers)
    printing = Printing(by="Ada Example", role="clinician", at=PRINTED_AT)
    return chart_copy(screened, summarise(screened, TODAY, status, decisions=decisions), printing, DEMONSTRATION)


def saying(text: str) -> ChartCopy:
    """The copy of a decision with these own words."""
    return sheet(prescribed(text))


def latest_of(copy: ChartCopy) -> DecisionText:
    """The latest decision on a copy."""
    assert copy.summary.decisions is not None
    return copy.summary.decisions.latest


def words_of_decision(copy: ChartCopy) -> Iterator[str]:
    """The expected text of the decisions on a copy."""
    part = copy.summary.decisions
    assert part is not None
    yield from (f"{part.heading}: {part.latest.title}", part.latest.by, part.warning, part.count)
    yield from (words for line in part.latest.lines for words in (line.label, line.words))
    yield from (words for each in part.earlier for words in (each.title, each.by))


def printed(copy: ChartCopy, paper: Paper = Paper.A4) -> str:
    """The text of all pages in single spaces."""
    return spaced(" ".join(texts_of(render(copy, paper))))


MORE = decided(DecisionCode.MORE_INFORMATION, reasons=(), by="Eve Example")
SHEETS = {
    "one flag": sheet(prescribed()),
    "four flags": sheet(prescribed(answers=EVERY_FLAG), answers=EVERY_FLAG),
    "nothing flagged": sheet(decided(DecisionCode.PRESCRIBE, reasons=()), answers=all_answered(SHIPPED)),
    "deferred": sheet(replace(MORE, code=DecisionCode.DEFER, defer_until=TODAY + timedelta(days=20))),
    "three decisions": sheet(MORE, replace(MORE, code=DecisionCode.REFER), prescribed()),
    "superseded": sheet(prescribed(), status=SUPERSEDED),
    "void": sheet(prescribed(), status=VOIDED),
}
each_sheet = pytest.mark.parametrize("copy", SHEETS.values(), ids=SHEETS)


# Pages --------------------------------------------------------------------------------------------------------


@on_both_papers
@pytest.mark.parametrize("name", ["one flag", "nothing flagged", "deferred", "three decisions"])
def test_one_flag_and_a_decision_fit_on_one_page(name: str, paper: Paper) -> None:
    assert len(opened(render(SHEETS[name], paper)).pages) == 1


@needs_pdftotext
@each_sheet
@on_both_papers
def test_every_word_of_the_decision_is_in_the_pdf(copy: ChartCopy, paper: Paper) -> None:
    text = bare(printed(copy, paper))
    assert [words for words in words_of_decision(copy) if bare(words) not in text] == []


@needs_pdftotext
def test_it_says_who_decided_what_and_when_and_why() -> None:
    text = printed(SHEETS["one flag"])
    expected = [
        "Prescriber’s decision: Prescribe",
        "Sample Prescriber, prescriber, 23 November 2026, 15:31 EST",
        "Benefit outweighs the risk here. She asked for it.",
        "Confirmed by typing the record id.",
        "1.5 mg a day, Capsules from the compounding pharmacy.",
    ]
    assert [words for words in expected if words not in text] == []


@needs_pdftotext
@each_sheet
def test_a_recorded_decision_takes_the_place_of_the_boxes_and_lines(copy: ChartCopy) -> None:
    text = printed(copy)
    assert [words for words in BOXES if words in text] == []


@needs_pdftotext
def test_without_a_decision_there_are_boxes_and_lines() -> None:
    text = printed(sheet())
    assert [words for words in BOXES if words not in text] == []


@needs_pdftotext
def test_how_long_the_answers_hold_is_in_the_pdf() -> None:
    copy = SHEETS["one flag"]
    assert copy.summary.shelf_life
    assert copy.summary.shelf_life in printed(copy)


@needs_pdftotext
@pytest.mark.parametrize("name", ["superseded", "void"])
def test_on_a_record_that_is_not_current_the_pdf_warns_of_the_decision(name: str) -> None:
    assert "Do not act on this decision." in printed(SHEETS[name])


@needs_pdftotext
def test_the_decision_has_a_heading_for_screen_readers() -> None:
    headings = [words for tag, words in read_out(render(SHEETS["one flag"])) if re.fullmatch(r"H\d", tag)]
    assert "Prescriber’s decision: Prescribe" in headings


@on_both_papers
@each_sheet
@pytest.mark.parametrize("profile", [page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1])
def test_the_pdf_complies_with_the_standards_for_archives_and_accessibility(
    copy: ChartCopy, paper: Paper, profile: page.ValidationProfile
) -> None:
    pdf = render(copy, paper)
    messages = {failure.message for failure in page.validate_pdf_bytes(pdf, profile=profile).failures}
    if has_exact_lengths(pdf):
        messages.discard(WRONG_LENGTH)
    assert messages == set()


# Decisions of many words --------------------------------------------------------------------------------------

TWELVE = definition(*(item(f"rule-{number}") for number in range(1, 13)), cases=())


@needs_pdftotext
@on_both_papers
def test_a_decision_taller_than_a_page_continues_on_the_next_without_loss(paper: Paper) -> None:
    answers = all_yes(TWELVE)
    copy = sheet(prescribed("so many words " * 35, TWELVE, answers), rules=TWELVE, answers=answers)
    pages = texts_of(render(copy, paper))
    assert len(pages) > 1
    assert bare("".join(pages)).count("manywords") == 12 * 35


@needs_pdftotext
@on_both_papers
def test_of_very_many_decisions_each_is_printed(paper: Paper) -> None:
    people = [f"Prescriber{number:03}" for number in range(200)]
    copy = sheet(*(replace(MORE, by=person) for person in people))
    text = bare(printed(copy, paper))
    assert [person for person in people if person not in text] == []


@needs_pdftotext
@on_both_papers
@pytest.mark.parametrize("text", ["W" * 500, "0123456789" * 50, "x" * 41, "a-b" * 160])
def test_long_words_are_broken_and_not_cut(text: str, paper: Paper) -> None:
    assert bare(text) in bare(printed(saying(text), paper))


@needs_pdftotext
def test_a_long_word_from_right_to_left_is_broken_and_not_cut() -> None:
    assert printed(saying("ש" * 300)).count("ש") == 300


# Hostile texts ------------------------------------------------------------------------------------------------


@needs_pdftotext
@pytest.mark.parametrize(
    "text",
    [
        '#panic("x") *b* <l> $x$ @ref [a] _i_ `raw` // c',
        "#let x = 1; #x",
        ']#image("/etc/passwd")[',
        "<script>alert(1)</script> & <b>bold</b>",
        "{{ sheet.title }} {% include x %}",
        '\\u{41} = --- "q" https://example.org',
    ],
)
@pytest.mark.parametrize("place", ["reason", "product", "by"])
def test_typed_text_is_never_markup(text: str, place: str) -> None:
    changes: dict[str, Any] = {place: text} if place != "reason" else {}
    copy = sheet(replace(prescribed(text if place == "reason" else "Why"), **changes))
    assert text in printed(copy)


@needs_pdftotext
@pytest.mark.parametrize("text", ["שרה כהן־לוי", "محمد عبد الله ٣", "Łucja Źdźbło", "Ὀδυσσεύς", "µ ≥ ½ € „so“"])
def test_writing_of_other_scripts_comes_out_again(text: str) -> None:
    without = letters_of(printed(saying("")))
    assert letters_of(text) - (letters_of(printed(saying(text))) - without) == {}


@pytest.mark.parametrize("text", ["李", "👩", "a\u202eb", "\x07"])
@pytest.mark.parametrize("place", ["reason", "product", "by"])
def test_a_character_that_the_fonts_do_not_have_is_refused(text: str, place: str) -> None:
    changes: dict[str, Any] = {place: text} if place != "reason" else {}
    copy = sheet(replace(prescribed(text if place == "reason" else "Why"), **changes))
    with pytest.raises(UnsupportedCharacter):
        render(copy)


def test_such_a_character_in_an_earlier_decision_is_refused_too() -> None:
    with pytest.raises(UnsupportedCharacter, match="李"):
        render(sheet(replace(MORE, by="李"), prescribed()))
