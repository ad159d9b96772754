"""The language in which a person reads the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.text import wording
from screening.models import AuditEvent, User
from screening.web import languages
from tests.accounts import ACCOUNTS
from tests.factories import UserFactory
from tests.languages import TEST_LANGUAGE, in_brackets, write_test_language

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

ACCOUNT, LANGUAGE, LOGIN = "/accounts/", "/accounts/language/", "/accounts/login/"
ENGLISH = "en"
NOT_REVIEWED = "Translation not yet reviewed."
PAGES = {
    "a page": (ACCOUNT, 200),
    "a page that does not exist": ("/no/page/", 404),
    "a page for other roles": ("/audit/", 403),
}


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with a language whose safety sentences are all reviewed."""
    folder = tmp_path_factory.mktemp("reviewed")
    write_test_language(folder)
    return folder


@pytest.fixture(scope="module")
def unreviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with a language that nobody reviewed."""
    folder = tmp_path_factory.mktemp("unreviewed")
    write_test_language(folder)
    (folder / TEST_LANGUAGE / languages.REVIEWED).unlink()
    return folder


@pytest.fixture(autouse=True)
def _languages(settings: Any, reviewed: Path) -> Iterator[None]:
    settings.LOCALE_PATHS = [reviewed]
    settings.LANGUAGES = [(ENGLISH, "English"), (TEST_LANGUAGE, "Test")]
    languages.languages.cache_clear()
    yield
    languages.languages.cache_clear()


@pytest.fixture
def demonstration(settings: Any, unreviewed: Path) -> None:
    """A demonstration, with the language that nobody reviewed."""
    settings.LOCALE_PATHS, settings.DEMO = [unreviewed], True


def language_of(page: Any) -> str:
    """Return the language of a page, and check that its fixed sentences are in it."""
    text = page.content.decode()
    language = str(html.fromstring(text).get("lang"))
    assert (in_brackets(wording.REMINDER) in text) is (language == TEST_LANGUAGE)
    assert wording.REMINDER in text
    return language


def choose(client: Client, language: str) -> Any:
    return client.post(LANGUAGE, {"language": language})


def test_the_chosen_language_is_used_in_every_session_of_the_account(client: Client, clinician: User) -> None:
    other_session = Client()
    other_session.force_login(clinician)
    assert choose(client, TEST_LANGUAGE).headers["Location"] == ACCOUNT
    assert [language_of(each.get(ACCOUNT)) for each in (client, other_session)] == [TEST_LANGUAGE] * 2
    choose(other_session, ENGLISH)
    assert [language_of(each.get(ACCOUNT)) for each in (client, other_session)] == [ENGLISH] * 2


def test_the_chosen_language_is_not_used_for_other_accounts(client: Client) -> None:
    choose(client, TEST_LANGUAGE)
    other = Client()
    other.force_login(UserFactory())
    assert language_of(other.get(ACCOUNT)) == ENGLISH


@pytest.mark.parametrize(("address", "status"), PAGES.values(), ids=PAGES)
def test_each_page_names_its_language(client: Client, address: str, status: int) -> None:
    choose(client, TEST_LANGUAGE)
    page = client.get(address)
    assert (page.status_code, language_of(page)) == (status, TEST_LANGUAGE)


def test_the_pages_of_the_admin_name_their_language() -> None:
    client = Client()
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    choose(client, TEST_LANGUAGE)
    assert html.fromstring(client.get(ACCOUNTS).content.decode()).get("lang") == TEST_LANGUAGE


def test_each_language_has_its_own_name_in_its_own_language(client: Client) -> None:
    page = html.fromstring(client.get(LANGUAGE).content.decode())
    names = [(each.get("lang"), each.text) for each in page.xpath("//main//label/span")]
    assert names == [(ENGLISH, "English"), (TEST_LANGUAGE, "Test")]
    assert page.xpath("//input[@name='language'][@checked]/@value") == [ENGLISH]


def test_the_account_links_to_the_languages_if_there_are_several(client: Client, settings: Any) -> None:
    link = f'href="{LANGUAGE}"'
    assert link in client.get(ACCOUNT).content.decode()
    settings.LANGUAGES = [(ENGLISH, "English")]
    languages.languages.cache_clear()
    assert link not in client.get(ACCOUNT).content.decode()
    assert client.get(LANGUAGE).status_code == 200


def test_a_language_that_is_no_longer_offered_becomes_english(
    client: Client, settings: Any, unreviewed: Path
) -> None:
    choose(client, TEST_LANGUAGE)
    settings.LOCALE_PATHS = [unreviewed]
    languages.languages.cache_clear()
    assert language_of(client.get(ACCOUNT)) == ENGLISH


@pytest.mark.parametrize(
    "code", ["", "es", "XX", "xx-xx", "en-xx", "xx\x00", "../xx", "<b>", "ｘｘ", "xx,en", "%78%78", "x" * 5000]
)
def test_a_language_that_is_not_offered_is_refused(client: Client, clinician: User, code: str) -> None:
    page = choose(client, code)
    assert (page.status_code, language_of(page)) == (422, ENGLISH)
    clinician.refresh_from_db()
    assert clinician.language == ""
    assert not AuditEvent.objects.filter(action="account.language_set").exists()


def test_two_languages_or_another_field_are_refused(client: Client, clinician: User) -> None:
    for form in ({"language": [TEST_LANGUAGE, ENGLISH]}, {"language": TEST_LANGUAGE, "username": "admin"}):
        assert client.post(LANGUAGE, form).status_code == 422
    clinician.refresh_from_db()
    assert (clinician.language, clinician.username) == ("", "clinician")


def test_a_new_language_is_recorded_once(client: Client, clinician: User) -> None:
    choose(client, TEST_LANGUAGE)
    choose(client, TEST_LANGUAGE)
    event = AuditEvent.objects.get(action="account.language_set")
    assert (event.actor_id, event.subject, event.details) == (clinician.pk, "clinician", {"language": TEST_LANGUAGE})


def test_before_signing_in_the_language_of_the_browser_is_used(edition: object) -> None:
    page = Client().get(LOGIN, headers={"Accept-Language": "de, xx;q=0.8, en;q=0.5"})
    assert language_of(page) == TEST_LANGUAGE
    assert language_of(Client().get(LOGIN, headers={"Accept-Language": "de"})) == ENGLISH


@pytest.mark.usefixtures("demonstration")
def test_before_signing_in_a_language_that_nobody_reviewed_is_not_used() -> None:
    assert language_of(Client().get(LOGIN, headers={"Accept-Language": TEST_LANGUAGE})) == ENGLISH


def test_after_signing_in_the_language_of_the_browser_is_not_used(client: Client) -> None:
    assert language_of(client.get(ACCOUNT, headers={"Accept-Language": TEST_LANGUAGE})) == ENGLISH


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize(("address", "status"), PAGES.values(), ids=PAGES)
def test_a_demonstration_says_that_a_translation_is_not_reviewed(client: Client, address: str, status: int) -> None:
    def line() -> Any:
        page = client.get(address)
        assert page.status_code == status
        (line,) = html.fromstring(page.content.decode()).xpath("//p[@class='demo-line']")
        return line

    assert NOT_REVIEWED not in line().text_content()
    choose(client, TEST_LANGUAGE)
    assert line().xpath("./span[@lang='en']/text()") == [NOT_REVIEWED]
    assert line().text_content().count(NOT_REVIEWED) == 2


@pytest.mark.usefixtures("demonstration")
def test_a_language_that_nobody_reviewed_is_marked_in_the_list(client: Client) -> None:
    labels = html.fromstring(client.get(LANGUAGE).content.decode()).xpath("//main//label")
    assert [each.text_content() for each in labels] == ["English", "Test (not yet reviewed)"]


def test_a_reviewed_language_is_not_marked(client: Client, settings: Any) -> None:
    settings.DEMO = True
    choose(client, TEST_LANGUAGE)
    assert NOT_REVIEWED not in client.get(ACCOUNT).content.decode()
