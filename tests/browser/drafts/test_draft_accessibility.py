"""The pages of editors and approvers, for people who see, hear or point differently."""

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

ENDLESS = "x" * 300


def of_draft(page_name: str) -> Callable[[Page], None]:
    def open_page(page: Page) -> None:
        page.goto(address(changed(basis=f"Another basis. {ENDLESS}"), page_name))

    return open_page


def draft_with_faults(page: Page) -> None:
    draft = changed(basis=ENDLESS)
    draft.cases.update(outcome="cannot_conclude")
    draft.rules.filter(link_id="pregnancy").update(sources=[])
    page.goto(address(draft))


def draft_sent_back(page: Page) -> None:
    draft = proposed(basis=ENDLESS)
    actions.send_back(draft, comment=f"Say why. {ENDLESS}", **acting(UserFactory(role=Role.APPROVER), Role.APPROVER))
    page.goto(address(draft))


def texts_overtaken(page: Page) -> None:
    draft = changed()
    page.goto(address(draft, "texts/"))
    theirs = {"basis": ENDLESS, "counselling": [ENDLESS]}
    actions.change_texts(draft, theirs, revision=draft.revision, **acting(UserFactory(role=Role.EDITOR)))
    page.get_by_label("On what the rules rest").fill("My basis.")
    page.get_by_label("If LDN is prescribed, tell the patient").fill("My line")
    with page.expect_navigation():
        page.get_by_role("button", name="Save the texts").click()


def texts_refused(page: Page) -> None:
    page.goto(address(changed(), "texts/"))
    page.get_by_label("Title").fill("")
    page.get_by_label("What this screen does not cover").fill(f"{ENDLESS}{ENDLESS}")
    with page.expect_navigation():
        page.get_by_role("button", name="Save the texts").click()


def import_refused(page: Page) -> None:
    page.goto(f"{DRAFT}import/")
    page.get_by_label("File of an edition").set_input_files(
        {"name": "edition.json", "mimeType": "application/json", "buffer": b'{"format": "ldn-screen-edition/1"}'}
    )
    with page.expect_navigation():
        page.get_by_role("button", name="Make a draft of it").click()


def no_draft(page: Page) -> None:
    EditionFactory(definition=rules_with_two_more())
    page.goto(DRAFT)


def retiring(page: Page) -> None:
    draft = changed()
    page.goto(address(draft, f"rules/{draft.rules.all()[0].pk}/retire/"))


def impact(page: Page) -> None:
    for _ in range(3):
        ScreeningFactory()
    draft = changed()
    editor = UserFactory(role=Role.EDITOR)
    item = {**draft.rules.all()[0].plain(), "link_id": "another", "name": ENDLESS[:150]}
    actions.add_rule(draft, item, **acting(editor))
    page.goto(address(draft, "impact/"))


def decision(page: Page) -> None:
    page.goto(address(proposed(basis=f"Another basis. {ENDLESS}"), "publish/"))


def comparison(page: Page) -> None:
    EditionFactory(definition=rules_with_two_more(why=f"Another reason. {ENDLESS}"), change_note=ENDLESS)
    page.goto("/editions/2/compare/1/")


def history(page: Page) -> None:
    approver = UserFactory(role=Role.APPROVER)
    draft = proposed(basis=ENDLESS)
    actions.publish(draft, change_note=draft.change_note, **acting(approver, Role.APPROVER))
    page.goto("/editions/2/history/")


def sending_back(page: Page) -> None:
    page.goto(address(proposed(), "send-back/"))


def publishing_again(page: Page) -> None:
    no_draft(page)
    page.goto(f"{DRAFT}again/1/")


STATES: dict[str, Callable[[Page], None]] = {
    "no draft": no_draft,
    "draft": of_draft("change/"),
    "draft with faults": draft_with_faults,
    "draft sent back": draft_sent_back,
    "texts": of_draft("texts/"),
    "texts overtaken": texts_overtaken,
    "texts refused": texts_refused,
    "further rules": of_draft("further/"),
    "retiring": retiring,
    "difference": of_draft("difference/"),
    "history of the draft": of_draft("history/"),
    "history of an edition": history,
    "impact": impact,
    "preview as form": of_draft("preview/form/"),
    "preview as result": of_draft("preview/result/"),
    "preview as print": of_draft("preview/print/"),
    "import refused": import_refused,
    "proposing": of_draft("propose/"),
    "decision": decision,
    "sending back": sending_back,
    "publishing again": publishing_again,
    "comparison": comparison,
}
OF_THE_APPROVER = {"decision", "sending back"}


@pytest.fixture
def opened(open_context: OpenContext, edition: Edition, clinician: User, state: str) -> Page:
    """A page in one of its states."""
    role = Role.APPROVER if state in OF_THE_APPROVER else Role.EDITOR
    page = open_context(UserFactory(role=role)).new_page()
    STATES[state](page)
    return page


@pytest.mark.parametrize("state", STATES)
def test_nothing_stands_in_the_way_of_anyone_at_any_width(opened: Page, state: str) -> None:
    assert barriers(opened) == {}
