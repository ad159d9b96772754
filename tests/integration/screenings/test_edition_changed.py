"""An edition published while a form is open: the form comes back, and only changed questions are asked again."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from screening.clinical.rules.definition import Definition, from_json, to_json
from screening.models import Edition, RuleSet, Screening
from tests.factories import EditionFactory
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM, as_filled, form_on, send, ticket, words
from tests.rules import FURTHER_RULES, RULES_FILE, changed_rules, rules_with_two_more, shipped_rules

pytestmark = pytest.mark.django_db


def test_the_form_comes_back_with_the_answers_to_unchanged_questions(client: Client, edition: Edition) -> None:
    opened = ticket(client)
    EditionFactory(definition=changed_rules(pregnancy={"question": "Is the patient pregnant, or may she be?"}))
    response = client.post(NEW, {"form_ticket": opened} | CLEAR_FORM)
    assert response.status_code == 409
    unchanged = {name: value for name, value in CLEAR_FORM.items() if name != "pregnancy"}
    assert form_on(response).fields == as_filled(unchanged)
    assert "Is the patient pregnant, or may she be?" in words(response, "//*[@aria-labelledby='changed']")
    assert not Screening.objects.exists()


def test_a_change_of_the_reason_alone_keeps_every_answer(client: Client, edition: Edition) -> None:
    opened = ticket(client)
    EditionFactory(definition=changed_rules(pregnancy={"why": "Another reason."}))
    response = client.post(NEW, {"form_ticket": opened} | OPIOID_FORM)
    assert response.status_code == 409
    assert form_on(response).fields == as_filled(OPIOID_FORM)
    assert "Answer again" not in words(response)


def test_an_added_rule_is_asked_and_recorded_under_the_new_edition(client: Client, edition: Edition) -> None:
    opened = ticket(client)
    EditionFactory(definition=rules_with_two_more())
    form = {"form_ticket": opened} | CLEAR_FORM
    back = client.post(NEW, form)
    assert FURTHER_RULES["items"][0]["question"] in words(back)
    new_answers = {item["link_id"]: "no" for item in FURTHER_RULES["items"]}
    assert client.post(NEW, form | new_answers | {"form_ticket": form_on(back).ticket}).status_code == 302
    assert Screening.objects.get().edition.number == 2


def test_a_removed_rule_is_named_and_its_answer_is_dropped(client: Client, edition: Edition) -> None:
    EditionFactory(definition=rules_with_two_more())
    opened = ticket(client)
    EditionFactory()
    removed = {item["link_id"]: "no" for item in FURTHER_RULES["items"]}
    response = client.post(NEW, {"form_ticket": opened} | CLEAR_FORM | removed)
    assert response.status_code == 409
    assert f"No longer asked: {FURTHER_RULES['items'][0]['question']}" in words(response)


def test_resubmitting_a_form_after_the_edition_changed_redirects_to_its_record(
    client: Client, edition: Edition
) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    first = client.post(NEW, form)
    EditionFactory(definition=rules_with_two_more())
    again = client.post(NEW, form)
    assert (again.status_code, again.headers["Location"]) == (302, first.headers["Location"])


def test_an_old_record_keeps_the_words_of_its_own_edition(client: Client, edition: Edition) -> None:
    address = send(client, OPIOID_FORM).headers["Location"]
    before = words(client.get(address), "//*[@data-rule='opioid-use']")
    EditionFactory(definition=changed_rules(opioid_use={"why": "Rewritten.", "next_step": "Rewritten."}))
    assert words(client.get(address), "//*[@data-rule='opioid-use']") == before


def test_a_fifth_and_a_sixth_rule_appear_on_form_result_and_print(client: Client, edition: Edition) -> None:
    EditionFactory(definition=rules_with_two_more())
    form = client.get(NEW)
    flagged = {item["link_id"]: "yes" for item in FURTHER_RULES["items"]}
    address = send(client, CLEAR_FORM | flagged).headers["Location"]
    for item in FURTHER_RULES["items"]:
        assert item["question"] in words(form)
        for page in (client.get(address), client.get(f"{address}print/")):
            assert item["finding"] in words(page, f"//*[@data-rule='{item['link_id']}']")


def test_loading_the_shipped_rules_twice_publishes_edition_1_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("load_rules", RULES_FILE, "--publish")
    call_command("load_rules", RULES_FILE, "--publish")
    assert [edition.number for edition in Edition.objects.all()] == [1]
    assert "already holds these rules" in capsys.readouterr().out


def test_the_rows_have_everything_in_the_file(edition: Edition) -> None:
    assert RuleSet.objects.get().definition() == shipped_rules()
    assert dataclasses.replace(edition.definition, lexicon="") == shipped_rules()


def test_loading_without_publishing_opens_one_draft(edition: Edition, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(to_json(rules_with_two_more()))
    call_command("load_rules", file)
    call_command("load_rules", file)
    assert RuleSet.objects.filter(is_open=True).count() == 1
    assert Edition.objects.count() == 1


def test_once_there_is_an_edition_publishing_only_proposes_a_draft(edition: Edition, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(to_json(rules_with_two_more()))
    call_command("load_rules", file, "--publish")
    assert Edition.objects.count() == 1
    assert RuleSet.objects.get(is_open=True).proposed_at is not None


@override_settings(DEMO=True)
def test_in_a_demonstration_publishing_makes_the_next_edition(edition: Edition, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(to_json(rules_with_two_more()))
    call_command("load_rules", file, "--publish")
    assert [each.number for each in Edition.objects.order_by("number")] == [1, 2]


def test_an_open_draft_is_overwritten_only_on_request(edition: Edition, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(to_json(rules_with_two_more()))
    call_command("load_rules", file)
    with pytest.raises(CommandError, match="Another draft is open"):
        call_command("load_rules", _written(tmp_path, changed_rules(pregnancy={"why": "Other."})))
    call_command("load_rules", _written(tmp_path, changed_rules(pregnancy={"why": "Other."})), "--replace")
    assert RuleSet.objects.get(is_open=True).definition() == changed_rules(pregnancy={"why": "Other."})


def _written(folder: Path, definition: Definition) -> Path:
    file = folder / "other.json"
    file.write_text(to_json(definition))
    return file


def test_loading_a_file_with_errors_lists_all_of_them_and_stores_nothing(tmp_path: Path) -> None:
    plain = json.loads(RULES_FILE.read_text())
    plain["items"][0]["severity"] = "deadly"
    plain["items"][1]["trigger"] = "answered-maybe"
    plain["items"][2]["surprise"] = 1
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(plain))
    with pytest.raises(CommandError) as refusal:
        call_command("load_rules", file, "--publish")
    for place in ("items[1].severity", "items[2].trigger", "items[3].surprise"):
        assert place in str(refusal.value)
    assert not RuleSet.objects.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_file_without_a_rules_table_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rules.json"
    file.write_bytes(content)
    with pytest.raises(CommandError, match="is not loaded"):
        call_command("load_rules", file)


def test_a_rule_set_with_a_failing_case_cannot_be_published(edition: Edition) -> None:
    from django.utils import timezone

    from screening.clinical.text.json_errors import DefinitionError
    from screening.drafts import actions

    plain = json.loads(to_json(shipped_rules()))
    plain["cases"][0]["outcome"] = "contraindication_flagged"
    draft = actions.load_rules(from_json(json.dumps(plain)), by=None, at=timezone.now())
    with pytest.raises(DefinitionError, match="expects “Contraindication flagged”, found “None identified”"):
        actions.publish(draft, by=None, at=timezone.now(), change_note="")
    assert Edition.objects.count() == 1
