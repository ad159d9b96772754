"""The form can be completed by keyboard alone, and quickly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from screening.models import Edition, Screening, User
from tests.browser.conftest import OpenContext
from tests.browser.steps import (
    LOGIN,
    PATIENT,
    RULES,
    as_entered,
    choice,
    entered,
    fields,
    fill,
    focused,
    focused_name,
    open_filled,
    record,
    record_button,
    rule,
)
from tests.factories import PASSWORD, ScreeningFactory
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, address_of
from tests.rules import shipped_rules

pytestmark = [pytest.mark.browser, pytest.mark.look, pytest.mark.postgresql]

CLEAR = "No listed contraindication was identified from these answers"
KEYS_FOR_A_CLEAR_FORM = 2 + 2 * len(RULES) + 1
"""Key presses after the patient: two to skip the list, two for each question (Tab and the answer), one to record."""


class Keys:
    """The keyboard of a page, counting key presses."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.count += len(text)

    def tab_to(self, target: Locator, at_most: int = 12) -> None:
        """Press Tab until the target has the focus."""
        for _ in range(at_most):
            self.press("Tab")
            if target.evaluate("each => each === document.activeElement"):
                return
        raise AssertionError(f"{target} was not reached with {at_most} times Tab")


@pytest.fixture
def keys(page: Page) -> Keys:
    """The keyboard on a new form."""
    page.goto(NEW)
    return Keys(page)


@pytest.fixture
def screening(edition: Edition, clinician: User) -> Screening:
    """A flagged record of the clinician."""
    return ScreeningFactory(by=clinician, taking_opioid=True)


def type_patient(keys: Keys) -> None:
    """Fill in the patient, from the first field to the last."""
    for number, text in enumerate(PATIENT.values()):
        if number:
            keys.press("Tab")
        keys.type(text)


def focus_stops(page: Page) -> Iterator[Locator]:
    """Move the focus with Tab through all controls of the page."""
    while True:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            return
        here = focused(page)
        if here.evaluate("each => each.hasAttribute('data-was-here')"):
            return
        here.evaluate("each => each.setAttribute('data-was-here', '')")
        yield here


def described(element: Locator) -> str:
    """Return the start of the element's HTML, to identify it in a failure."""
    return str(element.evaluate("each => each.outerHTML.slice(0, 90)"))


# Whole workflows----------------------------------------------------------------------------------------------


def test_from_signing_in_to_the_result_no_mouse_is_needed(open_context: OpenContext, clinician: User) -> None:
    page = open_context().new_page()
    keys = Keys(page)
    page.goto(LOGIN)
    keys.tab_to(page.get_by_label("Username"))
    keys.type("clinician")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Screenings")).to_be_visible()
    keys.tab_to(page.get_by_role("navigation").get_by_role("link", name="New screening"))
    keys.press("Enter")
    expect(page.get_by_role("heading", name="New screening")).to_be_visible()
    keys.tab_to(fields(page, "patient_name"))
    type_patient(keys)
    for link_id in RULES:
        keys.tab_to(choice(page, link_id, "yes"))
        keys.press("n")
    keys.press("Enter")
    expect(page.get_by_role("heading", name=CLEAR)).to_be_visible()


def test_a_record_can_be_amended_by_keyboard(page: Page, screening: Screening) -> None:
    page.goto(address_of(screening))
    keys = Keys(page)
    keys.tab_to(page.get_by_role("link", name="Amend", exact=True), at_most=30)
    keys.press("Enter")
    expect(page.get_by_role("heading", name=f"Amend record {screening.short_id}")).to_be_visible()
    keys.tab_to(fields(page, "amendment_reason"), at_most=20)
    keys.type(AMENDMENT["amendment_reason"])
    for link_id in RULES:
        keys.tab_to(choice(page, link_id, "yes"))
        keys.press("n")
    keys.press("Enter")
    expect(page.get_by_role("heading", name=CLEAR)).to_be_visible()
    assert Screening.objects.get(supersedes=screening).amendment_reason == AMENDMENT["amendment_reason"]


def test_the_skip_link_skips_the_page_header(keys: Keys, page: Page) -> None:
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    expect(focused(page)).to_be_in_viewport()
    keys.press("Enter")
    keys.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


# Speed of entry -----------------------------------------------------------------------------------------------


def test_after_the_patient_a_clear_form_takes_two_keys_for_the_list_two_a_question_and_one_to_record(
    keys: Keys, page: Page
) -> None:
    fields(page, "patient_name").focus()
    type_patient(keys)
    before = keys.count
    keys.press("Tab", "Tab")  # past the medication list and its button
    for _ in RULES:
        keys.press("Tab", "n")
    assert {name: entered(page)[name] for name in RULES} == {name: ["no"] for name in RULES}
    keys.press("Enter")
    expect(page.get_by_role("heading", name=CLEAR)).to_be_visible()
    assert keys.count - before == KEYS_FOR_A_CLEAR_FORM


def test_pressing_enter_twice_records_the_form_once(keys: Keys, page: Page) -> None:
    fill(page, CLEAR_FORM)
    keys.press("Enter", "Enter")
    expect(page.get_by_role("heading", name=CLEAR)).to_be_visible()
    assert Screening.objects.count() == 1


# Answers ------------------------------------------------------------------------------------------------------


def test_a_letter_answers_the_question_that_has_the_focus_and_no_other(keys: Keys, page: Page) -> None:
    for link_id, key in zip(RULES, "ynuY", strict=True):
        choice(page, link_id, "yes").focus()
        keys.press(key)
    assert entered(page) == dict(zip(RULES, [["yes"], ["no"], ["unknown"], ["yes"]], strict=True))


