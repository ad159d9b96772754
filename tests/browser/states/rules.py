"""The pages that edit the rules, follow-ups and cases of the draft."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Case, FollowUp, Rule, RuleSet
from tests.browser.states.state import State, press
from tests.browser.steps import fill
from tests.drafts import acting, started
from tests.edit_pages import ADD_CASE, ADD_RULE, page_of
from tests.factories import UserFactory


def rule(link_id: str) -> Rule:
    """A rule of the draft."""
    return Rule.objects.get(rule_set__is_open=True, link_id=link_id)


def detail(name: str, link_id: str = "pregnancy") -> str:
    """The URL of the page of a follow-up."""
    return page_of(FollowUp.objects.get(rule=rule(link_id), link_id=name))


def expanded(address: Callable[[], str]) -> Callable[[Page], None]:
    """A page with all rows expanded."""

    def open_and_expand(page: Page) -> None:
        started()
        page.goto(address())
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")

    return open_and_expand


def rule_with_errors(page: Page) -> None:
    started()
    page.goto(page_of(rule("opioid-use")))
    page.locator("summary", has_text="Source 1").click()
    fill(page, {"name": "an approved thing", "question": "", "sources-0-title": "", "holds_days": "x" * 200})
    press(page, "Save")


def follow_up_with_errors(page: Page) -> None:
    started()
    page.goto(detail("kind", "opioid-use"))
    page.locator("summary", has_text="Choice 1").click()
    fill(page, {"label": "", "choices-0-interval": "", "help": "x" * 5000})
    press(page, "Save")


def stale_rule(page: Page) -> None:
    started()
    page.goto(page_of(rule("pregnancy")))
    Rule.objects.filter(pk=rule("pregnancy").pk).update(revision=1)
    fill(page, {"why": "For another reason."})
    press(page, "Save")


def rule_with_conflicts(page: Page) -> None:
    """Conflicts in a text field, a list and a choice field, with long words."""
    started()
    page.goto(page_of(rule("pregnancy")))
    page.locator("summary", has_text="Source 1").click()
    fill(page, {"why": "For another reason.", "sources-0-title": "Another source.", "severity": "caution"})
    other = rule("pregnancy")
    other.why, other.severity, other.finding = "W" * 300, "contraindicated", "Their finding"
    other.sources[0]["title"] = "S" * 300
    actions.save_rule(other, **acting(UserFactory(role=Role.EDITOR)))
    press(page, "Save")


def follow_up_with_conflicts(page: Page) -> None:
    started()
    page.goto(detail("status"))
    page.locator("summary", has_text="Choice 1").click()
    fill(page, {"help": "Another hint.", "choices-0-label": "Another choice."})
    other = FollowUp.objects.get(rule=rule("pregnancy"), link_id="status")
    other.help, other.choices[0]["label"] = "H" * 300, "C" * 200
    actions.save_follow_up(other, **acting(UserFactory(role=Role.EDITOR)))
    press(page, "Save")


def rule_not_saved(page: Page) -> None:
    started()
    page.goto(page_of(rule("pregnancy")))
    RuleSet.objects.update(is_open=False)
    press(page, "Save")


def new_rule_with_errors(page: Page) -> None:
    started()
    page.goto(ADD_RULE)
    press(page, "Save")


def cases(page: Page) -> None:
    started()
    Rule.objects.filter(pk=rule("pregnancy").pk).update(severity="caution")
    Case.objects.filter(answers__has_key="breastfeeding").delete()
    page.goto("/draft/cases/")


def case(page: Page) -> None:
    started()
    page.goto(page_of(Case.objects.filter(rule_set__is_open=True)[0]))


def case_with_errors(page: Page) -> None:
    started()
    page.goto(ADD_CASE)
    press(page, "Save")


def page_of_rule(link_id: str) -> Callable[[Page], None]:
    """Return a function that opens the page of a rule with all rows expanded."""
    return expanded(lambda: page_of(rule(link_id)))


RULE, FOLLOW_UP = "screening:rule_edit", "screening:follow_up_edit"
STATES = {
    "a rule with intervals": State(RULE, page_of_rule("opioid-use"), Role.EDITOR),
    "a rule with point bands": State(RULE, page_of_rule("severe-liver-disease"), Role.EDITOR),
    "a rule that only a list flags": State(RULE, page_of_rule("naltrexone-product"), Role.EDITOR),
    "a rule with errors": State(RULE, rule_with_errors, Role.EDITOR),
    "a rule, stale": State(RULE, stale_rule, Role.EDITOR),
    "a rule with conflicts": State(RULE, rule_with_conflicts, Role.EDITOR),
    "a rule, not saved": State(RULE, rule_not_saved, Role.EDITOR),
    "a rule, read-only": State(RULE, page_of_rule("opioid-use"), Role.APPROVER),
    "a new rule with errors": State("screening:rule_add", new_rule_with_errors, Role.EDITOR),
    "a follow-up with intervals": State(FOLLOW_UP, expanded(lambda: detail("kind", "opioid-use")), Role.EDITOR),
    "a follow-up with a date": State(FOLLOW_UP, expanded(lambda: detail("last-dose", "opioid-use")), Role.EDITOR),
    "a follow-up with errors": State(FOLLOW_UP, follow_up_with_errors, Role.EDITOR),
    "a follow-up with conflicts": State(FOLLOW_UP, follow_up_with_conflicts, Role.EDITOR),
    "a new follow-up": State(
        "screening:follow_up_add", expanded(lambda: "/draft/rules/pregnancy/add-follow-up/"), Role.EDITOR
    ),
    "cases": State("screening:case_list", cases, Role.EDITOR),
    "a case": State("screening:case_edit", case, Role.EDITOR),
    "a case with errors": State("screening:case_add", case_with_errors, Role.EDITOR),
}
