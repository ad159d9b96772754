"""What prevents publishing is listed on the draft's page; each line leads to the field where it can be corrected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from lxml import html

from screening.models import Case, FollowUp, Rule, RuleSet
from tests.pages import links

pytestmark = pytest.mark.django_db

SAFE, CHINESE = "Not safe", "Ask Dr 李."


def rule(link_id: str = "pregnancy") -> Rule:
    """A rule of the draft."""
    return Rule.objects.get(rule_set__is_open=True, link_id=link_id)


def follow_up(code: str, link_id: str = "opioid-use") -> FollowUp:
    """A follow-up of a rule of the draft."""
    return FollowUp.objects.get(rule=rule(link_id), link_id=code)


def of_rule(**fields: object) -> Callable[[], object]:
    return lambda: Rule.objects.filter(pk=rule().pk).update(**fields)


def in_first_entry(row: Callable[[], Rule | FollowUp], field: str, **changes: object) -> Callable[[], object]:
    """Change the first entry of a list of a row."""

    def change() -> None:
        changed = row()
        getattr(changed, field)[0].update(changes)
        changed.save()

    return change


def without_interval() -> None:
    kind = follow_up("kind")
    kind.choices[2]["interval"] = None
    kind.save()


def without_case_for(answer: str) -> Callable[[], object]:
    def remove() -> None:
        for case in Case.objects.filter(rule_set__is_open=True):
            if case.answers.get("pregnancy", case.otherwise) == answer:
                case.delete()

    return remove


def of_case(**fields: object) -> Callable[[], object]:
    return lambda: Case.objects.filter(pk=Case.objects.filter(rule_set__is_open=True)[1].pk).update(**fields)


PREGNANCY = "/draft/rules/pregnancy/"
FAULTS: dict[str, tuple[Callable[[], object], str]] = {
    "a verdict in the finding": (of_rule(finding=SAFE), f"{PREGNANCY}#id_finding"),
    "an unprintable reason": (of_rule(why=CHINESE), f"{PREGNANCY}#id_why"),
    "an unknown severity": (of_rule(severity="deadly"), f"{PREGNANCY}#id_severity_0"),
    "an empty question": (of_rule(question=""), f"{PREGNANCY}#id_question"),
    "no source": (of_rule(sources=[]), f"{PREGNANCY}#div_id_sources"),
    "a source": (in_first_entry(rule, "sources", title=CHINESE), f"{PREGNANCY}#id_sources-0-title"),
    "a source without a kind": (in_first_entry(rule, "sources", kind="rumour"), f"{PREGNANCY}#id_sources-0-kind"),
    "a reason": (
        in_first_entry(rule, "not_applicable_reasons", label=SAFE),
        f"{PREGNANCY}#id_not_applicable_reasons-0-label",
    ),
    "no date for an interval": (lambda: follow_up("last-dose").delete(), "/draft/rules/opioid-use/#details"),
    "a detail": (
        lambda: FollowUp.objects.filter(pk=follow_up("status", "pregnancy").pk).update(label=CHINESE),
        f"{PREGNANCY}follow-ups/status/#id_label",
    ),
    "a choice": (
        in_first_entry(lambda: follow_up("status", "pregnancy"), "choices", label=SAFE),
        f"{PREGNANCY}follow-ups/status/#id_choices-0-label",
    ),
    "the words of an interval": (
        in_first_entry(lambda: follow_up("kind"), "choices", interval={"words": CHINESE, "days": 10}),
        "/draft/rules/opioid-use/follow-ups/kind/#id_choices-0-interval",
    ),
    "a choice without an interval": (
        without_interval,
        "/draft/rules/opioid-use/follow-ups/kind/#id_choices-2-label",
    ),
    "no case": (without_case_for("yes"), f"{PREGNANCY}#cases"),
    "the words of a case": (of_case(words=CHINESE), "/draft/cases/2/#id_words"),
    "a case with another result": (of_case(outcome="cannot_conclude"), "/draft/cases/2/"),
    "a case of an unknown rule": (of_case(flagged=["gone"]), "/draft/cases/2/"),
    "the basis": (lambda: RuleSet.objects.update(basis=SAFE), "/draft/texts/#id_basis"),
    "the dose": (lambda: RuleSet.objects.update(dose_low_mg="9"), "/draft/texts/#id_dose_low_mg"),
    "nothing that is not covered": (lambda: RuleSet.objects.update(not_covered=[]), "/draft/texts/#id_not_covered"),
    "a line of advice": (lambda: RuleSet.objects.update(counselling=[CHINESE]), "/draft/texts/#id_counselling"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leads_to_the_field_where_it_can_be_corrected(editor: Client, draft: RuleSet, name: str) -> None:
    change, expected = FAULTS[name]
    change()
    found = links(editor.get("/draft/"), "//*[@id='problems']")
    assert expected in found
    for address in found:
        page, _, target = address.partition("#")
        response = editor.get(page)
        assert response.status_code == 200
        if target:
            assert target in html.fromstring(response.content.decode()).xpath("//@id"), address
