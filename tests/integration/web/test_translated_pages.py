"""Every text of every page is translated: in the test language each message is in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.models import Screening
from screening.web.languages import RULES_LANGUAGE
from tests.factories import ScreeningFactory, UserFactory
from tests.integration.accounts.test_permissions import EXPECTATIONS, address_in
from tests.languages import TEST_LANGUAGE, forget_translations, in_brackets, not_translated, write_test_language
from tests.purges import REASON

pytestmark = pytest.mark.django_db

ENTERED = (
    *("Sample Patient", "Fibromyalgia", "Percocet", "Tramadol 50 mg, as needed", "LDN Screen", "editorial team"),
    *("Sample Administrator", "Sample Approver", "Sample Auditor", "Sample Clinician", "Sample Editor"),
    *("Sample Prescriber", "First edition", "command line", "mg", "UTC", "PDF", "ASCII", "CSV", "JSON"),
    REASON,  # of a purge
    *("US", "EU", "UK", "Naltrexone", "50 mg daily"),
    *password_validators_help_texts(),  # from Django’s own catalogs
)
"""What people entered, and names and units that every language shares."""
IDS = re.compile(r"DEMO-\d{4}|\b[0-9a-f]{4}-[0-9a-f]{4}\b|\b[0-9a-f]{12,}\b|\bperson\d+\b")
IN_THE_LANGUAGE_OF_THE_RULES = {"screening_print", "draft_preview_print"}
"""Copies for the chart, which others read than the person who made them."""
OPENED_BY = {name: min(each.roles) for name, each in EXPECTATIONS.items() if each.statuses["GET"] == 200}


@pytest.fixture(scope="module")
def language_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the catalog of the test language."""
    folder = tmp_path_factory.mktemp("locale")
    write_test_language(folder)
    return folder


@pytest.fixture(autouse=True)
def _offered(settings: Any, language_folder: Path) -> Iterator[None]:
    settings.LOCALE_PATHS = [language_folder]
    settings.LANGUAGES = [("en", "English"), (TEST_LANGUAGE, in_brackets("Test"))]
    forget_translations()
    yield
    forget_translations()


@pytest.fixture
def screening(edition: object) -> Screening:
    return ScreeningFactory()


def reader(role: Role) -> Client:
    """Return a client whose user reads the pages in the test language."""
    client, person = Client(), UserFactory(role=role)
    person.language = TEST_LANGUAGE
    person.save(update_fields=["language"])
    client.force_login(person)
    return client


@pytest.mark.parametrize("name", OPENED_BY)
def test_every_text_of_a_page_is_translated(screening: Screening, name: str) -> None:
    response = reader(OPENED_BY[name]).get(address_in(EXPECTATIONS[name], screening))
    assert response.status_code == 200
    if response.headers["Content-Type"].startswith("text/html"):
        page = b"".join(response).decode()
        is_translated = name not in IN_THE_LANGUAGE_OF_THE_RULES
        assert html.fromstring(page).get("lang") == (TEST_LANGUAGE if is_translated else RULES_LANGUAGE)
        found = not_translated(IDS.sub("", page), ENTERED) if is_translated else []
        assert not found, "\n".join(found)
