"""The impact page in the browser: progress, accessibility, download."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from playwright.sync_api import BrowserContext, expect

from screening.accounts.permissions import Role
from screening.drafts.impact import run as impact
from screening.models import Edition, RuleSet
from tests.browser.conftest import OpenContext
from tests.drafts import address
from tests.factories import UserFactory
from tests.past import drafted, screened
from tests.rules import rules_with_two_more

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(edition: Edition) -> RuleSet:
    """A draft with two more questions, and five past patients."""
    for number in range(5):
        screened(f"DEMO-{number}", 9, taking_opioid=number == 0)
    return drafted(rules_with_two_more())


@pytest.fixture
def open_clinician(open_context: OpenContext) -> Callable[..., BrowserContext]:
    """Return a function that opens a browser context for a clinician, who sees every part of the page."""
    return lambda **options: open_context(UserFactory(role=Role.CLINICIAN), **options)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_one_progress_bar_is_shown_while_the_counts_are_calculated(
    open_clinician: Callable[..., BrowserContext], draft: RuleSet, monkeypatch: pytest.MonkeyPatch, scripts: bool
) -> None:
    resume, chunks = Event(), impact.ImpactRun.chunks

    def paused(self: impact.ImpactRun) -> Iterator[impact.ImpactChunk]:
        for chunk in chunks(self):
            yield chunk
            if chunk.done == 4:
                resume.wait(10)

    monkeypatch.setattr(impact, "CHUNK_SIZE", 2)
    monkeypatch.setattr(impact.ImpactRun, "chunks", paused)
    page = open_clinician(java_script_enabled=scripts).new_page()
    page.goto(address("impact/"), wait_until="commit")
    expect(page.get_by_text("Comparing past screenings: 4 of 5")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(1)
    resume.set()
    expect(page.get_by_role("heading", name="5 of 5 patients would get another result.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_a_list_is_downloaded_as_a_file(open_clinician: Callable[..., BrowserContext], draft: RuleSet) -> None:
    page = open_clinician().new_page()
    page.goto(address("impact/"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Rules newly unresolved: 5 patients, as a file (CSV)").click()
    assert download.value.suggested_filename == "newly-open.csv"
    assert download.value.path().read_text(encoding="utf-8-sig").count("DEMO-") == 5
