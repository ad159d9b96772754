"""Names that an editor adds to those of the edition: who may, what is refused, and what a check makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from screening.accounts.permissions import Role
from screening.medications import actions
from screening.models import AuditEvent, Edition, LocalName, Screening, User
from tests.factories import EditionFactory, UserFactory
from tests.pages import CLEAR_FORM, beside, links, messages, send, words
from tests.rules import shipped_lexicon

pytestmark = pytest.mark.django_db

PAGE, ADD, CHECK = "/editions/local-names/", "/editions/local-names/add/", "/screenings/medications/"
NAME = {"name": "Zorbelan forte", "ingredient": "oxycodone", "note": "Label of the house pharmacy."}
FOUND = "//*[@data-listed='found']"

ClientOf = Callable[[User], Client]


@pytest.fixture
def editor(client_of: ClientOf, edition: Edition) -> Client:
    """A test client on which an editor is signed in."""
    return client_of(UserFactory(role=Role.EDITOR, username="editor"))


@pytest.fixture
def added(editor: Client) -> LocalName:
    """A name in use."""
    assert editor.post(ADD, NAME).status_code == 302
    return LocalName.objects.get()


def found(client: Client, typed: str) -> str:
    """What a check says of a list."""
    return words(client.post(CHECK, {"medications": typed}), FOUND)


# The page -----------------------------------------------------------------------------------------------------


def test_the_editions_lead_to_the_names(editor: Client) -> None:
    assert PAGE in links(editor.get("/editions/"))


@pytest.mark.parametrize("role", Role)
def test_every_role_reads_them_and_the_editor_alone_has_the_form(
    client_of: ClientOf, added: LocalName, role: Role
) -> None:
    page = client_of(UserFactory(role=role)).get(PAGE)
    assert page.status_code == 200
    assert "Zorbelan forte stands for oxycodone" in words(page)
    assert "Label of the house pharmacy." in words(page)
    assert ("Add a name" in words(page), "No longer use" in words(page, "//button")) == (role is Role.EDITOR,) * 2


def test_without_an_edition_that_reads_lists_no_name_can_be_added(client_of: ClientOf, db: None) -> None:
    EditionFactory(lexicon=None)
    editor = client_of(UserFactory(role=Role.EDITOR))
    assert "no medication list is read" in words(editor.get(PAGE))
    assert editor.post(ADD, NAME).status_code == 404
    assert not LocalName.objects.exists()


def test_the_substances_of_the_edition_are_offered(editor: Client) -> None:
    offered = words(editor.get(PAGE), "//select[@name='ingredient']")
    assert all(each.name in offered for each in shipped_lexicon().ingredients)


def test_asked_for_by_its_address_adding_leads_to_the_page(editor: Client) -> None:
    assert editor.get(ADD).headers["Location"] == PAGE


# Adding -------------------------------------------------------------------------------------------------------


def test_a_name_is_added_by_a_person_at_a_time(added: LocalName) -> None:
    assert (added.name, added.ingredient, added.note) == (
        "Zorbelan forte",
        "oxycodone",
        "Label of the house pharmacy.",
    )
    assert added.added_by_name == "Sample Editor"
    assert (added.retired_at, added.retired_by, added.retired_by_name) == (None, None, "")


def test_adding_is_on_record(added: LocalName) -> None:
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
    "a substance of the edition": ({"name": "Oxycodone"}, "name", "recognised already"),
    "no substance": ({"ingredient": ""}, "ingredient", "Choose what it stands for."),
    "a substance that is none": ({"ingredient": "water"}, "ingredient", "Choose what it stands for."),
    "no source": ({"note": ""}, "note", "Say in a sentence how that is known."),
    "a name sent twice": ({"name": ["Zorbelan", "Zorbelin"]}, "name", "sent twice"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_name_is_refused_beside_its_field(editor: Client, case: str) -> None:
    changes, field, sentence = REFUSED[case]
    response = editor.post(ADD, NAME | changes)
    assert response.status_code == 422
    assert any(sentence in message for message in messages(response)), messages(response)
    assert any(sentence in each for each in beside(response, field))
    assert not LocalName.objects.exists()


def test_a_field_that_the_form_does_not_have_is_refused(editor: Client) -> None:
    response = editor.post(ADD, NAME | {"added_by": "1"})
    assert response.status_code == 422
    assert "no field “added_by”" in messages(response)[0]


@pytest.mark.parametrize("name", ["Zorbelan forte", "ZORBELAN-FORTE", "zorbelan  forte"])
def test_a_name_in_use_is_recognised_already(editor: Client, added: LocalName, name: str) -> None:
    response = editor.post(ADD, NAME | {"name": name})
    assert response.status_code == 422
    assert "recognised already" in messages(response)[0]


def test_of_two_that_add_a_name_at_once_the_second_is_told(
    editor: Client, added: LocalName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "screening.medications.forms.LocalNameForm.clean_name", lambda form: form.cleaned_data["name"]
    )
    response = editor.post(ADD, NAME)
    assert response.status_code == 422
    assert "recognised already" in messages(response)[0]
    assert LocalName.objects.count() == 1


def test_a_name_that_looks_like_another_medicine_is_refused(client_of: ClientOf, db: None) -> None:
    from dataclasses import replace

    EditionFactory(lexicon=replace(shipped_lexicon(), look_alikes=("Zorbelan",)))
    response = client_of(UserFactory(role=Role.EDITOR)).post(ADD, NAME | {"name": "zorbelan"})
    assert response.status_code == 422
    assert "is the name of another medicine" in messages(response)[0]


def test_whatever_is_typed_stands_on_the_page_as_text(editor: Client) -> None:
    name = "<script>alert(1)</script>{{ 7*7 }}"
    assert editor.post(ADD, NAME | {"name": name}).status_code == 302
    page = editor.get(PAGE)
    assert name in words(page)
    assert b"<script>alert" not in page.content


# What a check makes of it -------------------------------------------------------------------------------------


def test_a_name_counts_at_once(client: Client, editor: Client) -> None:
    assert "No opioid recognised" in found(client, "Zorbelan forte 20 mg at night")
    editor.post(ADD, NAME)
    assert "1 line contains an opioid." in found(client, "Zorbelan forte 20 mg at night")


def test_a_record_keeps_what_was_found_after_the_name_is_retired(
    client: Client, editor: Client, added: LocalName
) -> None:
    send(client, CLEAR_FORM, medications="Zorbelan forte 20 mg")
    editor.post(f"{PAGE}{added.pk}/retire/")
    screening = Screening.objects.get()
    assert screening.outcome == "contraindication_flagged"
    assert [each.product for each in screening.listed.current_opioids] == ["Zorbelan forte"]
    assert screening.list_of_medicines.local_names == [{"name": "Zorbelan forte", "ingredients": ["oxycodone"]}]


def test_a_name_of_a_substance_that_a_later_edition_lacks_reads_no_list(
    client: Client, editor: Client, added: LocalName
) -> None:
    from dataclasses import replace

    lexicon = shipped_lexicon()
    others = tuple(each for each in lexicon.ingredients if each.name != "oxycodone")
    products = tuple(each for each in lexicon.products if "oxycodone" not in each.ingredients)
    shorthand = tuple(each for each in lexicon.shorthand if "oxycodone" not in each.ingredients)
    EditionFactory(lexicon=replace(lexicon, ingredients=others, products=products, shorthand=shorthand))
    assert "No opioid recognised" in found(client, "Zorbelan forte 20 mg")
    assert "The edition in use does not have this substance" in words(editor.get(PAGE))


# Retiring -----------------------------------------------------------------------------------------------------


def test_a_name_is_used_no_longer(client: Client, editor: Client, added: LocalName) -> None:
    assert editor.post(f"{PAGE}{added.pk}/retire/").headers["Location"] == PAGE
    added.refresh_from_db()
    assert added.retired_by_name == "Sample Editor"
    assert added.retired_at is not None
    assert "No opioid recognised" in found(client, "Zorbelan forte 20 mg")
    assert "Zorbelan forte stood for oxycodone" in words(editor.get(PAGE))


def test_retiring_is_on_record_once(editor: Client, added: LocalName) -> None:
    for _ in range(2):
        assert editor.post(f"{PAGE}{added.pk}/retire/").status_code == 302
    event = AuditEvent.objects.get(action="local_name.retired")
    assert (event.actor_name, event.subject) == ("editor", f"local name {added.pk}")


def test_a_retired_name_may_be_added_anew(client: Client, editor: Client, added: LocalName) -> None:
    editor.post(f"{PAGE}{added.pk}/retire/")
    assert editor.post(ADD, NAME).status_code == 302
    assert "1 line contains an opioid." in found(client, "Zorbelan forte 20 mg")


def test_a_name_that_is_none_is_not_found(editor: Client) -> None:
    assert editor.post(f"{PAGE}999/retire/").status_code == 404
    assert editor.post(f"{PAGE}99999999999999999999/retire/").status_code == 404


def test_the_database_holds_a_name_in_use_once(added: LocalName) -> None:
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        actions.add_local_name(
            **NAME | {"name": "ZORBELAN FORTE"}, by=added.added_by, role=Role.EDITOR, at=timezone.now()
        )
