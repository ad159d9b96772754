"""The impact page: who may open it, what it shows while the counts are calculated and afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.drafts.impact import run as impact
from screening.models import AuditEvent, DraftChange, Edition, RuleSet, Screening, User
from tests.drafts import acting, address, changed, started
from tests.factories import UserFactory
from tests.pages import links, messages, without_reference, words
from tests.past import drafted, screened, without
from tests.rules import changed_rules, rules_with_two_more

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

ClientOf = Callable[[User], Client]
IMPACT_ROLES = {Role.EDITOR, Role.APPROVER, Role.CLINICIAN, Role.PRESCRIBER}
RESULT = "//*[contains(@class,'streamed')]/*[last()]"
DAYS = "Enter a whole number of days from 1 to 3660."


def joined(response: Any) -> Any:
    """Return a streamed response as one that the page helpers can read."""
    content = b"".join(response.streaming_content)
    return SimpleNamespace(content=content, headers=response.headers, request=response.request)


@pytest.fixture(autouse=True)
def _first_edition(edition: Edition) -> None:
    """Create the edition that patients are screened with."""


@pytest.fixture
def editor(client_of: ClientOf) -> Client:
    return client_of(UserFactory(role=Role.EDITOR, username="editor"))


@pytest.fixture
def draft() -> RuleSet:
    """A draft with two more questions."""
    return drafted(rules_with_two_more())


def page(client: Client, draft: RuleSet, query: str = "") -> Any:
    response = client.get(address(f"impact/{query}"))
    assert response.status_code == 200
    return joined(response)


def cells(response: Any, heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading of the result."""
    rows = html.fromstring(response.content.decode()).xpath(
        f"{RESULT}//section[@aria-labelledby='{heading}']//tr[td]"
    )
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


# Permissions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_readers_of_the_draft_clinicians_and_prescribers_can_open_the_page(
    client_of: ClientOf, draft: RuleSet, role: Role
) -> None:
    response = client_of(UserFactory(role=role)).get(address("impact/"))
    assert response.status_code == (200 if role in IMPACT_ROLES else 403)


@pytest.mark.parametrize("role", set(Role) - IMPACT_ROLES)
def test_users_without_the_role_are_refused_before_any_lookup(
    client_of: ClientOf, draft: RuleSet, role: Role
) -> None:
    client = client_of(UserFactory(role=role))
    answers = [client.get(address("impact/?days=none"))]
    actions.discard_draft(draft, **acting(UserFactory(role=Role.EDITOR)))
    answers.append(client.get(address("impact/?days=none")))
    assert [each.status_code for each in answers] == [403, 403]
    assert without_reference(answers[0]) == without_reference(answers[1])


def test_anonymous_users_are_redirected_to_the_sign_in_page(draft: RuleSet) -> None:
    response = Client().get(address("impact/"))
    assert response.headers["Location"].startswith("/accounts/login/")


def test_without_a_draft_there_is_no_impact(editor: Client, draft: RuleSet) -> None:
    actions.discard_draft(draft, **acting(UserFactory(role=Role.EDITOR)))
    assert editor.get(address("impact/")).status_code == 404


def test_the_page_accepts_only_get_requests(editor: Client, draft: RuleSet) -> None:
    assert editor.post(address("impact/")).status_code == 405


@pytest.mark.parametrize("role", sorted(IMPACT_ROLES))
def test_the_page_shows_no_patient_to_any_role(client_of: ClientOf, draft: RuleSet, role: Role) -> None:
    screening = screened("DEMO-4711")
    text = page(client_of(UserFactory(role=role)), draft).content.decode()
    for secret in ("DEMO-4711", "Sample Patient", str(screening.uuid), screening.short_id, "1961"):
        assert secret not in text


# Content ------------------------------------------------------------------------------------------------------


def test_the_result_begins_with_one_sentence(editor: Client, draft: RuleSet) -> None:
    for number in range(3):
        screened(f"DEMO-{number}")
    assert words(page(editor, draft), f"({RESULT}//h2)[1]") == "3 of 3 patients would get another result."


def test_the_result_shows_the_changes_by_outcome_and_by_rule(editor: Client) -> None:
    screened("DEMO-0001")
    screened("DEMO-0002", taking_opioid=True)
    response = page(editor, drafted(without("opioid-use", rules=rules_with_two_more())))
    assert cells(response, "impact") == [
        ["Contraindication flagged", "Cannot conclude", "1"],
        ["None identified", "Cannot conclude", "1"],
    ]
    assert cells(response, "by-rule") == [
        ["Hypersensitivity", "0", "0", "2", "0"],
        ["Severe renal impairment", "0", "0", "2", "0"],
        ["Opioid use", "0", "1", "0", "0"],
        ["Patients, each counted once", "0", "1", "2", "0"],
    ]


