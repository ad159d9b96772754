"""No direction control reaches a page, and in a plain copy no number follows a text from right to left directly."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.rules.definition import AnswerCode
from screening.models import Edition, RuleSet
from tests.decisions import decided
from tests.drafts import address
from tests.edit_pages import ADD_RULE
from tests.factories import PatientFactory, ScreeningFactory, UserFactory
from tests.pages import AMENDMENT, CLEAR_FORM, address_of, messages, send, words

pytestmark = pytest.mark.django_db

NO_BUT_LOOKS_LIKE_YES = "\u202esey\u202c"
DIRECTED = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
DIGIT_MOVES = re.compile("[\u0590-\u08ff][^A-Za-z\n]*[0-9]")
"""A letter from right to left and then a number: the number is shown to the left of the letter."""


def test_in_a_plain_copy_no_number_follows_a_text_from_right_to_left(client: Client, edition: Edition) -> None:
    by = UserFactory(first_name="מאיה", last_name="כהן")
    taking = {"opioid-use": Answer(AnswerCode.YES, details={"agent": "טרמדול"})}
    patient = PatientFactory(name="ليلى حداد", indication="כאב")
    screening = ScreeningFactory(by=by, patient=patient, given=taking, listed="מורפין")
    decided(screening, by=UserFactory(role=Role.PRESCRIBER, first_name="ليلى", last_name="حداد"))
    text = client.get(address_of(screening, "summary.txt")).content.decode()
    assert "מאיה כהן" in text
    assert DIGIT_MOVES.findall(text) == []


def test_a_direction_control_in_an_answer_is_refused(client: Client, edition: Edition) -> None:
    form = CLEAR_FORM | {"opioid-use": "yes", "opioid-use.agent": NO_BUT_LOOKS_LIKE_YES}
    response = send(client, form)
    assert response.status_code == 422
    assert any("right-to-left override" in message for message in messages(response))


def test_what_comes_too_late_to_be_saved_shows_its_controls_as_codes(editor: Client, draft: RuleSet) -> None:
    editor.post(address("discard/"))
    response = editor.post(ADD_RULE, {"name": NO_BUT_LOOKS_LIKE_YES, "draft": draft.pk})
    assert response.status_code == 409
    assert "U+202EseyU+202C" in words(response)
    assert not DIRECTED.search(response.content.decode())


def test_what_was_entered_for_a_record_that_is_superseded_shows_its_controls_as_codes(
    client: Client, edition: Edition
) -> None:
    client.force_login(UserFactory(role=Role.PRESCRIBER))
    screening = ScreeningFactory(taking_opioid=True, superseded=True)
    form = {"decision": "refer", "opioid-use.reason-text": NO_BUT_LOOKS_LIKE_YES}
    response = client.post(address_of(screening, "decision/"), form)
    assert response.status_code == 409
    assert "U+202EseyU+202C" in words(response)
    assert not DIRECTED.search(response.content.decode())


def test_the_name_of_an_unknown_field_is_shown_with_codes(client: Client, edition: Edition) -> None:
    response = send(client, AMENDMENT | {NO_BUT_LOOKS_LIKE_YES: "1"})
    assert any("“U+202EseyU+202C”" in message for message in messages(response))


@pytest.mark.parametrize(
    ("role", "address", "field"),
    [
        (Role.CLINICIAN, "/screenings/", "outcome"),
        (Role.CLINICIAN, "/screenings/", "decision"),
        (Role.AUDITOR, "/safety/", "edition"),
        (Role.AUDITOR, "/audit/", "action"),
    ],
)
def test_the_message_for_an_unknown_choice_does_not_repeat_it(
    client: Client, edition: Edition, role: Role, address: str, field: str
) -> None:
    client.force_login(UserFactory(role=role))
    response = client.get(address, {field: NO_BUT_LOOKS_LIKE_YES})
    assert response.status_code == 422
    assert "from the list" in words(response) or "in the list" in words(response)
    assert not DIRECTED.search(words(response))


def test_a_draft_that_cannot_be_proposed_keeps_the_note(editor: Client, draft: RuleSet) -> None:
    response = editor.post(address("propose/"), {"change_note": "Why it changes"})
    assert response.status_code == 422
    assert "does not differ" in words(response, "//*[@role='alert']")
    assert "Why it changes" in words(response, "//textarea")
