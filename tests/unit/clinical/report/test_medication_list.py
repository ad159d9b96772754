"""The text about a medication list: first its matches, then the list as entered."""

from __future__ import annotations

import re
from typing import Any

import pytest

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.medications.lexicon import OpioidGroup
from screening.clinical.medications.reader import MedicationList
from screening.clinical.report.chart_copy import Printing, chart_copy
from screening.clinical.report.findings import FindingText, answer_texts
from screening.clinical.report.medication_list import AROUND, LONGEST_LINE, MatchedLine, MedicationListText
from screening.clinical.report.plain_text import as_text
from screening.clinical.report.summary import Summary, summarise
from screening.clinical.rules.definition import AnswerCode, Definition, Listed, Severity
from screening.clinical.rules.validation import VERDICTS
from tests.rules import shipped_rules
from tests.unit.builders import (
    NO,
    NOT_KNOWN,
    TODAY,
    YES,
    all_answered,
    definition,
    item,
    listed_item,
    medication_list,
    medicine,
    mentioned,
    naltrexone,
    record,
    replace,
    summary,
    words_of,
)

RULES = replace(shipped_rules(), lexicon="a" * 64)
CODEINE, NALTREXONE = medication_list(medicine()), medication_list(naltrexone())
NOTHING = medication_list(text="Metformin 500 mg\n\nLisinopril 10 mg")


def said(listed: MedicationList, answer: Answer = NO, /, *, rules: Definition = RULES, **answers: Answer) -> Summary:
    """The words of a screening with a list; what is not named is answered no."""
    return summary(rules, all_answered(rules, answer, **answers), listed=listed)


def part_of(listed: MedicationList, **changes: Any) -> MedicationListText:
    """The words about a list."""
    part = said(listed, **changes).medications
    assert part is not None
    return part


def words_by_heading(part: MedicationListText) -> dict[str, list[str]]:
    """The labels of what is named, under each heading."""
    return {group.heading: [each.label for each in group.medicines] for group in part.groups}


def only(part: MedicationListText) -> MatchedLine:
    """The one medicine that is named."""
    ((one,),) = (group.medicines for group in part.groups)
    return one


# The outcome --------------------------------------------------------------------------------------------------

TWO_CAUTIONS = definition(
    item("one", severity=Severity.CAUTION), item("two"), item("three"), item("four"), listed=(listed_item("five"),)
)


@pytest.mark.parametrize(
    ("said", "headline"),
    [
        pytest.param(said(CODEINE), "Contraindication flagged: opioid use", id="an opioid with an answer of no"),
        pytest.param(said(NALTREXONE), "Caution flagged: another naltrexone product", id="naltrexone alone"),
        pytest.param(
            said(NALTREXONE, pregnancy=NOT_KNOWN), "Cannot conclude: 1 answer is not known", id="an unresolved answer"
        ),
        pytest.param(
            said(medication_list(medicine(), naltrexone(2)), YES),
            "Contraindication flagged: 4 of 4 questions",
            id="all flagged and naltrexone",
        ),
        pytest.param(
            said(
                NALTREXONE, YES, rules=replace(TWO_CAUTIONS, listed=(listed_item("five", severity=Severity.AVOID),))
            ),
            "Contraindication flagged: 3 of 4 questions and five",
            id="questions are counted, what is not asked is named",
        ),
        pytest.param(
            said(NOTHING), "No listed contraindication was identified from these answers", id="nothing recognised"
        ),
    ],
)
def test_the_headline_names_what_the_list_raised(said: Summary, headline: str) -> None:
    assert said.headline == headline


def test_an_unresolved_caution_raised_by_the_list_counts_as_not_known_and_has_its_way_to_find_out() -> None:
    rules = definition(item("rule", severity=Severity.CAUTION, listed=Listed.OPIOID))
    words = said(CODEINE, NOT_KNOWN, rules=rules)
    assert words.headline == "Cannot conclude: 1 answer is not known"
    assert words.next_step.startswith("Find out the one unresolved answer")
    assert [line.label for line in words.flagged[0].lines] == ["Answer", "Evidence", "Next step", "Find out", "Why"]


@pytest.mark.parametrize(
    ("listed", "answer", "next_step"),
    [
        (CODEINE, NO, "Do not start LDN on these answers and this list."),
        (CODEINE, YES, "Do not start LDN on these answers."),
        (NALTREXONE, YES, "Do not start LDN on these answers."),
        (NALTREXONE, NO, "Give the summary to the prescriber, who weighs each caution below."),
    ],
)
def test_the_next_step_says_whether_the_list_raised_it(
    listed: MedicationList, answer: Answer, next_step: str
) -> None:
    assert said(listed, opioid_use=answer).next_step.startswith(next_step)


