"""A prescriber decides on a screening, with a reason for each finding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.text.dates import format_date
from screening.models import AuditEvent, Decision, DecisionReason, Screening, User
from tests.decisions import decide, decision_page, hidden_fields, reasons, refusals
from tests.factories import NOT_KNOWN, TRAMADOL, ScreeningFactory, UserFactory
from tests.pages import address_of, links, messages, words
from tests.queries import capture_queries

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

ClientOf = Callable[[User], Client]


@pytest.fixture
def screening(person: User) -> Screening:
    """One contraindicated flag and one unresolved answer."""
    return ScreeningFactory(given={"opioid-use": TRAMADOL, "severe-liver-disease": NOT_KNOWN})


@pytest.fixture
def clear(person: User) -> Screening:
    """Nothing flagged and nothing unresolved."""
    return ScreeningFactory()


def beside(response: Any, name: str) -> str:
    """What the page shows beside a field, or beside its group of radio buttons."""
    page = html.fromstring(response.content.decode())
    described = page.xpath(f"(//*[@name='{name}']/ancestor-or-self::*[@aria-describedby])[1]/@aria-describedby")
    return " ".join(words(response, f"//*[@id='{each}']") for each in " ".join(described).split())


def later(days: int = 14) -> str:
    """A day after today as a prescriber types it."""
    return format_date(timezone.localdate() + timedelta(days=days))


# The page -----------------------------------------------------------------------------------------------------


def test_the_page_asks_for_one_reason_for_each_flag_and_each_unresolved_answer(
    prescriber: Client, screening: Screening
) -> None:
    page = html.fromstring(prescriber.get(decision_page(screening)).content.decode())
    asked = page.xpath("//form//article[@data-rule]/@data-rule")
    assert asked == ["opioid-use", "severe-liver-disease"]
    assert {each for each in page.xpath("//input[@type='radio']/@name") if each != "decision"} == {
        "opioid-use.reason",
        "severe-liver-disease.reason",
    }


def test_nothing_is_preselected(prescriber: Client, screening: Screening) -> None:
    page = html.fromstring(prescriber.get(decision_page(screening)).content.decode())
    assert page.xpath("//main//input[@checked]") == []
    assert [each for each in page.xpath("//main//form//input[@type='text']/@value") if each] == []


def test_the_page_shows_answer_and_next_step_of_each_finding(prescriber: Client, screening: Screening) -> None:
    page = words(prescriber.get(decision_page(screening)))
    for text in ("Tramadol 50 mg, as needed", "Do not start.", "Not known.", "Find out", "Interval"):
        assert text in page


def test_the_main_element_says_what_the_record_is(prescriber: Client, screening: Screening) -> None:
    (main,) = html.fromstring(prescriber.get(decision_page(screening)).content.decode()).xpath("//main")
    assert main.get("data-outcome") == "contraindication_flagged"
    assert (main.get("data-screening"), main.get("data-edition")) == (str(screening.uuid), "1")


def test_the_tab_has_no_patient_data(prescriber: Client, screening: Screening) -> None:
    (title,) = html.fromstring(prescriber.get(decision_page(screening)).content.decode()).xpath("//title")
    assert title.text == "Decide on a screening – LDN Screen"


def test_deferring_offers_the_end_of_the_opioid_free_interval(prescriber: Client, person: User) -> None:
    today = timezone.localdate()
    given = {"opioid-use": _tramadol_until(today - timedelta(days=3))}
    page = prescriber.get(decision_page(ScreeningFactory(given=given)))
    end = today + timedelta(days=7)
    offered = html.fromstring(page.content.decode()).xpath("//datalist[@id='defer-until-days']/option/@value")
    assert offered == [f"{end.day} {end:%b} {end.year}"]
    assert f"runs until {format_date(end)}" in words(page)


def test_an_interval_that_ended_is_not_offered(prescriber: Client, person: User) -> None:
    given = {"opioid-use": _tramadol_until(timezone.localdate() - timedelta(days=12))}
    page = prescriber.get(decision_page(ScreeningFactory(given=given)))
    assert html.fromstring(page.content.decode()).xpath("//datalist[@id='defer-until-days']") == []
    assert "The opioid-free interval ran until" in words(page)


def _tramadol_until(day: Any) -> Any:
    return type(TRAMADOL)(TRAMADOL.code, details={**TRAMADOL.details, "last-dose": day})


# Deciding -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "changes"),
    [
        ("do-not-prescribe", {}),
        ("more-information", {}),
        ("refer", {}),
        ("defer", {"defer_until": later()}),
    ],
)
def test_a_complete_decision_is_recorded(
    prescriber: Client, person: User, screening: Screening, decision: str, changes: dict[str, str]
) -> None:
    response = decide(prescriber, screening, decision, **changes)
    assert (response.status_code, response.headers["Location"]) == (302, address_of(screening))
    recorded = Decision.objects.get()
    assert (recorded.screening, recorded.code, recorded.number) == (screening, decision, 1)
    assert (recorded.by, recorded.by_name, recorded.role) == (person, "Sample Prescriber", "prescriber")
    assert (recorded.defer_until is not None) == (decision == "defer")


def test_the_reasons_are_stored_with_their_codes_labels_and_words(prescriber: Client, screening: Screening) -> None:
    decide(
        prescriber,
        screening,
        opioid_use__reason=None,
        **{"opioid-use.reason": "followed", "severe-liver-disease.reason": "other"},
        **{"severe-liver-disease.reason-text": "  The panel is  from last week "},
    )
    assert list(DecisionReason.objects.values_list("link_id", "code", "label", "text")) == [
        ("opioid-use", "followed", "Followed: the next step will be done", ""),
        ("severe-liver-disease", "other", "Another reason, in words", "The panel is from last week"),
    ]


def test_an_unresolved_answer_has_labels_of_its_own(prescriber: Client, screening: Screening) -> None:
    decide(prescriber, screening, **{"severe-liver-disease.reason": "followed"})
    reason = DecisionReason.objects.get(link_id="severe-liver-disease")
    assert reason.label == "Followed: it will be found out first"


def test_a_flag_raised_by_the_list_alone_needs_a_reason(prescriber: Client, person: User) -> None:
    screening = ScreeningFactory(naltrexone_in_list=True)
    assert decide(prescriber, screening, **{"naltrexone-product.reason": None}).status_code == 422
    assert decide(prescriber, screening).status_code == 302


def test_a_clear_screening_is_decided_without_reasons_or_confirmation(prescriber: Client, clear: Screening) -> None:
    response = decide(prescriber, clear, "prescribe", decided_dose_mg="1.5", decided_product="Capsules")
    assert response.status_code == 302
    recorded = Decision.objects.get()
    assert (recorded.dose_mg, recorded.product, recorded.overrides) == (Decimal("1.5"), "Capsules", False)


@pytest.mark.parametrize("typed", [str.lower, str.upper, lambda text: text.replace("-", "")])
def test_prescribing_despite_a_flag_takes_the_typed_short_id(
    prescriber: Client, screening: Screening, typed: Callable[[str], str]
) -> None:
    typed_id = typed(screening.short_id)
    assert decide(prescriber, screening, "prescribe", override_confirmation=typed_id).status_code == 302
    assert Decision.objects.get().overrides


def test_prescribing_despite_flags_to_avoid_takes_no_confirmation(prescriber: Client, person: User) -> None:
    yes = type(TRAMADOL)(TRAMADOL.code)
    screening = ScreeningFactory(given={"pregnancy": yes})
    assert decide(prescriber, screening, "prescribe").status_code == 302


def test_a_new_decision_supersedes_the_one_before(prescriber: Client, screening: Screening) -> None:
    assert decide(prescriber, screening, "more-information").status_code == 302
    assert decide(prescriber, screening, "refer").status_code == 302
    assert list(Decision.objects.order_by("number").values_list("number", "code")) == [
        (1, "more-information"),
        (2, "refer"),
    ]


def test_the_audit_trail_has_the_decision_with_its_record(prescriber: Client, screening: Screening) -> None:
    decide(prescriber, screening)
    event = AuditEvent.objects.get(action="decision.recorded")
    assert (event.subject, event.actor_role) == (str(screening.uuid), "prescriber")
    assert event.details == {"code": "do-not-prescribe", "number": 1}


def test_a_person_with_two_roles_decides_as_prescriber(client_of: ClientOf, screening: Screening) -> None:
    person = UserFactory(role=Role.CLINICIAN)
    person.groups.add(UserFactory(role=Role.PRESCRIBER).groups.get())
    assert decide(client_of(person), screening).status_code == 302
    assert Decision.objects.get().role == "prescriber"


@pytest.mark.parametrize("others", [0, 2])
def test_deciding_sends_at_most_twelve_statements(prescriber: Client, screening: Screening, others: int) -> None:
    for _ in range(others):
        decide(prescriber, screening, "more-information")
    form = hidden_fields(prescriber.get(decision_page(screening))) | reasons(screening)
    form |= {"decision": "defer", "defer_until": later()}
    with capture_queries() as captured:
        assert prescriber.post(decision_page(screening), form).status_code == 302
    assert len(captured.on_data) <= 12, captured.on_data


# Refused ------------------------------------------------------------------------------------------------------

OPIOID, LIVER = "opioid-use.reason", "severe-liver-disease.reason"
REFUSED = [
    pytest.param({"decision": None}, "decision", "Choose your decision.", id="no decision"),
    pytest.param({"decision": "approve"}, "decision", "Choose your decision.", id="an unknown decision"),
    pytest.param({OPIOID: None}, OPIOID, "Choose a reason for this flag.", id="no reason for a flag"),
    pytest.param({OPIOID: ""}, OPIOID, "Choose a reason for this flag.", id="a blank reason"),
    pytest.param({LIVER: None}, LIVER, "Choose a reason for this unresolved answer.", id="no reason for unresolved"),
    pytest.param({OPIOID: "because"}, OPIOID, "Choose one of the listed reasons for this flag.", id="unlisted code"),
    pytest.param({OPIOID: "Other"}, OPIOID, "Choose one of the listed reasons for this flag.", id="code in capitals"),
    pytest.param({OPIOID: ["other", "followed"]}, OPIOID, "This was sent twice. Give one answer.", id="two reasons"),
    pytest.param({OPIOID: "other"}, "opioid-use.reason-text", "Say the reason in your own words.", id="no words"),
    pytest.param(
        {OPIOID: "other", "opioid-use.reason-text": " \t "},
        "opioid-use.reason-text",
        "Say the reason in your own words.",
        id="only spaces",
    ),
    pytest.param(
        {"opioid-use.reason-text": "a" * 501},
        "opioid-use.reason-text",
        "Use at most 500 characters; this has 501.",
        id="too many words",
    ),
    pytest.param({"decision": "defer"}, "defer_until", "Enter the day until which you defer", id="no date"),
    pytest.param(
        {"decision": "defer", "defer_until": later(0)}, "defer_until", "Enter a day after today", id="today"
    ),
    pytest.param(
        {"decision": "defer", "defer_until": later(-1)}, "defer_until", "Enter a day after today", id="yesterday"
    ),
    pytest.param(
        {"decision": "defer", "defer_until": "soon"}, "defer_until", "This is not a date", id="no date at all"
    ),
    pytest.param({"decision": "defer", "defer_until": "1/2/2030"}, "defer_until", "Write the month in", id="numbers"),
    pytest.param(
        {"defer_until": later()}, "defer_until", "goes only with “Defer until a date”", id="unexpected date"
    ),
    pytest.param({"decided_product": "Capsules"}, "decided_product", "go only with “Prescribe”", id="product"),
    pytest.param({"decided_dose_mg": "1.5"}, "decided_product", "go only with “Prescribe”", id="dose"),
    pytest.param({"decided_dose_mg": "a lot"}, "decided_dose_mg", "This is not a number", id="dose in words"),
    pytest.param({"decided_dose_mg": "1.2345"}, "decided_dose_mg", "Use at most 3 decimal places", id="decimals"),
    pytest.param({"decided_dose_mg": "101"}, "decided_dose_mg", "Enter 100 mg or less", id="too high a dose"),
    pytest.param(
        {"decision": "prescribe", OPIOID: "followed"}, OPIOID, "does not go with “Prescribe”", id="followed anyway"
    ),
    pytest.param({"decision": "prescribe"}, "override_confirmation", "the id of this record", id="not confirmed"),
    *(
        pytest.param(
            {"decision": "prescribe", "override_confirmation": typed},
            "override_confirmation",
            "the id of this record",
            id=f"confirmed by {typed or 'nothing'}",
        )
        for typed in ("", " ", "yes", "true", "on", "0000-0000")
    ),
]


@pytest.mark.parametrize(("changes", "field", "sentence"), REFUSED)
def test_an_incomplete_decision_is_refused_beside_the_field(
    prescriber: Client, screening: Screening, changes: dict[str, Any], field: str, sentence: str
) -> None:
    response = decide(prescriber, screening, **changes)
    assert response.status_code == 422
    assert sentence in beside(response, field)
    assert sentence in " ".join(messages(response))
    assert Decision.objects.count() == 0


@pytest.mark.parametrize(("changes", "field", "sentence"), REFUSED)
def test_a_refused_decision_is_in_the_audit_trail_without_what_was_typed(
    prescriber: Client, screening: Screening, changes: dict[str, Any], field: str, sentence: str
) -> None:
    decide(prescriber, screening, **changes)
    (refusal,) = refusals(screening)
    assert refusal["why"]
    typed = [value for value in changes.values() if isinstance(value, str) and len(value) > 10]
    assert not any(value in str(refusal) for value in typed)


def test_one_of_three_flags_without_a_reason_is_refused(prescriber: Client, person: User) -> None:
    yes = type(TRAMADOL)(TRAMADOL.code)
    screening = ScreeningFactory(given={"opioid-use": TRAMADOL, "pregnancy": yes, "breastfeeding": yes})
    response = decide(prescriber, screening, **{"pregnancy.reason": None})
    assert messages(response) == ["Pregnancy: Choose a reason for this flag."]
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("name", ["accept_all", "pregnancy.reason", "opioid-use.reconfirmed", "at", "by", "role"])
def test_a_field_that_the_form_does_not_have_is_refused(prescriber: Client, screening: Screening, name: str) -> None:
    assert decide(prescriber, screening, **{name: "followed"}).status_code == 422
    assert Decision.objects.count() == 0


def test_a_refused_form_keeps_everything_that_was_entered(prescriber: Client, screening: Screening) -> None:
    response = decide(
        prescriber,
        screening,
        "prescribe",
        decided_product="Capsules of 1.5 mg",
        override_confirmation="5d3a",
        **{"opioid-use.reason-text": "Stopped <b>last</b> year", "severe-liver-disease.reason": None},
    )
    page = html.fromstring(response.content.decode())
    assert page.xpath("//input[@name='decided_product']/@value") == ["Capsules of 1.5 mg"]
    assert page.xpath("//input[@name='override_confirmation']/@value") == ["5d3a"]
    assert page.xpath("//input[@name='opioid-use.reason-text']/@value") == ["Stopped <b>last</b> year"]
    assert page.xpath("//input[@checked]/@value") == ["risk-benefit-ratio", "prescribe"]


def test_each_message_leads_to_its_field(prescriber: Client, screening: Screening) -> None:
    response = decide(prescriber, screening, "prescribe", **{OPIOID: None, LIVER: "other"})
    page = html.fromstring(response.content.decode())
    targets = page.xpath("//*[contains(@class,'errors')]//a/@href")
    assert targets == [
        "#id_opioid-use__reason_0",
        "#id_severe-liver-disease__reason-text",
        "#id_override_confirmation",
    ]
    assert all(page.xpath(f"//*[@id='{each[1:]}']") for each in targets)


# Who may decide -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PRESCRIBER])
def test_a_decision_of_another_role_is_refused_and_recorded(
    client_of: ClientOf, screening: Screening, role: Role
) -> None:
    client = client_of(UserFactory(role=role))
    response = client.post(decision_page(screening), reasons(screening) | {"decision": "refer"})
    assert response.status_code == 403
    assert Decision.objects.count() == 0
    assert refusals(screening) == [{"why": "role"}]
    assert AuditEvent.objects.get(action="access.refused").subject == str(screening.uuid)


def test_a_disabled_prescriber_cannot_decide(prescriber: Client, person: User, screening: Screening) -> None:
    form = hidden_fields(prescriber.get(decision_page(screening))) | reasons(screening) | {"decision": "refer"}
    person.is_active = False
    person.save()
    response = prescriber.post(decision_page(screening), form)
    assert response.status_code == 403
    assert Decision.objects.count() == 0


def test_only_a_prescriber_is_offered_to_decide(client: Client, prescriber: Client, screening: Screening) -> None:
    assert decision_page(screening) in links(prescriber.get(address_of(screening)))
    assert decision_page(screening) not in links(client.get(address_of(screening)))


# In the database ----------------------------------------------------------------------------------------------


@pytest.mark.as_owner
def test_a_decision_and_its_reasons_cannot_be_changed_or_deleted(prescriber: Client, screening: Screening) -> None:
    decide(prescriber, screening)
    for rows in (Decision.objects.all(), DecisionReason.objects.all()):
        for change in (lambda rows=rows: rows.update(code="refer"), rows.delete):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()


def test_the_database_refuses_two_decisions_with_one_number(prescriber: Client, screening: Screening) -> None:
    decide(prescriber, screening)
    copy = Decision.objects.get()
    copy.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)
