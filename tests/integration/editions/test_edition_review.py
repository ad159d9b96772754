"""Confirming the review of rules: it sets the next review date, and every summary shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.rules.definition import Outcome
from screening.clinical.rules.reviews import latest_next_review
from screening.clinical.text.dates import format_date
from screening.editions import actions
from screening.models import AuditEvent, Edition, Review, Screening, User
from tests.conftest import guards_lifted
from tests.factories import EditionFactory, ScreeningFactory, UserFactory
from tests.pages import CLEAR_FORM, NEW, address_of, beside, links, messages, send, words
from tests.queries import capture_queries
from tests.rules import changed_rules
from tests.words import read

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

ClientOf = Callable[[User], Client]

NOW = datetime(2026, 11, 24, 14, 32, tzinfo=UTC)
TODAY = NOW.date()
UNTIL = TODAY + timedelta(days=700)
LAST_YEAR = TODAY - timedelta(days=300)
RULES = ("opioid-use", "severe-liver-disease", "pregnancy", "breastfeeding", "naltrexone-product")
REVIEW = "/editions/1/review/"
COPIES = ["", "print/", "summary.txt", pytest.param("summary.pdf", marks=pytest.mark.pdftotext)]
NOT_REVIEWED = "Rule text not yet reviewed by a clinician of this organisation."
ALONE = "This edition was published without a second reviewer."
CHECKED = f"Checked by Sample Clinician, clinician, on {format_date(TODAY)}"
OVERDUE = f"Review overdue since {format_date(LAST_YEAR)}"
PREGNANCY = "The review of 1 rule is overdue: pregnancy."
FORM: dict[str, Any] = {
    "rules": ["pregnancy", "naltrexone-product"],
    "next_review": UNTIL.isoformat(),
    "note": "Compared with the labels.",
    "confirmation": "on",
}


@pytest.fixture(autouse=True)
def _fixed_time() -> Iterator[None]:
    """Fix the time: the review dates of the shipped rules must be in the future, and the date must not change."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def old_edition(db: None) -> Edition:
    """Edition 1, in which the review of the pregnancy rule is overdue."""
    return EditionFactory(definition=changed_rules(pregnancy={"next_review": LAST_YEAR.isoformat()}))


@pytest.fixture
def cannot_conclude_if_overdue(settings: Any) -> None:
    """An installation that cannot conclude while a review is overdue."""
    settings.OVERDUE_CANNOT_CONCLUDE = True


def confirm(*link_ids: str, by: User | None = None, at: datetime = NOW, until: date = UNTIL, note: str = "") -> Any:
    """Confirm the review of rules of the current edition, as a clinician."""
    edition, by, role = Edition.objects.current(), by or UserFactory(), Role.CLINICIAN
    assert edition is not None
    return actions.confirm_review(edition, link_ids, by=by, at=at, role=role, next_review=until, note=note)


def text_of(client: Client, screening: Screening, copy: str) -> str:
    """Return the text of a record's page or copy."""
    response = client.get(address_of(screening, copy))
    assert response.status_code == 200
    return " ".join("".join(read(response.content)).split()) if copy == "summary.pdf" else words(response, "//body")


def footers(response: Any) -> dict[str, str]:
    """Return the footer of each rule, by link id, in the order of the page."""
    cards = html.fromstring(response.content.decode()).xpath("//article[@data-rule]")
    return {each.get("data-rule"): " ".join(each.xpath("footer")[0].text_content().split()) for each in cards}


# The page -----------------------------------------------------------------------------------------------------


def test_the_page_shows_each_rule_with_its_text_and_review_status(client: Client, old_edition: Edition) -> None:
    response = client.get(REVIEW)
    text = words(response)
    for item in (*old_edition.definition.items, *old_edition.definition.listed):
        assert [each for each in (item.why, item.finding, item.next_step) if each not in text] == []
    assert "Not checked by a clinician yet Next review 1 November 2027" in footers(response)["breastfeeding"]
    assert footers(response)["pregnancy"].endswith(OVERDUE)


def test_rules_whose_review_is_overdue_come_first(client: Client, old_edition: Edition) -> None:
    assert list(footers(client.get(REVIEW))) == ["pregnancy", *(each for each in RULES if each != "pregnancy")]


