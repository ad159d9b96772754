"""A clinician reads the pages in Spanish, in a demonstration: from choosing the language to signing out."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from screening.models import Screening
from tests.browser.access import barriers
from tests.browser.steps import LOGIN, choice, focused, open_filled, rule
from tests.pages import OPIOID_FORM

pytestmark = [pytest.mark.browser, pytest.mark.look]

OUTCOME = "Contraindicación señalada"
MOST_TABS = 40


@pytest.fixture(autouse=True)
def _demonstration(settings: Any) -> None:
    settings.DEMO = True


def tab_to(page: Page, words: str) -> None:
    """Press Tab until a link or button has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if focused(page).inner_text().strip() == words:
            return
    raise AssertionError(f"“{words}” was not reached with {MOST_TABS} times Tab")


def choose_spanish(page: Page) -> None:
    """Choose the language by keyboard alone."""
    page.goto("/accounts/")
    tab_to(page, "Choose a language")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Language", level=1)).to_be_visible()
    choice(page, "language", "en").focus()
    page.keyboard.press("ArrowDown")
    tab_to(page, "Use this language")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Su cuenta")).to_be_visible()


def record_in_spanish(page: Page) -> None:
    """Record a flagged screening with dates as they are written in Spanish."""
    open_filled(page, OPIOID_FORM, birth_date="12 abr 1961")
    page.get_by_role("button", name="Registrar y mostrar el resultado").click()
    expect(page.get_by_role("heading", name=OUTCOME)).to_be_visible()


def test_a_clinician_chooses_spanish_screens_prints_and_signs_out(page: Page) -> None:
    choose_spanish(page)
    expect(page.get_by_role("status")).to_have_text("Las páginas se muestran ahora en este idioma.")
    expect(page.locator(".demo-line")).to_contain_text("Traducción aún no revisada. Translation not yet reviewed.")
    record_in_spanish(page)
    assert page.locator("html").get_attribute("lang") == "es"
    assert Screening.objects.get().birth_date == "1961-04-12"
    expect(page.get_by_role("region", name="Paciente", exact=True)).to_contain_text("12 abril 1961")
    expect(rule(page, "opioid-use").locator("[lang=en]").first).to_be_visible()

    page.get_by_role("link", name="Imprimir").first.click()
    expect(page.get_by_role("main")).to_contain_text("Contraindication flagged")
    expect(page.get_by_role("main")).not_to_contain_text(OUTCOME)
    page.go_back()
    page.get_by_role("button", name="Cerrar sesión").click()
    page.wait_for_url(f"**{LOGIN}*")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_form_has_no_barriers_in_spanish(page: Page) -> None:
    choose_spanish(page)
    page.goto("/screenings/new/")
    assert barriers(page) == {}


def test_the_result_has_no_barriers_in_spanish(page: Page) -> None:
    choose_spanish(page)
    record_in_spanish(page)
    assert barriers(page) == {}


def test_the_list_of_languages_has_no_barriers(page: Page) -> None:
    page.goto("/accounts/language/")
    assert barriers(page) == {}
