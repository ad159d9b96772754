"""The decision table on paper: its text and its PDF."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from itertools import combinations_with_replacement, product

import page
import pikepdf
import pytest
from django.utils import translation

from screening.clinical.evaluation.calculations import CLASSES_IN_WORDS, child_pugh_class
from screening.clinical.evaluation.evaluate import Answer, evaluate
from screening.clinical.report.chart_copy import DECISION_CHOICES, DECISION_LINES
from screening.clinical.report.decision_table import DecisionTable, PublishedEdition, TableRow, decision_table
from screening.clinical.rules.definition import (
    AnswerCode,
    Definition,
    FollowUpKind,
    Interval,
    Listed,
    Severity,
    SourceKind,
    from_json,
    to_json,
)
from screening.clinical.rules.labels import OUTCOME_WORDS
from screening.clinical.rules.reviews import ReviewConfirmation
from screening.web import pdf
from screening.web.font_coverage import UnsupportedCharacter
from screening.web.pdf import Paper
from tests.paths import PROJECT
from tests.rules import FURTHER_FILE, shipped_rules
from tests.unit.builders import (
    BANDS,
    CLINIC_ZONE,
    TODAY,
    allowing_not_applicable,
    band,
    choice,
    definition,
    follow_up,
    interval_kind,
    interval_start,
    item,
    listed_item,
    source,
)

SHIPPED = shipped_rules()
PUBLISHED = PublishedEdition(
    number=3,
    sha256="b85e03c7d21f" + "0" * 52,
    at=datetime(2026, 11, 5, 8, 0, tzinfo=CLINIC_ZONE),
    by="Ada Example",
)
NOTICE = "Demonstration, not for real patients."
LONG = "so many words " * 285

on_both_papers = pytest.mark.parametrize("paper", Paper)
needs_pdftotext = pytest.mark.pdftotext


def table_of(rules: Definition = SHIPPED) -> DecisionTable:
    """The table of a rule set, as read today."""
    return decision_table(rules, PUBLISHED, TODAY, notice=NOTICE)


def row_of(rules: Definition) -> TableRow:
    """The first row of the table of a rule set."""
    return table_of(rules).rows[0]


def test_the_table_is_in_the_language_of_the_edition_whoever_prints_it() -> None:
    in_english = table_of()
    with translation.override("es"):
        assert translation.gettext("Answer") == "Respuesta"
        assert table_of() == in_english


def notes_of(row: TableRow) -> dict[str, str]:
    """The notes on a rule, by label."""
    return {note.label: note.words for note in row.notes}


def twelve_rules() -> Definition:
    """The shipped rules and eight of the further ones."""
    plain = json.loads(to_json(SHIPPED))
    further = [each["item"] for each in json.loads(FURTHER_FILE.read_text())["rules"]]
    plain["items"] += [each for each in further if each["trigger"] == "answered-yes"][:8]
    return from_json(json.dumps(plain))


def wordy() -> Definition:
    """A rule set one of whose rules is longer than a page in each of its parts."""
    return definition(
        item("before"),
        item(question=LONG, help=LONG, next_step=LONG, find_out=LONG, follow_ups=(follow_up("detail"),)),
        item("after"),
        cases=(),
    )


# The edition --------------------------------------------------------------------------------------------------


def test_it_names_the_edition_its_hash_who_published_it_and_when() -> None:
    table = table_of()
    assert (table.title, table.edition) == ("LDN contraindication screen.", "Edition 3, b85e03c7d21f.")
    assert table.published == (
        "Published 5 November 2026, 08:00 EST by Ada Example. Use it only while edition 3 is in use."
    )
    assert table.end == f"Published 5 November 2026, 08:00 EST by Ada Example. Edition 3, {PUBLISHED.sha256}"


def test_it_says_who_decides_and_what_the_installation_says_of_itself() -> None:
    assert (table_of().reminder, table_of().notice) == ("A prescriber must decide.", NOTICE)


def test_it_has_what_a_form_asks_of_the_patient_to_fill_in() -> None:
    table = table_of()
    assert [blank.label for blank in (*table.patient, *table.context)] == [
        *("Patient name", "Birth date", "Record number"),
        *("Daily dose (low: 0.5 to 4.5 mg)", "Indication", "Date and time", "Completed by: name and role"),
    ]


def test_it_has_a_line_for_the_person_who_reviews_it() -> None:
    assert [blank.label for blank in table_of().reviewed] == ["Reviewed by: name and role", "Date and time"]


def test_it_names_the_page_on_which_it_is_entered_later() -> None:
    assert "“Transcribe a paper form”" in table_of().instructions[1]


def test_it_ends_as_the_summary_does() -> None:
    table = table_of()
    assert (table.not_covered, table.counselling, table.basis) == (
        SHIPPED.not_covered,
        SHIPPED.counselling,
        SHIPPED.basis,
    )
    assert (table.decision.choices, table.decision.lines) == (DECISION_CHOICES, DECISION_LINES)


def test_it_shows_remarks_about_its_review() -> None:
    overdue = definition(item(next_review=date(2026, 1, 1)))
    alone = replace(PUBLISHED, without_second_reviewer=True)
    assert decision_table(overdue, alone, TODAY).remarks == (
        "The review of 1 rule is overdue: first rule.",
        "This edition was published without a second reviewer.",
        "Rule text not yet reviewed by a clinician of this organisation.",
    )


# The rules ----------------------------------------------------------------------------------------------------


def test_a_row_has_the_question_its_help_and_what_each_answer_means() -> None:
    row = row_of(definition(item(help="Ask in private.", follow_ups=())))
    assert (row.number, row.question, row.explained) == (1, "Is there first rule?", ("Ask in private.",))
    assert row.answers == ("Yes", "No", "Not known")
    assert (row.state, row.severity_words, row.finding, row.next_step, row.find_out) == (
        "contraindicated",
        "Contraindicated",
        "There is first rule",
        "Act on first rule.",
        "Ask about first rule.",
    )


def test_rules_raised_by_a_list_are_the_last_rows_and_ask_to_check_the_list() -> None:
    table = table_of(definition(item(), listed=(listed_item(),)))
    last = table.rows[-1]
    assert (last.number, last.question) == (2, "Is there listed rule?")
    assert last.explained == ("Check the medication list: a naltrexone product in use counts as yes.",)
    assert last.answers == ("Yes", "No", "Not known")


def test_a_question_that_a_list_may_answer_says_so() -> None:
    row = row_of(definition(item(listed=Listed.OPIOID)))
    assert row.explained == ("Check the medication list: an opioid in use counts as yes.",)


def test_not_applicable_is_offered_with_its_reasons_only_where_the_rule_allows_it() -> None:
    may, may_not = table_of(definition(allowing_not_applicable(), item("other"))).rows
    assert (may.answers[-1], may.why_not_applicable) == ("Not applicable", ("A reason",))
    assert ("Not applicable" in may_not.answers, may_not.why_not_applicable) == (False, ())


def test_follow_ups_are_lines_to_write_on_or_boxes_to_tick() -> None:
    follow_ups = (
        follow_up("agent"),
        follow_up("day", FollowUpKind.DATE),
        follow_up("level", FollowUpKind.NUMBER, unit="mg/dL"),
        follow_up("which", FollowUpKind.ONE),
    )
    blanks = row_of(definition(item(follow_ups=follow_ups))).details
    assert [(each.label, each.is_long, each.unit, each.choices) for each in blanks] == [
        ("Agent", True, "", ()),
        ("Day", False, "", ()),
        ("Level", False, "mg/dL", ()),
        ("Which", False, "", ("First", "Second")),
    ]


def test_each_interval_is_described_once_and_no_date_lifts_the_flag() -> None:
    two_weeks = Interval(words="the label’s 2 weeks", days=14)
    kinds = (choice("methadone", interval=two_weeks), choice("patch", interval=two_weeks))
    rule = item(follow_ups=(interval_kind(choices=kinds), interval_start()))
    assert list(notes_of(row_of(definition(rule))).items())[:2] == [
        ("Opioid-free interval", "Reaching its date does not lift the flag; the prescriber decides."),
        ("Methadone; patch", "The label’s 2 weeks."),
    ]


def test_the_next_step_of_a_choice_is_a_note() -> None:
    own = follow_up("status", FollowUpKind.ONE, choices=(choice("trying", next_step="Discuss first."), choice("no")))
    assert notes_of(row_of(definition(item(follow_ups=(own,)))))["Trying"] == "Discuss first."


def test_child_pugh_points_are_beside_the_bands_and_the_classes_in_a_note() -> None:
    row = row_of(definition(item(follow_ups=tuple(map(band, BANDS)))))
    assert row.details[0].choices == ("1 [1]", "2 [2]", "3 [3]")
    assert notes_of(row)["Child-Pugh"] == CLASSES_IN_WORDS


@pytest.mark.parametrize("points", list(combinations_with_replacement((1, 2, 3), 5)))
def test_the_classes_on_paper_are_the_calculated_ones(points: tuple[int, ...]) -> None:
    rule = item(follow_ups=tuple(map(band, BANDS)))
    ranges = re.findall(r"(\d+) to (\d+)(?: are)? class ([ABC])", CLASSES_IN_WORDS)
    (letter,) = [letter for low, high, letter in ranges if int(low) <= sum(points) <= int(high)]
    calculated = child_pugh_class(rule, dict(zip(BANDS, map(str, points), strict=True)))
    assert calculated.startswith(f"Child-Pugh class {letter},")


def test_a_rule_names_the_kinds_of_its_sources_and_its_review() -> None:
    sources = (source(kind=SourceKind.LABEL, region="US"), source(kind=SourceKind.LABEL, region="US"), source())
    rules = definition(item(sources=sources))
    signed = {"first-rule": ReviewConfirmation("Ada Example", "prescriber", date(2026, 11, 20), date(2028, 1, 1))}
    assert notes_of(row_of(rules))["Sources"] == "Label, US; Opinion. Next review 1 November 2027."
    reviewed = decision_table(rules, PUBLISHED, TODAY, signed).rows[0]
    assert notes_of(reviewed)["Sources"] == (
        "Label, US; Opinion. Next review 1 January 2028. Checked by Ada Example, prescriber, on 20 November 2026."
    )


# The result ---------------------------------------------------------------------------------------------------


def by_hand(table: DecisionTable, codes: Mapping[int, AnswerCode]) -> str:
    """The first line of the result that applies, as a person reads it on paper."""
    for line in table.results:
        said_yes = any(codes[int(number)] is AnswerCode.YES for number in re.findall(r"\d+", line.words))
        not_known = line.words.startswith("Not known") and AnswerCode.UNKNOWN in codes.values()
        if said_yes or not_known or line.words.startswith("No or not applicable to every question"):
            return line.label
    raise AssertionError("no line applies")


@pytest.mark.parametrize("severities", list(product(Severity, repeat=3)), ids="-".join)
def test_the_first_line_that_applies_is_the_outcome_of_the_evaluation(severities: tuple[Severity, ...]) -> None:
    items = [allowing_not_applicable(f"rule-{place}", severity=each) for place, each in enumerate(severities, 1)]
    rules = definition(*items, cases=())
    table = table_of(rules)
    for codes in product(AnswerCode, repeat=3):
        answers = {f"rule-{place}": Answer(code) for place, code in enumerate(codes, 1)}
        calculated = OUTCOME_WORDS[evaluate(rules, answers, TODAY).outcome]
        assert by_hand(table, dict(enumerate(codes, 1))) == calculated


# As a PDF -----------------------------------------------------------------------------------------------------


def render(rules: Definition = SHIPPED, paper: Paper = Paper.A4) -> bytes:
    """The table of a rule set as PDF."""
    return pdf.render_table(table_of(rules), paper, PUBLISHED.at)


def sheets_of(made: bytes) -> list[str]:
    """The text of each sheet, in the order in which it was set."""
    run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=made, capture_output=True, check=True)
    return [" ".join(text.split()) for text in run.stdout.decode().removesuffix("\f").split("\f")]


def bare(text: str) -> str:
    """Text without space, and without the hyphens at which a line may have been broken."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