def test_a_clear_result_counts_the_questions_alone() -> None:
    assert "This result covers 4 questions only" in said(NOTHING).next_step


def test_the_tally_counts_what_the_list_raised_too() -> None:
    assert [each.words for each in said(medication_list(medicine(), naltrexone(2))).tally] == [
        "1 contraindicated", "1 caution", "3 answered no"
    ]  # fmt: skip


# Flags --------------------------------------------------------------------------------------------------------


def labels(entry: FindingText) -> list[str]:
    """The labels of an entry's lines, in their order."""
    return [line.label for line in entry.lines]


@pytest.mark.parametrize(
    ("answer", "label"), [(NO, "Conflict"), (NOT_KNOWN, "Evidence"), (YES, "In the list")], ids=str
)
def test_the_note_about_the_list_comes_directly_after_the_answer(answer: Answer, label: str) -> None:
    (entry,) = said(CODEINE, opioid_use=answer).flagged
    assert labels(entry) == ["Answer", label, "Next step", "Interval", "Why"]
    assert entry.answer is answer.code


def test_a_rule_that_is_not_asked_has_the_note_about_the_list_instead_of_an_answer() -> None:
    (entry,) = said(NALTREXONE).flagged
    assert labels(entry) == ["In the list", "Next step", "Why"]
    assert entry.footer == ("Edition 3", "Next review 1 November 2027")


def test_questions_keep_their_numbers_when_rules_that_are_not_asked_are_flagged() -> None:
    flagged = said(medication_list(naltrexone()), YES).flagged
    assert [entry.footer[0] for entry in flagged[:4]] == [f"Question {number} of 4" for number in (1, 2, 3, 4)]
    assert flagged[4].link_id == "naltrexone-product"


def test_the_answers_in_words_are_those_of_the_questions() -> None:
    kept = record(RULES, all_answered(RULES), listed=NALTREXONE)
    assert answer_texts(kept) == dict.fromkeys(RULES.by_link_id, "No.")


# The list -----------------------------------------------------------------------------------------------------


def test_without_a_list_the_summary_has_no_text_about_one() -> None:
    assert summary(RULES, all_answered(RULES)).medications is None


@pytest.mark.parametrize(
    ("listed", "sentence"),
    [
        (NOTHING, "No opioid recognised in this list; that does not show there is none."),
        (NALTREXONE, "No opioid recognised in this list; that does not show there is none."),
        (
            medication_list(mentioned()),
            "No current opioid recognised in this list; that does not show there is none.",
        ),
        (CODEINE, "1 line contains an opioid."),
        (medication_list(medicine(), medicine("tramadol"), medicine(line=2)), "2 lines contain an opioid."),
    ],
)
def test_the_sentence_counts_lines_with_an_opioid_and_never_says_that_there_is_none(
    listed: MedicationList, sentence: str
) -> None:
    assert part_of(listed).sentence == sentence


def test_a_list_is_not_reported_as_read_when_the_edition_has_no_names() -> None:
    part = part_of(NOTHING, rules=shipped_rules())
    assert part.sentence == "This list was not searched: the edition holds no names of medicines."


def test_current_medicines_come_before_those_only_mentioned() -> None:
    nalmefene = medicine("nalmefene", 4, group=OpioidGroup.ANTAGONIST, interval="")
    listed = medication_list(mentioned("tramadol", 1), medicine(line=2), naltrexone(3), nalmefene)
    assert words_by_heading(part_of(listed)) == {
        "Opioids, counted as current": ["Line 2"],
        "Naltrexone products, counted as current": ["Line 3"],
        "Other antagonists, which flag nothing here": ["Line 4"],
        "Mentioned, not counted as current": ["Line 1"],
    }


def test_a_mention_says_why_it_does_not_count() -> None:
    assert only(part_of(medication_list(mentioned()))).words.endswith("Named as an allergy.")


def test_a_medicine_is_shown_in_its_line_with_its_kind_and_the_meaning_of_the_term() -> None:
    listed = medication_list(medicine(start=3, end=10), text="2. codeine 30 mg at night")
    assert only(part_of(listed)) == MatchedLine(
        label="Line 1",
        before="2. ",
        term="codeine",
        after=" 30 mg at night",
        words="Codeine, agonist, short-acting. “codeine” is an opioid.",
    )


def test_of_a_long_line_the_part_around_the_term_is_shown() -> None:
    line = f"{'a ' * 200}codeine{' b' * 200}"
    one = only(part_of(medication_list(medicine(start=400, end=407), text=line)))
    assert (one.before, one.after) == ("…" + ("a " * 200)[-AROUND:], (" b" * 200)[:AROUND] + "…")


@pytest.mark.parametrize("length", [LONGEST_LINE - 1, LONGEST_LINE])
def test_a_line_that_is_not_long_is_shown_whole(length: int) -> None:
    line = "codeine".ljust(length, "x")
    one = only(part_of(medication_list(medicine(), text=line)))
    assert one.before + one.term + one.after == line


