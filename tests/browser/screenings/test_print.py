"""The chart summary on paper, as the browser prints it."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.rules.definition import AnswerCode, Definition, FollowUp, FollowUpKind
from screening.models import Edition, Screening
from tests.factories import CURRENT_OPIOID, NALTREXONE, EditionFactory, PatientFactory, ScreeningFactory
from tests.pages import address_of
from tests.rules import rules_with_two_more
from tests.words import counted_on, read

pytestmark = [pytest.mark.browser, pytest.mark.look, pytest.mark.pdftotext]

on_both_papers = pytest.mark.parametrize("paper", ["A4", "Letter"])
"""A test reads all that it can from what is printed once: a browser takes a second to open and print a page."""

WORDS_OF_FINDINGS = """() => [...document.querySelectorAll("main article[data-rule]")].map(each =>
  [...each.querySelectorAll("header p, header h3, dt, dd:not(:has(ul)), dd li, footer span")].map(
    part => part.textContent))"""
CHROME = """() => [...document.querySelectorAll("body > nav, button")].flatMap(each =>
  [...each.querySelectorAll("a, button, span"), each]).filter(each => !each.children.length).map(
    each => each.textContent.trim())"""


class Sheets(NamedTuple):
    """What was printed of a screening: the text of each sheet."""

    screening: Screening
    texts: list[str]


def detail(follow_up: FollowUp) -> FollowUpValue:
    """A value that fits a follow-up; where several may be chosen, two."""
    match follow_up.kind:
        case FollowUpKind.TEXT:
            return f"Invented words about {follow_up.name}"
        case FollowUpKind.DATE:
            return date(2026, 11, 2)
        case FollowUpKind.NUMBER:
            return Decimal("3.5")
        case FollowUpKind.ONE:
            return follow_up.choices[0].code
        case FollowUpKind.SEVERAL:
            return tuple(choice.code for choice in follow_up.choices[:2])


def all_yes(definition: Definition) -> dict[str, Answer]:
    """Every question answered yes, with every detail."""
    return {
        item.link_id: Answer(AnswerCode.YES, details={each.link_id: detail(each) for each in item.follow_ups})
        for item in definition.items
    }


def everything_flagged(definition: Definition, **patient: Any) -> Screening:
    """A record of a patient for whom every question was answered yes."""
    return ScreeningFactory(given=all_yes(definition), patient=PatientFactory(**patient))


def print_on(paper: str, page: Page, screening: Screening, folder: Path) -> Sheets:
    """Print a screening and read the sheets."""
    page.goto(address_of(screening, "print/"))
    printed = page.pdf(path=folder / "printed.pdf", format=paper)
    return Sheets(screening, read(printed, "-layout"))


def bare(text: str) -> str:
    """Text without space, and without the hyphens at which a line may have been broken."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


def spaced(text: str) -> str:
    """Text with each run of space made one."""
    return " ".join(text.split())


def without_minute(sheets: list[str]) -> list[str]:
    """Sheets but for the minute in which they were made."""
    return [re.sub(r"Printed\s+\d.*?UTC", "Printed", text, flags=re.DOTALL) for text in sheets]


@on_both_papers
def test_four_flags_with_all_their_details_stand_on_one_sheet_word_for_word_and_nothing_else_does(
    page: Page, edition: Edition, paper: str, tmp_path: Path
) -> None:
    sheets = print_on(paper, page, everything_flagged(edition.definition), tmp_path).texts
    told = subprocess.run(["pdfinfo", tmp_path / "printed.pdf"], capture_output=True, check=True).stdout.decode()
    assert re.search(r"^Pages: +1$", told, re.MULTILINE), told
    findings = page.evaluate(WORDS_OF_FINDINGS)
    assert len(findings) == 4
    printed = bare("".join(sheets))
    assert [words for finding in findings for words in finding if bare(words) not in printed] == []
    of_the_screen = page.evaluate(CHROME)
    assert len(of_the_screen) >= 3
    of_the_screen += ["Sign out", "New screening", "Rule editions"]
    text = spaced("".join(sheets))
    assert [words for words in of_the_screen if re.search(rf"\b{re.escape(words)}\b", text)] == []


