"""The preview of the draft in the browser and on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Edition, RuleSet, Screening
from tests.browser.access import PHONE
from tests.browser.conftest import OpenContext
from tests.factories import UserFactory
from tests.rules import rules_with_two_more
from tests.words import read

pytestmark = [pytest.mark.browser, pytest.mark.look]

BANNER = "Draft, not in use. Nothing on this page is recorded."
WATERMARK = "DRAFT, NOT IN USE"
PAGES = ("form", "result", "print")

STAYS_VISIBLE = """words => {
  scrollTo({ top: document.body.scrollHeight, behavior: "instant" });
  const says = each => each.textContent.trim().replace(/\\s+/g, " ") === words;
  const [banner] = [...document.querySelectorAll("p, strong")].filter(says);
  const box = banner.getBoundingClientRect();
  const onTop = document.elementFromPoint(box.x + 20, box.y + box.height / 2);
  const isVisible = banner === onTop || banner.contains(onTop);
  return scrollY > 100 && box.top >= 0 && box.bottom < innerHeight / 2 && isVisible;
}"""


@pytest.fixture
def draft(edition: Edition) -> RuleSet:
    """A draft with two more questions than the current edition."""
    return actions.load_rules(rules_with_two_more(), by=None, at=datetime.now(UTC))


@pytest.fixture
def open_editor(open_context: OpenContext) -> Callable[..., BrowserContext]:
    """Return a function that opens a browser context for an editor."""
    return lambda **options: open_context(UserFactory(role=Role.EDITOR), **options)


def address(draft: RuleSet, page: str) -> str:
    """Return the URL of a page of the preview."""
    return f"/draft/preview/{page}/"


@pytest.mark.parametrize("name", PAGES)
def test_the_draft_banner_stays_visible_when_the_page_is_scrolled(
    open_editor: Callable[..., BrowserContext], draft: RuleSet, name: str
) -> None:
    page = open_editor().new_page()
    page.goto(address(draft, name))
    assert page.evaluate(STAYS_VISIBLE, BANNER)
    page.set_viewport_size(PHONE)
    assert page.evaluate(STAYS_VISIBLE, BANNER)


@pytest.mark.pdftotext
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_every_printed_sheet_has_the_watermark_and_no_signature_line(
    open_editor: Callable[..., BrowserContext], draft: RuleSet, paper: str, tmp_path: Path
) -> None:
    page = open_editor().new_page()
    page.goto(address(draft, "print"))
    sheets = read(page.pdf(path=tmp_path / "printed.pdf", format=paper), "-layout")
    assert len(sheets) > 1
    assert [number for number, text in enumerate(sheets, start=1) if text.count(WATERMARK) < 2] == []
    assert [words for words in ("Signature", "Back to the draft") if words in "".join(sheets)] == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_draft_form_can_be_answered_and_its_answers_changed(
    open_editor: Callable[..., BrowserContext], draft: RuleSet, scripts: bool
) -> None:
    page = open_editor(java_script_enabled=scripts).new_page()
    page.goto(address(draft, "form"))
    page.locator("textarea[name=medications]").fill("Percocet 5/325 at night")
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_role("heading", name="1 line contains an opioid.")).to_be_visible()
    for question in page.locator(".rule-answer").all():
        question.locator("input[value=no]").check()
    page.locator(".submit-bar").get_by_role("button", name="Show the result").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Contraindication flagged: opioid use")
    page.get_by_role("button", name="Change the answers").click()
    expect(page.locator("textarea[name=medications]")).to_have_value("Percocet 5/325 at night")
    expect(page.locator("input[name=pregnancy][value=no]")).to_be_checked()
    assert not Screening.objects.exists()
