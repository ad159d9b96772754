"""An amendment is a new screening that supersedes the record it corrects; a record is superseded only once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.report.summary import Summary, summarise
from screening.clinical.text.dates import format_datetime
from screening.models import AuditEvent, Edition, Screening, User, Void
from tests.concurrency import post_at_once
from tests.factories import EditionFactory, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import (
    AMENDMENT,
    CLEAR_FORM,
    NEW,
    OPIOID_FORM,
    address_of,
    as_filled,
    beside,
    box,
    form_on,
    links,
    messages,
    send,
    ticket,
    without_reference,
    words,
)
from tests.rules import FURTHER_RULES, changed_rules, rules_with_two_more

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

PAGES = ["", "print/", "summary.txt"]
REASON = AMENDMENT["amendment_reason"]
UNKNOWN = "/screenings/00000000-0000-4000-8000-000000000000/amend/"

ClientOf = Callable[[User], Client]


@pytest.fixture
def earlier(edition: Edition, clinician: User) -> Screening:
    """A record with a flag, made by the clinician of ``client``."""
    return ScreeningFactory(taking_opioid=True, by=clinician, patient=PatientFactory(record_number="DEMO-0001"))


@pytest.fixture
def address(earlier: Screening) -> str:
    """The URL at which the record is amended."""
    return address_of(earlier, "amend/")


def reloaded(screening: Screening) -> Screening:
    """Return the record as it is stored now, with its status."""
    return Screening.objects.complete().get(pk=screening.pk)


def summary_of(screening: Screening) -> Summary:
    """Return the summary of a record as it is shown now, on the day of its screening."""
    current = reloaded(screening)
    return summarise(current.record(), current.screened_at_local.date(), current.status)


# The form -----------------------------------------------------------------------------------------------------


def test_the_form_shows_each_earlier_answer_beside_its_question(client: Client, address: str) -> None:
    page = client.get(address)
    earlier = {
        name: words(page, f"//*[@data-rule='{name}']//legend/..//*[contains(@class,'earlier')]")
        for name in ("opioid-use", "severe-liver-disease", "pregnancy", "breastfeeding")
    }
    assert earlier == {
        "opioid-use": "Earlier answer: Yes. Opioid: Tramadol 50 mg, as needed. Kind: short-acting. "
        "Last dose: 19 November 2026. Urine screen: none done.",
        "severe-liver-disease": "Earlier answer: No.",
        "pregnancy": "Earlier answer: No.",
        "breastfeeding": "Earlier answer: No.",
    }


def test_a_question_missing_from_the_earlier_record_shows_not_asked(client: Client, address: str) -> None:
    EditionFactory(definition=rules_with_two_more())
    further = FURTHER_RULES["items"][0]["link_id"]
    assert "Earlier answer: Not asked." in words(client.get(address), f"//*[@data-rule='{further}']")


def test_a_new_screening_shows_no_earlier_answer(client: Client, earlier: Screening) -> None:
    assert "Earlier answer" not in words(client.get(NEW))


def test_the_form_fills_in_the_patient_and_preselects_no_answer(client: Client, address: str) -> None:
    patient = ("patient_name", "birth_date", "record_number", "dose_mg", "indication")
    assert form_on(client.get(address)).fields == as_filled({name: CLEAR_FORM[name] for name in patient})


def test_the_form_asks_for_the_reason_first(client: Client, address: str) -> None:
    page = html.fromstring(client.get(address).content.decode())
    names = page.xpath("//form[@data-screening-form]//*[@name and not(@type='hidden')]/@name")
    assert names[0] == "amendment_reason"


def test_a_new_screening_has_no_field_for_a_reason(client: Client, edition: Edition) -> None:
    response = send(client, AMENDMENT)
    assert response.status_code == 422
    assert "This form has no field “amendment_reason”" in messages(response)[0]


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        pytest.param("", "Say in a sentence why the record is amended.", id="none"),
        pytest.param("   ", "Say in a sentence why the record is amended.", id="blank"),
        pytest.param("A" * 100_000, "Use at most 500 characters; this has 100000.", id="of 100,000 characters"),
        pytest.param("Stop\u202eped", "Character 5 cannot be shown or printed", id="with a direction mark"),
    ],
)
def test_without_a_valid_reason_the_form_comes_back(
    client: Client, earlier: Screening, address: str, reason: str, message: str
) -> None:
    response = send(client, OPIOID_FORM, address, amendment_reason=reason)
    assert response.status_code == 422
    assert any(message in each for each in beside(response, "amendment_reason"))
    entries = OPIOID_FORM | ({"amendment_reason": reason} if reason else {})
    assert form_on(response).fields == as_filled(entries)
    assert not reloaded(earlier).status


def test_the_error_summary_has_no_colon_after_a_question_mark(client: Client, address: str) -> None:
    listed = messages(send(client, {}, address))
    assert "Why is it amended: Say in a sentence why the record is amended." in listed
    assert [each for each in listed if "?:" in each or "? :" in each] == []


def test_a_missing_answer_is_not_copied_from_the_earlier_record(client: Client, address: str) -> None:
    response = send(client, AMENDMENT, address, opioid_use="", pregnancy="")
    assert response.status_code == 422
    assert Screening.objects.count() == 1


# The amendment ------------------------------------------------------------------------------------------------


def test_an_amendment_makes_a_new_record_that_supersedes_the_earlier_one(
    client: Client, clinician: User, earlier: Screening, address: str
) -> None:
    response = send(client, AMENDMENT, address)
    later = Screening.objects.get(supersedes=earlier)
    assert (response.status_code, response.headers["Location"]) == (302, address_of(later))
    assert (later.outcome, later.amendment_reason) == ("none_identified", REASON)
    assert (later.screened_by, later.role) == (clinician, "clinician")


def test_the_earlier_record_keeps_its_words_except_the_next_step_and_how_long_it_holds(
    client: Client, earlier: Screening, address: str
) -> None:
    before = summary_of(earlier)
    send(client, AMENDMENT, address)
    after = summary_of(earlier)
    assert after.watermark is not None
    back = replace(after, watermark=None, headings=before.headings, next_step=before.next_step)
    assert replace(back, shelf_life=before.shelf_life) == before
    assert (
        after.next_step
        == f"Use record {Screening.objects.get(supersedes=earlier).short_id}, which replaces this one."
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_earlier_record_shows_superseded_when_by_which_record_and_why(
    client: Client, earlier: Screening, address: str, page: str
) -> None:
    send(client, AMENDMENT, address)
    later = Screening.objects.get(supersedes=earlier)
    text = words(client.get(address_of(earlier, page))).replace("***", "").replace("  ", " ")
    assert (
        f"SUPERSEDED on {format_datetime(later.screened_at_local)}, by record {later.short_id}. "
        f"Do not act on this page. Reason: {REASON}" in text
    )


@pytest.mark.parametrize("page", ["", "print/"])
def test_the_earlier_record_has_the_superseding_record_as_a_data_attribute(
    client: Client, earlier: Screening, address: str, page: str
) -> None:
    send(client, AMENDMENT, address)
    main = html.fromstring(client.get(address_of(earlier, page)).content).xpath("//main")[0]
    assert main.get("data-superseded-by") == str(Screening.objects.get(supersedes=earlier).uuid)


@pytest.mark.parametrize("page", ["", "print/"])
def test_a_current_record_has_no_superseding_record_as_a_data_attribute(
    client: Client, earlier: Screening, page: str
) -> None:
    assert "data-superseded-by" not in client.get(address_of(earlier, page)).content.decode()


def test_the_list_shows_both_records_and_which_supersedes_the_other(
    client: Client, earlier: Screening, address: str
) -> None:
    send(client, AMENDMENT, address)
    later = Screening.objects.get(supersedes=earlier)
    page = client.get("/screenings/")
    rows = html.fromstring(page.content).xpath("//tr[@data-screening]")
    assert {each.get("data-screening"): each.get("data-superseded-by") for each in rows} == {
        str(later.uuid): None,
        str(earlier.uuid): str(later.uuid),
    }
    assert f"Superseded by record {later.short_id}" in words(page, f"//tr[@data-screening='{earlier.uuid}']")


def test_the_print_of_a_superseded_record_has_nothing_to_sign(client: Client, edition: Edition) -> None:
    page = client.get(address_of(ScreeningFactory(superseded=True), "print/"))
    assert "Signature" not in words(page)
    assert html.fromstring(page.content).xpath("//*[@class='boxes' or @class='sign']") == []
    assert "No decision on this page" in words(page, "//*[@class='decision']")


def test_the_text_of_a_superseded_record_has_nothing_to_sign(client: Client, edition: Edition) -> None:
    text = words(client.get(address_of(ScreeningFactory(superseded=True), "summary.txt")))
    assert [each for each in ("Signature", "[ ]", "Do not prescribe") if each in text] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_superseded_record_names_the_one_to_decide_on(client: Client, edition: Edition, page: str) -> None:
    earlier = ScreeningFactory(superseded=True)
    later = Screening.objects.get(supersedes=earlier)
    text = f"These answers are superseded. The prescriber decides on record {later.short_id}."
    assert text in words(client.get(address_of(earlier, page)))


def buttons(page: Any) -> list[str]:
    """Return the links of the primary buttons."""
    return links(page, "//main//a[contains(@class,'btn-primary')]")


@pytest.fixture
def chain(earlier: Screening) -> tuple[Screening, Screening, Screening]:
    """A record, its amendment, and the amendment of that."""
    second = ScreeningFactory(amends=earlier)
    return earlier, second, ScreeningFactory(amends=second)


@pytest.mark.parametrize("page", PAGES)
def test_a_record_amended_twice_names_the_superseding_record_and_the_one_to_decide_on(
    client: Client, chain: tuple[Screening, ...], page: str
) -> None:
    first, second, third = chain
    text = words(client.get(address_of(first, page)))
    assert f"by record {second.short_id}." in text
    assert f"These answers are superseded. The prescriber decides on record {third.short_id}." in text
    assert f"decides on record {second.short_id}" not in text


def test_the_result_of_a_record_amended_twice_links_to_the_current_record(
    client: Client, chain: tuple[Screening, ...]
) -> None:
    first, second, third = chain
    assert [buttons(client.get(address_of(each))) for each in (first, second)] == [[address_of(third)]] * 2
    assert f"Open record {third.short_id}, which replaces this one" in words(client.get(address_of(first)))


@pytest.mark.parametrize("page", ["", "print/"])
def test_a_record_amended_twice_has_its_direct_successor_as_a_data_attribute(
    client: Client, chain: tuple[Screening, ...], page: str
) -> None:
    main = html.fromstring(client.get(address_of(chain[0], page)).content).xpath("//main")[0]
    assert main.get("data-superseded-by") == str(chain[1].uuid)


@pytest.fixture(params=[1, 2], ids=["the amendment", "the amendment of it"])
def no_current_record(request: pytest.FixtureRequest, earlier: Screening) -> Screening:
    """A record whose last amendment was entered in error."""
    last = earlier
    for each in range(request.param):
        last = ScreeningFactory(amends=last, voided=each == request.param - 1)
    return earlier


@pytest.mark.parametrize("page", PAGES)
def test_after_the_last_amendment_was_voided_no_record_is_current(
    client: Client, no_current_record: Screening, page: str
) -> None:
    said = words(client.get(address_of(no_current_record, page)))
    assert "The record that superseded them was entered in error, so no record is current: screen again." in said
    assert "SUPERSEDED" in said
    assert "The prescriber decides on" not in said


def test_without_a_current_record_the_result_links_to_none(client: Client, no_current_record: Screening) -> None:
    page = client.get(address_of(no_current_record))
    assert buttons(page) == []
    assert "stands instead" not in words(page)


@pytest.mark.parametrize("page", PAGES)
def test_the_amendment_says_which_record_it_amends_and_why(
    client: Client, earlier: Screening, address: str, page: str
) -> None:
    later = send(client, AMENDMENT, address).headers["Location"]
    text = words(client.get(later + page)).replace("Amends:", "Amends")
    assert f"Amends {earlier.short_id}, because: {REASON}" in text


def test_an_amendment_can_be_amended(client: Client, earlier: Screening, address: str) -> None:
    second = send(client, AMENDMENT, address).headers["Location"]
    third = send(client, AMENDMENT, f"{second}amend/", pregnancy="unknown")
    assert third.status_code == 302
    assert [each.supersedes_id is not None for each in Screening.objects.order_by("pk")] == [False, True, True]


def test_a_superseded_record_cannot_be_amended_or_voided(client: Client, earlier: Screening) -> None:
    offered = {address_of(earlier, "amend/"), address_of(earlier, "void/")}
    assert offered <= set(links(client.get(address_of(earlier))))
    ScreeningFactory(amends=earlier)
    assert not offered & set(links(client.get(address_of(earlier))))


def test_amending_is_logged_with_both_records_and_without_patient_data(
    client: Client, earlier: Screening, address: str
) -> None:
    send(client, AMENDMENT, address)
    later = Screening.objects.get(supersedes=earlier)
    recorded = AuditEvent.objects.get(action="screening.recorded", subject=str(later.uuid))
    superseded = AuditEvent.objects.get(action="screening.superseded")
    assert recorded.actor_role == "clinician"
    assert (UUID(superseded.subject), superseded.details) == (earlier.uuid, {"later": str(later.uuid)})


# The patient --------------------------------------------------------------------------------------------------


def test_the_record_number_cannot_be_changed(client: Client, earlier: Screening, address: str) -> None:
    response = send(client, AMENDMENT, address, record_number="DEMO-0002")
    assert response.status_code == 422
    assert any("An amendment stays in the chart of record number DEMO-0001" in each
               for each in beside(response, "record_number"))  # fmt: skip
    assert Screening.objects.count() == 1


@pytest.mark.parametrize("number", ["demo-0001", "  DEMO-0001 "])
def test_the_record_number_may_differ_in_case_and_spaces(client: Client, address: str, number: str) -> None:
    assert send(client, AMENDMENT, address, record_number=number).status_code == 302


def test_another_name_must_be_confirmed(client: Client, address: str) -> None:
    response = send(client, AMENDMENT, address, patient_name="Sample Patience")
    assert response.status_code == 422
    assert "was last used for Sample Patient, born 12 April 1961" in messages(response)[0]


def test_a_confirmed_name_is_corrected(client: Client, earlier: Screening, address: str) -> None:
    asked = send(client, AMENDMENT, address, patient_name="Sample Patience")
    confirmed = box(asked, "confirm_patient")
    response = send(client, AMENDMENT, address, patient_name="Sample Patience", confirm_patient=confirmed)
    assert response.status_code == 302
    assert [each.patient_name for each in Screening.objects.order_by("pk")] == ["Sample Patient", "Sample Patience"]


# Records that are no longer current------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_the_form_of_a_superseded_record_links_to_the_current_record(
    client: Client, earlier: Screening, address: str, method: str, times: int
) -> None:
    current = earlier
    for _ in range(times):
        current = ScreeningFactory(amends=current)
    response = client.get(address) if method == "GET" else client.post(address, AMENDMENT)
    assert response.status_code == 409
    assert address_of(current) in links(response)
    assert Screening.objects.count() == 1 + times


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_voided_record_is_not_amended(client: Client, edition: Edition, clinician: User, method: str) -> None:
    voided = ScreeningFactory(by=clinician, voided=True, patient=PatientFactory(record_number="DEMO-0001"))
    address = address_of(voided, "amend/")
    response = client.get(address) if method == "GET" else client.post(address, AMENDMENT)
    assert response.status_code == 409
    assert "entered in error" in words(response)
    assert Screening.objects.count() == 1


# Resubmission -------------------------------------------------------------------------------------------------


def test_resubmitting_an_amendment_redirects_to_the_same_record(client: Client, address: str) -> None:
    form = {"form_ticket": ticket(client, address)} | AMENDMENT
    first, second = client.post(address, form), client.post(address, form)
    assert (second.status_code, second.headers["Location"]) == (302, first.headers["Location"])
    assert Screening.objects.count() == 2


def test_resubmitting_an_amendment_after_it_was_amended_redirects_to_its_record(client: Client, address: str) -> None:
    form = {"form_ticket": ticket(client, address)} | AMENDMENT
    first = client.post(address, form)
    ScreeningFactory(amends=Screening.objects.latest("pk"))
    assert client.post(address, form).headers["Location"] == first.headers["Location"]


def test_resubmitting_an_amendment_after_the_edition_changed_redirects_to_its_record(
    client: Client, address: str
) -> None:
    form = {"form_ticket": ticket(client, address)} | AMENDMENT
    first = client.post(address, form)
    EditionFactory(definition=changed_rules(pregnancy={"question": "Could the patient be pregnant?"}))
    again = client.post(address, form)
    assert (again.status_code, again.headers["Location"]) == (302, first.headers["Location"])


def test_a_new_screening_resubmitted_with_other_content_comes_back_as_an_amendment(
    client: Client, edition: Edition
) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    recorded = client.post(NEW, form).headers["Location"]
    back = client.post(NEW, form | {"pregnancy": "unknown"})
    assert back.status_code == 409
    assert form_on(back).action == f"{recorded}amend/"
    assert form_on(back).fields == as_filled(CLEAR_FORM | {"pregnancy": "unknown"})
    assert Screening.objects.count() == 1


def test_the_form_that_came_back_as_an_amendment_is_recorded_with_a_reason(client: Client, edition: Edition) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    client.post(NEW, form)
    back = form_on(client.post(NEW, form | {"pregnancy": "unknown"}))
    sent = {"form_ticket": back.ticket} | back.fields
    assert client.post(back.action, sent).status_code == 422
    assert client.post(back.action, sent | {"amendment_reason": REASON}).status_code == 302
    first, second = Screening.objects.order_by("pk")
    assert (second.supersedes, second.outcome) == (first, "cannot_conclude")


def test_an_amendment_resubmitted_with_other_content_comes_back_as_an_amendment_of_its_record(
    client: Client, address: str
) -> None:
    form = {"form_ticket": ticket(client, address)} | AMENDMENT
    recorded = client.post(address, form).headers["Location"]
    back = client.post(address, form | {"amendment_reason": "Another reason."})
    assert (back.status_code, form_on(back).action) == (409, f"{recorded}amend/")
    assert form_on(back).fields["amendment_reason"] == ["Another reason."]
    assert Screening.objects.count() == 2


# Conflicts with other changes ---------------------------------------------------------------------------------


@pytest.fixture
def conflicting(client: Client, clinician: User, earlier: Screening, address: str) -> Any:
    """The response to an amendment sent after another one was recorded, in which liver is not known."""
    opened = ticket(client, address)
    send(client, AMENDMENT, address, **{"severe-liver-disease": "unknown"})
    return client.post(address, {"form_ticket": opened} | AMENDMENT | {"pregnancy": "unknown"})


def test_of_two_amendments_the_second_is_not_stored(conflicting: Any, earlier: Screening) -> None:
    assert conflicting.status_code == 409
    assert Screening.objects.get(supersedes=earlier).answers.get(link_id="pregnancy").code == "no"
    assert Screening.objects.count() == 2


def test_a_conflicting_amendment_keeps_the_entries(conflicting: Any) -> None:
    assert form_on(conflicting).fields == as_filled(AMENDMENT | {"pregnancy": "unknown"})


def test_a_conflicting_amendment_shows_the_answers_of_the_first_one(conflicting: Any) -> None:
    earlier = "//*[contains(@class,'earlier')]"
    assert "Not known" in words(conflicting, f"//*[@data-rule='severe-liver-disease']{earlier}")
    assert words(conflicting, f"//*[@data-rule='opioid-use']{earlier}") == "Earlier answer: No."


def test_a_conflicting_amendment_sent_again_amends_the_first_one(
    client: Client, conflicting: Any, earlier: Screening
) -> None:
    first, back = Screening.objects.get(supersedes=earlier), form_on(conflicting)
    assert back.action == address_of(first, "amend/")
    assert client.post(back.action, {"form_ticket": back.ticket} | back.fields).status_code == 302
    assert Screening.objects.get(supersedes=first).outcome == "cannot_conclude"


def test_a_conflicting_amendment_links_to_the_current_record(conflicting: Any, earlier: Screening) -> None:
    first = Screening.objects.get(supersedes=earlier)
    assert address_of(first) in links(conflicting, "//*[@role='alert']")


MAY_NOT = "Only a prescriber or the person who recorded it may amend record {}."


@pytest.fixture
def conflict_with_prescriber(client: Client, client_of: ClientOf, earlier: Screening, address: str) -> Any:
    """The response to a clinician's amendment sent after a prescriber's, in which liver is not known."""
    opened = ticket(client, address)
    prescriber = client_of(UserFactory(role=Role.PRESCRIBER))
    send(prescriber, AMENDMENT, address, **{"severe-liver-disease": "unknown"})
    return client.post(address, {"form_ticket": opened} | AMENDMENT | {"pregnancy": "unknown"})


@pytest.fixture
def recorded_by_another(client: Client, client_of: ClientOf, edition: Edition) -> Any:
    """The response to a form that another person already recorded with other answers."""
    opened, prescriber = {"form_ticket": ticket(client)}, client_of(UserFactory(role=Role.PRESCRIBER))
    asked = prescriber.post(NEW, opened | CLEAR_FORM)
    prescriber.post(NEW, opened | CLEAR_FORM | {"confirm_takeover": box(asked, "confirm_takeover")})
    return client.post(NEW, opened | CLEAR_FORM | {"pregnancy": "unknown"})


def test_an_amendment_in_conflict_with_a_prescribers_is_not_stored(
    conflict_with_prescriber: Any, earlier: Screening
) -> None:
    assert conflict_with_prescriber.status_code == 409
    assert Screening.objects.get(supersedes=earlier).role == "prescriber"
    assert Screening.objects.count() == 2


def test_an_amendment_in_conflict_with_a_prescribers_says_who_may_amend_the_current_record(
    conflict_with_prescriber: Any, earlier: Screening
) -> None:
    later = Screening.objects.get(supersedes=earlier)
    text = words(conflict_with_prescriber, "//*[@role='alert']")
    assert f"amended by {later.screened_by_name} while this form was open" in text
    assert MAY_NOT.format(later.short_id) in text
    assert address_of(later) in links(conflict_with_prescriber, "//*[@role='alert']")


def test_an_amendment_in_conflict_with_a_prescribers_keeps_the_entries(conflict_with_prescriber: Any) -> None:
    assert form_on(conflict_with_prescriber).fields == as_filled(AMENDMENT | {"pregnancy": "unknown"})


def test_an_amendment_in_conflict_with_a_prescribers_offers_no_amendment(
    conflict_with_prescriber: Any,
) -> None:
    text = words(conflict_with_prescriber, "//*[@role='alert']")
    assert [each for each in ("beside the questions", "send the form", "this amends") if each in text] == []


def test_an_amendment_in_conflict_with_a_prescribers_shows_the_answers_of_its_own_earlier_record(
    conflict_with_prescriber: Any, earlier: Screening
) -> None:
    beside_liver = "//*[@data-rule='severe-liver-disease']//*[contains(@class,'earlier')]"
    assert f"Amend record {earlier.short_id}" in words(conflict_with_prescriber, "//h1")
    assert words(conflict_with_prescriber, beside_liver) == "Earlier answer: No."


def test_an_amendment_in_conflict_with_a_prescribers_is_not_stored_when_sent_again(
    client: Client, conflict_with_prescriber: Any
) -> None:
    back = form_on(conflict_with_prescriber)
    assert client.post(back.action, {"form_ticket": back.ticket} | back.fields).status_code == 409
    assert Screening.objects.count() == 2


def test_a_prescriber_in_conflict_with_a_prescriber_may_amend_the_current_record(
    client_of: ClientOf, earlier: Screening, address: str
) -> None:
    first, second = (client_of(UserFactory(role=Role.PRESCRIBER)) for _ in range(2))
    opened = ticket(second, address)
    send(first, AMENDMENT, address)
    response = second.post(address, {"form_ticket": opened} | AMENDMENT | {"pregnancy": "unknown"})
    later = Screening.objects.get(supersedes=earlier)
    assert (response.status_code, form_on(response).action) == (409, address_of(later, "amend/"))
    assert MAY_NOT.format(later.short_id) not in words(response)


def test_a_form_that_another_person_recorded_says_who_may_amend_the_record(recorded_by_another: Any) -> None:
    record = Screening.objects.get()
    text = words(recorded_by_another, "//*[@role='alert']")
    assert recorded_by_another.status_code == 409
    assert "This form was already recorded with other answers" in text
    assert MAY_NOT.format(record.short_id) in text
    assert address_of(record) in links(recorded_by_another, "//*[@role='alert']")


def test_a_form_that_another_person_recorded_keeps_the_entries(recorded_by_another: Any) -> None:
    assert form_on(recorded_by_another).fields == as_filled(CLEAR_FORM | {"pregnancy": "unknown"})
    assert Screening.objects.get().outcome == "none_identified"


def test_a_form_that_another_person_recorded_offers_no_amendment(recorded_by_another: Any) -> None:
    text = words(recorded_by_another)
    offers = ("beside the questions", "send the form", "this amends", "Earlier answer")
    assert [each for each in offers if each in text] == []
    assert address_of(Screening.objects.get(), "amend/") != form_on(recorded_by_another).action


@pytest.fixture
def amendment_of_voided(client: Client, clinician: User, earlier: Screening, address: str) -> Any:
    """The response to an amendment sent after its record was marked as entered in error."""
    opened = ticket(client, address)
    client.post(address_of(earlier, "void/"), {"void_reason": "Wrong patient", "confirmation": earlier.short_id})
    return client.post(address, {"form_ticket": opened} | AMENDMENT)


def test_an_amendment_of_a_record_that_was_voided_comes_back_as_a_new_screening(
    client: Client, amendment_of_voided: Any
) -> None:
    back = form_on(amendment_of_voided)
    assert (amendment_of_voided.status_code, back.action) == (409, NEW)
    assert back.fields == as_filled(CLEAR_FORM)
    assert "Earlier answer" not in words(amendment_of_voided)
    assert Screening.objects.count() == 1


def test_the_form_that_came_back_as_a_new_screening_supersedes_nothing(
    client: Client, amendment_of_voided: Any
) -> None:
    back = form_on(amendment_of_voided)
    assert client.post(back.action, {"form_ticket": back.ticket} | back.fields).status_code == 302
    assert Screening.objects.latest("pk").supersedes is None


def test_after_the_edition_changed_only_changed_questions_are_asked_again_and_the_reason_is_kept(
    client: Client, address: str
) -> None:
    opened = ticket(client, address)
    EditionFactory(definition=changed_rules(pregnancy={"question": "Could the patient be pregnant?"}))
    back = client.post(address, {"form_ticket": opened} | AMENDMENT)
    unchanged = {name: value for name, value in AMENDMENT.items() if name != "pregnancy"}
    assert (back.status_code, form_on(back).action) == (409, address)
    assert form_on(back).fields == as_filled(unchanged)
    assert Screening.objects.count() == 1


def test_an_amendment_completed_under_the_new_edition_is_recorded_under_it(
    client: Client, earlier: Screening, address: str
) -> None:
    opened = ticket(client, address)
    EditionFactory(definition=changed_rules(pregnancy={"question": "Could the patient be pregnant?"}))
    back = form_on(client.post(address, {"form_ticket": opened} | AMENDMENT))
    sent = {"form_ticket": back.ticket} | back.fields | {"pregnancy": "no"}
    assert client.post(back.action, sent).status_code == 302
    assert Screening.objects.get(supersedes=earlier).edition.number == 2
    assert reloaded(earlier).edition.number == 1


QUESTION = "Could the patient be pregnant?"


@pytest.fixture
def conflicting_under_new_rules(client: Client, earlier: Screening, address: str) -> Any:
    """The response to an amendment after another one was recorded and one question was changed."""
    opened = ticket(client, address)
    ScreeningFactory(amends=earlier)
    EditionFactory(definition=changed_rules(pregnancy={"question": QUESTION}))
    return client.post(address, {"form_ticket": opened} | AMENDMENT)


def test_a_conflicting_amendment_lists_the_questions_that_changed(conflicting_under_new_rules: Any) -> None:
    alert = "//*[@role='alert']"
    text = words(conflicting_under_new_rules, alert)
    assert conflicting_under_new_rules.status_code == 409
    assert "while this form was open" in text
    assert f"Answer again: {QUESTION}" in text
    page = html.fromstring(conflicting_under_new_rules.content.decode())
    (target,) = page.xpath(f"{alert}//a[normalize-space()='{QUESTION}']/@href")
    assert [each.get("name") for each in page.xpath(f"//*[@id='{target[1:]}']")] == ["pregnancy"]


def test_a_conflicting_amendment_keeps_the_answers_to_unchanged_questions(conflicting_under_new_rules: Any) -> None:
    unchanged = {name: value for name, value in AMENDMENT.items() if name != "pregnancy"}
    assert form_on(conflicting_under_new_rules).fields == as_filled(unchanged)


def test_a_conflicting_amendment_is_recorded_under_the_new_edition_once_complete(
    client: Client, earlier: Screening, conflicting_under_new_rules: Any
) -> None:
    first, back = Screening.objects.get(supersedes=earlier), form_on(conflicting_under_new_rules)
    sent = {"form_ticket": back.ticket} | back.fields
    assert client.post(back.action, sent).status_code == 422
    assert client.post(back.action, sent | {"pregnancy": "no"}).status_code == 302
    assert Screening.objects.get(supersedes=first).edition.number == 2


def test_a_conflicting_amendment_under_the_same_rules_lists_no_question(conflicting: Any) -> None:
    assert "Answer again" not in words(conflicting, "//*[@role='alert']")


def test_an_amendment_of_a_voided_record_lists_the_questions_that_changed(
    client: Client, clinician: User, earlier: Screening, address: str
) -> None:
    opened = ticket(client, address)
    void = {"void_reason": "Wrong patient", "confirmation": earlier.short_id}
    client.post(address_of(earlier, "void/"), void)
    EditionFactory(definition=changed_rules(pregnancy={"question": QUESTION}))
    response = client.post(address, {"form_ticket": opened} | AMENDMENT)
    assert response.status_code == 409
    assert f"Answer again: {QUESTION}" in words(response, "//*[@role='alert']")


@pytest.mark.django_db(transaction=True)
def test_exactly_one_of_several_amendments_and_voids_at_once_succeeds(
    client: Client, clinician: User, earlier: Screening, address: str
) -> None:
    amendments = [(address, {"form_ticket": ticket(client, address)} | AMENDMENT) for _ in range(4)]
    void = {"void_reason": "Wrong patient", "confirmation": earlier.short_id}
    forms = [*amendments[:2], (address_of(earlier, "void/"), void), *amendments[2:]]

    statuses = [each.status_code for each in post_at_once(client, forms)]
    assert sorted(statuses) == [302, 409, 409, 409, 409]
    assert Screening.objects.filter(supersedes=earlier).count() + Void.objects.count() == 1
    assert Screening.objects.filter(supersedes=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_copies_of_an_amendment_at_once_make_one_record_and_all_redirect_to_it(
    client: Client, earlier: Screening, address: str
) -> None:
    form = {"form_ticket": ticket(client, address)} | AMENDMENT
    responses = post_at_once(client, [(address, form)] * 8)
    locations = {(each.status_code, each.headers.get("Location")) for each in responses}
    assert locations == {(302, address_of(Screening.objects.get(supersedes=earlier)))}


# Permissions --------------------------------------------------------------------------------------------------


def test_another_clinician_may_not_amend(client_of: ClientOf, address: str) -> None:
    other = client_of(UserFactory(role=Role.CLINICIAN))
    assert (other.get(address).status_code, other.post(address, AMENDMENT).status_code) == (403, 403)
    assert Screening.objects.count() == 1


def test_another_clinician_sees_no_link_to_amend(client_of: ClientOf, earlier: Screening, address: str) -> None:
    page = client_of(UserFactory(role=Role.CLINICIAN)).get(address_of(earlier))
    assert address not in links(page)


def test_a_prescriber_may_amend_the_record_of_a_clinician(
    client_of: ClientOf, earlier: Screening, address: str
) -> None:
    prescriber = UserFactory(role=Role.PRESCRIBER)
    assert send(client_of(prescriber), AMENDMENT, address).status_code == 302
    later = Screening.objects.get(supersedes=earlier)
    assert (later.screened_by, later.role) == (prescriber, "prescriber")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EDITOR, Role.APPROVER, Role.ADMINISTRATOR])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_roles_get_the_same_refusal_for_known_and_unknown_records(
    client_of: ClientOf, address: str, role: Role, method: str
) -> None:
    client = client_of(UserFactory(role=role))
    known, unknown = (client.generic(method, each) for each in (address, UNKNOWN))
    assert (known.status_code, unknown.status_code) == (403, 403)
    assert without_reference(known) == without_reference(unknown)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.PRESCRIBER])
def test_for_people_with_the_role_an_unknown_record_is_not_found(
    client_of: ClientOf, edition: Edition, role: Role
) -> None:
    client = client_of(UserFactory(role=role))
    assert (client.get(UNKNOWN).status_code, client.post(UNKNOWN, AMENDMENT).status_code) == (404, 404)