def test_nothing_is_preselected_and_no_checkbox_selects_all_rules(client: Client, edition: Edition) -> None:
    page = html.fromstring(client.get(REVIEW).content.decode())
    boxes = page.xpath("//main//input[@type='checkbox']")
    assert [(each.get("name"), each.get("value")) for each in boxes] == [
        *(("rules", link_id) for link_id in RULES),
        ("confirmation", None),
    ]
    assert page.xpath("//main//input[@checked] | //main//input[@type='text'][@value]") == []


def test_each_checkbox_is_labelled_with_its_rule(client: Client, edition: Edition) -> None:
    page = html.fromstring(client.get(REVIEW).content.decode())
    labels = {
        each.get("value"): page.xpath(f"string(//label[@for='{each.get('id')}'])")
        for each in page.xpath("//input[@name='rules']")
    }
    assert labels["pregnancy"] == "Still correct: pregnancy"
    assert len(set(labels.values())) == len(RULES)


def test_the_page_shows_name_and_role_of_the_user_and_the_statement(client_of: ClientOf, edition: Edition) -> None:
    text = words(client_of(UserFactory(role=Role.PRESCRIBER)).get(REVIEW))
    assert "You confirm as Sample Prescriber, prescriber." in text
    assert "I have read these rules of edition 1 and they are still correct." in text


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_edition_is_not_found(client: Client, edition: Edition, method: str) -> None:
    assert getattr(client, method)("/editions/7/review/").status_code == 404


@pytest.mark.parametrize(("method", "data"), [("get", {}), ("post", FORM)], ids=["opened", "sent"])
def test_a_superseded_edition_cannot_be_confirmed(
    client: Client, edition: Edition, method: str, data: dict[str, Any]
) -> None:
    EditionFactory()
    response = getattr(client, method)(REVIEW, data)
    assert response.status_code == 409
    assert "/editions/2/review/" in links(response)
    assert not Review.objects.exists()


# Confirming ---------------------------------------------------------------------------------------------------


def test_only_the_ticked_rules_are_confirmed(client: Client, clinician: User, edition: Edition) -> None:
    response = client.post(REVIEW, FORM)
    assert (response.status_code, response.headers["Location"]) == (302, "/editions/1/")
    assert [each.link_id for each in Review.objects.order_by("pk")] == FORM["rules"]
    review = Review.objects.get(link_id="pregnancy")
    assert (review.edition, review.by, review.by_name) == (edition, clinician, "Sample Clinician")
    assert (review.role, review.at.date(), review.next_review, review.note) == (
        "clinician",
        TODAY,
        UNTIL,
        FORM["note"],
    )


def test_a_message_reports_the_confirmed_rules(client: Client, edition: Edition) -> None:
    text = words(client.post(REVIEW, FORM, follow=True))
    assert f"Review confirmed: 2 rules, next review {format_date(UNTIL)}." in text


def test_a_prescriber_confirms_as_prescriber(client_of: ClientOf, edition: Edition) -> None:
    client_of(UserFactory(role=Role.PRESCRIBER)).post(REVIEW, FORM)
    assert {(each.by_name, each.role) for each in Review.objects.all()} == {("Sample Prescriber", "prescriber")}


def test_a_confirmation_is_recorded_as_an_audit_event_with_the_rules(client: Client, edition: Edition) -> None:
    client.post(REVIEW, FORM)
    event = AuditEvent.objects.get(action="edition.reviewed")
    assert (event.subject, event.actor_name, event.actor_role) == ("edition 1", "clinician", "clinician")
    assert event.details == {"rules": "pregnancy, naltrexone-product"}