def test_the_list_is_shown_as_entered_line_by_line() -> None:
    part = part_of(medication_list(text="Metformin\r\n\r\n  Lisinopril 10 mg \n\n"))
    assert part.lines == ("Metformin", "", "  Lisinopril 10 mg")
    assert part.entered_heading == "List as entered, 3 lines"


def test_no_word_about_a_list_is_a_verdict() -> None:
    for code in AnswerCode:
        words = said(medication_list(medicine(), naltrexone(2), mentioned(line=3)), Answer(code))
        assert VERDICTS.findall(words_of((words.headline, words.next_step, words.medications))) == []


def test_a_group_that_flags_nothing_says_so_in_its_heading() -> None:
    nalmefene = medicine("nalmefene", group=OpioidGroup.ANTAGONIST, interval="")
    words = said(medication_list(nalmefene))
    assert words.flagged == ()
    assert words.medications is not None
    assert list(words_by_heading(words.medications)) == ["Other antagonists, which flag nothing here"]


def plain_text_of(listed: MedicationList) -> list[str]:
    """The lines about a list in the plain text."""
    kept = record(RULES, all_answered(RULES), listed=listed)
    copy = chart_copy(kept, summarise(kept, TODAY), Printing(by="Ada Example", role="clinician", at=kept.screened_at))
    (part,) = re.findall(r"LIST OF MEDICINES\n.*?\n\n", as_text(copy), re.DOTALL)
    return part.splitlines()[:-1]


def test_the_plain_text_shows_the_list_and_its_matches() -> None:
    listed = medication_list(medicine(line=2, start=0, end=7), text="Metformin\ncodeine 30 mg")
    assert plain_text_of(listed) == [
        "LIST OF MEDICINES",
        "1 line contains an opioid.",
        "Opioids, counted as current:",
        "- Line 2: “codeine 30 mg”. Codeine, agonist, short-acting. “codeine” is an",
        "  opioid.",
        "List as entered, 2 lines:",
        "  1 | Metformin",
        "  2 | codeine 30 mg",
    ]


# Lines that are not read --------------------------------------------------------------------------------------

UNREAD = MedicationList("Metformin\nЭналаприл 5 мг", (), (2,))
INCOMPLETE = "The list is not read completely: 1 line is not in Latin letters. Ask what it names."


@pytest.mark.parametrize(
    ("listed", "sentence"),
    [
        pytest.param(UNREAD, INCOMPLETE, id="one line"),
        pytest.param(
            MedicationList("薬\n药", (), (1, 2)),
            "The list is not read completely: 2 lines are not in Latin letters. Ask what they name.",
            id="every line",
        ),
        pytest.param(replace(UNREAD, found=(mentioned(),)), INCOMPLETE, id="beside an allergy"),
        pytest.param(replace(UNREAD, found=(naltrexone(),)), INCOMPLETE, id="beside naltrexone"),
        pytest.param(
            replace(UNREAD, found=(medicine(),)), f"1 line contains an opioid. {INCOMPLETE}", id="beside an opioid"
        ),
    ],
)
def test_while_a_line_is_not_read_nothing_says_that_no_opioid_was_recognised(
    listed: MedicationList, sentence: str
) -> None:
    part = part_of(listed)
    assert part.sentence == sentence
    assert "recognised" not in words_of((part,))


def test_lines_that_are_not_read_are_shown_as_entered_after_current_medicines() -> None:
    part = part_of(replace(UNREAD, found=(medicine(), naltrexone(), mentioned("tramadol"))))
    assert list(words_by_heading(part)) == [
        "Opioids, counted as current",
        "Naltrexone products, counted as current",
        "Not read (not in Latin letters)",
        "Mentioned, not counted as current",
    ]
    assert part.groups[2].medicines == (
        MatchedLine(label="Line 2", before="Эналаприл 5 мг", term="", after="", words=""),
    )


def test_a_very_long_line_that_is_not_read_is_cut() -> None:
    assert only(part_of(MedicationList("я" * 300, (), (1,)))).before == "я" * LONGEST_LINE + "…"


def test_a_line_that_is_not_read_changes_no_outcome() -> None:
    read, unread = said(replace(UNREAD, not_read=())), said(UNREAD)
    assert replace(unread, medications=None) == replace(read, medications=None)


def test_the_plain_text_lists_what_is_not_read() -> None:
    heading, *lines = plain_text_of(UNREAD)
    assert heading == "LIST OF MEDICINES"
    assert " ".join(lines).startswith(
        f"{INCOMPLETE} Not read (not in Latin letters): - Line 2: “Эналаприл 5 мг”. List as entered, 2 lines:"
    )
