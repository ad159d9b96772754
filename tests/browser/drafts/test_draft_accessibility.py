"""The accessibility of the pages of editors and approvers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Edition, User
from tests.browser.access import barriers
from tests.browser.conftest import OpenContext
from tests.drafts import DRAFT, acting, address, changed, proposed
from tests.factories import EditionFactory, ScreeningFactory, UserFactory
from tests.rules import rules_with_two_more

pytestmark = [pytest.mark.browser, pytest.mark.look]

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


def edition_comparison(page: Page) -> None:
    EditionFactory(definition=rules_with_two_more(why=f"Another reason. {LONG_WORD}"), change_note=LONG_WORD)
    page.goto("/editions/2/compare/1/")


def history(page: Page) -> None:
    approver = UserFactory(role=Role.APPROVER)
    draft = proposed(basis=LONG_WORD)
    actions.publish(draft, change_note=draft.change_note, **acting(approver, Role.APPROVER))
    page.goto("/editions/2/history/")


def send_back(page: Page) -> None:
    proposed()
    page.goto(address("send-back/"))


def republish(page: Page) -> None:
    no_draft(page)
    page.goto(f"{DRAFT}again/1/")


STATES: dict[str, Callable[[Page], None]] = {
    "no draft": no_draft,
    "draft": of_draft("change/"),
    "draft with faults": draft_with_faults,
    "draft sent back": draft_sent_back,
    "texts": of_draft("texts/"),
    "texts with conflicts": texts_with_conflicts,
    "texts with errors": texts_with_errors,
    "rule library": of_draft("library/"),
    "retire a rule": retire_rule,
    "draft compared with the edition": of_draft("compare/"),
    "history of the draft": of_draft("history/"),
    "history of an edition": history,
    "impact": impact,
    "preview as form": of_draft("preview/form/"),
    "preview as result": of_draft("preview/result/"),
    "preview as print": of_draft("preview/print/"),
    "import with errors": import_with_errors,
    "propose": of_draft("propose/"),
    "publish": publish,
    "send back": send_back,
    "republish": republish,
    "two editions compared": edition_comparison,
}
STATES_FOR_APPROVER = {"publish", "send back"}


@pytest.fixture
def opened(open_context: OpenContext, edition: Edition, clinician: User, state: str) -> Page:
    """A page in one of the states."""
    role = Role.APPROVER if state in STATES_FOR_APPROVER else Role.EDITOR
    page = open_context(UserFactory(role=role)).new_page()
    STATES[state](page)
    return page


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible_at_every_width(opened: Page, state: str) -> None:
    assert barriers(opened) == {}
