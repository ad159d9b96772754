"""The page of what a draft would change: who sees it, what it tells while it is worked out and afterwards."""

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
from tests.pages import links, messages, words
from tests.past import drafted, screened, without
from tests.rules import changed_rules, rules_with_two_more

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
READERS = {Role.EDITOR, Role.APPROVER, Role.CLINICIAN, Role.PRESCRIBER}
RESULT = "//*[contains(@class,'worked-out')]/*[last()]"
DAYS = "Enter a whole number of days from 1 to 3660."


def whole(response: Any) -> Any:
    """A page that was sent bit by bit, as the helpers read pages."""
    content = b"".join(response.streaming_content)
    return SimpleNamespace(content=content, headers=response.headers, request=response.request)


@pytest.fixture(autouse=True)
def _first_edition(edition: Edition) -> None:
    """There is an edition by which people were screened."""


@pytest.fixture
def editor(client_of: ClientOf) -> Client:
    return client_of(UserFactory(role=Role.EDITOR, username="editor"))


@pytest.fixture
def draft() -> RuleSet:
    """A draft with two further questions."""
    return drafted(rules_with_two_more())


def page(client: Client, draft: RuleSet, query: str = "") -> Any:
    response = client.get(address(draft, f"impact/{query}"))
    assert response.status_code == 200
    return whole(response)


def cells(response: Any, heading: str) -> list[list[str]]:
    """The rows of a table in the part under a heading."""
    rows = html.fromstring(response.content.decode()).xpath(
        f"{RESULT}//section[@aria-labelledby='{heading}']//tr[td]"
    )
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


# Who ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_readers_of_the_draft_and_those_who_call_back_see_it(client_of: ClientOf, draft: RuleSet, role: Role) -> None:
    response = client_of(UserFactory(role=role)).get(address(draft, "impact/"))
    assert response.status_code == (200 if role in READERS else 403)


@pytest.mark.parametrize("role", set(Role) - READERS)
def test_others_are_refused_before_anything_is_looked_up(client_of: ClientOf, draft: RuleSet, role: Role) -> None:
    client = client_of(UserFactory(role=role))
    answers = [client.get(f"/admin/screening/ruleset/{pk}/impact/?days=none") for pk in (draft.pk, 999_999)]
    assert [each.status_code for each in answers] == [403, 403]
    assert answers[0].content == answers[1].content


def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(draft: RuleSet) -> None:
    response = Client().get(address(draft, "impact/"))
    assert response.headers["Location"].startswith("/accounts/login/")


def test_a_draft_that_is_not_there_or_not_open_is_not_found(editor: Client, draft: RuleSet) -> None:
    assert editor.get("/admin/screening/ruleset/999999/impact/").status_code == 404
    actions.discard_draft(draft, **acting(UserFactory(role=Role.EDITOR)))
    assert editor.get(address(draft, "impact/")).status_code == 404


def test_it_is_only_read(editor: Client, draft: RuleSet) -> None:
    assert editor.post(address(draft, "impact/")).status_code == 405


@pytest.mark.parametrize("role", sorted(READERS))
def test_nobody_sees_a_patient_on_it(client_of: ClientOf, draft: RuleSet, role: Role) -> None:
    screening = screened("DEMO-4711")
    text = page(client_of(UserFactory(role=role)), draft).content.decode()
    for secret in ("DEMO-4711", "Sample Patient", str(screening.uuid), screening.short_id, "1961"):
        assert secret not in text


# What it tells ------------------------------------------------------------------------------------------------


def test_one_sentence_comes_first(editor: Client, draft: RuleSet) -> None:
    for number in range(3):
        screened(f"DEMO-{number}")
    assert words(page(editor, draft), f"({RESULT}//h2)[1]") == "3 of 3 patients would get another result."


def test_it_tells_from_what_to_what_and_rule_by_rule(editor: Client) -> None:
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
        ["Patients, each once", "0", "1", "2", "0"],
    ]


def test_every_number_has_its_head_beside_it_on_a_narrow_screen(editor: Client, draft: RuleSet) -> None:
    screened()
    (table,) = html.fromstring(page(editor, draft).content.decode()).xpath(f"{RESULT}//table[tfoot]")
    _, *heads = table.xpath("thead//th/text()")
    assert [row.xpath("td/@data-label") for row in table.xpath("tbody/tr | tfoot/tr")] == [heads, heads, heads]


def test_a_draft_that_changes_nothing_says_so(editor: Client) -> None:
    screened()
    response = page(editor, changed())
    assert words(response, f"({RESULT}//h2)[1]") == "None of 1 patient would get another result."
    assert cells(response, "impact") == cells(response, "by-rule") == []