def test_yes_shows_the_details_and_tab_moves_into_them(keys: Keys, page: Page) -> None:
    agent = fields(page, "opioid-use.agent")
    expect(agent).to_be_hidden()
    choice(page, "opioid-use", "yes").focus()
    keys.press("y")
    expect(agent).to_be_visible()
    keys.press("Tab")
    expect(agent).to_be_focused()


def test_not_known_shows_what_to_find_out_and_tab_moves_to_the_reason(keys: Keys, page: Page) -> None:
    find_out = rule(page, "pregnancy").get_by_text(shipped_rules().by_link_id["pregnancy"].find_out)
    expect(find_out).to_be_hidden()
    choice(page, "pregnancy", "yes").focus()
    keys.press("u")
    expect(find_out).to_be_visible()
    keys.press("Tab")
    assert focused_name(page) == "pregnancy.unknown-reason"


def test_an_arrow_key_changes_the_answer_and_its_details(keys: Keys, page: Page) -> None:
    choice(page, "opioid-use", "yes").focus()
    keys.press("y", "ArrowRight")
    assert entered(page) == {"opioid-use": ["no"]}
    expect(fields(page, "opioid-use.agent")).to_be_hidden()


def test_letters_entered_in_a_text_field_answer_no_question(keys: Keys, page: Page) -> None:
    choice(page, "opioid-use", "yes").check()
    texts = ["patient_name", "indication", "opioid-use.agent"]
    for name in texts:
        fields(page, name).focus()
        keys.type("unyUNY")
    assert entered(page) == {"opioid-use": ["yes"], **as_entered(dict.fromkeys(texts, "unyUNY"))}


def test_letters_choose_from_a_select_as_usual(keys: Keys, page: Page) -> None:
    choice(page, "opioid-use", "yes").check()
    fields(page, "opioid-use.urine-screen").focus()
    keys.press("n")
    given = entered(page)
    assert given["opioid-use"] == ["yes"]
    assert given["opioid-use.urine-screen"] != []


def test_browser_shortcuts_answer_no_question(keys: Keys, page: Page) -> None:
    choice(page, "pregnancy", "yes").focus()
    keys.press("Control+u", "Alt+n", "Meta+y")
    assert entered(page) == {}


def test_why_we_ask_opens_by_keyboard_without_sending_the_form(keys: Keys, page: Page) -> None:
    why = rule(page, "opioid-use").get_by_text(shipped_rules().by_link_id["opioid-use"].why)
    expect(why).to_be_hidden()
    page.get_by_role("button", name="Check the list").focus()
    keys.press("Tab", "Enter")
    expect(why).to_be_visible()


# Focus --------------------------------------------------------------------------------------------------------


def test_tab_moves_through_the_whole_form_to_the_button(keys: Keys, page: Page) -> None:
    names = [each.get_attribute("name") or each.inner_text() for each in focus_stops(page)]
    expected = [*PATIENT, "medications", "Check the list", *RULES, "Record and show result"]
    assert [name for name in names if name in expected] == expected


# Errors -------------------------------------------------------------------------------------------------------


def test_the_error_summary_has_the_focus(page: Page) -> None:
    page.goto(NEW)
    record(page)
    expect(page.get_by_role("alert", name="There is a problem")).to_be_focused()


def test_each_link_of_the_error_summary_focuses_the_first_control_of_its_field(page: Page) -> None:
    details = {"opioid-use.agent": "Tramadol", "opioid-use.kind": ["short-acting"], "opioid-use.urine-screen": "none"}
    page.goto(NEW)
    fill(page, {"opioid-use": "yes", **details, "pregnancy": "not_applicable", "birth_date": "nonsense"})
    choice(page, "opioid-use", "no").check()
    record(page)
    links = page.get_by_role("alert").get_by_role("link")
    reached = []
    for number in range(links.count()):
        links.nth(number).press("Enter")
        name = focused_name(page)
        assert fields(page, name).first.evaluate("each => each === document.activeElement"), name
        reached.append(name)
    wrong = ["patient_name", "birth_date", "record_number", "severe-liver-disease", "breastfeeding"]
    assert sorted(reached) == sorted([*wrong, *details, "pregnancy.na-reason"])


def test_the_error_summary_links_to_the_patient_confirmation(page: Page, context: BrowserContext) -> None:
    open_filled(page)
    record(page)
    open_filled(page, patient_name="Another Person")
    record(page)
    page.get_by_role("alert").get_by_role("link").press("Enter")
    expect(fields(page, "confirm_patient")).to_be_focused()


# Announcements ------------------------------------------------------------------------------------------------


def test_the_flag_of_an_answer_is_announced(keys: Keys, page: Page) -> None:
    item = shipped_rules().by_link_id["opioid-use"]
    choice(page, "opioid-use", "yes").focus()
    keys.press("y")
    announcement = page.get_by_role("status")
    expect(announcement).to_contain_text(item.severity_words)
    expect(announcement).to_contain_text(item.finding)
    expect(announcement).to_contain_text(item.next_step)


def test_what_to_find_out_is_announced(keys: Keys, page: Page) -> None:
    choice(page, "opioid-use", "yes").focus()
    keys.press("u")
    expect(page.get_by_role("status")).to_contain_text(shipped_rules().by_link_id["opioid-use"].find_out)


def test_the_answer_no_clears_the_announcement(keys: Keys, page: Page) -> None:
    choice(page, "opioid-use", "yes").focus()
    keys.press("y", "n")
    expect(page.get_by_role("status")).to_have_text("")
    expect(record_button(page)).to_be_visible()
