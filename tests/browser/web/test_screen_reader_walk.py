"""What a screen reader says from signing in to a decision is the text of docs/screen-reader-walk.md."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.models import Edition, Screening
from tests.browser.conftest import OpenContext
from tests.browser.screen_reader import ScreenReader
from tests.browser.steps import LOGIN, choice, fields, fill, record, sign_in_through_the_page
from tests.factories import UserFactory
from tests.pages import NEW, OPIOID_FORM, address_of

pytestmark = [pytest.mark.browser, pytest.mark.look]

DOCUMENT = Path(__file__).parents[3] / "docs" / "screen-reader-walk.md"
CHANGED = """
A screen reader says something else now. Read it, and if it is better accept it:
cp {now} {document}
"""
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


class Walk:
    """The chapters of a walk."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, heading: str, how: str, said: Iterable[str]) -> None:
        """Add a chapter: what is done, and what is said."""
        lines = "".join(f"- {line}\n" for line in said)
        self.text += f"\n### {heading}\n\n{how}\n\n{lines}"


def press_tab_from_main(page: Page, reader: ScreenReader, stops: int) -> list[str]:
    """Skip the header with the skip link, and return what is said at the next stops."""
    reader.by_tab(1)
    page.keyboard.press("Enter")
    reader.inside = []
    return reader.by_tab(stops)


def walk_from_signing_in_to_a_decision(page: Page) -> str:
    """Return what is said on the way."""
    walk = Walk()
    page.goto(LOGIN)
    reader = ScreenReader(page)
    walk.add("Sign in", "The page opens, then Tab to its end.", [*reader.on_arrival(), *reader.by_tab(20)])
    sign_in_through_the_page(page, "prescriber")
    page.wait_for_url("**/screenings/")

    page.goto(NEW)
    reader = ScreenReader(page)
    walk.add("The empty form", "The page opens, then Tab to its end.", [*reader.on_arrival(), *reader.by_tab(60)])
    record(page)
    reader = ScreenReader(page)
    said = [*reader.on_arrival(), *reader.reading(".errors")[2:]]
    walk.add("The form, sent empty", "The page opens with the focus on the problems.", said)
    page.get_by_role("link", name="Opioid use: Choose").press("Enter")
    reader.inside = []
    walk.add("The link of a problem", "Enter on the problem with opioid use.", [reader.stop(reader.focused())])
    choice(page, "opioid-use", "yes").press("Space")
    said = page.get_by_role("status").all_inner_texts()
    walk.add("The answer yes", "Space. This is announced, and the focus stays.", said)
    fill(page, OPIOID_FORM)
    record(page)
    add_result(page, walk)
    add_decision(page, walk)
    return walk.text


def add_result(page: Page, walk: Walk) -> None:
    """Read the result, and open the page to print."""
    reader = ScreenReader(page)
    said = [*reader.on_arrival(), *reader.reading("section.outcome")[2:], *reader.reading("[data-rule=opioid-use]")]
    walk.add("The result", "The page opens with the focus on the outcome; the outcome and its flag are read.", said)
    walk.add("After the outcome", "Tab, twice.", reader.by_tab(2))
    page.keyboard.press("Enter")
    page.wait_for_url("**/print/")
    reader = ScreenReader(page)
    said = [*reader.on_arrival(), *reader.by_tab(10)]
    walk.add("The page to print", "Enter. The page opens, then Tab to its end.", said)


def add_decision(page: Page, walk: Walk) -> None:
    """Decide, at first without what is needed to defer."""
    page.goto(address_of(Screening.objects.get(), "decision/"))
    reader = ScreenReader(page)
    said = [*reader.on_arrival(), *press_tab_from_main(page, reader, 20)]
    walk.add("The decision", "The page opens; from the skip link Tab to its end.", said)
    for reason in ("", "followed"):
        if reason:
            choice(page, "opioid-use.reason", reason).press("Space")
            fields(page, "defer_until").fill("1 Dec 2026")
        else:
            choice(page, "decision", "defer").press("Space")
        with page.expect_navigation():
            page.get_by_role("button", name="Record decision").press("Enter")
        reader = ScreenReader(page)
        if reason:
            said = [*reader.on_arrival(), *reader.reading(".decided")]
            walk.add("The decision, recorded", "The result opens; the decision is read.", said)
        else:
            said = [*reader.on_arrival(), *reader.reading(".errors")[2:]]
            walk.add("The decision, incomplete", "The page opens with the focus on the problems.", said)


@time_machine.travel(NOW, tick=False)
def test_a_screen_reader_says_what_is_written_down(
    open_context: OpenContext, edition: Edition, tmp_path: Path
) -> None:
    UserFactory(role=Role.PRESCRIBER, username="prescriber")
    written = DOCUMENT.read_text(encoding="utf-8")
    introduction = written[: written.index("\n### ")]
    now = tmp_path / DOCUMENT.name
    now.write_text(introduction + walk_from_signing_in_to_a_decision(open_context().new_page()), encoding="utf-8")
    assert now.read_text(encoding="utf-8") == written, CHANGED.format(now=now, document=DOCUMENT)
