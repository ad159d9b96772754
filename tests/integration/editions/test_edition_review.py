"""A clinician signs that rules are still right: it moves the date of their review, and every summary tells it."""

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

pytestmark = pytest.mark.django_db

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
def _day_of_the_tests() -> Iterator[None]:
    """One and the same day for all: the shipped rules are due on a day that will come, and midnight does too."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def old_edition(db: None) -> Edition:
    """Edition 1, in which the review of the rule on pregnancy is past."""
    return EditionFactory(definition=changed_rules(pregnancy={"next_review": LAST_YEAR.isoformat()}))


@pytest.fixture
def draws_no_conclusion(settings: Any) -> None:
    """An installation that concludes nothing over rules whose review is past."""
    settings.OVERDUE_CANNOT_CONCLUDE = True


def sign(*link_ids: str, by: User | None = None, at: datetime = NOW, until: date = UNTIL, note: str = "") -> Any:
    """A clinician signs rules of the edition in use."""
    edition, by, role = Edition.objects.current(), by or UserFactory(), Role.CLINICIAN
    assert edition is not None
    return actions.sign_review(edition, link_ids, by=by, at=at, role=role, next_review=until, note_of_review=note)


def said_of(client: Client, screening: Screening, copy: str) -> str:
    """All words of a record's page or copy."""
    response = client.get(address_of(screening, copy))
    assert response.status_code == 200
    return " ".join("".join(read(response.content)).split()) if copy == "summary.pdf" else words(response, "//body")


def told(response: Any) -> dict[str, str]:
    """What the foot of each rule's card says, by link id, in the order of the page."""
    cards = html.fromstring(response.content.decode()).xpath("//article[@data-rule]")
    return {each.get("data-rule"): " ".join(each.xpath("footer")[0].text_content().split()) for each in cards}


# The page -----------------------------------------------------------------------------------------------------


def test_the_page_lists_each_rule_with_its_text_and_the_state_of_its_review(
    client: Client, old_edition: Edition
) -> None:
    response = client.get(REVIEW)
    text = words(response)
    for item in (*old_edition.definition.items, *old_edition.definition.listed):
        assert [each for each in (item.why, item.finding, item.next_step) if each not in text] == []
    assert "Not checked by a clinician yet Next review 1 November 2027" in told(response)["breastfeeding"]
    assert told(response)["pregnancy"].endswith(OVERDUE)


def test_rules_whose_review_is_overdue_come_first(client: Client, old_edition: Edition) -> None:
    assert list(told(client.get(REVIEW))) == ["pregnancy", *(each for each in RULES if each != "pregnancy")]


def test_nothing_is_ticked_or_filled_in_and_no_box_ticks_all(client: Client, edition: Edition) -> None:
    page = html.fromstring(client.get(REVIEW).content.decode())
    boxes = page.xpath("//main//input[@type='checkbox']")
    assert [(each.get("name"), each.get("value")) for each in boxes] == [
        *(("rules", link_id) for link_id in RULES),
        ("confirmation", None),
    ]
    assert page.xpath("//main//input[@checked] | //main//input[@type='text'][@value]") == []


def test_each_box_is_called_by_its_rule_and_stands_in_no_other_card(client: Client, edition: Edition) -> None:
    page = html.fromstring(client.get(REVIEW).content.decode())
    labels = {
        each.get("value"): page.xpath(f"string(//label[@for='{each.get('id')}'])")
        for each in page.xpath("//input[@name='rules']")
    }
    assert labels["pregnancy"] == "Still right: pregnancy"
    assert len(set(labels.values())) == len(RULES)


def test_the_page_says_in_which_name_and_role_a_person_signs_and_what_she_states(
    client_of: ClientOf, edition: Edition
) -> None:
    text = words(client_of(UserFactory(role=Role.PRESCRIBER)).get(REVIEW))
    assert "You sign as Sample Prescriber, prescriber." in text
    assert "I have read these rules as they stand in edition 1 and they are still right." in text


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_edition_that_is_not_there_is_not_found(client: Client, edition: Edition, method: str) -> None:
    assert getattr(client, method)("/editions/7/review/").status_code == 404


@pytest.mark.parametrize(("method", "data"), [("get", {}), ("post", FORM)], ids=["opened", "sent"])
def test_an_edition_that_is_no_longer_in_use_is_not_signed(
    client: Client, edition: Edition, method: str, data: dict[str, Any]
) -> None:
    EditionFactory()
    response = getattr(client, method)(REVIEW, data)
    assert response.status_code == 409
    assert "/editions/2/review/" in links(response)
    assert not Review.objects.exists()