def test_a_form_sent_twice_is_stored_once(client: Client, edition: Edition) -> None:
    assert [client.post(REVIEW, FORM).status_code for _ in range(2)] == [302, 302]
    assert Review.objects.count() == len(FORM["rules"])
    assert AuditEvent.objects.filter(action="edition.reviewed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_several_times_at_once_is_stored_once(client: Client, edition: Edition) -> None:
    def send_one(_: int) -> int:
        copy = Client()
        copy.cookies = client.cookies
        try:
            return copy.post(REVIEW, FORM).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send_one, range(4))) == [302] * 4
    assert Review.objects.count() == len(FORM["rules"])


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"at": NOW - timedelta(days=1)}, id="on another day"),
        pytest.param({"until": UNTIL + timedelta(days=1)}, id="until another day"),
        pytest.param({"note": "Asked the pharmacist."}, id="with another note"),
        pytest.param({"by": None}, id="by another person"),
    ],
)
def test_a_different_confirmation_is_stored(edition: Edition, clinician: User, changes: dict[str, Any]) -> None:
    confirm("pregnancy", by=clinician)
    assert confirm("pregnancy", "opioid-use", **{"by": clinician, **changes})
    assert [each.link_id for each in Review.objects.order_by("pk")] == ["pregnancy", "pregnancy", "opioid-use"]


def test_of_several_rules_only_new_confirmations_are_stored(edition: Edition, clinician: User) -> None:
    confirm("pregnancy", by=clinician)
    assert [each.link_id for each in confirm("pregnancy", "opioid-use", by=clinician)] == ["opioid-use"]


def test_the_latest_confirmation_counts(edition: Edition) -> None:
    for days in (100, 50):
        confirm("pregnancy", until=TODAY + timedelta(days=days))
    assert edition.review_confirmations()["pregnancy"].next_review == TODAY + timedelta(days=50)


def test_the_day_of_a_confirmation_is_in_the_clinics_time_zone(edition: Edition, settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    confirm("pregnancy", at=datetime(2026, 11, 23, 20, 0, tzinfo=UTC))
    assert edition.review_confirmations()["pregnancy"].on == date(2026, 11, 24)


def test_an_unknown_rule_cannot_be_confirmed(edition: Edition) -> None:
    with pytest.raises(actions.UnknownRule):
        confirm("pregnancy", "astrology")
    assert not Review.objects.exists()


def test_the_action_refuses_a_superseded_edition(edition: Edition) -> None:
    EditionFactory()
    review: dict[str, Any] = {"by": UserFactory(), "at": NOW, "role": Role.CLINICIAN, "next_review": UNTIL}
    with pytest.raises(actions.NotInUse):
        actions.confirm_review(edition, ["pregnancy"], **review)
    assert not Review.objects.exists()


# Invalid input ------------------------------------------------------------------------------------------------

TICK = "Tick each rule that you have read and that is still correct."
THREE_YEARS = latest_next_review(TODAY)
TOO_LATE = f"A review is valid for at most 3 years. Enter {format_date(THREE_YEARS)} or earlier."
NOT_AFTER = "This date is not after today. Enter the date of the next review."


@pytest.mark.parametrize(
    ("name", "entered", "sentence"),
    [
        pytest.param("rules", [], TICK, id="nothing ticked"),
        pytest.param(
            "rules", ["pregnancy", "astrology"], f"This edition does not have this rule. {TICK}", id="unknown rule"
        ),
        pytest.param("next_review", "", "Enter the date of the next review, such as 27 Mar", id="no date"),
        pytest.param("next_review", TODAY.isoformat(), NOT_AFTER, id="today"),
        pytest.param("next_review", "1 Nov 2020", NOT_AFTER, id="a date in the past"),
        pytest.param("next_review", (THREE_YEARS + timedelta(days=1)).isoformat(), TOO_LATE, id="too late"),
        pytest.param("next_review", "11/12/2027", "Write the month in letters", id="an ambiguous date"),
        pytest.param("next_review", "soon", "This is not a date", id="not a date"),
        pytest.param("note", "x" * 501, "Use at most 500 characters; this has 501.", id="note too long"),
        pytest.param(
            "note", "a\u202eb", "Character 2 cannot be shown or printed", id="note with an invisible character"
        ),
        pytest.param(
            "confirmation", "", "Tick the statement to confirm the review.", id="the statement is not ticked"
        ),
        pytest.param("note", ["one", "two"], "This was sent twice. Give one answer.", id="sent twice"),
        pytest.param("all", "on", "This form has no field “all”.", id="unknown field"),
    ],
)
def test_invalid_input_is_refused_with_a_message_and_nothing_is_stored(
    client: Client, edition: Edition, name: str, entered: Any, sentence: str
) -> None:
    response = client.post(REVIEW, FORM | {name: entered})
    assert response.status_code == 422
    (message,) = messages(response)
    assert message.startswith(sentence)
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("name", "entered", "sentence"),
    [
        ("next_review", TODAY.isoformat(), f"Error: {NOT_AFTER}"),
        ("note", "x" * 501, "Error: Use at most 500 characters; this has 501."),
        ("confirmation", "", "Error: Tick the statement to confirm the review."),
    ],
)
def test_the_error_message_is_shown_beside_its_field(
    client: Client, edition: Edition, name: str, entered: str, sentence: str
) -> None:
    assert sentence in beside(client.post(REVIEW, FORM | {name: entered}), name)


