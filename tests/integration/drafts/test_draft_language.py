"""The pages of a draft in another language: what is shown is translated, what is stored stays English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.drafts.models import DraftChange
from screening.models import RuleSet, User
from screening.web import languages
from tests.drafts import address
from tests.edit_pages import save
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import words

pytestmark = pytest.mark.django_db

TEST_LANGUAGE = "xx"
TRANSLATED = (
    *("Started the draft from {edition}", "Edition {number}", "Moved the rule “{subject}” {position}"),
    *("to position {place} of {count}", "“{name}” was moved up.", "Rule by rule", "Patients to call back"),
    *("Rules newly unresolved", "Record number", "Link id", "Severity", "Remove this source"),
)


@pytest.fixture(autouse=True)
def _offered(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Offer a language in which these messages are in brackets."""
    catalog = Catalog(locale="en")
    for message in TRANSLATED:
        catalog.add(message, f"⟦{message}⟧")
    folder = tmp_path / TEST_LANGUAGE / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    settings.LOCALE_PATHS, settings.DEMO = [tmp_path], True
    settings.LANGUAGES = [("en", "English"), (TEST_LANGUAGE, "Test")]
    languages.languages.cache_clear()
    yield
    languages.languages.cache_clear()


def reads_in_test_language(user: User) -> Client:
    user.language = TEST_LANGUAGE
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def reader(person: User) -> Client:
    """The editor, who reads the pages in the test language."""
    return reads_in_test_language(person)


def test_the_history_is_stored_in_english_and_shown_in_the_language_of_the_reader(
    reader: Client, draft: RuleSet
) -> None:
    moved = reader.post("/draft/rules/pregnancy/move/", {"direction": "up", "draft": draft.pk}, follow=True)
    assert "⟦“pregnancy” was moved up.⟧" in words(moved)
    last = DraftChange.objects.latest("pk")
    assert (last.subject, last.note) == ("pregnancy", "to position 2 of 5")
    shown = words(reader.get("/draft/history/"))
    assert "⟦Moved the rule “pregnancy” ⟦to position 2 of 5⟧⟧" in shown
    assert "⟦Started the draft from ⟦Edition 1⟧⟧" in shown
    assert DraftChange.objects.get(rule_set=draft, what="started").subject == "Edition 1"


def test_a_rule_saved_in_another_language_is_stored_as_entered(reader: Client, draft: RuleSet) -> None:
    save(reader, "/draft/rules/pregnancy/", why="Another reason.")
    last: Any = DraftChange.objects.latest("pk")
    assert last.after == {**last.before, "why": "Another reason.", "checked_by": last.after["checked_by"]}


def test_inputs_for_rule_text_have_its_language(reader: Client, draft: RuleSet) -> None:
    page = reader.get("/draft/rules/pregnancy/").content.decode()
    inputs = html.fromstring(page).xpath("//main//*[@name='why' or @name='sources-0-title' or @name='authored_by']")
    assert [each.get("lang") for each in inputs] == ["en", "en", "en"]
    assert not html.fromstring(page).xpath("//select[@name='sources-0-kind'][@lang]")


def test_cached_parts_of_a_page_are_in_the_language_of_each_reader(
    reader: Client, client_of: Callable[[User], Client], draft: RuleSet
) -> None:
    assert "⟦Remove this source⟧" in reader.get("/draft/rules/pregnancy/").content.decode()
    page = client_of(UserFactory(role=Role.EDITOR)).get("/draft/rules/pregnancy/").content.decode()
    assert "Remove this source" in page
    assert "⟦" not in page
    assert page.count(" lang=") == 1


def test_the_streamed_impact_is_in_the_language_of_the_reader_and_its_list_in_english(draft: RuleSet) -> None:
    ScreeningFactory()
    save(reads_in_test_language(UserFactory(role=Role.EDITOR)), "/draft/rules/pregnancy/", severity="caution")
    reader = reads_in_test_language(UserFactory(role=Role.PRESCRIBER))
    page: Any = reader.get(address("impact/"))
    assert "⟦Patients to call back⟧" in b"".join(page.streaming_content).decode()
    file: Any = reader.get(address("impact/newly-open.csv"))
    heading = b"".join(file.streaming_content).decode().splitlines()[0]
    assert heading.endswith("Rules newly unresolved")
    assert "⟦" not in heading