# Signing ------------------------------------------------------------------------------------------------------


def test_the_ticked_rules_are_signed_and_no_other(client: Client, clinician: User, edition: Edition) -> None:
    response = client.post(REVIEW, FORM)
    assert (response.status_code, response.headers["Location"]) == (302, "/editions/1/")
    assert [each.link_id for each in Review.objects.order_by("pk")] == FORM["rules"]
    kept = Review.objects.get(link_id="pregnancy")
    assert (kept.edition, kept.by, kept.by_name, kept.role) == (edition, clinician, "Sample Clinician", "clinician")
    assert (kept.at.date(), kept.next_review, kept.note) == (TODAY, UNTIL, FORM["note"])


def test_what_was_signed_is_confirmed(client: Client, edition: Edition) -> None:
    said = words(client.post(REVIEW, FORM, follow=True))
    assert f"Signed: 2 rules, next review {format_date(UNTIL)}." in said


def test_a_prescriber_signs_in_that_role(client_of: ClientOf, edition: Edition) -> None:
    client_of(UserFactory(role=Role.PRESCRIBER)).post(REVIEW, FORM)
    assert {(each.by_name, each.role) for each in Review.objects.all()} == {("Sample Prescriber", "prescriber")}


def test_a_signature_is_put_on_record_with_the_rules(client: Client, edition: Edition) -> None:
    client.post(REVIEW, FORM)
    event = AuditEvent.objects.get(action="edition.reviewed")
    assert (event.subject, event.actor_name, event.actor_role) == ("edition 1", "clinician", "clinician")
    assert event.details == {"rules": "pregnancy, naltrexone-product"}


def test_what_is_sent_twice_is_signed_once(client: Client, edition: Edition) -> None:
    assert [client.post(REVIEW, FORM).status_code for _ in range(2)] == [302, 302]
    assert Review.objects.count() == len(FORM["rules"])
    assert AuditEvent.objects.filter(action="edition.reviewed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_at_once_is_signed_once(client: Client, edition: Edition) -> None:
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
def test_what_differs_is_signed_anew(edition: Edition, clinician: User, changes: dict[str, Any]) -> None:
    sign("pregnancy", by=clinician)
    assert sign("pregnancy", "opioid-use", **{"by": clinician, **changes})
    assert [each.link_id for each in Review.objects.order_by("pk")] == ["pregnancy", "pregnancy", "opioid-use"]


def test_of_rules_signed_together_those_that_are_new_are_kept(edition: Edition, clinician: User) -> None:
    sign("pregnancy", by=clinician)
    assert [each.link_id for each in sign("pregnancy", "opioid-use", by=clinician)] == ["opioid-use"]


def test_the_latest_signature_counts(edition: Edition) -> None:
    for days in (100, 50):
        sign("pregnancy", until=TODAY + timedelta(days=days))
    assert edition.review_confirmations()["pregnancy"].next_review == TODAY + timedelta(days=50)


def test_the_day_of_a_signature_is_the_clinics(edition: Edition, settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    sign("pregnancy", at=datetime(2026, 11, 23, 20, 0, tzinfo=UTC))
    assert edition.review_confirmations()["pregnancy"].on == date(2026, 11, 24)


def test_a_rule_that_the_edition_does_not_have_is_not_signed(edition: Edition) -> None:
    with pytest.raises(actions.UnknownRule):
        sign("pregnancy", "astrology")
    assert not Review.objects.exists()


def test_an_edition_that_is_no_longer_in_use_is_not_signed_behind_the_page_either(edition: Edition) -> None:
    EditionFactory()
    signature: dict[str, Any] = {"by": UserFactory(), "at": NOW, "role": Role.CLINICIAN, "next_review": UNTIL}
    with pytest.raises(actions.NotInUse):
        actions.sign_review(edition, ["pregnancy"], **signature)
    assert not Review.objects.exists()


# What is refused ----------------------------------------------------------------------------------------------

TICK = "Tick each rule that you have read and that is still right."
THREE_YEARS = latest_next_review(TODAY)
TOO_LATE = f"A review holds for at most 3 years. Enter {format_date(THREE_YEARS)} or earlier."
NOT_AFTER = "This day is not after today. Enter the day of the next review."


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        pytest.param("rules", [], TICK, id="nothing ticked"),
        pytest.param(
            "rules", ["pregnancy", "astrology"], f"This edition has no such rule. {TICK}", id="no such rule"
        ),
        pytest.param("next_review", "", "Enter the day of the next review, such as 27 Mar", id="no day"),
        pytest.param("next_review", TODAY.isoformat(), NOT_AFTER, id="today"),
        pytest.param("next_review", "1 Nov 2020", NOT_AFTER, id="a day in the past"),
        pytest.param("next_review", (THREE_YEARS + timedelta(days=1)).isoformat(), TOO_LATE, id="too late"),
        pytest.param("next_review", "11/12/2027", "Write the month in letters", id="a day that reads two ways"),
        pytest.param("next_review", "soon", "This is not a date", id="no date"),
        pytest.param("note", "x" * 501, "Use at most 500 characters; this has 501.", id="a note too long"),
        pytest.param("note", "a\u202eb", "Character 2 cannot be shown or printed", id="a note that reads otherwise"),
        pytest.param("confirmation", "", "Tick the statement to sign.", id="the statement is not ticked"),
        pytest.param("note", ["one", "two"], "This was sent twice. Give one answer.", id="sent twice"),
        pytest.param("all", "on", "This form has no field “all”.", id="a field that the form does not have"),
    ],
)
def test_what_is_refused_is_told_and_nothing_is_signed(
    client: Client, edition: Edition, name: str, typed: Any, sentence: str
) -> None:
    response = client.post(REVIEW, FORM | {name: typed})
    assert response.status_code == 422
    (said,) = messages(response)
    assert said.startswith(sentence)
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("next_review", TODAY.isoformat(), f"Error: {NOT_AFTER}"),
        ("note", "x" * 501, "Error: Use at most 500 characters; this has 501."),
        ("confirmation", "", "Error: Tick the statement to sign."),
    ],
)
def test_what_is_refused_is_told_beside_its_field(
    client: Client, edition: Edition, name: str, typed: str, sentence: str
) -> None:
    assert sentence in beside(client.post(REVIEW, FORM | {name: typed}), name)