@pytest.mark.parametrize("days", [1, (THREE_YEARS - TODAY).days], ids=["tomorrow", "in three years"])
def test_the_first_and_the_last_day_are_accepted(client: Client, edition: Edition, days: int) -> None:
    until = TODAY + timedelta(days=days)
    assert client.post(REVIEW, FORM | {"next_review": until.isoformat()}).status_code == 302
    assert {each.next_review for each in Review.objects.all()} == {until}


def test_input_and_ticks_are_shown_again(client: Client, edition: Edition) -> None:
    response = client.post(REVIEW, FORM | {"next_review": "soon"})
    page = html.fromstring(response.content.decode())
    assert page.xpath("//input[@name='rules'][@checked]/@value") == FORM["rules"]
    assert page.xpath("//input[@name='confirmation'][@checked]")
    assert page.xpath("//input[@name='next_review']/@value") == ["soon"]
    assert page.xpath("//input[@name='note']/@value") == [FORM["note"]]


def test_every_error_in_the_summary_links_to_its_field(client: Client, edition: Edition) -> None:
    page = html.fromstring(client.post(REVIEW, {}).content.decode())
    targets = page.xpath("//*[@role='alert']//a/@href")
    assert targets == ["#id_rules_0", "#id_next_review", "#id_confirmation"]
    assert [len(page.xpath(f"//*[@id='{each[1:]}']")) for each in targets] == [1, 1, 1]


# On the edition's page ----------------------------------------------------------------------------------------


def test_the_edition_page_shows_author_reviewer_and_next_review_of_each_rule(
    client: Client, old_edition: Edition
) -> None:
    confirm("opioid-use")
    shown = footers(client.get("/editions/1/"))
    assert shown["opioid-use"] == f"Written by LDN Screen editorial team {CHECKED} Next review {format_date(UNTIL)}"
    assert shown["pregnancy"].endswith(f"Not checked by a clinician yet {OVERDUE}")


def test_an_overdue_review_is_marked_with_a_shape(client: Client, old_edition: Edition) -> None:
    page = html.fromstring(client.get("/editions/1/").content.decode())
    assert page.xpath("//article[.//footer//*[local-name()='svg']]/@data-rule") == ["pregnancy"]


@pytest.mark.parametrize("confirmed", [(), RULES], ids=["not confirmed", "confirmed"])
def test_the_edition_page_shows_whether_its_rules_were_reviewed(
    client: Client, old_edition: Edition, confirmed: tuple[str, ...]
) -> None:
    if confirmed:
        confirm(*confirmed)
    text = words(client.get("/editions/1/"))
    assert (PREGNANCY in text, NOT_REVIEWED in text) == (not confirmed, not confirmed)


@pytest.mark.parametrize("role", Role)
def test_only_the_page_of_the_current_edition_links_to_the_review_and_only_for_clinicians_and_prescribers(
    client_of: ClientOf, edition: Edition, role: Role
) -> None:
    EditionFactory()
    person = client_of(UserFactory(role=role))
    may_confirm = role in {Role.CLINICIAN, Role.PRESCRIBER}
    assert ("/editions/2/review/" in links(person.get("/editions/2/"))) is may_confirm
    assert REVIEW not in links(person.get("/editions/1/"))


