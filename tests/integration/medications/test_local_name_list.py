"""Local names: who may add and retire them, which are refused, and how checks use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import html

from screening.accounts.permissions import Role
from screening.medications import actions
from screening.models import AuditEvent, Edition, LocalName, Screening, User
from tests.factories import EditionFactory, UserFactory
from tests.pages import CLEAR_FORM, beside, links, messages, send, words
from tests.rules import shipped_lexicon

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

PAGE, ADD, CHECK = "/editions/local-names/", "/editions/local-names/add/", "/screenings/medications/"
NAME = {"name": "Zorbelan forte", "ingredient": "oxycodone", "note": "Label of the local pharmacy."}
FOUND = "//*[@data-listed='found']"

ClientOf = Callable[[User], Client]


@pytest.fixture
def editor(client_of: ClientOf, edition: Edition) -> Client:
    """A test client with an editor signed in."""
    return client_of(UserFactory(role=Role.EDITOR, username="editor"))


@pytest.fixture
def added(editor: Client) -> LocalName:
    """A local name in use."""
    assert editor.post(ADD, NAME).status_code == 302
    return LocalName.objects.get()


def found(client: Client, text: str) -> str:
    """Return the text that a check shows for a list."""
    return words(client.post(CHECK, {"medications": text}), FOUND)


# The page -----------------------------------------------------------------------------------------------------


def test_the_edition_list_links_to_the_local_names(editor: Client) -> None:
    assert PAGE in links(editor.get("/editions/"))


def test_ingredients_are_marked_as_words_of_the_rules_on_a_page_in_another_language(
    client_of: ClientOf, edition: Edition, settings: Any
) -> None:
    settings.DEMO = True
    reader = UserFactory(role=Role.EDITOR)
    reader.language = "es"
    reader.save(update_fields=["language"])
    page = html.fromstring(client_of(reader).get(PAGE).content.decode())
    assert set(page.xpath("//select[@name='ingredient']/option[@value!='']/@lang")) == {"en"}
    assert page.xpath("//select[@name='ingredient']/option[@value='']/@lang") == []


@pytest.mark.parametrize("role", Role)
def test_every_role_reads_local_names_and_only_the_editor_has_the_form(
    client_of: ClientOf, added: LocalName, role: Role
) -> None:
    page = client_of(UserFactory(role=role)).get(PAGE)
    assert page.status_code == 200
    assert "Zorbelan forte means oxycodone" in words(page)
    assert "Label of the local pharmacy." in words(page)
    assert ("Add a name" in words(page), "Retire" in words(page, "//button")) == (role is Role.EDITOR,) * 2


def test_no_name_can_be_added_if_the_edition_reads_no_lists(client_of: ClientOf, db: None) -> None:
    EditionFactory(lexicon=None)
    editor = client_of(UserFactory(role=Role.EDITOR))
    assert "does not read medication lists" in words(editor.get(PAGE))
    assert editor.post(ADD, NAME).status_code == 404
    assert not LocalName.objects.exists()


def test_the_form_offers_the_ingredients_of_the_edition(editor: Client) -> None:
    offered = words(editor.get(PAGE), "//select[@name='ingredient']")
    assert all(each.name in offered for each in shipped_lexicon().ingredients)


def test_a_get_request_to_the_add_address_redirects_to_the_list(editor: Client) -> None:
    assert editor.get(ADD).headers["Location"] == PAGE


# Adding -------------------------------------------------------------------------------------------------------


def test_an_added_name_records_who_added_it(added: LocalName) -> None:
    assert (added.name, added.ingredient, added.note) == (
        "Zorbelan forte",
        "oxycodone",
        "Label of the local pharmacy.",
    )
    assert added.added_by_name == "Sample Editor"
    assert (added.retired_at, added.retired_by, added.retired_by_name) == (None, None, "")


def test_adding_is_recorded_in_the_audit_trail(added: LocalName) -> None:
    event = AuditEvent.objects.get(action="local_name.added")
    assert (event.actor_name, event.actor_role, event.subject) == ("editor", "editor", f"local name {added.pk}")


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.EDITOR])
def test_nobody_else_adds_or_retires(client_of: ClientOf, added: LocalName, role: Role) -> None:
    client = client_of(UserFactory(role=role))
    assert client.post(ADD, NAME | {"name": "Another name"}).status_code == 403
    assert client.post(f"{PAGE}{added.pk}/retire/").status_code == 403
    assert LocalName.objects.in_use().count() == 1


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no name": ({"name": " "}, "name", "Enter the name."),
    "two letters": ({"name": "zq 50"}, "name", "Enter at least 3 letters"),
    "a name too long": ({"name": "z" * 121}, "name", "Use at most 120 characters"),
    "a name with a direction mark": ({"name": "Zor\u202ebelan"}, "name", "cannot be shown or printed"),
    "a product of the edition": ({"name": "percocet"}, "name", "“percocet” is recognised already."),
    "an ingredient of the edition": ({"name": "Oxycodone"}, "name", "recognised already"),
    "no ingredient": ({"ingredient": ""}, "ingredient", "Choose the ingredient."),
    "an unknown ingredient": ({"ingredient": "water"}, "ingredient", "Choose the ingredient."),
    "no source": ({"note": ""}, "note", "Enter the source of this name."),
    "a name sent twice": ({"name": ["Zorbelan", "Zorbelin"]}, "name", "sent twice"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_invalid_value_is_refused_with_a_message_at_its_field(editor: Client, case: str) -> None:
    changes, field, sentence = REFUSED[case]
    response = editor.post(ADD, NAME | changes)
    assert response.status_code == 422
    assert any(sentence in message for message in messages(response)), messages(response)
    assert any(sentence in each for each in beside(response, field))
    assert not LocalName.objects.exists()


def test_an_unknown_field_is_refused(editor: Client) -> None:
    response = editor.post(ADD, NAME | {"added_by": "1"})
    assert response.status_code == 422
    assert "no field “added_by”" in messages(response)[0]


@pytest.mark.parametrize("name", ["Zorbelan forte", "ZORBELAN-FORTE", "zorbelan  forte"])
def test_a_name_in_use_is_refused_as_already_recognised(editor: Client, added: LocalName, name: str) -> None:
    response = editor.post(ADD, NAME | {"name": name})
    assert response.status_code == 422
    assert "recognised already" in messages(response)[0]


def test_the_second_of_two_concurrent_additions_is_refused(
    editor: Client, added: LocalName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "screening.medications.forms.LocalNameForm.clean_name", lambda form: form.cleaned_data["name"]
    )
    response = editor.post(ADD, NAME)
    assert response.status_code == 422
    assert "recognised already" in messages(response)[0]
    assert LocalName.objects.count() == 1


def test_the_name_of_another_medicine_is_refused(client_of: ClientOf, db: None) -> None:
    from dataclasses import replace

    EditionFactory(lexicon=replace(shipped_lexicon(), look_alikes=("Zorbelan",)))
    response = client_of(UserFactory(role=Role.EDITOR)).post(ADD, NAME | {"name": "zorbelan"})
    assert response.status_code == 422
    assert "is also the name of another medicine" in messages(response)[0]


def test_a_name_is_escaped_on_the_page(editor: Client) -> None:
    name = "<script>alert(1)</script>{{ 7*7 }}"
    assert editor.post(ADD, NAME | {"name": name}).status_code == 302
    page = editor.get(PAGE)
    assert name in words(page)
    assert b"<script>alert" not in page.content


# Use in checks ------------------------------------------------------------------------------------------------


def test_a_name_is_used_immediately(client: Client, editor: Client) -> None:
    assert "No opioid recognised" in found(client, "Zorbelan forte 20 mg at night")
    editor.post(ADD, NAME)
    assert "1 line contains an opioid." in found(client, "Zorbelan forte 20 mg at night")


def test_a_record_is_unchanged_after_the_name_is_retired(client: Client, editor: Client, added: LocalName) -> None:
    send(client, CLEAR_FORM, medications="Zorbelan forte 20 mg")
    editor.post(f"{PAGE}{added.pk}/retire/")
    screening = Screening.objects.get()
    assert screening.outcome == "contraindication_flagged"
    assert [each.product for each in screening.listed.current_opioids] == ["Zorbelan forte"]
    assert screening.list_of_medicines.local_names == [{"name": "Zorbelan forte", "ingredients": ["oxycodone"]}]


def test_a_name_is_not_used_if_the_current_edition_lacks_its_ingredient(
    client: Client, editor: Client, added: LocalName
) -> None:
    from dataclasses import replace

    lexicon = shipped_lexicon()
    others = tuple(each for each in lexicon.ingredients if each.name != "oxycodone")
    products = tuple(each for each in lexicon.products if "oxycodone" not in each.ingredients)
    shorthand = tuple(each for each in lexicon.shorthand if "oxycodone" not in each.ingredients)
    EditionFactory(lexicon=replace(lexicon, ingredients=others, products=products, shorthand=shorthand))
    assert "No opioid recognised" in found(client, "Zorbelan forte 20 mg")
    assert "The current edition does not have this ingredient" in words(editor.get(PAGE))


# Retiring -----------------------------------------------------------------------------------------------------


def test_a_retired_name_is_no_longer_used(client: Client, editor: Client, added: LocalName) -> None:
    assert editor.post(f"{PAGE}{added.pk}/retire/").headers["Location"] == PAGE
    added.refresh_from_db()
    assert added.retired_by_name == "Sample Editor"
    assert added.retired_at is not None
    assert "No opioid recognised" in found(client, "Zorbelan forte 20 mg")
    assert "Zorbelan forte meant oxycodone" in words(editor.get(PAGE))


def test_retiring_is_recorded_once_in_the_audit_trail(editor: Client, added: LocalName) -> None:
    for _ in range(2):
        assert editor.post(f"{PAGE}{added.pk}/retire/").status_code == 302
    event = AuditEvent.objects.get(action="local_name.retired")
    assert (event.actor_name, event.subject) == ("editor", f"local name {added.pk}")


def test_a_retired_name_can_be_added_again(client: Client, editor: Client, added: LocalName) -> None:
    editor.post(f"{PAGE}{added.pk}/retire/")
    assert editor.post(ADD, NAME).status_code == 302
    assert "1 line contains an opioid." in found(client, "Zorbelan forte 20 mg")


def test_an_unknown_name_returns_404(editor: Client) -> None:
    assert editor.post(f"{PAGE}999/retire/").status_code == 404
    assert editor.post(f"{PAGE}99999999999999999999/retire/").status_code == 404


def test_the_database_refuses_a_second_row_for_a_name_in_use(added: LocalName) -> None:
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        actions.add_local_name(
            **NAME | {"name": "ZORBELAN FORTE"}, by=added.added_by, role=Role.EDITOR, at=timezone.now()
        )
