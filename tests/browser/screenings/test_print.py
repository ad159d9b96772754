"""The chart summary on paper, as the browser prints it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page

from screening.clinical.rules.definition import Definition
from screening.models import Edition, Screening
from tests.factories import CURRENT_OPIOID, NALTREXONE, EditionFactory, PatientFactory, ScreeningFactory
from tests.pages import address_of
from tests.printing import all_yes, bare, spaced
from tests.rules import rules_with_two_more
from tests.words import counted_on, read

pytestmark = [pytest.mark.browser, pytest.mark.look, pytest.mark.pdftotext]

on_both_papers = pytest.mark.parametrize("paper", ["A4", "Letter"])
"""Each test checks as much as possible on one print, because a browser takes a second to open and print a page."""

WORDS_OF_FINDINGS = """() => [...document.querySelectorAll("main article[data-rule]")].map(each =>
  [...each.querySelectorAll("header p, header h3, dt, dd:not(:has(ul)), dd li, footer span")].map(
    part => part.textContent))"""
CHROME = """() => [...document.querySelectorAll("body > nav, button")].flatMap(each =>
  [...each.querySelectorAll("a, button, span"), each]).filter(each => !each.children.length).map(
    each => each.textContent.trim())"""


class PrintedRecord(NamedTuple):
    """A printed screening: the text of each sheet."""

    screening: Screening
    texts: list[str]


def everything_flagged(definition: Definition, **patient: Any) -> Screening:
    """Record a screening of a patient with every question answered yes."""
    return ScreeningFactory(given=all_yes(definition), patient=PatientFactory(**patient))


def print_on(paper: str, page: Page, screening: Screening, folder: Path) -> PrintedRecord:
    """Print a screening and return the text of its sheets."""
    page.goto(address_of(screening, "print/"))
    printed = page.pdf(path=folder / "printed.pdf", format=paper)
    return PrintedRecord(screening, read(printed, "-layout"))


def without_minute(sheets: list[str]) -> list[str]:
    """Remove the time of printing."""
    return [re.sub(r"Printed\s+\d.*?UTC", "Printed", text, flags=re.DOTALL) for text in sheets]


@on_both_papers
def test_four_flags_with_all_details_fit_on_one_sheet_without_parts_of_the_screen(
    page: Page, edition: Edition, paper: str, tmp_path: Path
) -> None:
    sheets = print_on(paper, page, everything_flagged(edition.definition), tmp_path).texts
    info = subprocess.run(["pdfinfo", tmp_path / "printed.pdf"], capture_output=True, check=True).stdout.decode()
    assert re.search(r"^Pages: +1$", info, re.MULTILINE), info
    findings = page.evaluate(WORDS_OF_FINDINGS)
    assert len(findings) == 4
    printed = bare("".join(sheets))
    assert [words for finding in findings for words in finding if bare(words) not in printed] == []
    screen_only = page.evaluate(CHROME)
    assert len(screen_only) >= 3
    screen_only += ["Sign out", "New screening", "Rule editions"]
    text = spaced("".join(sheets))
    assert [words for words in screen_only if re.search(rf"\b{re.escape(words)}\b", text)] == []


@on_both_papers
def test_every_sheet_names_patient_screener_time_rules_and_record_and_splits_no_finding(
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
    split = [each[1] for each in findings if not any(all(bare(part) in sheet for part in each) for sheet in unbroken)]
    assert split == []


@on_both_papers
@pytest.mark.parametrize(("state", "word"), [("superseded", "SUPERSEDED"), ("voided", "VOID")])
def test_a_record_that_is_not_current_says_so_on_every_sheet(
    page: Page, paper: str, tmp_path: Path, state: str, word: str
) -> None:
    definition = EditionFactory(definition=rules_with_two_more()).definition
    screening = ScreeningFactory(given=all_yes(definition), **{state: True})
    sheets = print_on(paper, page, screening, tmp_path).texts
    assert len(sheets) > 1
    assert [number for number, text in enumerate(sheets, start=1) if len(re.findall(rf"\b{word}\b", text)) < 2] == []


def test_a_record_that_is_not_current_has_nothing_to_sign(page: Page, edition: Edition, tmp_path: Path) -> None:
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
def test_a_very_long_name_and_number_are_on_every_sheet(page: Page, paper: str, tmp_path: Path) -> None:
    definition = EditionFactory(definition=rules_with_two_more()).definition
    name, number = "Invented Longname " * 11, "DEMO-" + "0123456789" * 5
    screening = everything_flagged(definition, name=name.strip(), record_number=number, indication="Invented " * 22)
    sheets = [bare(text) for text in print_on(paper, page, screening, tmp_path).texts]
    assert len(sheets) > 1
    assert [sheet for sheet in sheets if bare(name) not in sheet or bare(number) not in sheet] == []