@on_both_papers
def test_every_sheet_tells_whose_it_is_who_screened_when_by_which_rules_and_its_number_and_divides_no_finding(
    page: Page, edition: Edition, paper: str, tmp_path: Path
) -> None:
    definition = EditionFactory(definition=rules_with_two_more()).definition
    record, sheets = print_on(paper, page, everything_flagged(definition), tmp_path)
    count = len(sheets)
    assert count > 1
    when = record.screened_at_local
    on_each = [
        record.patient_name,
        "12 April 1961",
        record.record_number,
        f"{when.day} {when:%B %Y, %H:%M} UTC",
        f"{record.screened_by_name}, clinician",
        "Edition 2",
        f"{record.uuid.hex[:4]}-{record.uuid.hex[4:8]}",
        "A prescriber must decide",
    ]
    missing = [
        (number, words)
        for number, text in enumerate(sheets, start=1)
        for words in [*on_each, f"Page {number} of {count}"]
        if words not in spaced(text)
    ]
    assert missing == []
    assert [text for text in sheets if re.search("SUPERSEDED|VOID", text)] == []
    findings = page.evaluate(WORDS_OF_FINDINGS)
    assert len(findings) == 6
    unbroken = [bare(text) for text in sheets]
    divided = [
        each[1] for each in findings if not any(all(bare(part) in sheet for part in each) for sheet in unbroken)
    ]
    assert divided == []


@on_both_papers
@pytest.mark.parametrize(("state", "word"), [("superseded", "SUPERSEDED"), ("voided", "VOID")])
def test_what_stands_no_longer_says_so_on_every_sheet(
    page: Page, paper: str, tmp_path: Path, state: str, word: str
) -> None:
    definition = EditionFactory(definition=rules_with_two_more()).definition
    screening = ScreeningFactory(given=all_yes(definition), **{state: True})
    sheets = print_on(paper, page, screening, tmp_path).texts
    assert len(sheets) > 1
    assert [number for number, text in enumerate(sheets, start=1) if len(re.findall(rf"\b{word}\b", text)) < 2] == []


def test_what_stands_no_longer_has_nothing_to_sign(page: Page, edition: Edition, tmp_path: Path) -> None:
    sheets = print_on("A4", page, ScreeningFactory(superseded=True), tmp_path).texts
    assert "Signature" not in "".join(sheets)
    assert "No decision on this page" in spaced("".join(sheets))


@pytest.mark.parametrize(
    "kind",
    [
        {},
        {"taking_opioid": True, "superseded": True},
        {"all_flagged": True, "voided": True},
        {"listed": f"{CURRENT_OPIOID}\n\n{NALTREXONE}\nAllergies: codeine"},
        {"nothing_in_list": True},
    ],
    ids=["clear", "superseded", "voided", "a list", "a list without an opioid"],
)
def test_the_pdf_has_the_words_of_the_printed_page(page: Page, edition: Edition, kind: dict[str, Any]) -> None:
    screening = ScreeningFactory(**kind)
    page.goto(address_of(screening, "print/"))
    for paper in ("A4", "Letter"):
        printed = read(page.pdf(format=paper))
        made = read(page.request.get(address_of(screening, f"summary.pdf?paper={paper.lower()}")).body())
        assert (len(printed), len(made)) == (1, 1)
        words_printed, words_made = (counted_on(without_minute(sheets)) for sheets in (printed, made))
        assert words_printed == words_made


@on_both_papers
def test_the_longest_name_and_number_still_stand_on_every_sheet(page: Page, paper: str, tmp_path: Path) -> None:
    definition = EditionFactory(definition=rules_with_two_more()).definition
    name, number = "Invented Longname " * 11, "DEMO-" + "0123456789" * 5
    screening = everything_flagged(definition, name=name.strip(), record_number=number, indication="Invented " * 22)
    sheets = [bare(text) for text in print_on(paper, page, screening, tmp_path).texts]
    assert len(sheets) > 1
    assert [sheet for sheet in sheets if bare(name) not in sheet or bare(number) not in sheet] == []