# On summaries -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copy", COPIES)
def test_a_confirmation_is_shown_on_every_copy_of_an_earlier_record(
    client: Client, edition: Edition, copy: str
) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    before = text_of(client, screening, copy)
    assert ("Checked by" in before, "Next review 1 November 2027" in before) == (False, True)
    confirm("opioid-use")
    after = text_of(client, screening, copy)
    assert CHECKED in after
    assert f"Next review {format_date(UNTIL)}" in after


@pytest.mark.parametrize("copy", COPIES)
def test_the_warning_of_unreviewed_text_is_shown_until_every_rule_is_confirmed(
    client: Client, edition: Edition, copy: str
) -> None:
    screening = ScreeningFactory()
    confirm(*RULES[:-1])
    assert NOT_REVIEWED in text_of(client, screening, copy)
    confirm(RULES[-1])
    assert NOT_REVIEWED not in text_of(client, screening, copy)


@pytest.mark.parametrize("copy", COPIES)
def test_an_overdue_review_is_shown_on_every_copy_until_it_is_confirmed(
    client: Client, old_edition: Edition, copy: str
) -> None:
    screening = ScreeningFactory()
    before = text_of(client, screening, copy)
    assert (PREGNANCY in before, OVERDUE in before) == (True, True)
    confirm("pregnancy")
    assert "overdue" not in text_of(client, screening, copy)


@pytest.mark.as_owner
@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("alone", [True, False])
def test_an_edition_without_a_second_reviewer_is_marked_on_every_copy(
    client: Client, edition: Edition, copy: str, *, alone: bool
) -> None:
    with guards_lifted():
        Edition.objects.update(without_second_reviewer=alone)
    assert (ALONE in text_of(client, ScreeningFactory(), copy)) is alone


@pytest.mark.parametrize("kind", [{}, {"taking_opioid": True}, {"liver_not_known": True}], ids=str)
def test_page_print_and_text_show_the_same_about_reviews(
    client: Client, old_edition: Edition, kind: dict[str, Any]
) -> None:
    screening = ScreeningFactory(**kind)
    confirm("opioid-use", "severe-liver-disease")
    texts = [text_of(client, screening, copy) for copy in ("", "print/", "summary.txt")]
    for part in (PREGNANCY, OVERDUE, NOT_REVIEWED, CHECKED, f"Next review {format_date(UNTIL)}"):
        assert len({part in each for each in texts}) == 1
        assert len({each.count(part) for each in texts}) == 1


def test_the_form_shows_the_current_review_status(client: Client, old_edition: Edition) -> None:
    before = words(client.get(NEW))
    confirm(*RULES)
    after = words(client.get(NEW))
    assert [each in before for each in (PREGNANCY, NOT_REVIEWED)] == [True, True]
    assert [each in after for each in (PREGNANCY, NOT_REVIEWED)] == [False, False]


def test_a_name_with_markup_is_shown_literally(client: Client, edition: Edition) -> None:
    confirm("opioid-use", by=UserFactory(first_name="<b>Bold</b>", last_name="& Co"))
    screening = ScreeningFactory(taking_opioid=True)
    for address in (address_of(screening), address_of(screening, "print/"), "/editions/1/", REVIEW):
        response = client.get(address)
        assert "Checked by <b>Bold</b> & Co, clinician" in words(response)
        assert "<b>" not in response.content.decode()


# With LDN_OVERDUE_CANNOT_CONCLUDE -----------------------------------------------------------------------------


def test_without_the_setting_an_overdue_review_does_not_change_the_outcome(old_edition: Edition) -> None:
    screening = ScreeningFactory()
    assert (screening.outcome, screening.overdue) == (Outcome.NONE_IDENTIFIED, None)
    assert screening.record().evaluation.overdue == ()


@pytest.mark.usefixtures("cannot_conclude_if_overdue")
def test_with_the_setting_the_record_stores_that_no_review_was_overdue(edition: Edition) -> None:
    screening = Screening.objects.get(pk=ScreeningFactory().pk)
    assert (screening.outcome, screening.overdue) == (Outcome.NONE_IDENTIFIED, [])


