"""Every page has states in which its accessibility is checked in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from tests.browser.states import STATES

TEMPLATES = Path(__file__).parents[3] / "templates"
BASE_TEMPLATES = {"base.html", "base_plain.html"}
WITHOUT_A_PAGE = {
    "admin:autocomplete": "returns JSON",
    "admin:jsi18n": "returns a script",
    "admin:login": "redirects",
    "admin:screening_user_delete": "is 403 for everybody",
    "admin:screening_user_end_sessions": "redirects",
    "admin:logout": "redirects",
    "admin:password_change": "redirects",
    "admin:view_on_site": "redirects",
    "account_logout": "redirects",
    "mfa_login_webauthn": "redirects, and returns JSON to a script",
    "screening:audit_events_csv": "returns a file",
    "screening:case_remove": "redirects",
    "screening:draft_call_back": "returns a file",
    "screening:draft_discard": "redirects",
    "screening:draft_start": "redirects",
    "screening:draft_take_back": "redirects",
    "screening:edition_file": "returns a file",
    "screening:follow_up_move": "redirects",
    "screening:follow_up_remove": "redirects",
    "screening:home": "redirects",
    "screening:livez": "returns plain text",
    "screening:local_name_retire": "redirects",
    "screening:metrics": "returns plain text",
    "screening:medication_check": "returns a part of the form",
    "screening:old_address": "redirects",
    "screening:purge_withdraw": "redirects",
    "screening:readyz": "returns plain text",
    "screening:rule_move": "redirects",
    "screening:safety_rules_csv": "returns a file",
    "session_left": "returns JSON",
    "stay_signed_in": "returns JSON",
    "unsent_form_discard": "redirects",
}
"""URLs that show no page of their own, and why."""


def url_names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """Return the names of all URLs, with their namespaces."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from url_names(each, f"{each.namespace}:" if each.namespace else namespace)
        elif isinstance(each, URLPattern) and each.name:
            yield f"{namespace}{each.name}"


def test_every_page_has_a_state() -> None:
    pages = {*url_names(get_resolver())} - WITHOUT_A_PAGE.keys()
    assert sorted(pages - {state.page for state in STATES.values()}) == []


def test_every_error_page_has_a_state() -> None:
    pages = {each.name for each in TEMPLATES.glob("*.html")} - BASE_TEMPLATES
    assert sorted(pages - {state.page for state in STATES.values()}) == []


def test_every_exception_is_a_url_without_a_state() -> None:
    assert WITHOUT_A_PAGE.keys() <= {*url_names(get_resolver())}
    assert WITHOUT_A_PAGE.keys().isdisjoint({state.page for state in STATES.values()})