def test_without_screenings_a_sentence_says_so(editor: Client, draft: RuleSet) -> None:
    screened("DEMO-0001", 40)
    told = words(page(editor, draft, "?days=30"), RESULT)
    assert "There is nothing to compare the draft with" in told
    assert "No screening of the last 30 days stands." in told
    assert "No screening of the last 1 day stands." in words(page(editor, draft, "?days=1"), RESULT)


def test_rules_that_ask_in_other_words_are_named_with_what_becomes_of_the_answers(editor: Client) -> None:
    screened()
    draft = drafted(changed_rules(pregnancy={"question": "Is the patient expecting a baby?"}))
    told = words(page(editor, draft), RESULT)
    assert "Asked in other words now: pregnancy. The earlier answers are used unchanged." in told


def test_rules_that_were_not_asked_and_those_no_longer_asked_are_named(editor: Client) -> None:
    screened()
    told = words(page(editor, drafted(without("pregnancy", rules=rules_with_two_more()))), RESULT)
    assert "Not asked of everyone then: hypersensitivity, severe renal impairment." in told
    assert "No longer asked: pregnancy. The earlier answers are ignored." in told


def test_it_says_which_draft_and_that_nothing_is_recorded(editor: Client) -> None:
    person = UserFactory(role=Role.EDITOR)
    draft = changed(person)
    told = words(page(editor, draft), "//h1/..")
    assert "The draft that was started from edition 1, with 2 changes so far" in told
    assert f"by {person.display_name}" in told
    assert "nothing on this page is recorded" in told


def test_it_says_what_it_does_not_tell(editor: Client, draft: RuleSet) -> None:
    assert "It counts as not known, never as no." in words(page(editor, draft))


def test_readers_of_the_draft_can_go_back_to_it(editor: Client, client: Client, draft: RuleSet) -> None:
    assert address(draft) in links(page(editor, draft))
    assert address(draft) not in links(page(client, draft))


@pytest.mark.parametrize("role", sorted(READERS))
def test_only_those_who_call_back_find_the_lists(client_of: ClientOf, draft: RuleSet, role: Role) -> None:
    screened()
    response = page(client_of(UserFactory(role=role)), draft, "?days=30")
    calls_back = role in {Role.CLINICIAN, Role.PRESCRIBER}
    assert (address(draft, "impact/newly-open.csv?days=30") in links(response)) == calls_back
    assert ("Clinicians and prescribers can fetch the lists" in words(response)) != calls_back


def test_a_list_of_nobody_is_not_offered(client: Client, draft: RuleSet) -> None:
    screened()
    response = page(client, draft)
    assert not [each for each in links(response) if "newly-flagged" in each]
    assert "Rules newly flagged: no patient" in words(response, RESULT)


def test_markup_in_a_rule_shows_as_it_was_typed(editor: Client) -> None:
    screened()
    draft = drafted(changed_rules(pregnancy={"name": "<b>pregnancy</b>", "question": "Another one?"}))
    response = page(editor, draft)
    assert "<b>pregnancy</b>" in words(response)
    assert "<b>" not in response.content.decode()


# How far back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "looked_at"), [("", 1), ("?days=365", 1), ("?days=20", 0), ("?days=3660", 2)])
def test_days_say_how_far_back(editor: Client, draft: RuleSet, query: str, looked_at: int) -> None:
    screened("DEMO-0001", 40)
    screened("DEMO-0002", 3000)
    told = words(page(editor, draft, query), RESULT)
    assert (f"{looked_at} of {looked_at} patient" in told) == bool(looked_at)


def test_the_days_that_were_asked_for_stand_in_the_form(editor: Client, draft: RuleSet) -> None:
    for query, days in (("", "365"), ("?days=30", "30")):
        (box,) = html.fromstring(page(editor, draft, query).content.decode()).xpath("//input[@name='days']")
        assert box.get("value") == days


@pytest.mark.parametrize("days", ["", "0", "3661", "-1", "abc", "1.5", "1e3", "9" * 400, "365 days", "%00"])
def test_other_days_are_refused_in_a_sentence(editor: Client, draft: RuleSet, days: str) -> None:
    response = editor.get(address(draft, f"impact/?days={days}"))
    assert response.status_code == 422
    assert messages(response) == [DAYS]


@pytest.mark.parametrize("query", ["?days=30&days=40", "?day=30", "?days=30&patient=x"])
def test_what_is_not_asked_for_is_refused(editor: Client, draft: RuleSet, query: str) -> None:
    assert editor.get(address(draft, f"impact/{query}")).status_code == 422


# While it is worked out ---------------------------------------------------------------------------------------


