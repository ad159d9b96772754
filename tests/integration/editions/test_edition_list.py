"""What everyone may read of the editions: the list, one of them, what differs between two."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Edition
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


def test_the_list_tells_who_wrote_and_who_published_and_why(client: Client, second: Edition) -> None:
    told = words(client.get("/editions/"), "//ol/li[1]")
    for said in ("Edition 2", "In use since", "A better basis", "Written by Sample Author", "Sample Approver"):
        assert said in told


def test_a_retired_edition_says_from_when_to_when_it_was_in_use(client: Client, second: Edition) -> None:
    told = words(client.get("/editions/"), "//ol/li[2]")
    assert "Retired, in use" in told
    assert f"{datetime.now(UTC).year}" in told


def test_each_edition_leads_to_what_changed_since_the_one_before(client: Client, second: Edition) -> None:
    assert "/editions/2/compare/1/" in links(client.get("/editions/"))
    assert "/editions/2/compare/1/" in links(client.get("/editions/2/"))
    assert not [each for each in links(client.get("/editions/1/")) if "compare" in each]


def test_two_editions_are_compared_word_by_word(client: Client, second: Edition) -> None:
    told = words(client.get("/editions/2/compare/1/"))
    assert "Edition 2 against edition 1" in told
    assert "Another basis." in told


def test_any_two_editions_can_be_chosen(client: Client, second: Edition) -> None:
    EditionFactory(definition=rules_with_two_more())
    response = client.get("/editions/", {"from": "1", "to": "3"})
    assert response.headers["Location"] == "/editions/3/compare/1/"
    told = words(client.get("/editions/3/compare/1/"))
    assert "Added, as question 5" in told


@pytest.mark.parametrize("sent", [{"from": "1"}, {"from": "1", "to": "9"}, {"from": "x", "to": "<b>"}])
def test_a_choice_that_is_none_shows_the_list(client: Client, second: Edition, sent: dict[str, str]) -> None:
    assert client.get("/editions/", sent).status_code == 200


def test_an_edition_against_itself_differs_in_nothing(client: Client, edition: Edition) -> None:
    assert "Nothing differs" in words(client.get("/editions/1/compare/1/"))


@pytest.mark.parametrize("page", ["/editions/9/", "/editions/9/compare/1/", "/editions/1/compare/9/"])
def test_an_unknown_edition_is_not_found(client: Client, edition: Edition, page: str) -> None:
    assert client.get(page).status_code == 404


def test_a_retired_edition_says_that_it_is(client: Client, second: Edition) -> None:
    assert "Retired" in words(client.get("/editions/1/"))
    assert "Retired" not in words(client.get("/editions/2/"))


def test_an_edition_without_a_history_says_so(client: Client, edition: Edition) -> None:
    assert "Loaded the draft from a file" in words(client.get("/editions/1/history/"))


def test_markup_in_a_rule_is_shown_as_typed_on_every_page(client: Client, edition: Edition) -> None:
    EditionFactory(definition=changed_rules(pregnancy={"question": MARKUP, "why": MARKUP, "next_step": MARKUP}))
    for page in ("/editions/2/", "/editions/2/compare/1/", "/screenings/new/"):
        response = client.get(page)
        assert MARKUP in words(response)
        assert b"<script>alert" not in response.content


@pytest.mark.parametrize("page", ["", "print/", "summary.txt"])
def test_markup_in_a_rule_is_shown_as_typed_on_every_copy_of_a_record(
    client: Client, edition: Edition, page: str
) -> None:
    EditionFactory(definition=changed_rules(pregnancy={"question": MARKUP, "why": MARKUP, "next_step": MARKUP}))
    screening = ScreeningFactory(all_flagged=True)
    response = client.get(f"/screenings/{screening.uuid}/{page}")
    assert words(response, "//body").count(MARKUP) >= 2
    assert page == "summary.txt" or b"<script>alert" not in response.content


def test_markup_in_a_rule_does_not_keep_the_pdf_from_being_made(client: Client, edition: Edition) -> None:
    markup = f"{MARKUP} #strong[x] $ \\ * _"
    EditionFactory(definition=changed_rules(pregnancy={"why": markup, "next_step": markup}))
    screening = ScreeningFactory(all_flagged=True)
    response = client.get(f"/screenings/{screening.uuid}/summary.pdf")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/pdf")


def test_a_clinician_sees_no_draft_and_an_editor_the_way_to_it(client: Client, edition: Edition) -> None:
    draft = proposed()
    assert not [
        each
        for each in links(client.get("/editions/"))
        if each.startswith(f"/admin/screening/ruleset/{draft.pk}/change")
    ]
    editor = Client()
    editor.force_login(UserFactory(role=Role.EDITOR))
    assert address(draft) in links(editor.get("/editions/"))


def test_the_list_reads_no_edition_whole(
    client: Client, second: Edition, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(6) as captured:  # type: ignore[operator]
        client.get("/editions/")
    assert not [each for each in captured.captured_queries if '"content"' in each["sql"]]