@pytest.mark.parametrize("days", [1, (THREE_YEARS - TODAY).days], ids=["tomorrow", "in three years"])
def test_the_first_and_the_last_day_are_taken(client: Client, edition: Edition, days: int) -> None:
    until = TODAY + timedelta(days=days)
    assert client.post(REVIEW, FORM | {"next_review": until.isoformat()}).status_code == 302
    assert {each.next_review for each in Review.objects.all()} == {until}


def test_what_was_typed_and_ticked_comes_back(client: Client, edition: Edition) -> None:
    response = client.post(REVIEW, FORM | {"next_review": "soon"})
    page = html.fromstring(response.content.decode())
    assert page.xpath("//input[@name='rules'][@checked]/@value") == FORM["rules"]
    assert page.xpath("//input[@name='confirmation'][@checked]")
    assert page.xpath("//input[@name='next_review']/@value") == ["soon"]
    assert page.xpath("//input[@name='note']/@value") == [FORM["note"]]


def test_every_sentence_of_the_summary_leads_to_its_field(client: Client, edition: Edition) -> None:
    page = html.fromstring(client.post(REVIEW, {}).content.decode())
    led_to = page.xpath("//*[@role='alert']//a/@href")
    assert led_to == ["#id_rules_0", "#id_next_review", "#id_confirmation"]
    assert [len(page.xpath(f"//*[@id='{each[1:]}']")) for each in led_to] == [1, 1, 1]


# On the edition's page ----------------------------------------------------------------------------------------


def test_the_page_of_the_edition_tells_who_wrote_and_checked_each_rule_and_when_it_is_due(
    client: Client, old_edition: Edition
) -> None:
    sign("opioid-use")
    feet = told(client.get("/editions/1/"))
    assert feet["opioid-use"] == f"Written by LDN Screen editorial team {CHECKED} Next review {format_date(UNTIL)}"
    assert feet["pregnancy"].endswith(f"Not checked by a clinician yet {OVERDUE}")


def test_an_overdue_review_has_a_shape_of_its_own(client: Client, old_edition: Edition) -> None:
    page = html.fromstring(client.get("/editions/1/").content.decode())
    assert page.xpath("//article[.//footer//*[local-name()='svg']]/@data-rule") == ["pregnancy"]


@pytest.mark.parametrize("signed", [(), RULES], ids=["unsigned", "signed"])
def test_the_page_of_the_edition_says_whether_its_rules_were_reviewed(
    client: Client, old_edition: Edition, signed: tuple[str, ...]
) -> None:
    if signed:
        sign(*signed)
    text = words(client.get("/editions/1/"))
    assert (PREGNANCY in text, NOT_REVIEWED in text) == (not signed, not signed)