def words_of(part: object) -> Iterator[str]:
    """Every word of the table."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from words_of(each)
    elif is_dataclass(part):
        for field in fields(part):
            if field.name != "state" or not isinstance(part, TableRow):
                yield from words_of(getattr(part, field.name))


def page_count(made: bytes) -> int:
    """How many sheets a PDF has."""
    with pikepdf.open(io.BytesIO(made)) as document:
        return len(document.pages)


@on_both_papers
def test_four_rules_need_two_sheets_and_twelve_need_four(paper: Paper) -> None:
    assert (page_count(render(paper=paper)), page_count(render(twelve_rules(), paper))) == (2, 4)


@pytest.mark.parametrize(("paper", "size"), [(Paper.A4, (210, 297)), (Paper.LETTER, (215.9, 279.4))])
def test_a_sheet_is_as_large_as_the_paper(paper: Paper, size: tuple[float, float]) -> None:
    with pikepdf.open(io.BytesIO(render(paper=paper))) as document:
        corner = [float(each) / 72 * 25.4 for each in list(document.pages[0].mediabox)[2:]]
    assert corner == pytest.approx(size, abs=0.1)


@needs_pdftotext
@pytest.mark.parametrize("rules", [SHIPPED, twelve_rules()], ids=["four", "twelve"])
def test_every_word_is_on_it(rules: Definition) -> None:
    printed = bare("".join(sheets_of(render(rules))))
    assert [words for words in words_of(table_of(rules)) if bare(words) not in printed] == []


@needs_pdftotext
def test_every_sheet_has_its_head_and_a_page_number_of_the_total() -> None:
    sheets = sheets_of(render(twelve_rules()))
    for number, text in enumerate(sheets, start=1):
        on_each = ("Edition 3, b85e03c7d21f.", "Patient name", "Birth date", "Record number", NOTICE)
        assert [words for words in (*on_each, f"Page {number} of {len(sheets)}") if words not in text] == []


@needs_pdftotext
def test_no_rule_is_divided_between_two_sheets() -> None:
    rules = twelve_rules()
    sheets = [bare(text) for text in sheets_of(render(rules))]
    for row in table_of(rules).rows:
        parts = [bare(words) for words in words_of(row)]
        assert any(all(part in sheet for part in parts) for sheet in sheets)


@needs_pdftotext
def test_a_rule_that_is_longer_than_a_sheet_continues_on_the_next() -> None:
    sheets = sheets_of(render(wordy()))
    assert len(sheets) > 2
    assert sum(text.count("many") for text in sheets) == 4 * LONG.count("many")


@needs_pdftotext
@pytest.mark.parametrize("letter", ["X", "ש"])
def test_words_and_choices_of_two_hundred_letters_are_broken_and_not_cut(letter: str) -> None:
    endless = letter * 200
    kinds = follow_up("kind", FollowUpKind.ONE, label=endless, choices=(choice("a", label=endless),))
    rules = definition(item(question=endless, find_out=endless, next_step=endless, follow_ups=(kinds,)))
    printed = "".join(sheets_of(render(rules)))
    assert printed.count(letter) == 5 * 200


@needs_pdftotext
def test_markup_in_a_rule_is_printed_as_text() -> None:
    typed = '#panic("x") *b* <l> $x$ @ref [a] _i_ `raw` // c \\u{41} = --- "q"'
    assert bare(typed) in bare("".join(sheets_of(render(definition(item(next_step=typed))))))


@on_both_papers
@pytest.mark.parametrize("rules", [SHIPPED, twelve_rules(), wordy()], ids=["four", "twelve", "wordy"])
@pytest.mark.parametrize("profile", [page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1])
def test_it_complies_with_the_standards_for_archives_and_accessibility(
    rules: Definition, paper: Paper, profile: page.ValidationProfile
) -> None:
    report = page.validate_pdf_bytes(render(rules, paper), profile=profile)
    assert report.is_compliant, [failure.message for failure in report.failures]


@needs_pdftotext
def test_a_screen_reader_is_given_a_table_with_a_head_and_every_question_as_a_heading() -> None:
    run = subprocess.run(["pdfinfo", "-struct-text", "-"], input=render(), capture_output=True, check=True)
    pdf_tags = [line.strip().split(" ")[0] for line in run.stdout.decode(errors="replace").splitlines()]
    assert (pdf_tags.count("Table"), pdf_tags.count("TH"), pdf_tags.count("H1")) == (1, 5, 1)
    assert (
        pdf_tags.count("H2") == len(SHIPPED.items) + len(SHIPPED.listed) + 4
    )  # and one over each part after the table


def test_the_metadata_name_the_kind_of_page_and_when_the_edition_was_published() -> None:
    with pikepdf.open(io.BytesIO(render())) as document:
        title, made_at = str(document.docinfo.Title), str(document.docinfo.CreationDate)
    assert (title, made_at) == ("Decision table", "D:20261105130000Z")


ELSEWHERE = """
from hashlib import sha256
from tests.unit.clinical.report.test_decision_table import render
print(sha256(render()).hexdigest())
"""


def test_another_process_makes_the_same_bytes() -> None:
    run = subprocess.run([sys.executable, "-c", ELSEWHERE], cwd=PROJECT, capture_output=True, check=True, text=True)
    assert run.stdout.strip() == sha256(render()).hexdigest()


@pytest.mark.parametrize("part", ["question", "help", "next_step", "find_out", "severity_words"])
def test_a_character_that_no_font_has_is_refused_and_named(part: str) -> None:
    with pytest.raises(UnsupportedCharacter, match="李"):
        render(definition(item(**{part: "李?"})))
