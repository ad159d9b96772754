"""The result opens with the focus on what has to be read first, so that a screen reader says it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from screening.models import Edition, User
from tests.browser.access import PHONE
from tests.browser.conftest import OpenContext
from tests.browser.steps import open_filled, record
from tests.factories import ScreeningFactory
from tests.pages import OPIOID_FORM, address_of

pytestmark = [pytest.mark.browser, pytest.mark.look]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_after_recording_the_outcome_has_the_focus_and_the_patient_is_in_view(
    open_context: OpenContext, clinician: User, edition: Edition, scripts: bool
) -> None:
    page = open_context(clinician, java_script_enabled=scripts, viewport=PHONE).new_page()
    open_filled(page, OPIOID_FORM)
    record(page)
    expect(page.get_by_role("heading", level=1, name="Contraindication flagged: opioid use")).to_be_focused()
    expect(page.locator(":focus")).to_be_in_viewport()
    expect(page.get_by_role("region", name="Patient").get_by_text("Sample Patient")).to_be_in_viewport()


@pytest.mark.parametrize(("kind", "mark"), [("superseded", "SUPERSEDED"), ("voided", "VOID")])
def test_on_a_record_that_is_not_current_its_mark_has_the_focus(
    page: Page, edition: Edition, kind: str, mark: str
) -> None:
    page.goto(address_of(ScreeningFactory(taking_opioid=True, **{kind: True})))
    expect(page.locator(":focus")).to_contain_text(mark)