@pytest.fixture
def in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five patients, gone through two at a time."""
    monkeypatch.setattr(impact, "AT_A_TIME", 2)
    for number in range(5):
        screened(f"DEMO-{number}")


def parts(client: Client, draft: RuleSet) -> list[str]:
    response: Any = client.get(address(draft, "impact/"))
    return [each.decode() for each in response.streaming_content]


def test_the_head_comes_first_then_how_far_it_is_then_the_result_then_the_foot(
    in_steps: None, editor: Client, draft: RuleSet
) -> None:
    head, *middle, foot = parts(editor, draft)
    assert "<h1>" in head
    assert [html.fromstring(each).xpath("string(.//p)") for each in middle[:-1]] == [
        f"Looking at past screenings: {done} of 5" for done in (0, 2, 4, 5)
    ]
    assert "5 of 5 patients would get another result." in middle[-1]
    assert foot.rstrip().endswith("</html>")


def test_each_bar_says_in_numbers_and_in_words_how_far_it_is(in_steps: None, editor: Client, draft: RuleSet) -> None:
    bars = html.fromstring("".join(parts(editor, draft))).xpath("//progress")
    assert [(each.get("value"), each.get("max")) for each in bars] == [("0", "5"), ("2", "5"), ("4", "5"), ("5", "5")]
    assert all(each.get("aria-label") for each in bars)


def test_the_whole_is_one_well_formed_page(in_steps: None, editor: Client, draft: RuleSet) -> None:
    sent = "".join(parts(editor, draft))
    (middle,) = html.fromstring(sent).xpath("//*[contains(@class,'worked-out')]")
    assert len(middle) == 5
    assert sent.count("<html") == sent.count("</html>") == sent.count("<main") == 1
    assert "worked out here" not in sent


def test_large_numbers_have_commas(editor: Client, draft: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [impact.Step(340_000, 1_000_000, [])]
    monkeypatch.setattr(impact.ImpactRun, "steps", lambda self: iter(steps))
    assert "340,000 of 1,000,000" in "".join(parts(editor, draft))


def test_without_screenings_there_is_no_bar(editor: Client, draft: RuleSet) -> None:
    assert "<progress" not in "".join(parts(editor, draft))


@pytest.mark.parametrize("fault", [ValueError("DEMO-0001"), OperationalError("gone")])
def test_a_fault_on_the_way_ends_in_a_sentence_on_a_whole_page(
    in_steps: None, editor: Client, draft: RuleSet, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    work, done = impact.ImpactRun._in_stretch, list[int]()

    def failing(self: impact.ImpactRun, *stretch: int) -> Any:
        done.append(1)
        if len(done) == 2:
            raise fault
        return work(self, *stretch)

    monkeypatch.setattr(impact.ImpactRun, "_in_stretch", failing)
    response = page(editor, draft)
    assert "This could not be worked out" in words(response, RESULT)
    assert "patients would get" not in words(response)
    assert "DEMO-0001" not in response.content.decode()
    assert response.content.decode().rstrip().endswith("</html>")


def test_a_browser_that_leaves_ends_the_work(in_steps: None, editor: Client, draft: RuleSet) -> None:
    response: Any = editor.get(address(draft, "impact/"))
    stream = iter(response.streaming_content)
    next(stream)
    next(stream)
    response.close()
    assert list(stream) == []


def test_no_proxy_gathers_or_keeps_it(editor: Client, draft: RuleSet) -> None:
    headers = editor.get(address(draft, "impact/")).headers
    assert headers["Cache-Control"] == "no-store, private"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["Content-Type"] == "text/html; charset=utf-8"


# A draft with faults ------------------------------------------------------------------------------------------


@pytest.fixture
def faulty() -> RuleSet:
    """A draft of which no rules can be made."""
    draft = started()
    draft.rules.filter(link_id="pregnancy").update(severity="deadly")
    return draft


@pytest.mark.parametrize("target", ["impact/", "impact/newly-open.csv"])
def test_a_draft_of_which_no_rules_can_be_made_is_told_with_its_faults(
    client: Client, faulty: RuleSet, target: str
) -> None:
    response = client.get(address(faulty, target))
    assert response.status_code == 422
    assert "The draft cannot be evaluated yet" in words(response)
    assert "deadly" in words(response)


# Nothing is recorded ------------------------------------------------------------------------------------------


def counts(models: Iterable[Any] = (Screening, AuditEvent, DraftChange, Edition, RuleSet)) -> list[int]:
    return [model.objects.count() for model in models]


def test_looking_records_nothing(editor: Client, draft: RuleSet) -> None:
    screened("DEMO-0001", opioid_in_list=True)
    before = counts()
    page(editor, draft)
    assert counts() == before