@pytest.mark.parametrize("role", Role)
def test_who_may_sign_is_led_to_it_from_the_edition_in_use_only(
    client_of: ClientOf, edition: Edition, role: Role
) -> None:
    EditionFactory()
    person = client_of(UserFactory(role=role))
    signs = role in {Role.CLINICIAN, Role.PRESCRIBER}
    assert ("/editions/2/review/" in links(person.get("/editions/2/"))) is signs
    assert REVIEW not in links(person.get("/editions/1/"))


# On summaries -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copy", COPIES)
def test_a_signature_is_told_on_every_copy_of_a_record_made_before(
    client: Client, edition: Edition, copy: str
) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    before = said_of(client, screening, copy)
    assert ("Checked by" in before, "Next review 1 November 2027" in before) == (False, True)
    sign("opioid-use")
    after = said_of(client, screening, copy)
    assert CHECKED in after
    assert f"Next review {format_date(UNTIL)}" in after


@pytest.mark.parametrize("copy", COPIES)
def test_that_the_text_was_not_reviewed_is_told_until_every_rule_was_signed(
    client: Client, edition: Edition, copy: str
) -> None:
    screening = ScreeningFactory()
    sign(*RULES[:-1])
    assert NOT_REVIEWED in said_of(client, screening, copy)
    sign(RULES[-1])
    assert NOT_REVIEWED not in said_of(client, screening, copy)


@pytest.mark.parametrize("copy", COPIES)
def test_an_overdue_review_is_told_on_every_copy_until_it_is_signed(
    client: Client, old_edition: Edition, copy: str
) -> None:
    screening = ScreeningFactory()
    before = said_of(client, screening, copy)
    assert (PREGNANCY in before, OVERDUE in before) == (True, True)
    sign("pregnancy")
    assert "overdue" not in said_of(client, screening, copy)


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("alone", [True, False])
def test_an_edition_that_nobody_else_looked_at_says_so_on_every_copy(
    client: Client, edition: Edition, copy: str, *, alone: bool
) -> None:
    with guards_lifted():
        Edition.objects.update(without_second_reviewer=alone)
    assert (ALONE in said_of(client, ScreeningFactory(), copy)) is alone


@pytest.mark.parametrize("kind", [{}, {"taking_opioid": True}, {"liver_not_known": True}], ids=str)
def test_page_print_and_text_say_the_same_of_reviews(
    client: Client, old_edition: Edition, kind: dict[str, Any]
) -> None:
    screening = ScreeningFactory(**kind)
    sign("opioid-use", "severe-liver-disease")
    said = [said_of(client, screening, copy) for copy in ("", "print/", "summary.txt")]
    for part in (PREGNANCY, OVERDUE, NOT_REVIEWED, CHECKED, f"Next review {format_date(UNTIL)}"):
        assert len({part in each for each in said}) == 1
        assert len({each.count(part) for each in said}) == 1


def test_the_form_tells_of_reviews_as_they_stand(client: Client, old_edition: Edition) -> None:
    before = words(client.get(NEW))
    sign(*RULES)
    after = words(client.get(NEW))
    assert [each in before for each in (PREGNANCY, NOT_REVIEWED)] == [True, True]
    assert [each in after for each in (PREGNANCY, NOT_REVIEWED)] == [False, False]


def test_a_name_that_looks_like_markup_stands_as_it_is(client: Client, edition: Edition) -> None:
    sign("opioid-use", by=UserFactory(first_name="<b>Bold</b>", last_name="& Co"))
    screening = ScreeningFactory(taking_opioid=True)
    for address in (address_of(screening), address_of(screening, "print/"), "/editions/1/", REVIEW):
        response = client.get(address)
        assert "Checked by <b>Bold</b> & Co, clinician" in words(response)
        assert "<b>" not in response.content.decode()


# Where nothing is concluded over rules whose review is past ---------------------------------------------------


def test_unless_the_installation_asks_for_it_an_overdue_review_changes_no_result(old_edition: Edition) -> None:
    screening = ScreeningFactory()
    assert (screening.outcome, screening.overdue) == (Outcome.NONE_IDENTIFIED, None)
    assert screening.record().evaluation.overdue == ()


