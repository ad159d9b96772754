"""The preview of the draft: the form, a result, the printed page. Nothing is recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone
from lxml import html

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Edition, Rule, RuleSet, User
from tests.factories import EditionFactory, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import CLEAR_FORM, as_filled, beside, links, messages, words
from tests.rules import changed_rules, rules_with_two_more

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]

BANNER = "Draft, not in use. Nothing on this page is recorded."
WATERMARK = "DRAFT, NOT IN USE"
DRAFT_READERS = {Role.EDITOR, Role.APPROVER}
PAGES = ("form", "result", "print")
SAMPLE_FORM = CLEAR_FORM | {"record_number": "DEMO-0000"}
PERCOCET = SAMPLE_FORM | {"medications": "Percocet 5/325 at night"}
LINK_TO_A_RECORD = re.compile(r"/screenings/|summary\.(pdf|txt)|/(amend|void)/|^print/")
each_page = pytest.mark.parametrize("page", PAGES)


@pytest.fixture
def draft(edition: Edition) -> RuleSet:
    """A draft of edition 1 with two more questions."""
    return actions.load_rules(rules_with_two_more(), by=None, at=timezone.now())


@pytest.fixture
def editor(client_of: ClientOf) -> Client:
    return client_of(UserFactory(role=Role.EDITOR))


def address(page: str) -> str:
    """Return the URL of a page of the preview."""
    return f"/draft/preview/{page}/"


def send(client: Client, draft: RuleSet, form: dict[str, Any], query: str = "", **changes: Any) -> Any:
    """Submit the form of the preview; the two added questions are answered no unless the form has an answer."""
    added = {"hypersensitivity": "no", "severe-renal-impairment": "no"}
    return client.post(f"{address('form')}{query}", {**added, **form, **changes})


def all_pages(client: Client, draft: RuleSet) -> list[Any]:
    """Return every page of the preview, and of its form when submitted, checked, changed and with an error."""
    opened = [client.get(address(page)) for page in PAGES]
    submitted = [send(client, draft, PERCOCET, query) for query in ("", "?list", "?change")]
    return [*opened, *submitted, send(client, draft, SAMPLE_FORM, pregnancy="perhaps")]


def form_values(response: Any) -> dict[str, list[str]]:
    """Return the values of the form on a page."""
    (form,) = html.fromstring(response.content.decode()).xpath("//form[@data-screening-form]")
    values: dict[str, list[str]] = {}
    for name, value in form.form_values():
        content = value.removeprefix("\n")  # browsers drop a line break at the start of a textarea
        if content and name not in {"csrfmiddlewaretoken", "form_owner"}:
            values.setdefault(name, []).append(content)
    return values


def asked(response: Any) -> list[str]:
    """Return the link ids of the questions on a page."""
    return [str(each) for each in html.fromstring(response.content.decode()).xpath("//form//@data-rule")]


def findings(response: Any) -> dict[str, str]:
    """Return the finding of each rule on a result page."""
    page = html.fromstring(response.content.decode())
    return {each.get("data-rule"): each.get("data-finding") for each in page.xpath("//*[@data-finding]")}


def hidden(response: Any) -> dict[str, list[str]]:
    """Return the hidden fields of a page."""
    fields: dict[str, list[str]] = {}
    for each in html.fromstring(response.content.decode()).xpath("//main//form//input[@type='hidden']"):
        if each.get("name") != "csrfmiddlewaretoken":
            fields.setdefault(each.get("name"), []).append(each.get("value"))
    return fields


# Permissions --------------------------------------------------------------------------------------------------


@each_page
@pytest.mark.parametrize("role", Role)
def test_only_readers_of_the_draft_can_open_the_preview(
    draft: RuleSet, client_of: ClientOf, role: Role, page: str
) -> None:
    response = client_of(UserFactory(role=role)).get(address(page), follow=True)
    assert response.status_code == (200 if role in DRAFT_READERS else 403)


@each_page
def test_anonymous_users_are_redirected_to_the_sign_in_page(draft: RuleSet, page: str) -> None:
    last, _ = Client().get(address(page), follow=True).redirect_chain[-1]
    assert last.startswith("/accounts/login/")


@each_page
def test_without_a_draft_there_is_no_preview(draft: RuleSet, editor: Client, page: str) -> None:
    actions.publish(draft, by=None, at=timezone.now(), change_note="Two more")
    assert editor.get(address(page)).status_code == 404


@pytest.mark.parametrize("page", ["result", "print"])
def test_the_result_and_the_printed_page_accept_only_get_requests(draft: RuleSet, editor: Client, page: str) -> None:
    assert editor.post(address(page)).status_code == 405


# Nothing is recorded ------------------------------------------------------------------------------------------


def test_the_preview_changes_no_row_of_any_table(draft: RuleSet, editor: Client) -> None:
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0000"))

    def rows() -> dict[str, list[Any]]:
        tables = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
        return {label: sorted(map(repr, model._base_manager.values())) for label, model in tables.items()}

    before = rows()
    assert [response.status_code for response in all_pages(editor, draft)] == [200] * 6 + [422]
    assert rows() == before


def test_no_page_links_to_a_record_or_names_one(draft: RuleSet, editor: Client) -> None:
    screening = ScreeningFactory(patient=PatientFactory(record_number="DEMO-0000"))
    for response in all_pages(editor, draft):
        page = html.fromstring(response.content.decode())
        assert not page.xpath("//@data-screening | //*[@id='others'] | //*[@name='form_ticket']")
        assert [each for each in links(response) if LINK_TO_A_RECORD.search(each)] == []
        assert str(screening.uuid) not in response.content.decode()


def test_patients_of_the_clinic_are_not_looked_up(draft: RuleSet, editor: Client) -> None:
    ScreeningFactory(patient=PatientFactory(name="Someone Else", record_number="DEMO-0000"))
    response = send(editor, draft, SAMPLE_FORM)
    assert response.status_code == 200
    assert "Someone Else" not in response.content.decode()


# Labelled as a draft ------------------------------------------------------------------------------------------


def test_every_page_says_that_it_is_a_draft_and_that_nothing_is_recorded(draft: RuleSet, editor: Client) -> None:
    assert [BANNER in words(response, "//body") for response in all_pages(editor, draft)] == [True] * 7


def test_every_page_links_back_to_the_draft(draft: RuleSet, editor: Client) -> None:
    assert ["/draft/" in links(response, "//body") for response in all_pages(editor, draft)] == [True] * 7


@pytest.mark.parametrize("page", ["result", "print"])
def test_the_rules_are_labelled_as_a_draft(draft: RuleSet, editor: Client, page: str) -> None:
    response = editor.get(address(page))
    assert "Rules Draft after edition 1" in words(response, "//dl")
    assert "Draft after edition 1" in words(response, "//article//footer")
    assert "Record None" in words(response, "//dl")
    assert not html.fromstring(response.content.decode()).xpath("//@data-edition")


@pytest.mark.parametrize("page", ["result", "print"])
def test_before_the_first_edition_the_draft_is_labelled_as_the_first(
    client_of: ClientOf, page: str, db: None
) -> None:
    actions.load_rules(changed_rules(), by=None, at=timezone.now())
    response = client_of(UserFactory(role=Role.APPROVER)).get(address(page))
    assert "Rules Draft of the first edition" in words(response, "//dl")


def test_the_printed_page_has_a_watermark_and_begins_with_the_same_words(draft: RuleSet, editor: Client) -> None:
    response = editor.get(address("print"))
    page = html.fromstring(response.content.decode())
    assert page.xpath("string(//p[@class='mark'])") == WATERMARK
    assert page.body.get("class") == "is-draft"
    assert words(response, "//tbody").startswith(f"{WATERMARK} Nothing on this page is recorded. Do not act on it.")


def test_the_printed_page_has_no_section_for_a_decision(draft: RuleSet, editor: Client) -> None:
    said = words(editor.get(address("print")))
    assert "No decision on this page This is a draft of the rules." in said
    assert [words for words in ("Need more information", "Defer until", "Signature") if words in said] == []


# As a form ----------------------------------------------------------------------------------------------------


def test_the_form_asks_what_the_draft_asks(draft: RuleSet, editor: Client) -> None:
    response = editor.get(address("form"))
    assert asked(response) == [item.link_id for item in draft.definition().items]
    assert "6 questions before low-dose naltrexone" in words(response)


def test_the_form_is_the_same_as_after_publishing(draft: RuleSet, editor: Client, client: Client) -> None:
    parts = "//form[@data-screening-form]//*[self::legend or self::label or self::h2 or self::h3 or self::details]"
    shown = words(editor.get(address("form")), parts)
    EditionFactory(definition=rules_with_two_more())
    assert words(client.get("/screenings/new/"), parts) == shown


def test_the_form_contains_an_invented_patient_and_no_answer(draft: RuleSet, editor: Client) -> None:
    assert form_values(editor.get(address("form"))) == as_filled(
        {
            "patient_name": "Sample Patient",
            "birth_date": "12 Apr 1961",
            "record_number": "DEMO-0000",
            "dose_mg": "4.5",
            "indication": "Fibromyalgia",
        }
    )


def test_the_form_is_submitted_to_the_preview_with_its_own_button(draft: RuleSet, editor: Client) -> None:
    page = html.fromstring(editor.get(address("form")).content.decode())
    (form,) = page.xpath("//form[@data-screening-form]")
    assert form.action == address("form")
    assert {each.text_content().strip() for each in form.xpath(".//button")} == {"Show the result", "Check the list"}


def test_submitted_answers_are_shown_as_a_result(draft: RuleSet, editor: Client) -> None:
    response = send(editor, draft, SAMPLE_FORM, hypersensitivity="yes", pregnancy="unknown")
    assert response.status_code == 200
    assert findings(response) == {
        **dict.fromkeys(("opioid-use", "severe-liver-disease", "breastfeeding"), "not_flagged"),
        "severe-renal-impairment": "not_flagged",
        "hypersensitivity": "flagged",
        "pregnancy": "unresolved",
    }
    assert words(response, "//h1").startswith("Contraindication flagged")


def test_the_result_page_keeps_the_answers_in_hidden_fields(draft: RuleSet, editor: Client) -> None:
    answered = PERCOCET | {"opioid-use": "yes", "opioid-use.kind": ["methadone", "illicit-or-unknown"]}
    kept = hidden(send(editor, draft, answered))
    assert kept.items() >= as_filled(answered).items()


def test_answers_to_be_changed_are_shown_in_the_form_again(draft: RuleSet, editor: Client) -> None:
    kept = hidden(send(editor, draft, PERCOCET))
    response = send(editor, draft, kept, "?change")
    assert (response.status_code, messages(response)) == (200, [])
    assert form_values(response) == {name: value for name, value in kept.items() if name != "form_owner"}


def test_a_form_with_an_error_is_returned_with_every_entry(draft: RuleSet, editor: Client) -> None:
    sent = PERCOCET | {"pregnancy": "yes", "pregnancy.test-date": "soon"}
    response = send(editor, draft, sent)
    assert response.status_code == 422
    assert messages(response) == [
        "Pregnancy, date of last test: This is not a date. Write day, month in letters, year: 27 Mar 1985."
    ]
    assert form_values(response).items() >= as_filled(sent).items()
    assert beside(response, "pregnancy.test-date")


def test_an_unanswered_question_is_an_error_as_on_the_real_form(draft: RuleSet, editor: Client) -> None:
    response = editor.post(address("form"), SAMPLE_FORM)
    assert response.status_code == 422
    assert {each.partition(":")[0] for each in messages(response)} == {
        "Hypersensitivity",
        "Severe renal impairment",
    }


@pytest.mark.parametrize("field", ["invented", "amendment_reason", "form_ticket_of_mine"])
def test_a_field_that_is_not_part_of_the_form_is_refused(draft: RuleSet, editor: Client, field: str) -> None:
    assert send(editor, draft, SAMPLE_FORM, **{field: "x"}).status_code == 422


def test_a_medication_list_flags_as_after_publishing(draft: RuleSet, editor: Client) -> None:
    response = send(editor, draft, PERCOCET)
    assert findings(response)["opioid-use"] == "flagged"
    assert "oxycodone (Percocet)" in words(response)


def test_the_medication_list_is_checked_on_the_preview_page(draft: RuleSet, editor: Client) -> None:
    page = html.fromstring(editor.get(address("form")).content.decode())
    assert page.xpath("string(//*[@data-list-button]/@formaction)") == "?list"
    response = send(editor, draft, {"medications": PERCOCET["medications"]}, "?list")
    assert (response.status_code, messages(response)) == (200, [])
    assert "1 line contains an opioid." in words(response)


def test_a_list_that_is_too_long_is_refused_and_stays_in_the_form(draft: RuleSet, editor: Client) -> None:
    response = send(editor, draft, {"medications": "x" * 20_001}, "?list")
    assert response.status_code == 422
    assert form_values(response)["medications"] == ["x" * 20_001]


def test_an_edition_without_medicine_names_to_be_published_again_has_no_list_field(editor: Client) -> None:
    edition, by = EditionFactory(lexicon=None), UserFactory(role=Role.EDITOR)
    actions.start_draft(edition, by=by, at=timezone.now(), role=Role.EDITOR, again=True)
    assert "Current medicines" not in words(editor.get(address("form")))
    assert "naltrexone-product" not in findings(editor.get(address("result")))


def test_an_edition_to_be_published_again_uses_its_own_medicine_names(edition: Edition, editor: Client) -> None:
    by = UserFactory(role=Role.EDITOR)
    actions.start_draft(edition, by=by, at=timezone.now(), role=Role.EDITOR, again=True)
    assert findings(editor.get(address("result")))["naltrexone-product"] == "flagged"


# As a result and as a printed page ----------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["result", "print"])
def test_every_rule_is_flagged_including_those_raised_by_a_list(draft: RuleSet, editor: Client, page: str) -> None:
    definition = draft.definition()
    shown_findings = findings(editor.get(address(page)))
    assert shown_findings == {item.link_id: "flagged" for item in (*definition.items, *definition.listed)}


@pytest.mark.parametrize("page", ["result", "print"])
def test_a_rule_raised_only_by_an_opioid_in_a_list_is_flagged(draft: RuleSet, editor: Client, page: str) -> None:
    Rule.objects.filter(rule_set=draft, link_id="naltrexone-product").update(listed="opioid")
    assert findings(editor.get(address(page)))["naltrexone-product"] == "flagged"


@pytest.mark.parametrize("page", ["result", "print"])
def test_markup_and_template_code_in_a_rule_are_shown_as_text(draft: RuleSet, editor: Client, page: str) -> None:
    text = "<b>Bold</b> & {{ rule_set }} {% now 'Y' %} #strong[x]"
    Rule.objects.filter(rule_set=draft, link_id="pregnancy").update(finding=text, next_step=text)
    assert words(editor.get(address(page))).count(text) == 2


@pytest.mark.parametrize("setting", [True, False])
def test_overdue_rules_prevent_a_conclusion_where_configured(
    draft: RuleSet, editor: Client, settings: Any, setting: bool
) -> None:
    settings.OVERDUE_CANNOT_CONCLUDE = setting
    Rule.objects.filter(rule_set=draft, link_id="pregnancy").update(next_review="2020-01-01")
    headline = words(send(editor, draft, SAMPLE_FORM), "//h1")
    assert headline.startswith("Cannot conclude" if setting else "No listed contraindication was identified")


# A draft with faults ------------------------------------------------------------------------------------------


@each_page
def test_an_invalid_draft_lists_its_faults(draft: RuleSet, editor: Client, page: str) -> None:
    Rule.objects.filter(rule_set=draft, link_id="pregnancy").update(severity="dreadful", question="")
    response = editor.get(address(page))
    assert response.status_code == 422
    assert len(messages(response)) == 2
    assert "/draft/" in links(response)


@each_page
@pytest.mark.parametrize("name", ["indication", "medications"])
def test_a_rule_with_the_name_of_a_form_field_is_a_fault(
    draft: RuleSet, editor: Client, page: str, name: str
) -> None:
    Rule.objects.filter(rule_set=draft, link_id="hypersensitivity").update(link_id=name)
    response = editor.get(address(page))
    assert response.status_code == 422
    assert f"Rule {name}: this link id is the name of a field of the form; choose another" in messages(response)


def test_a_draft_with_faults_that_do_not_concern_the_form_is_shown(draft: RuleSet, editor: Client) -> None:
    draft.cases.all().delete()
    Rule.objects.filter(rule_set=draft, link_id="pregnancy").update(sources=[])
    assert [editor.get(address(page)).status_code for page in PAGES] == [200] * 3


def test_a_draft_with_an_invalid_case_is_shown(draft: RuleSet, editor: Client) -> None:
    draft.cases.update(outcome="dreadful")
    assert [editor.get(address(page)).status_code for page in PAGES] == [200] * 3


def test_a_draft_without_a_rule_is_shown(draft: RuleSet, editor: Client) -> None:
    draft.rules.all().delete()
    draft.cases.all().delete()
    assert [editor.get(address(page)).status_code for page in PAGES] == [200] * 3


def test_a_draft_of_two_hundred_long_rules_is_shown(draft: RuleSet, editor: Client) -> None:
    rule = draft.rules.get(link_id="hypersensitivity")
    for number in range(200):
        rule.pk, rule.position, rule.link_id, rule.why = None, 10 + number, f"rule-{number}", "many words " * 360
        rule.save()
    assert [editor.get(address(page)).status_code for page in PAGES] == [200] * 3