@pytest.mark.usefixtures("cannot_conclude_if_overdue")
def test_with_the_setting_a_clear_result_becomes_cannot_conclude_and_overdue_rules_are_stored(
    old_edition: Edition,
) -> None:
    screening = Screening.objects.get(pk=ScreeningFactory().pk)
    assert (screening.outcome, screening.state) == (Outcome.CANNOT_CONCLUDE, "unresolved")
    assert screening.headline == "Cannot conclude: the review of 1 rule is overdue"
    assert screening.overdue == ["pregnancy"]
    assert screening.record().evaluation.overdue == ("pregnancy",)


@pytest.mark.usefixtures("cannot_conclude_if_overdue")
def test_with_the_setting_a_contraindication_is_still_flagged(old_edition: Edition) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    assert (screening.outcome, screening.overdue) == (Outcome.CONTRAINDICATION_FLAGGED, ("pregnancy",))


@pytest.mark.usefixtures("cannot_conclude_if_overdue")
def test_with_the_setting_a_caution_becomes_cannot_conclude_and_is_still_flagged(old_edition: Edition) -> None:
    screening = ScreeningFactory(naltrexone_in_list=True)
    assert screening.outcome == Outcome.CANNOT_CONCLUDE
    assert screening.tally == "1 caution, 4 answered no"


@pytest.mark.usefixtures("cannot_conclude_if_overdue")
def test_after_the_confirmation_new_screenings_conclude_and_earlier_ones_do_not_change(
    client: Client, old_edition: Edition
) -> None:
    earlier = ScreeningFactory()
    confirm("pregnancy")
    assert ScreeningFactory().outcome == Outcome.NONE_IDENTIFIED
    text = text_of(client, earlier, "")
    assert "Cannot conclude: the review of 1 rule is overdue" in text
    assert "Screen again once the text of the rule on pregnancy has been reviewed." in text
    assert PREGNANCY not in text


@pytest.mark.usefixtures("cannot_conclude_if_overdue")
def test_a_confirmed_review_becomes_overdue_after_its_date(edition: Edition) -> None:
    confirm("pregnancy", at=NOW - timedelta(days=400), until=TODAY - timedelta(days=1))
    assert ScreeningFactory().outcome == Outcome.CANNOT_CONCLUDE


def test_a_record_does_not_change_when_the_setting_is_turned_off(
    client: Client, old_edition: Edition, settings: Any
) -> None:
    settings.OVERDUE_CANNOT_CONCLUDE = True
    screening = ScreeningFactory()
    settings.OVERDUE_CANNOT_CONCLUDE = False
    for copy in ("", "print/", "summary.txt"):
        assert "Cannot conclude: the review of 1 rule is overdue" in text_of(client, screening, copy)


@pytest.mark.usefixtures("cannot_conclude_if_overdue")
def test_result_and_list_show_that_the_screening_cannot_conclude(client: Client, old_edition: Edition) -> None:
    result = client.get(send(client, CLEAR_FORM).headers["Location"])
    (main,) = html.fromstring(result.content.decode()).xpath("//main")
    assert main.get("data-outcome") == "cannot_conclude"
    assert words(result, "//h1") == "Cannot conclude: the review of 1 rule is overdue"
    assert "Cannot conclude: the review of 1 rule is overdue" in words(client.get("/screenings/"))


# Queries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "print/", "summary.txt"])
def test_reviews_are_read_in_one_query(client: Client, edition: Edition, page: str) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    for link_id in ("opioid-use", "opioid-use", "pregnancy"):
        confirm(link_id)
    with capture_queries() as sent:
        client.get(address_of(screening, page))
    assert len([each for each in sent.on_data if 'FROM "screening_review" WHERE' in each]) == 1


@pytest.mark.usefixtures("cannot_conclude_if_overdue")
def test_recording_reads_the_reviews_in_one_query(client: Client, edition: Edition, settings: Any) -> None:
    confirm("opioid-use")
    counts = []
    for is_set in (True, False):
        settings.OVERDUE_CANNOT_CONCLUDE = is_set
        new_patient = CLEAR_FORM | {"record_number": f"DEMO-{is_set}"}
        with capture_queries() as sent:
            assert send(client, new_patient).status_code == 302
        counts.append(len(sent.on_data))
    assert counts[0] == counts[1] + 1
