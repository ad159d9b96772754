"""A name or a text that is written from right to left moves no word or number beside it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.rules.definition import AnswerCode
from screening.models import Edition, Screening, User
from tests.browser.conftest import OpenContext
from tests.decisions import decided
from tests.drafts import proposed
from tests.factories import PatientFactory, ScreeningFactory, UserFactory
from tests.pages import address_of

pytestmark = [pytest.mark.browser, pytest.mark.look, pytest.mark.django_db(transaction=True)]

ARABIC, HEBREW = "ليلى حداد", "מאיה כהן"

MOVED = """() => {
  const skipped = "script, style, svg, textarea, select, .typed, .visually-hidden";
  const blockOf = element => {
    while (getComputedStyle(element).display === "inline") element = element.parentElement;
    return element;
  };
  const faults = [];
  let last = null;
  const compare = (element, box) => {
    const block = blockOf(element);
    const isOnLine = last && last.block === block && Math.abs(last.bottom - box.bottom) < 3;
    if (isOnLine && box.left < last.right - 1) faults.push(block.textContent.trim().slice(0, 120));
    last = { block, bottom: box.bottom, right: box.right };
  };
  const seen = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode, parent = node.parentElement;
    if (parent.closest(skipped) || !parent.checkVisibility()) continue;
    const isolated = parent.closest("bdi, q");
    if (isolated && !seen.has(isolated)) compare(isolated.parentElement, isolated.getBoundingClientRect());
    if (isolated) { seen.add(isolated); continue; }
    for (const word of node.data.matchAll(/[A-Za-z0-9]+|[\u0590-\u08ff](?:[\u0590-\u08ff ]*[\u0590-\u08ff])?/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      compare(parent, range.getBoundingClientRect());
    }
  }
  return faults;
}"""
"""Returns the blocks in which a word, a number or a text from right to left is left of what comes before it."""


def person(role: Role, name: str) -> User:
    """A person with a name that is written from right to left."""
    first, last = name.split()
    return UserFactory(role=role, first_name=first, last_name=last)


@pytest.fixture
def screening(edition: Edition) -> Screening:
    """A decided screening, and another of the same record number."""
    by = person(Role.CLINICIAN, HEBREW)
    taking = {"opioid-use": Answer(AnswerCode.YES, details={"agent": "טרמדול", "kind": ("short-acting",)})}
    for name in (HEBREW, ARABIC):
        patient = PatientFactory(name=name, record_number="DEMO-0001", indication="כאב")
        screening = ScreeningFactory(by=by, patient=patient, given=taking, listed="מורפין\nPercocet")
    decided(screening, by=person(Role.PRESCRIBER, ARABIC))
    return screening


def moved_words(page: Page, addresses: list[str]) -> dict[str, list[str]]:
    """Return the blocks of each page in which a word or number is left of the one before it."""
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = page.evaluate(MOVED)
    return {address: faults for address, faults in found.items() if faults}


def test_beside_a_record_from_right_to_left_every_word_keeps_its_place(
    open_context: OpenContext, screening: Screening
) -> None:
    page = open_context(person(Role.PRESCRIBER, ARABIC)).new_page()
    pages = [
        address_of(screening, each) for each in ("", "print/", "decision/", "amend/", "void/", "others/", "looks/")
    ]
    assert moved_words(page, [*pages, "/screenings/", "/worklist/", "/editions/"]) == {}


def test_beside_an_editor_from_right_to_left_every_word_keeps_its_place(
    open_context: OpenContext, edition: Edition
) -> None:
    proposed(person(Role.EDITOR, ARABIC), note="שינוי")
    page = open_context(person(Role.APPROVER, HEBREW)).new_page()
    assert (
        moved_words(page, ["/draft/", "/draft/publish/", "/draft/history/", "/draft/compare/", "/editions/1/"]) == {}
    )


def test_words_that_moved_are_found(page: Page) -> None:
    page.set_content(f"<p>{HEBREW}, 30 November</p><p><bdi>{HEBREW}</bdi>, 30 November</p>")
    assert page.evaluate(MOVED) == [f"{HEBREW}, 30 November"]