@pytest.mark.usefixtures("draws_no_conclusion")
def test_where_it_is_asked_for_and_no_review_is_past_that_is_kept(edition: Edition) -> None:
    screening = Screening.objects.get(pk=ScreeningFactory().pk)
    assert (screening.outcome, screening.overdue) == (Outcome.NONE_IDENTIFIED, [])


@pytest.mark.usefixtures("draws_no_conclusion")
def test_where_it_is_asked_for_a_clear_result_is_none_and_what_was_used_is_kept(old_edition: Edition) -> None:
    screening = Screening.objects.get(pk=ScreeningFactory().pk)
    assert (screening.outcome, screening.state) == (Outcome.CANNOT_CONCLUDE, "unresolved")
    assert screening.headline == "Cannot conclude: the review of 1 rule is overdue"
    assert screening.overdue == ["pregnancy"]
    assert screening.record().evaluation.overdue == ("pregnancy",)


@pytest.mark.usefixtures("draws_no_conclusion")
def test_where_it_is_asked_for_a_contraindication_stays(old_edition: Edition) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    assert (screening.outcome, screening.overdue) == (Outcome.CONTRAINDICATION_FLAGGED, ("pregnancy",))


@pytest.mark.usefixtures("draws_no_conclusion")
def test_a_caution_is_none_either_and_stays_among_the_flags(old_edition: Edition) -> None:
    screening = ScreeningFactory(naltrexone_in_list=True)
    assert screening.outcome == Outcome.CANNOT_CONCLUDE
    assert screening.tally == "1 caution, 4 answered no"


@pytest.mark.usefixtures("draws_no_conclusion")
def test_once_the_rule_is_signed_the_next_screening_concludes_and_the_earlier_one_stays(
    client: Client, old_edition: Edition
) -> None:
    earlier = ScreeningFactory()
    sign("pregnancy")
    assert ScreeningFactory().outcome == Outcome.NONE_IDENTIFIED
    text = said_of(client, earlier, "")
    assert "Cannot conclude: the review of 1 rule is overdue" in text
    assert "Screen again once the text of the rule on pregnancy has been reviewed." in text
    assert PREGNANCY not in text


@pytest.mark.usefixtures("draws_no_conclusion")
def test_a_signature_whose_day_is_past_is_overdue_again(edition: Edition) -> None:
    sign("pregnancy", at=NOW - timedelta(days=400), until=TODAY - timedelta(days=1))
    assert ScreeningFactory().outcome == Outcome.CANNOT_CONCLUDE


def test_a_record_stays_what_it_is_when_the_installation_asks_for_it_no_longer(
    client: Client, old_edition: Edition, settings: Any
) -> None:
    settings.OVERDUE_CANNOT_CONCLUDE = True
    screening = ScreeningFactory()
    settings.OVERDUE_CANNOT_CONCLUDE = False
    for copy in ("", "print/", "summary.txt"):
        assert "Cannot conclude: the review of 1 rule is overdue" in said_of(client, screening, copy)


@pytest.mark.usefixtures("draws_no_conclusion")
def test_a_form_that_is_filled_is_told_so_at_once_and_in_the_list(client: Client, old_edition: Edition) -> None:
    result = client.get(send(client, CLEAR_FORM).headers["Location"])
    (main,) = html.fromstring(result.content.decode()).xpath("//main")
    assert main.get("data-outcome") == "cannot_conclude"
    assert words(result, "//h1") == "Cannot conclude: the review of 1 rule is overdue"
    assert "Cannot conclude: the review of 1 rule is overdue" in words(client.get("/screenings/"))


# What it costs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "print/", "summary.txt"])
def test_signatures_are_read_in_one_statement(client: Client, edition: Edition, page: str) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    for link_id in ("opioid-use", "opioid-use", "pregnancy"):
        sign(link_id)
    with capture_queries() as sent:
        client.get(address_of(screening, page))
    assert len([each for each in sent.on_data if 'FROM "screening_review" WHERE' in each]) == 1


@pytest.mark.usefixtures("draws_no_conclusion")
def test_recording_reads_the_signatures_in_one_statement(client: Client, edition: Edition, settings: Any) -> None:
    sign("opioid-use")
    counts = []
    for asked_for in (True, False):
        settings.OVERDUE_CANNOT_CONCLUDE = asked_for
        new_patient = CLEAR_FORM | {"record_number": f"DEMO-{asked_for}"}
        with capture_queries() as sent:
            assert send(client, new_patient).status_code == 302
        counts.append(len(sent.on_data))
    assert counts[0] == counts[1] + 1
