"""The open draft: its texts, previews, impact and approval."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Rule
from tests.browser.states.state import State, at, press
from tests.drafts import DRAFT, acting, address, changed, proposed
from tests.factories import EditionFactory, ScreeningFactory, UserFactory
from tests.past import drafted, screened
from tests.rules import rules_with_two_more

LONG_WORD = "x" * 300


def of_draft(page_name: str) -> Callable[[Page], None]:
    def open_page(page: Page) -> None:
        changed(basis=f"Another basis. {LONG_WORD}")
        page.goto(address(page_name))

    return open_page


def draft_with_faults(page: Page) -> None:
    draft = changed(basis=LONG_WORD)
    draft.cases.update(outcome="cannot_conclude")
    draft.rules.filter(link_id="pregnancy").update(sources=[])
    page.goto(address())


def draft_sent_back(page: Page) -> None:
    draft = proposed(basis=LONG_WORD)
    actions.send_back(
        draft, comment=f"Say why. {LONG_WORD}", **acting(UserFactory(role=Role.APPROVER), Role.APPROVER)
    )
    page.goto(address())


def texts_with_conflicts(page: Page) -> None:
    draft = changed()
    page.goto(address("texts/"))
    theirs = {"basis": LONG_WORD, "counselling": [LONG_WORD]}
    actions.change_texts(draft, theirs, revision=draft.revision, **acting(UserFactory(role=Role.EDITOR)))
    page.get_by_label("Basis of the rules").fill("My basis.")
    page.get_by_label("If LDN is prescribed, tell the patient").fill("My line")
    with page.expect_navigation():
        page.get_by_role("button", name="Save the texts").click()


def texts_with_errors(page: Page) -> None:
    changed()
    page.goto(address("texts/"))
    page.get_by_label("Title").fill("")
    page.get_by_label("What this screen does not cover").fill(f"{LONG_WORD}{LONG_WORD}")
    with page.expect_navigation():
        page.get_by_role("button", name="Save the texts").click()


def import_with_errors(page: Page) -> None:
    page.goto(f"{DRAFT}import/")
    page.get_by_label("Edition file").set_input_files(
        {"name": "edition.json", "mimeType": "application/json", "buffer": b'{"format": "ldn-screen-edition/1"}'}
    )
    with page.expect_navigation():
        page.get_by_role("button", name="Import as a draft").click()


def no_draft(page: Page) -> None:
    EditionFactory(definition=rules_with_two_more())
    page.goto(DRAFT)


def retire_rule(page: Page) -> None:
    draft = changed()
    page.goto(address(f"rules/{draft.rules.all()[0].link_id}/retire/"))


def impact(page: Page) -> None:
    for _ in range(3):
        ScreeningFactory()
    draft = changed()
    editor = UserFactory(role=Role.EDITOR)
    item = {**draft.rules.all()[0].plain(), "link_id": "another", "name": LONG_WORD[:150]}
    actions.add_rule(draft, item, **acting(editor))
    page.goto(address("impact/"))


def publish(page: Page) -> None:
    proposed(basis=f"Another basis. {LONG_WORD}")
    page.goto(address("publish/"))


def send_back(page: Page) -> None:
    proposed()
    page.goto(address("send-back/"))


def republish(page: Page) -> None:
    no_draft(page)
    page.goto(f"{DRAFT}again/1/")


def preview_answered(page: Page) -> None:
    """Answer every question no and show the result."""
    drafted(rules_with_two_more())
    page.goto(address("preview/form/"))
    for question in page.locator(".rule-answer").all():
        question.locator("input[value=no]").check()
    with page.expect_navigation():
        page.locator(".submit-bar").get_by_role("button", name="Show the result").click()


def preview_of_faults(page: Page) -> None:
    Rule.objects.filter(rule_set=drafted(rules_with_two_more()), link_id="pregnancy").update(severity="dreadful")
    page.goto(address("preview/form/"))


def impact_on_patients(query: str) -> Callable[[Page], None]:
    """Open the impact page as a clinician, who sees every part of it."""

    def open_page(page: Page) -> None:
        for number in range(5):
            screened(f"DEMO-{number}", 9, taking_opioid=number == 0)
        drafted(rules_with_two_more())
        page.goto(address(f"impact/{query}"))

    return open_page


def without_input(page_name: str, button: str, *, is_proposed: bool = False) -> Callable[[Page], None]:
    """Send the form of a page empty."""

    def open_page(page: Page) -> None:
        (proposed if is_proposed else changed)()
        page.goto(address(page_name))
        press(page, button)

    return open_page


def discarded_meanwhile(page: Page) -> None:
    draft = changed()
    page.goto(address("texts/"))
    page.get_by_label("Title").fill("My title")
    actions.discard_draft(draft, **acting(UserFactory(role=Role.EDITOR)))
    press(page, "Save the texts")


def draft_page(name: str, open_page: Callable[[Page], object], role: Role = Role.EDITOR) -> State:
    """Return a state of a page of the draft."""
    return State(f"screening:draft_{name}", open_page, role)


STATES = {
    "no draft": draft_page("detail", no_draft),
    "draft": draft_page("detail", of_draft("")),
    "draft with faults": draft_page("detail", draft_with_faults),
    "draft sent back": draft_page("detail", draft_sent_back),
    "texts": draft_page("texts", of_draft("texts/")),
    "texts with conflicts": draft_page("texts", texts_with_conflicts),
    "texts with errors": draft_page("texts", texts_with_errors),
    "texts of a discarded draft": draft_page("texts", discarded_meanwhile),
    "rule library": draft_page("library", of_draft("library/")),
    "retire a rule": State("screening:rule_retire", retire_rule, Role.EDITOR),
    "draft compared with the edition": draft_page("compare", of_draft("compare/")),
    "history of the draft": draft_page("history", of_draft("history/")),
    "impact": draft_page("impact", impact),
    "impact on patients": draft_page("impact", impact_on_patients(""), Role.CLINICIAN),
    "impact on nobody": draft_page("impact", impact_on_patients("?days=1"), Role.CLINICIAN),
    "impact, errors": draft_page("impact", impact_on_patients("?days=0"), Role.CLINICIAN),
    "preview as form": draft_page("preview_form", of_draft("preview/form/")),
    "preview as result": draft_page("preview_result", of_draft("preview/result/")),
    "preview as print": draft_page("preview_print", of_draft("preview/print/")),
    "preview, answered": draft_page("preview_form", preview_answered),
    "preview of faults": draft_page("preview_form", preview_of_faults),
    "import": draft_page("import", at(f"{DRAFT}import/")),
    "import with errors": draft_page("import", import_with_errors),
    "propose": draft_page("propose", of_draft("propose/")),
    "propose without input": draft_page("propose", without_input("propose/", "Propose the draft")),
    "publish": draft_page("publish", publish, Role.APPROVER),
    "send back": draft_page("send_back", send_back, Role.APPROVER),
    "send back without input": draft_page(
        "send_back", without_input("send-back/", "Send the draft back", is_proposed=True), Role.APPROVER
    ),
    "republish": draft_page("republish", republish),
}
