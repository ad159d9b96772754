"""Nothing on a page covers or overflows anything else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from screening.clinical.text.birth_dates import BirthDate
from screening.models import Edition
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import NEW

pytestmark = [pytest.mark.browser, pytest.mark.look, pytest.mark.django_db(transaction=True)]

OVERFLOWING = (
    "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).map(cell => cell.textContent.trim())"
)


def test_no_table_cell_overflows(page: Page, edition: Edition) -> None:
    for born in (BirthDate(1961), BirthDate(1961, 9), BirthDate(1961, 9, 30)):
        patient = PatientFactory(birth_date=born, record_number="DEMO-PC 1795981938")
        ScreeningFactory(taking_opioid=True, patient=patient)
    page.goto("/screenings/")
    assert page.locator("table.list tbody tr").count() == 3
    assert page.locator("table.list :is(td, th)").evaluate_all(OVERFLOWING) == []


UNDER_THE_BAR = """control => {
  const bar = document.querySelector(".submit-bar").getBoundingClientRect();
  const own = control.getBoundingClientRect();
  window.scrollBy(0, own.top + own.height / 2 - (bar.top + bar.height / 2));
  const moved = control.getBoundingClientRect();
  const seen = document.elementFromPoint(moved.left + moved.width / 2, moved.top + moved.height / 2);
  return seen.closest(".submit-bar") !== null;
}"""


def test_no_control_shows_through_the_submit_bar(page: Page, edition: Edition) -> None:
    page.goto(NEW)
    assert page.locator("[name='pregnancy'][value='yes']").evaluate(UNDER_THE_BAR)
