"""Pages of editions that everyone may read: the list, one edition, and the comparison of two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Edition, User
from tests.drafts import acting, address, proposed
from tests.factories import EditionFactory, ScreeningFactory, UserFactory
from tests.pages import links, words
from tests.rules import changed_rules, rules_with_two_more

pytestmark = pytest.mark.django_db

MARKUP = '<b>bold</b> & <script>alert("x")</script>'


@pytest.fixture
def second(edition: Edition) -> Edition:
    """Edition 2, written by an editor and published by an approver."""
    draft = proposed(UserFactory(role=Role.EDITOR, last_name="Author"), note="A better basis", basis="Another basis.")
    approver = UserFactory(role=Role.APPROVER, last_name="Approver")
    return actions.publish(draft, change_note=draft.change_note, **acting(approver, Role.APPROVER))


def test_the_list_shows_author_publisher_and_change_note(client: Client, second: Edition) -> None:
    text = words(client.get("/editions/"), "//ol/li[1]")
    for part in ("Edition 2", "In use since", "A better basis", "Written by Sample Author", "Sample Approver"):
        assert part in text


def test_the_list_shows_when_a_retired_edition_was_in_use(client: Client, second: Edition) -> None:
    text = words(client.get("/editions/"), "//ol/li[2]")
    assert "Retired, in use" in text
    assert f"{datetime.now(UTC).year}" in text


def test_each_edition_links_to_the_changes_since_the_previous_one(client: Client, second: Edition) -> None:
    assert "/editions/2/compare/1/" in links(client.get("/editions/"))
    assert "/editions/2/compare/1/" in links(client.get("/editions/2/"))
    assert not [each for each in links(client.get("/editions/1/")) if "compare" in each]


def test_two_editions_are_compared_word_by_word(client: Client, second: Edition) -> None:
    text = words(client.get("/editions/2/compare/1/"))
    assert "Edition 2 compared with edition 1" in text
    assert "Another basis." in text


def test_any_two_editions_can_be_compared(client: Client, second: Edition) -> None:
    EditionFactory(definition=rules_with_two_more())
    response = client.get("/editions/", {"from": "1", "to": "3"})
    assert response.headers["Location"] == "/editions/3/compare/1/"
    text = words(client.get("/editions/3/compare/1/"))
    assert "Added, as question 5" in text


@pytest.mark.parametrize("sent", [{"from": "1"}, {"from": "1", "to": "9"}, {"from": "x", "to": "<b>"}])
def test_an_invalid_choice_shows_the_list(client: Client, second: Edition, sent: dict[str, str]) -> None:
    assert client.get("/editions/", sent).status_code == 200


def test_an_edition_compared_with_itself_has_no_differences(client: Client, edition: Edition) -> None:
    assert "There are no differences" in words(client.get("/editions/1/compare/1/"))


@pytest.mark.parametrize("page", ["/editions/9/", "/editions/9/compare/1/", "/editions/1/compare/9/"])
def test_an_unknown_edition_is_not_found(client: Client, edition: Edition, page: str) -> None:
    assert client.get(page).status_code == 404


def test_a_retired_edition_is_marked(client: Client, second: Edition) -> None:
    assert "Retired" in words(client.get("/editions/1/"))
    assert "Retired" not in words(client.get("/editions/2/"))


def test_the_history_of_an_edition_loaded_from_a_file_says_so(client: Client, edition: Edition) -> None:
    assert "Imported the draft from a file" in words(client.get("/editions/1/history/"))


def test_markup_in_a_rule_is_shown_literally_on_every_page(client: Client, edition: Edition) -> None:
    EditionFactory(definition=changed_rules(pregnancy={"question": MARKUP, "why": MARKUP, "next_step": MARKUP}))
    for page in ("/editions/2/", "/editions/2/compare/1/", "/screenings/new/"):
        response = client.get(page)
        assert MARKUP in words(response)
        assert b"<script>alert" not in response.content


@pytest.mark.parametrize("page", ["", "print/", "summary.txt"])
def test_markup_in_a_rule_is_shown_literally_on_every_copy_of_a_record(
    client: Client, edition: Edition, page: str
) -> None:
    EditionFactory(definition=changed_rules(pregnancy={"question": MARKUP, "why": MARKUP, "next_step": MARKUP}))
    screening = ScreeningFactory(all_flagged=True)
    response = client.get(f"/screenings/{screening.uuid}/{page}")
    assert words(response, "//body").count(MARKUP) >= 2
    assert page == "summary.txt" or b"<script>alert" not in response.content


def test_markup_in_a_rule_does_not_break_the_pdf(client: Client, edition: Edition) -> None:
    markup = f"{MARKUP} #strong[x] $ \\ * _"
    EditionFactory(definition=changed_rules(pregnancy={"why": markup, "next_step": markup}))
    screening = ScreeningFactory(all_flagged=True)
    response = client.get(f"/screenings/{screening.uuid}/summary.pdf")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/pdf")


def test_editors_get_a_link_to_the_draft_and_clinicians_do_not(client: Client, edition: Edition) -> None:
    proposed()
    assert address() not in links(client.get("/editions/"))
    editor = Client()
    editor.force_login(UserFactory(role=Role.EDITOR))
    assert address() in links(editor.get("/editions/"))


@pytest.mark.parametrize("role", Role)
def test_the_list_is_shown_before_the_first_edition_is_published(
    client_of: Callable[[User], Client], db: None, role: Role
) -> None:
    assert client_of(UserFactory(role=role)).get("/editions/").status_code == 200


def test_the_list_does_not_load_the_content_of_editions(
    client: Client, second: Edition, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(6) as captured:  # type: ignore[operator]
        client.get("/editions/")
    assert not [each for each in captured.captured_queries if '"content"' in each["sql"]]