def test_every_number_has_its_heading_on_a_narrow_screen(editor: Client, draft: RuleSet) -> None:
    screened()
    (table,) = html.fromstring(page(editor, draft).content.decode()).xpath(f"{RESULT}//table[tfoot]")
    _, *heads = table.xpath("thead//th/text()")
    assert [row.xpath("td/@data-label") for row in table.xpath("tbody/tr | tfoot/tr")] == [heads, heads, heads]


def test_a_draft_that_changes_nothing_says_so(editor: Client) -> None:
    screened()
    response = page(editor, changed())
    assert words(response, f"({RESULT}//h2)[1]") == "None of 1 patient would get another result."
    assert cells(response, "impact") == cells(response, "by-rule") == []


def test_without_screenings_a_message_says_so(editor: Client, draft: RuleSet) -> None:
    screened("DEMO-0001", 40)
    text = words(page(editor, draft, "?days=30"), RESULT)
    assert "There is nothing to compare the draft with" in text
    assert "There is no current screening of the last 30 days." in text
    assert "There is no current screening of the last 1 day." in words(page(editor, draft, "?days=1"), RESULT)


def test_rules_with_a_changed_question_are_named_with_how_their_answers_are_used(editor: Client) -> None:
    screened()
    draft = drafted(changed_rules(pregnancy={"question": "Is the patient expecting a baby?"}))
    text = words(page(editor, draft), RESULT)
    assert "Asked in other words now: pregnancy. The earlier answers are used unchanged." in text


def test_rules_not_asked_then_and_rules_no_longer_asked_are_named(editor: Client) -> None:
    screened()
    text = words(page(editor, drafted(without("pregnancy", rules=rules_with_two_more()))), RESULT)
    assert "Not asked of everyone then: hypersensitivity, severe renal impairment." in text
    assert "No longer asked: pregnancy. The earlier answers are ignored." in text


def test_the_page_names_the_draft_and_says_that_nothing_is_recorded(editor: Client) -> None:
    person = UserFactory(role=Role.EDITOR)
    draft = changed(person)
    text = words(page(editor, draft), "//h1/..")
    assert "The draft started from edition 1, with 2 changes so far" in text
    assert f"by {person.display_name}" in text
    assert "Nothing on this page is recorded" in text


def test_the_page_says_what_it_does_not_show(editor: Client, draft: RuleSet) -> None:
    assert "They count as not known, never as no." in words(page(editor, draft))


def test_the_page_links_back_to_the_draft_for_its_readers(editor: Client, client: Client, draft: RuleSet) -> None:
    assert address() in links(page(editor, draft))
    assert address() not in links(page(client, draft))


@pytest.mark.parametrize("role", sorted(IMPACT_ROLES))
def test_only_clinicians_and_prescribers_see_the_links_to_the_lists(
    client_of: ClientOf, draft: RuleSet, role: Role
) -> None:
    screened()
    response = page(client_of(UserFactory(role=role)), draft, "?days=30")
    calls_back = role in {Role.CLINICIAN, Role.PRESCRIBER}
    assert (address("impact/newly-open.csv?days=30") in links(response)) == calls_back
    assert ("Clinicians and prescribers can download the lists" in words(response)) != calls_back


def test_an_empty_list_has_no_link(client: Client, draft: RuleSet) -> None:
    screened()
    response = page(client, draft)
    assert not [each for each in links(response) if "newly-flagged" in each]
    assert "Rules newly flagged: no patient" in words(response, RESULT)


def test_markup_in_a_rule_is_escaped(editor: Client) -> None:
    screened()
    draft = drafted(changed_rules(pregnancy={"name": "<b>pregnancy</b>", "question": "Another one?"}))
    response = page(editor, draft)
    assert "<b>pregnancy</b>" in words(response)
    assert "<b>" not in response.content.decode()


# Period -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "compared"), [("", 1), ("?days=365", 1), ("?days=20", 0), ("?days=3660", 2)])
def test_days_limit_the_period(editor: Client, draft: RuleSet, query: str, compared: int) -> None:
    screened("DEMO-0001", 40)
    screened("DEMO-0002", 3000)
    text = words(page(editor, draft, query), RESULT)
    assert (f"{compared} of {compared} patient" in text) == bool(compared)


def test_the_form_contains_the_requested_days(editor: Client, draft: RuleSet) -> None:
    for query, days in (("", "365"), ("?days=30", "30")):
        (box,) = html.fromstring(page(editor, draft, query).content.decode()).xpath("//input[@name='days']")
        assert box.get("value") == days


@pytest.mark.parametrize("days", ["", "0", "3661", "-1", "abc", "1.5", "1e3", "9" * 400, "365 days", "%00"])
def test_invalid_days_are_refused_with_a_message(editor: Client, draft: RuleSet, days: str) -> None:
    response = editor.get(address(f"impact/?days={days}"))
    assert response.status_code == 422
    assert messages(response) == [DAYS]


