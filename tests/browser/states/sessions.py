"""The notice that a session ends, and forms that were sent afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.models import UnsentForm, User
from tests.accounts import ACCOUNTS
from tests.browser.states.state import State, press
from tests.browser.steps import fields, fill, open_filled, record
from tests.factories import ScreeningFactory
from tests.pages import NEW, OPIOID_FORM, WRONG_OWNER, address_of, as_filled

LIST = "/accounts/unsent/"
MINUTE_MS = 60_000


def after(page: Page, minutes: int, left: timedelta) -> None:
    """Let minutes pass for the scripts of the page, after which the server says that so much time is left."""
    Session.objects.update(expire_date=timezone.now() + left)
    page.clock.fast_forward(minutes * MINUTE_MS)


def warned(address: Callable[[], str]) -> Callable[[Page], None]:
    """Return a function that opens a page which warns that the session ends.

    Any key renews the session. The server does not respond to that, so that the notice is still there to be checked.
    """

    def open_page(page: Page) -> None:
        page.route("**/session/stay/", lambda route: None)
        page.clock.install()
        page.goto(address())
        after(page, minutes=13, left=timedelta(minutes=2))
        page.get_by_role("button", name="Stay signed in").wait_for()

    return open_page


def stayed(page: Page) -> None:
    """Open a page whose session was renewed after the warning."""
    warned(lambda: NEW)(page)
    page.unroute("**/session/stay/")
    page.get_by_role("button", name="Stay signed in").click()
    page.get_by_text("You are still signed in.").wait_for()


def warned_at_the_longest_limit(page: Page) -> None:
    page.goto(NEW)
    page.get_by_role("alert").get_by_text("a session lasts at most").wait_for()


def ended_with_input(page: Page) -> None:
    page.clock.install()
    page.goto(NEW)
    fill(page, {"indication": "Fibromyalgia", "opioid-use": "no"})
    after(page, minutes=15, left=-timedelta(seconds=1))
    page.get_by_role("alert").get_by_text("What you typed is still here.").wait_for()


def store(how_many: int = 1, *, has_files: bool = False) -> str:
    """Store forms that the clinician did not send, and return the URL of the last."""
    clinician, now = User.objects.get(username="clinician"), timezone.now()
    content = json.dumps(list(as_filled(OPIOID_FORM).items()))
    times = {"stored_at": now, "expires_at": now + timedelta(days=1)}
    for _ in range(how_many):
        form = UnsentForm.objects.create(user=clinician, path=NEW, content=content, has_files=has_files, **times)
    return f"{LIST}{form.pk}/"


def several_forms(page: Page) -> None:
    store(3)
    page.goto(LIST)


def one_form(page: Page) -> None:
    page.goto(store(has_files=True))


def notice_of_a_form(page: Page) -> None:
    store()
    page.goto(LIST)
    page.goto("/screenings/")


def continued_form(page: Page) -> None:
    page.goto(store())
    press(page, "Continue")


def form_that_is_not_stored(page: Page) -> None:
    open_filled(page)
    Session.objects.all().delete()
    fields(page, "form_owner").evaluate_all(
        "(all, value) => all.forEach(each => { each.value = value })", WRONG_OWNER["form_owner"]
    )
    record(page)


def form_opened_before_signing_in_again(page: Page) -> None:
    open_filled(page)
    fields(page, "csrfmiddlewaretoken").evaluate_all("all => all.forEach(each => { each.value = 'x'.repeat(64) })")
    record(page)


FORM = "screening:screening_new"
STATES = {
    "form, session ends soon": State(FORM, warned(lambda: NEW)),
    "form, session renewed": State(FORM, stayed),
    "form, longest session ends soon": State(
        FORM, warned_at_the_longest_limit, settings={"SESSION_LONGEST": timedelta(minutes=2)}
    ),
    "form, session ended with input": State(FORM, ended_with_input),
    "print, session ends soon": State(
        "screening:screening_print", warned(lambda: address_of(ScreeningFactory(), "print/"))
    ),
    "accounts, session ends soon": State(
        "admin:screening_user_changelist", warned(lambda: ACCOUNTS), Role.ADMINISTRATOR
    ),
    "form that is not stored": State(FORM, form_that_is_not_stored),
    "form opened before signing in again": State(FORM, form_opened_before_signing_in_again),
    "list, a form was not sent": State("screening:screening_list", notice_of_a_form),
    "forms that were not sent": State("unsent_form_list", several_forms),
    "form that was not sent": State("unsent_form", one_form),
    "form that was not sent, continued": State(FORM, continued_form),
}
