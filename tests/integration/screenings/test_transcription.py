"""Transcribing a paper form: the time, the name and the edition on the paper count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from screening.accounts.permissions import Role
from screening.models import AuditEvent, Edition, Screening, Transcription, User
from tests.factories import EditionFactory, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import (
    CLEAR_FORM,
    NEW,
    OPIOID_FORM,
    PAPER_FORM,
    TRANSCRIBE,
    address_of,
    as_filled,
    beside,
    box,
    form_on,
    links,
    messages,
    send,
    ticket,
    words,
)
from tests.queries import capture_queries
from tests.rules import FURTHER_RULES, changed_rules, rules_with_two_more

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

NOW = datetime(2026, 11, 23, 15, 20, tzinfo=UTC)
ON_PAPER = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
LIST = f"{TRANSCRIBE}medications/"
OPIOID_PAPER = PAPER_FORM | OPIOID_FORM
OTHER_QUESTION = "Is the patient pregnant, or may she be?"
ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def edition(db: None) -> Edition:
    """Edition 1, published before the paper form was filled in."""
    return EditionFactory(at=ON_PAPER - timedelta(days=30))


@pytest.fixture
def second_edition(edition: Edition) -> Edition:
    """Edition 2, current, in which one question is another one."""
    return EditionFactory(
        definition=changed_rules(pregnancy={"question": OTHER_QUESTION}), at=NOW - timedelta(days=1)
    )


def transcribe(client: Client, form: dict[str, Any] = PAPER_FORM, edition: int = 1, **changes: Any) -> Any:
    """Open the questions of an edition and submit the form with these values."""
    opened = {"form_ticket": ticket(client, f"{TRANSCRIBE}?edition={edition}")}
    return client.post(TRANSCRIBE, opened | form | {name.replace("__", "."): each for name, each in changes.items()})


def assert_refused(response: Any, name: str, sentence: str) -> None:
    """Assert that a field was refused with a sentence and that nothing was recorded."""
    assert response.status_code == 422
    assert sentence in " ".join(beside(response, name))
    assert not Screening.objects.exists()


# Recording ----------------------------------------------------------------------------------------------------


def test_a_paper_form_is_recorded_and_redirects_to_its_result(client: Client, edition: Edition) -> None:
    response = transcribe(client)
    screening = Screening.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, address_of(screening))


def test_the_record_has_the_time_on_the_paper_and_who_typed_it(
    client: Client, clinician: User, edition: Edition
) -> None:
    transcribe(client)
    screening = Screening.objects.get()
    assert (screening.screened_at, screening.screened_by, screening.role) == (ON_PAPER, clinician, "clinician")


def test_the_record_has_the_name_on_the_paper_and_when_it_was_typed(client: Client, edition: Edition) -> None:
    transcribe(client)
    row = Transcription.objects.get()
    assert (row.completed_by, row.edition_in_use) == ("Sample Nurse", 1)
    assert NOW <= row.transcribed_at < NOW + timedelta(minutes=1)


@pytest.mark.parametrize("page", ["", "print/", "summary.txt"])
def test_every_copy_says_who_filled_it_in_and_who_typed_it(client: Client, edition: Edition, page: str) -> None:
    transcribe(client)
    text = words(client.get(address_of(Screening.objects.get(), page)), "//body")
    for part in ("20 November 2026, 14:30 UTC, on paper", "Sample Nurse, on paper", "by Sample Clinician, clinician"):
        assert part in text
    assert "23 November 2026, 15:20 UTC, by Sample" in text


def test_the_page_to_mark_it_as_entered_in_error_names_both_people(client: Client, edition: Edition) -> None:
    transcribe(client)
    text = words(client.get(address_of(Screening.objects.get(), "void/")))
    assert "20 November 2026, 14:30 UTC on paper by Sample Nurse, transcribed by Sample Clinician" in text


def test_the_pdf_of_a_transcribed_record_is_made(client: Client, edition: Edition) -> None:
    transcribe(client)
    assert client.get(address_of(Screening.objects.get(), "summary.pdf")).content.startswith(b"%PDF")


def test_the_audit_event_says_that_it_is_from_paper_and_names_nobody_else(client: Client, edition: Edition) -> None:
    transcribe(client)
    event = AuditEvent.objects.get(action="screening.recorded")
    assert (event.actor_name, event.details) == ("clinician", {"source": "paper"})


def test_an_ordinary_screening_is_not_from_paper(client: Client, edition: Edition) -> None:
    send(client, CLEAR_FORM)
    assert not Transcription.objects.exists()
    assert AuditEvent.objects.get(action="screening.recorded").details == {}
    assert Screening.objects.complete().get().record().transcribed is None


def test_transcribing_sends_two_statements_more_than_recording(client: Client, edition: Edition) -> None:
    counts = []
    for address, form in ((NEW, CLEAR_FORM), (TRANSCRIBE, PAPER_FORM | {"record_number": "DEMO-0002"})):
        filled = {"form_ticket": ticket(client, address)} | form
        with capture_queries() as captured:
            assert client.post(address, filled).status_code == 302
        counts.append(len(captured.on_data))
    assert counts[1] - counts[0] == 2  # the row of the transcription, and the numbers of the editions


def test_the_record_can_be_amended_as_any_other(client: Client, edition: Edition) -> None:
    transcribe(client)
    amendment = CLEAR_FORM | {"amendment_reason": "The paper says not known", "pregnancy": "unknown"}
    assert send(client, amendment, address_of(Screening.objects.get(), "amend/")).status_code == 302
    later = Screening.objects.complete().get(supersedes__isnull=False)
    assert (later.record().transcribed, later.screened_at.date()) == (None, NOW.date())


# What counts from the time on the paper -----------------------------------------------------------------------


def test_the_opioid_free_interval_counts_from_the_day_on_the_paper(client: Client, edition: Edition) -> None:
    transcribe(client, OPIOID_PAPER | {"opioid-use.last-dose": "12 Nov 2026"})
    assert "Reaching that date does not lift" in words(
        client.get(address_of(Screening.objects.get())), "//*[@data-rule='opioid-use']"
    )


def test_the_age_counts_from_the_day_on_the_paper(client: Client, edition: Edition) -> None:
    transcribe(client, birth_date="22 Nov 1961")
    assert "22 November 1961 (64)" in words(client.get(address_of(Screening.objects.get())), "//body")


def test_a_medication_list_is_read_as_of_the_day_on_the_paper(client: Client, edition: Edition) -> None:
    ended = "Tramadol stopped 6 Nov 2026"
    transcribe(client, medications=ended)
    assert Screening.objects.get().outcome == "contraindication_flagged"  # 14 days before
    transcribe(client, medications=ended, paper_completed_at="23 Nov 2026 09:00", record_number="DEMO-0002")
    assert Screening.objects.latest("pk").outcome == "none_identified"


@pytest.mark.parametrize("name", ["birth_date", "opioid-use.last-dose"])
def test_a_date_after_the_day_on_the_paper_is_refused(client: Client, edition: Edition, name: str) -> None:
    response = client.post(TRANSCRIBE, OPIOID_PAPER | {name: "21 Nov 2026"})
    assert_refused(response, name, "after the day on the paper. Enter 20 November 2026 or earlier.")


def test_the_day_on_the_paper_itself_is_accepted(client: Client, edition: Edition) -> None:
    assert transcribe(client, OPIOID_PAPER | {"opioid-use.last-dose": "20 Nov 2026"}).status_code == 302


def test_while_the_time_on_the_paper_is_invalid_dates_are_compared_with_today(
    client: Client, edition: Edition
) -> None:
    response = transcribe(client, OPIOID_PAPER | {"opioid-use.last-dose": "22 Nov 2026", "paper_completed_at": "?"})
    assert not any("Error" in each for each in beside(response, "opioid-use.last-dose"))


def test_a_review_that_was_not_overdue_on_the_paper_does_not_prevent_a_conclusion(
    client: Client, settings: Any
) -> None:
    settings.OVERDUE_CANNOT_CONCLUDE = True
    due = (NOW - timedelta(days=1)).date().isoformat()
    EditionFactory(definition=changed_rules(pregnancy={"next_review": due}), at=ON_PAPER - timedelta(days=30))
    transcribe(client)
    assert Screening.objects.get().outcome == "none_identified"


# The time, the name and the edition ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entered",
    ["20 Nov 2026 14:30", "2026-11-20T14:30", "2026-11-20 14:30", "20 November 2026, 14:30", " Nov 20, 2026  14:30 "],
)
def test_a_time_is_accepted_as_the_form_takes_dates(client: Client, edition: Edition, entered: str) -> None:
    assert transcribe(client, paper_completed_at=entered).status_code == 302
    assert Screening.objects.get().screened_at == ON_PAPER


def test_the_time_is_in_the_time_zone_of_the_clinic(client: Client, edition: Edition, settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    transcribe(client)
    assert Screening.objects.get().screened_at == ON_PAPER + timedelta(hours=5)
    assert "20 November 2026, 14:30 EST, on paper" in words(client.get(address_of(Screening.objects.get())))


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ("", "Enter the date and time on the paper, as in 27 Mar 2026 14:30."),
        ("   ", "Enter the date and time on the paper"),
        ("20 Nov 2026", "Write the date, and the time on the 24-hour clock: 27 Mar 2026 14:30."),
        ("2026-11-20", "Write the date, and the time on the 24-hour clock"),
        ("14:30", "Write the date, and the time on the 24-hour clock"),
        ("20 Nov 2026 2 pm", "Write the date, and the time on the 24-hour clock"),
        ("20 Nov 2026 14:30 UTC", "Write the date, and the time on the 24-hour clock"),
        ("2026-11-20T14:30Z", "Write the date, and the time on the 24-hour clock"),
        ("yesterday", "Write the date, and the time on the 24-hour clock"),
        ("x" * 100_000, "Write the date, and the time on the 24-hour clock"),
        ("T" * 100_000, "Write the date, and the time on the 24-hour clock"),
        ("20 Nov 2026 14:30\x00", "Write the date, and the time on the 24-hour clock"),
        ("20 Nov 2026 ١٤:٣٠", "Write the date, and the time on the 24-hour clock"),
        ("<script>alert(1)</script>", "Write the date, and the time on the 24-hour clock"),
        ("20 Nov 2026 24:00", "There is no such time. Write it on the 24-hour clock, from 00:00 to 23:59."),
        ("20 Nov 2026 14:60", "There is no such time."),
        ("20/11/2026 14:30", "Write the month in letters: 27 Mar 1985."),
        ("20/11/2026", "Write the month in letters: 27 Mar 1985."),
        ("31 Nov 2026 14:30", "There is no such day in the calendar."),
        ("20 Nov 26 14:30", "Write the year with four digits"),
        ("20 Nov 0001 14:30", "This date is before 1 January 2000. Check the year."),
        ("1 Jan 0000 14:30", "There is no such day in the calendar."),
        ("31 Dec 9999 23:59", "This date is in the future. Enter 23 November 2026 or earlier."),
        ("23 Nov 2026 15:21", "This time is in the future. Enter 23 November 2026, 15:20 UTC or earlier."),
    ],
)
def test_a_time_that_is_not_clear_or_not_past_is_refused_beside_the_field(
    client: Client, edition: Edition, entered: str, sentence: str
) -> None:
    assert_refused(
        client.post(TRANSCRIBE, PAPER_FORM | {"paper_completed_at": entered}), "paper_completed_at", sentence
    )


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Honolulu"])
@pytest.mark.parametrize("entered", ["1 Jan 0001 00:00", "31 Dec 9999 23:59"])
def test_a_time_at_the_limits_of_the_calendar_is_refused_in_every_time_zone(
    client: Client, edition: Edition, settings: Any, zone: str, entered: str
) -> None:
    settings.TIME_ZONE = zone
    assert_refused(
        client.post(TRANSCRIBE, PAPER_FORM | {"paper_completed_at": entered}), "paper_completed_at", "date"
    )


def test_the_current_minute_is_accepted(client: Client, edition: Edition) -> None:
    assert transcribe(client, paper_completed_at="23 Nov 2026 15:20").status_code == 302


def test_a_time_skipped_when_clocks_were_put_forward_is_refused(
    client: Client, edition: Edition, settings: Any
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    response = transcribe(client, paper_completed_at="29 Mar 2026 02:30")
    assert_refused(response, "paper_completed_at", "Clocks were put forward, so there was no such time on this day.")


def test_a_time_that_occurred_twice_is_the_first_of_the_two(client: Client, edition: Edition, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    transcribe(client, paper_completed_at="25 Oct 2026 02:30")
    assert Screening.objects.get().screened_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ("", "Enter the name of the person who filled in the paper form."),
        ("n" * 201, "Use at most 200 characters; this has 201."),
        ("Sample\u202eNurse", "cannot be shown or printed"),
        ("\u200b", "cannot be shown or printed"),
    ],
)
def test_a_name_that_is_missing_or_cannot_be_printed_is_refused(
    client: Client, edition: Edition, entered: str, sentence: str
) -> None:
    assert_refused(transcribe(client, paper_completed_by=entered), "paper_completed_by", sentence)


@pytest.mark.parametrize("entered", ["", "0", "99", "-1", "01", "1 ", "1.0", "１", "current", "1" * 5000, "\x00"])
def test_an_unknown_edition_is_refused_beside_the_field(client: Client, edition: Edition, entered: str) -> None:
    response = transcribe(client, paper_edition=entered)
    assert_refused(response, "paper_edition", "Choose the edition that is printed on the paper form.")


@pytest.mark.parametrize("name", ["paper_completed_at", "paper_completed_by", "paper_edition"])
def test_a_field_of_the_paper_that_is_left_out_is_refused(client: Client, edition: Edition, name: str) -> None:
    form = {field: value for field, value in PAPER_FORM.items() if field != name}
    response = client.post(TRANSCRIBE, form)
    assert response.status_code == 422
    assert len(messages(response)) == 1
    assert not Screening.objects.exists()


def test_a_field_of_the_paper_that_is_sent_twice_is_refused(client: Client, edition: Edition) -> None:
    response = transcribe(client, paper_completed_by=["Sample Nurse", "Other Nurse"])
    assert_refused(response, "paper_completed_by", "This was sent twice. Give one answer.")


def test_the_ordinary_form_has_no_fields_for_a_paper(client: Client, edition: Edition) -> None:
    response = send(client, PAPER_FORM)
    assert response.status_code == 422
    assert "This form has no field “paper_completed_at”. Send only its own fields." in messages(response)


def test_a_form_with_errors_comes_back_with_all_entries(client: Client, edition: Edition) -> None:
    form = OPIOID_PAPER | {"paper_completed_at": "20/11/2026 14:30", "pregnancy": "unknown"}
    assert form_on(transcribe(client, form)).fields == as_filled(form)


def test_a_question_left_out_is_an_error(client: Client, edition: Edition) -> None:
    assert "Choose yes, no, not known or not applicable." in messages(transcribe(client, pregnancy=""))[0]
    assert not Screening.objects.exists()


# The edition on the paper -------------------------------------------------------------------------------------


def test_the_page_shows_the_current_questions_without_an_answer(client: Client, second_edition: Edition) -> None:
    response = client.get(TRANSCRIBE)
    assert form_on(response).fields == {"paper_edition": ["2"]}
    assert OTHER_QUESTION in words(response)


def test_another_edition_can_be_asked_for_in_the_address(client: Client, second_edition: Edition) -> None:
    response = client.get(TRANSCRIBE, {"edition": "1"})
    assert form_on(response).fields == {"paper_edition": ["1"]}
    assert OTHER_QUESTION not in words(response)
    assert "Edition 1 is no longer current; edition 2 is." in words(response)


@pytest.mark.parametrize("number", ["99", "0", "-1", "01", "", "x", "1" * 5000, "\x00", "１"])
def test_an_edition_in_the_address_that_does_not_exist_is_not_found(
    client: Client, edition: Edition, number: str
) -> None:
    assert client.get(TRANSCRIBE, {"edition": number}).status_code == 404


def test_an_older_edition_evaluates_the_form_and_the_record_says_so(client: Client, second_edition: Edition) -> None:
    transcribe(client)
    screening = Screening.objects.get()
    assert (screening.edition.number, screening.transcription.edition_in_use) == (1, 2)
    said = (
        "Evaluated under edition 1, which was printed on the paper form. "
        "Edition 2 was in use when it was transcribed."
    )
    for page in ("", "print/", "summary.txt"):
        assert said in words(client.get(address_of(screening, page)), "//body")


def test_a_form_of_the_current_edition_has_no_such_remark(client: Client, second_edition: Edition) -> None:
    transcribe(client, edition=2, paper_edition="2", paper_completed_at="23 Nov 2026 08:00")
    assert "was printed on the paper" not in words(client.get(address_of(Screening.objects.get())))


def test_a_form_without_a_ticket_is_evaluated_under_the_edition_that_it_names(
    client: Client, second_edition: Edition
) -> None:
    assert client.post(TRANSCRIBE, PAPER_FORM).status_code == 302
    assert Screening.objects.get().edition.number == 1


def test_a_time_before_the_edition_was_published_is_recorded_with_a_remark(
    client: Client, second_edition: Edition
) -> None:
    assert transcribe(client, edition=2, paper_edition="2").status_code == 302
    text = words(client.get(address_of(Screening.objects.get())))
    assert "The time on the paper is before edition 2 was published. Check both." in text


def test_the_minute_of_publication_is_not_before_it(client: Client) -> None:
    EditionFactory(at=ON_PAPER + timedelta(seconds=40))
    transcribe(client)
    assert "before edition 1" not in words(client.get(address_of(Screening.objects.get())))


def test_an_edition_published_while_the_form_is_open_does_not_disturb(client: Client, edition: Edition) -> None:
    filled = {"form_ticket": ticket(client, TRANSCRIBE)} | PAPER_FORM
    EditionFactory(definition=rules_with_two_more(), at=NOW)
    assert client.post(TRANSCRIBE, filled).status_code == 302
    screening = Screening.objects.get()
    assert (screening.edition.number, screening.transcription.edition_in_use) == (1, 2)


# Showing the questions of another edition ---------------------------------------------------------------------


def show(client: Client, form: dict[str, Any], opened: int) -> Any:
    """Open the questions of an edition, fill in the form, and press “Show these questions”."""
    own = {"form_ticket": ticket(client, f"{TRANSCRIBE}?edition={opened}"), "show": "questions"}
    return client.post(TRANSCRIBE, own | form)


def test_the_button_shows_the_questions_of_the_chosen_edition_and_keeps_the_entries(
    client: Client, second_edition: Edition
) -> None:
    response = show(client, OPIOID_PAPER, opened=2)
    assert response.status_code == 200
    kept = {name: value for name, value in OPIOID_PAPER.items() if name != "pregnancy"}
    assert form_on(response).fields == as_filled(kept)
    assert OTHER_QUESTION not in words(response)


def test_the_button_shows_no_errors(client: Client, second_edition: Edition) -> None:
    response = show(client, {"paper_edition": "1", "paper_completed_at": "nonsense"}, opened=2)
    assert (response.status_code, messages(response)) == (200, [])
    assert not Screening.objects.exists()


def test_the_button_for_the_same_edition_keeps_every_entry(client: Client, edition: Edition) -> None:
    response = show(client, OPIOID_PAPER, opened=1)
    assert (response.status_code, form_on(response).fields) == (200, as_filled(OPIOID_PAPER))


def test_the_button_without_an_edition_is_an_error_of_that_field_alone(client: Client, edition: Edition) -> None:
    response = show(client, {"paper_edition": ""}, opened=1)
    assert_refused(response, "paper_edition", "Choose the edition that is printed on the paper form.")
    assert len(messages(response)) == 1


def test_the_questions_that_are_shown_can_then_be_recorded(client: Client, second_edition: Edition) -> None:
    shown = show(client, PAPER_FORM, opened=2)
    filled = form_on(shown).fields | {"form_ticket": form_on(shown).ticket, "pregnancy": "no"}
    assert client.post(TRANSCRIBE, filled).status_code == 302
    assert Screening.objects.get().edition.number == 1


def test_answers_to_the_questions_of_another_edition_are_not_recorded(
    client: Client, second_edition: Edition
) -> None:
    response = transcribe(client, edition=2)
    assert response.status_code == 422
    assert not Screening.objects.exists()
    said = "The questions of edition 2 were answered, not those of edition 1"
    assert said in words(response, "//*[@role='alert']")
    kept = {name: value for name, value in PAPER_FORM.items() if name != "pregnancy"}
    assert form_on(response).fields == as_filled(kept)


def test_a_question_of_the_other_edition_alone_is_dropped(client: Client, edition: Edition) -> None:
    EditionFactory(definition=rules_with_two_more(), at=NOW)
    added = {item["link_id"]: "yes" for item in FURTHER_RULES["items"]}
    response = transcribe(client, PAPER_FORM | added, edition=2)
    assert (response.status_code, form_on(response).fields) == (422, as_filled(PAPER_FORM))


# The same form twice, another person, another patient ---------------------------------------------------------


def test_the_same_form_sent_twice_leads_to_the_same_record(client: Client, edition: Edition) -> None:
    filled = {"form_ticket": ticket(client, TRANSCRIBE)} | PAPER_FORM
    first = client.post(TRANSCRIBE, filled)
    EditionFactory(definition=rules_with_two_more(), at=NOW)
    again = client.post(TRANSCRIBE, filled)
    assert (again.status_code, again.headers["Location"]) == (302, first.headers["Location"])
    assert (Screening.objects.count(), Transcription.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [{"pregnancy": "unknown"}, {"paper_completed_at": "20 Nov 2026 14:31"}, {"paper_completed_by": "Other Nurse"}],
    ids=str,
)
def test_the_same_form_with_other_content_comes_back_as_an_amendment(
    client: Client, edition: Edition, change: dict[str, str]
) -> None:
    filled = {"form_ticket": ticket(client, TRANSCRIBE)} | PAPER_FORM
    client.post(TRANSCRIBE, filled)
    response = client.post(TRANSCRIBE, filled | change)
    assert response.status_code == 409
    back = form_on(response)
    assert back.action == address_of(Screening.objects.get(), "amend/")
    assert not set(back.fields) & {"paper_completed_at", "paper_completed_by", "paper_edition"}
    reason = {"form_ticket": back.ticket, "amendment_reason": "The paper says so"}
    assert client.post(back.action, back.fields | reason).status_code == 302


def test_the_same_form_under_another_edition_is_a_conflict(client: Client, edition: Edition) -> None:
    EditionFactory(definition=changed_rules(pregnancy={"why": "Another reason."}), at=NOW)
    filled = {"form_ticket": ticket(client, f"{TRANSCRIBE}?edition=1")} | PAPER_FORM
    assert client.post(TRANSCRIBE, filled).status_code == 302
    other = form_on(client.post(TRANSCRIBE, filled | {"paper_edition": "2"}))
    assert client.post(TRANSCRIBE, other.fields | {"form_ticket": other.ticket}).status_code == 409
    assert Screening.objects.get().edition.number == 1


def test_a_form_begun_by_somebody_else_must_be_taken_over(
    client: Client, client_of: ClientOf, edition: Edition
) -> None:
    filled = {"form_ticket": ticket(client, TRANSCRIBE)} | PAPER_FORM
    second = client_of(UserFactory(first_name="Second", last_name="Person", role=Role.PRESCRIBER))
    response = second.post(TRANSCRIBE, filled)
    assert response.status_code == 422
    confirmed = {"confirm_takeover": box(response, "confirm_takeover")}
    assert second.post(TRANSCRIBE, filled | confirmed).status_code == 302
    screening = Screening.objects.get()
    assert (screening.screened_by_name, screening.begun_by_name) == ("Second Person", "Sample Clinician")


def test_a_record_number_of_another_person_must_be_confirmed(client: Client, edition: Edition) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001", name="Other Person"))
    response = transcribe(client)
    assert response.status_code == 422
    assert "was last used for Other Person" in messages(response)[0]
    assert transcribe(client, confirm_patient=box(response, "confirm_patient")).status_code == 302


# The medication list, links, and an installation without rules ------------------------------------------------


def test_the_list_is_checked_without_errors_of_other_fields(client: Client, edition: Edition) -> None:
    form = {"paper_edition": "1", "medications": "Percocet 5 mg", "form_ticket": ticket(client, TRANSCRIBE)}
    response = client.post(LIST, form)
    assert (response.status_code, messages(response)) == (200, [])
    assert "oxycodone" in words(response, "//*[@data-listed='found']")
    assert form_on(response).action == TRANSCRIBE


def test_the_list_is_checked_as_of_the_day_on_the_paper(client: Client, edition: Edition) -> None:
    response = client.post(LIST, PAPER_FORM | {"medications": "Tramadol stopped 6 Nov 2026"})
    assert "may be less than 15 days ago" in words(response, "//*[@data-listed='found']")


def test_the_button_of_the_list_submits_to_its_own_address(client: Client, edition: Edition) -> None:
    assert f'formaction="{LIST}"' in client.get(TRANSCRIBE).content.decode()
    assert client.get(LIST).headers["Location"] == TRANSCRIBE


def test_the_page_links_to_the_blank_form_on_both_papers(client: Client, edition: Edition) -> None:
    blank = [each for each in links(client.get(TRANSCRIBE)) if "blank-form" in each]
    assert blank == ["/editions/current/blank-form/?paper=a4", "/editions/current/blank-form/?paper=letter"]
    assert {client.get(each).status_code for each in blank} == {200}


@pytest.mark.parametrize("page", [NEW, "/screenings/"])
def test_the_form_and_the_list_of_screenings_link_to_the_page(client: Client, edition: Edition, page: str) -> None:
    assert TRANSCRIBE in links(client.get(page))


def test_an_auditor_is_not_offered_the_page(client_of: ClientOf, edition: Edition) -> None:
    assert TRANSCRIBE not in links(client_of(UserFactory(role=Role.AUDITOR)).get("/screenings/"))


def test_the_navigation_marks_new_screening(client: Client, edition: Edition) -> None:
    assert words(client.get(TRANSCRIBE), "//nav//*[@aria-current]") == "New screening"


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_an_edition_the_page_says_that_no_rules_are_published(client: Client, method: str) -> None:
    response = getattr(client, method)(TRANSCRIBE)
    assert response.status_code == 503
    assert "No rules are published" in words(response)


def test_an_edition_without_names_of_medicines_takes_no_list(client: Client) -> None:
    EditionFactory(lexicon=None, at=ON_PAPER - timedelta(days=1))
    EditionFactory(at=NOW)
    assert 'name="medications"' not in client.get(TRANSCRIBE, {"edition": "1"}).content.decode()
    response = transcribe(client, medications="Percocet 5 mg", edition=2)
    assert "medications" not in form_on(response).fields


def test_a_transcribed_screening_is_listed_at_the_time_on_the_paper(client: Client, edition: Edition) -> None:
    between = ScreeningFactory(at=timezone.now() - timedelta(days=1))
    transcribe(client)
    assert list(Screening.objects.in_list_order()) == [between, Screening.objects.latest("pk")]