@pytest.mark.parametrize("query", ["?days=30&days=40", "?day=30", "?days=30&patient=x"])
def test_unexpected_parameters_are_refused(editor: Client, draft: RuleSet, query: str) -> None:
    assert editor.get(address(f"impact/{query}")).status_code == 422


# Progress -----------------------------------------------------------------------------------------------------


@pytest.fixture
def in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five patients, compared two at a time."""
    monkeypatch.setattr(impact, "CHUNK_SIZE", 2)
    for number in range(5):
        screened(f"DEMO-{number}")


def parts(client: Client, draft: RuleSet) -> list[str]:
    response: Any = client.get(address("impact/"))
    return [each.decode() for each in response.streaming_content]


def test_the_head_is_streamed_first_then_the_progress_the_result_and_the_foot(
    in_chunks: None, editor: Client, draft: RuleSet
) -> None:
    head, *middle, foot = parts(editor, draft)
    assert "<h1>" in head
    assert [html.fromstring(each).xpath("string(.//p)") for each in middle[:-1]] == [
        f"Comparing past screenings: {done} of 5" for done in (0, 2, 4, 5)
    ]
    assert "5 of 5 patients would get another result." in middle[-1]
    assert foot.rstrip().endswith("</html>")


def test_each_progress_bar_has_numbers_and_a_label(in_chunks: None, editor: Client, draft: RuleSet) -> None:
    bars = html.fromstring("".join(parts(editor, draft))).xpath("//progress")
    assert [(each.get("value"), each.get("max")) for each in bars] == [("0", "5"), ("2", "5"), ("4", "5"), ("5", "5")]
    assert all(each.get("aria-label") for each in bars)


def test_the_streamed_parts_are_one_well_formed_page(in_chunks: None, editor: Client, draft: RuleSet) -> None:
    sent = "".join(parts(editor, draft))
    (middle,) = html.fromstring(sent).xpath("//*[contains(@class,'streamed')]")
    assert len(middle) == 5
    assert sent.count("<html") == sent.count("</html>") == sent.count("<main") == 1
    assert "progress and result" not in sent


def test_large_numbers_have_commas(editor: Client, draft: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = [impact.ImpactChunk(340_000, 1_000_000, [])]
    monkeypatch.setattr(impact.ImpactRun, "chunks", lambda self: iter(chunks))
    assert "340,000 of 1,000,000" in "".join(parts(editor, draft))


def test_without_screenings_there_is_no_progress_bar(editor: Client, draft: RuleSet) -> None:
    assert "<progress" not in "".join(parts(editor, draft))


@pytest.mark.parametrize("fault", [ValueError("DEMO-0001"), OperationalError("gone")])
def test_an_error_during_the_run_gives_a_complete_page_with_a_message(
    in_chunks: None, editor: Client, draft: RuleSet, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    compare_range, calls = impact.ImpactRun._compare_range, list[int]()

    def failing(self: impact.ImpactRun, *key_range: int) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise fault
        return compare_range(self, *key_range)

    monkeypatch.setattr(impact.ImpactRun, "_compare_range", failing)
    response = page(editor, draft)
    assert "The impact could not be calculated" in words(response, RESULT)
    assert "patients would get" not in words(response)
    assert "DEMO-0001" not in response.content.decode()
    assert response.content.decode().rstrip().endswith("</html>")


@pytest.mark.as_owner
def test_the_run_stops_when_the_browser_disconnects(in_chunks: None, editor: Client, draft: RuleSet) -> None:
    response: Any = editor.get(address("impact/"))
    stream = iter(response.streaming_content)
    next(stream)
    next(stream)
    response.close()
    assert list(stream) == []


def test_the_response_is_neither_buffered_nor_cached(editor: Client, draft: RuleSet) -> None:
    headers = editor.get(address("impact/")).headers
    assert headers["Cache-Control"] == "no-store, private"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["Content-Type"] == "text/html; charset=utf-8"


# An invalid draft ---------------------------------------------------------------------------------------------


@pytest.fixture
def invalid() -> RuleSet:
    """A draft that is not valid."""
    draft = started()
    draft.rules.filter(link_id="pregnancy").update(severity="deadly")
    return draft


@pytest.mark.parametrize("target", ["impact/", "impact/newly-open.csv"])
def test_an_invalid_draft_gives_422_with_its_faults(client: Client, invalid: RuleSet, target: str) -> None:
    response = client.get(address(target))
    assert response.status_code == 422
    assert "The draft cannot be evaluated yet" in words(response)
    assert "deadly" in words(response)


# Nothing is recorded ------------------------------------------------------------------------------------------


def counts(models: Iterable[Any] = (Screening, AuditEvent, DraftChange, Edition, RuleSet)) -> list[int]:
    return [model.objects.count() for model in models]


def test_opening_the_page_records_nothing(editor: Client, draft: RuleSet) -> None:
    screened("DEMO-0001", opioid_in_list=True)
    before = counts()
    page(editor, draft)
    assert counts() == before
