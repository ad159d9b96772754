"""Permissions: every URL and method has an expected status for every role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from lxml import html

from screening.accounts.permissions import MATRIX, Permission, Role
from screening.medications import actions
from screening.models import PurgeRequest, Screening, User, Void
from tests.drafts import started
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import AMENDMENT, CLEAR_FORM, PAPER_FORM, WRONG_OWNER, without_reference, words
from tests.purges import purge_requested

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

EVERYONE = frozenset(Role)
EDITS = frozenset({Role.EDITOR})
SCREENS = frozenset({Role.CLINICIAN, Role.PRESCRIBER})
READS = SCREENS | {Role.AUDITOR}
AUDITS = frozenset({Role.AUDITOR})
DRAFTS = frozenset({Role.EDITOR, Role.APPROVER})
PUBLISHES = frozenset({Role.APPROVER})
SEES_SAFETY = frozenset({Role.AUDITOR, Role.APPROVER})
DECIDES = frozenset({Role.PRESCRIBER})
CORRECTS = frozenset({Role.PRESCRIBER})
"""Roles that may correct the records of others; a clinician may correct their own."""
ADMINISTERS = frozenset({Role.ADMINISTRATOR})
UNKNOWN = "00000000-0000-4000-8000-000000000000"


RECORD_PAGES = [
    "",
    "print/",
    "summary.pdf",
    "summary.txt",
    "others/",
    "amend/",
    "amend/medications/",
    "void/",
    "decision/",
    "looks/",
]


FACTOR = "/accounts/2fa/"
DRAFT = "/draft/"
STATUS = f"{DRAFT}rules/pregnancy/follow-ups/status/"
WITHOUT_DRAFT = {f"{DRAFT}start/", f"{DRAFT}again/1/", f"{DRAFT}import/"}


class Expectation(NamedTuple):
    """The status for a permitted role, by method. Other roles get 403, anonymous users the sign-in page."""

    address: str
    statuses: dict[str, int]
    roles: frozenset[Role]
    needs_sign_in: bool = True

    @property
    def is_draft_page(self) -> bool:
        """True for pages of the draft."""
        return self.address.startswith(DRAFT)

    def status(self, role: Role, method: str) -> int:
        """Return the expected status for a role; 405 comes before the check of permissions."""
        permitted = role in self.roles or self.statuses[method] == 405
        return self.statuses[method] if permitted else 403


EXPECTATIONS = {
    "account_login": Expectation("/accounts/login/", {"GET": 302, "POST": 302}, EVERYONE, needs_sign_in=False),
    "account_logout": Expectation("/accounts/logout/", {"GET": 405, "POST": 302}, EVERYONE),
    "account_reset_password_from_key": Expectation(
        "/accounts/password/reset/key/1-x/", {"GET": 200, "POST": 200}, EVERYONE, needs_sign_in=False
    ),
    "account_reset_password_from_key_done": Expectation(
        "/accounts/password/reset/key/done/", {"GET": 200, "POST": 405}, EVERYONE, needs_sign_in=False
    ),
    "mfa_index": Expectation("/accounts/", {"GET": 200, "POST": 405}, EVERYONE),
    "account_language": Expectation("/accounts/language/", {"GET": 200, "POST": 422}, EVERYONE),
    "account_change_password": Expectation("/accounts/password/change/", {"GET": 200, "POST": 200}, EVERYONE),
    "account_reauthenticate": Expectation("/accounts/reauthenticate/", {"GET": 200, "POST": 200}, EVERYONE),
    "mfa_authenticate": Expectation(
        f"{FACTOR}authenticate/", {"GET": 302, "POST": 302}, EVERYONE, needs_sign_in=False
    ),
    "mfa_reauthenticate": Expectation(f"{FACTOR}reauthenticate/", {"GET": 302, "POST": 302}, EVERYONE),
    "mfa_activate_totp": Expectation(f"{FACTOR}totp/activate/", {"GET": 302, "POST": 302}, EVERYONE),
    "mfa_deactivate_totp": Expectation(f"{FACTOR}totp/deactivate/", {"GET": 404, "POST": 404}, EVERYONE),
    "mfa_add_webauthn": Expectation(f"{FACTOR}webauthn/add/", {"GET": 302, "POST": 302}, EVERYONE),
    "mfa_remove_webauthn": Expectation(f"{FACTOR}webauthn/keys/1/remove/", {"GET": 302, "POST": 302}, EVERYONE),
    "mfa_login_webauthn": Expectation(
        f"{FACTOR}webauthn/login/", {"GET": 302, "POST": 302}, EVERYONE, needs_sign_in=False
    ),
    "mfa_reauthenticate_webauthn": Expectation(
        f"{FACTOR}webauthn/reauthenticate/", {"GET": 302, "POST": 302}, EVERYONE
    ),
    "recovery_codes": Expectation(f"{FACTOR}recovery-codes/", {"GET": 302, "POST": 302}, EVERYONE),
    "openid_connect_login": Expectation(  # no provider is set up
        "/accounts/oidc/sso/login/", {"GET": 405, "POST": 404}, EVERYONE, needs_sign_in=False
    ),
    "openid_connect_callback": Expectation(
        "/accounts/oidc/sso/login/callback/", {"GET": 404, "POST": 405}, EVERYONE, needs_sign_in=False
    ),
    "session_left": Expectation("/accounts/session/left/", {"GET": 200, "POST": 405}, EVERYONE, needs_sign_in=False),
    "stay_signed_in": Expectation("/accounts/session/stay/", {"GET": 405, "POST": 200}, EVERYONE),
    "unsent_form_list": Expectation("/accounts/unsent/", {"GET": 302, "POST": 405}, EVERYONE),
    "unsent_form": Expectation(f"/accounts/unsent/{UNKNOWN}/", {"GET": 404, "POST": 405}, EVERYONE),
    "unsent_form_discard": Expectation(f"/accounts/unsent/{UNKNOWN}/discard/", {"GET": 405, "POST": 404}, EVERYONE),
    "accessibility": Expectation("/accessibility/", {"GET": 200, "POST": 405}, EVERYONE, needs_sign_in=False),
    "home": Expectation("/", {"GET": 302, "POST": 405}, EVERYONE),
    "screening_list": Expectation("/screenings/", {"GET": 200, "POST": 302}, READS),
    "screening_new": Expectation("/screenings/new/", {"GET": 200, "POST": 422}, SCREENS),
    "new_medications": Expectation("/screenings/new/medications/", {"GET": 302, "POST": 200}, SCREENS),
    "screening_transcribe": Expectation("/screenings/transcribe/", {"GET": 200, "POST": 422}, SCREENS),
    "transcribe_medications": Expectation("/screenings/transcribe/medications/", {"GET": 302, "POST": 200}, SCREENS),
    "medication_check": Expectation("/screenings/medications/", {"GET": 405, "POST": 200}, SCREENS),
    "screening_result": Expectation("/screenings/{uuid}/", {"GET": 200, "POST": 405}, READS),
    "screening_print": Expectation("/screenings/{uuid}/print/", {"GET": 200, "POST": 405}, READS),
    "screening_pdf": Expectation("/screenings/{uuid}/summary.pdf", {"GET": 200, "POST": 405}, READS),
    "screening_text": Expectation("/screenings/{uuid}/summary.txt", {"GET": 200, "POST": 405}, READS),
    "screening_others": Expectation("/screenings/{uuid}/others/", {"GET": 200, "POST": 405}, READS),
    "screening_amend": Expectation("/screenings/{uuid}/amend/", {"GET": 200, "POST": 422}, CORRECTS),
    "amend_medications": Expectation("/screenings/{uuid}/amend/medications/", {"GET": 302, "POST": 200}, CORRECTS),
    "screening_void": Expectation("/screenings/{uuid}/void/", {"GET": 200, "POST": 422}, CORRECTS),
    "screening_decision": Expectation("/screenings/{uuid}/decision/", {"GET": 200, "POST": 422}, DECIDES),
    "worklist": Expectation("/worklist/", {"GET": 200, "POST": 405}, SCREENS),
    "safety": Expectation("/safety/", {"GET": 200, "POST": 405}, SEES_SAFETY),
    "safety_rules_csv": Expectation("/safety/rules.csv", {"GET": 200, "POST": 405}, SEES_SAFETY),
    "audit_events": Expectation("/audit/", {"GET": 200, "POST": 405}, AUDITS),
    "audit_events_csv": Expectation("/audit/events.csv", {"GET": 200, "POST": 405}, AUDITS),
    "screening_looks": Expectation("/screenings/{uuid}/looks/", {"GET": 200, "POST": 405}, READS),
    "edition_list": Expectation("/editions/", {"GET": 200, "POST": 405}, EVERYONE),
    "edition_detail": Expectation("/editions/1/", {"GET": 200, "POST": 405}, EVERYONE),
    "blank_form": Expectation("/editions/current/blank-form/", {"GET": 200, "POST": 405}, EVERYONE),
    "edition_review": Expectation("/editions/1/review/", {"GET": 200, "POST": 422}, SCREENS),
    "local_name_list": Expectation("/editions/local-names/", {"GET": 200, "POST": 405}, EVERYONE),
    "local_name_add": Expectation("/editions/local-names/add/", {"GET": 302, "POST": 422}, EDITS),
    "local_name_retire": Expectation("/editions/local-names/{name}/retire/", {"GET": 405, "POST": 302}, EDITS),
    "edition_compare": Expectation("/editions/1/compare/1/", {"GET": 200, "POST": 405}, EVERYONE),
    "edition_history": Expectation("/editions/1/history/", {"GET": 200, "POST": 405}, EVERYONE),
    "edition_file": Expectation("/editions/1/edition.json", {"GET": 200, "POST": 405}, EVERYONE),
    "draft_detail": Expectation(DRAFT, {"GET": 200, "POST": 405}, DRAFTS),
    "draft_start": Expectation(f"{DRAFT}start/", {"GET": 405, "POST": 404}, EDITS),
    "draft_republish": Expectation(f"{DRAFT}again/1/", {"GET": 200, "POST": 422}, EDITS),
    "draft_import": Expectation(f"{DRAFT}import/", {"GET": 200, "POST": 422}, EDITS),
    "draft_texts": Expectation(f"{DRAFT}texts/", {"GET": 200, "POST": 422}, EDITS),
    "rule_add": Expectation(f"{DRAFT}add-rule/", {"GET": 200, "POST": 422}, EDITS),
    "rule_edit": Expectation(f"{DRAFT}rules/pregnancy/", {"GET": 200}, DRAFTS),
    "rule_move": Expectation(f"{DRAFT}rules/pregnancy/move/", {"GET": 405, "POST": 302}, EDITS),
    "rule_retire": Expectation(f"{DRAFT}rules/pregnancy/retire/", {"GET": 200, "POST": 302}, EDITS),
    "follow_up_add": Expectation(f"{DRAFT}rules/pregnancy/add-follow-up/", {"GET": 200, "POST": 422}, EDITS),
    "follow_up_edit": Expectation(f"{DRAFT}rules/pregnancy/follow-ups/status/", {"GET": 200}, DRAFTS),
    "follow_up_move": Expectation(f"{STATUS}move/", {"GET": 405, "POST": 302}, EDITS),
    "follow_up_remove": Expectation(f"{STATUS}remove/", {"GET": 405, "POST": 302}, EDITS),
    "draft_propose": Expectation(f"{DRAFT}propose/", {"GET": 200, "POST": 422}, EDITS),
    "draft_take_back": Expectation(f"{DRAFT}take-back/", {"GET": 405, "POST": 302}, EDITS),
    "draft_discard": Expectation(f"{DRAFT}discard/", {"GET": 405, "POST": 302}, EDITS),
    "draft_library": Expectation(f"{DRAFT}library/", {"GET": 200}, DRAFTS),
    "case_list": Expectation(f"{DRAFT}cases/", {"GET": 200, "POST": 405}, DRAFTS),
    "case_add": Expectation(f"{DRAFT}add-case/", {"GET": 200, "POST": 422}, EDITS),
    "case_edit": Expectation(f"{DRAFT}cases/1/", {"GET": 200}, DRAFTS),
    "case_remove": Expectation(f"{DRAFT}cases/1/remove/", {"GET": 405, "POST": 302}, EDITS),
    "draft_compare": Expectation(f"{DRAFT}compare/", {"GET": 200, "POST": 405}, DRAFTS),
    "draft_history": Expectation(f"{DRAFT}history/", {"GET": 200, "POST": 405}, DRAFTS),
    "draft_preview_form": Expectation(f"{DRAFT}preview/form/", {"GET": 200, "POST": 422}, DRAFTS),
    "draft_preview_result": Expectation(f"{DRAFT}preview/result/", {"GET": 200, "POST": 405}, DRAFTS),
    "draft_preview_print": Expectation(f"{DRAFT}preview/print/", {"GET": 200, "POST": 405}, DRAFTS),
    "draft_impact": Expectation(f"{DRAFT}impact/", {"GET": 200, "POST": 405}, DRAFTS | SCREENS),
    "draft_call_back": Expectation(f"{DRAFT}impact/newly-flagged.csv", {"GET": 200, "POST": 405}, SCREENS),
    "draft_publish": Expectation(f"{DRAFT}publish/", {"GET": 200, "POST": 409}, PUBLISHES),
    "draft_send_back": Expectation(f"{DRAFT}send-back/", {"GET": 200, "POST": 422}, PUBLISHES),
    "purge_list": Expectation("/purges/", {"GET": 200, "POST": 405}, ADMINISTERS),
    "purge_new": Expectation("/purges/new/", {"GET": 200, "POST": 422}, ADMINISTERS),
    "purge_confirm": Expectation("/purges/{purge}/confirm/", {"GET": 200, "POST": 422}, ADMINISTERS),
    "purge_withdraw": Expectation("/purges/{purge}/withdraw/", {"GET": 405, "POST": 302}, ADMINISTERS),
    "old_address": Expectation("/admin/screening/ruleset/", {"GET": 302, "POST": 405}, EVERYONE),
    "livez": Expectation("/livez", {"GET": 200, "POST": 405}, EVERYONE, needs_sign_in=False),
    "metrics": Expectation("/metrics", {"GET": 200, "POST": 405}, EVERYONE, needs_sign_in=False),
    "readyz": Expectation("/readyz", {"GET": 200, "POST": 405}, EVERYONE, needs_sign_in=False),
}
BY_METHOD = [(name, method) for name, each in EXPECTATIONS.items() for method in each.statuses]


FORMS: dict[str, dict[str, str]] = {
    "screening_new": CLEAR_FORM,
    "screening_amend": AMENDMENT,
    "new_medications": CLEAR_FORM | {"medications": "Percocet 5 mg"},
    "amend_medications": AMENDMENT | {"medications": "Percocet 5 mg"},
    "screening_transcribe": PAPER_FORM,
    "transcribe_medications": PAPER_FORM | {"medications": "Percocet 5 mg"},
    "screening_void": {"void_reason": "The wrong patient was chosen", "confirmation": "5d3a-91c7"},
    "screening_decision": {"decision": "refer", "opioid-use.reason-text": "Talked it over"},
    "edition_review": {"rules": "pregnancy", "next_review": "27 Mar 2028", "confirmation": "on"},
}
"""Forms that are stored or returned for resubmission if the user is not signed in."""


def hidden(page: Any) -> dict[str, str]:
    """Return the hidden fields of a form for resubmission."""
    inputs = html.fromstring(page.content.decode()).xpath("//main//input[@type='hidden']")
    return {each.get("name"): each.get("value") for each in inputs if each.get("name") != "csrfmiddlewaretoken"}


@pytest.fixture
def screening(edition: object) -> Screening:
    return ScreeningFactory()


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The permissions that views and templates check during a test."""
    names, has_perm = set[str](), User.has_perm

    def recording(person: User, name: str, obj: Any = None) -> bool:
        names.add(name)
        return has_perm(person, name, obj)

    monkeypatch.setattr(User, "has_perm", recording)
    return names


def address_in(expected: Expectation, screening: Screening) -> str:
    """Return the URL of an expectation for an existing record, local name or draft."""
    if expected.is_draft_page and expected.address not in WITHOUT_DRAFT:
        started()
    if "{name}" in expected.address:
        person, at = screening.screened_by, screening.screened_at
        name = {"name": "Zorbelan", "ingredient": "oxycodone", "note": "The hospital pharmacy’s label"}
        added = actions.add_local_name(**name, by=person, role=Role.EDITOR, at=at)
        return expected.address.format(name=added.pk)
    if "{purge}" in expected.address:
        return expected.address.format(purge=(PurgeRequest.objects.first() or purge_requested()).pk)
    return expected.address.format(uuid=screening.uuid)


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            if each.namespace != "admin":  # see test_admin_access
                yield from patterns(each)
        else:
            yield each


def test_every_url_has_an_expectation() -> None:
    assert {each.name for each in patterns(get_resolver())} == EXPECTATIONS.keys()


def test_every_role_is_in_the_matrix() -> None:
    assert MATRIX.keys() == set(Role)


def test_roles_that_screen_may_open_the_edition_linked_from_the_form() -> None:
    screening_roles = [granted for granted in MATRIX.values() if Permission.SCREEN in granted]
    assert screening_roles
    assert all(Permission.READ_EDITIONS in granted for granted in screening_roles)


@pytest.mark.parametrize(("name", "method"), BY_METHOD)
def test_each_role_gets_the_expected_status(screening: Screening, checked: set[str], name: str, method: str) -> None:
    expected = EXPECTATIONS[name]
    address, found = address_in(expected, screening), {}
    for role in sorted(
        Role, key=expected.roles.__contains__
    ):  # permitted roles come last, because they may change data
        client = Client()
        client.force_login(UserFactory(role=role))
        found[role] = client.generic(method, address).status_code
    assert found == {role: expected.status(role, method) for role in Role}
    assert checked <= set(Permission)


@pytest.mark.parametrize(("name", "method"), BY_METHOD)
def test_an_anonymous_user_gets_only_the_sign_in_page(screening: Screening, name: str, method: str) -> None:
    expected = EXPECTATIONS[name]
    response = Client().generic(method, address_in(expected, screening))
    if not expected.needs_sign_in:
        assert response.status_code in {200, 302, expected.statuses[method]}
    elif expected.statuses[method] != 405:
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/accounts/login/")
    assert "Sample Patient" not in response.content.decode()


def test_an_account_without_a_role_has_no_access(screening: Screening) -> None:
    client, person = Client(), UserFactory()
    person.groups.clear()
    client.force_login(person)
    for name in ("screening_list", "screening_new", "screening_result", "edition_list"):
        assert client.get(EXPECTATIONS[name].address.format(uuid=screening.uuid)).status_code == 403


def test_being_superuser_grants_nothing(screening: Screening) -> None:
    client, person = Client(), UserFactory(role=Role.ADMINISTRATOR)
    person.is_superuser = True
    person.save()
    client.force_login(person)
    assert client.get(f"/screenings/{screening.uuid}/").status_code == 403
    assert person.get_all_permissions() == MATRIX[Role.ADMINISTRATOR]
    person.groups.clear()
    without = User.objects.get(pk=person.pk)
    assert not without.has_perm(Permission.READ_EDITIONS)
    assert not without.has_module_perms("screening")


@pytest.mark.parametrize("role", Role)
def test_djangos_permission_checks_use_the_matrix(role: Role) -> None:
    person = UserFactory(role=role)
    assert {each for each in Permission if person.has_perm(each)} == person.get_all_permissions() == MATRIX[role]
    assert person.has_module_perms("screening")
    assert not person.has_module_perms("auth")
    assert not any(person.has_perm(each, person) for each in Permission)


def test_inactive_and_anonymous_users_have_no_permissions() -> None:
    inactive = UserFactory()
    inactive.is_active = False
    for person in (inactive, AnonymousUser()):
        assert not any(person.has_perm(each) for each in Permission)
        assert not person.has_module_perms("screening")


@pytest.mark.parametrize("page", RECORD_PAGES)
def test_403_is_the_same_for_every_id_and_shows_no_patient(screening: Screening, page: str) -> None:
    client = Client()
    client.force_login(UserFactory(role=Role.EDITOR))
    known = client.get(f"/screenings/{screening.uuid}/{page}")
    unknown = client.get(f"/screenings/{uuid4()}/{page}")
    assert (known.status_code, unknown.status_code) == (403, 403)
    assert without_reference(known) == without_reference(unknown)
    assert "Sample" not in known.content.decode()


@pytest.mark.parametrize("page", RECORD_PAGES)
def test_an_unknown_record_is_404_with_the_role(client: Client, edition: object, page: str) -> None:
    client.force_login(UserFactory(role=Role.PRESCRIBER))
    assert client.get(f"/screenings/{UNKNOWN}/{page}").status_code == 404


def test_a_form_without_its_csrf_token_is_refused(screening: Screening) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())
    response = client.post("/screenings/new/", CLEAR_FORM)
    assert response.status_code == 403
    assert "Sample Patient" not in response.content.decode()


@pytest.mark.parametrize(("name", "form"), FORMS.items())
def test_after_the_sign_in_ended_the_form_comes_back_with_its_input(
    screening: Screening, name: str, form: dict[str, str]
) -> None:
    response = Client().post(EXPECTATIONS[name].address.format(uuid=screening.uuid), form | WRONG_OWNER)
    assert response.status_code == 403
    assert "Your session ended" in words(response)
    assert hidden(response).items() >= form.items()
    assert (Screening.objects.count(), Void.objects.count()) == (1, 0)


@pytest.mark.parametrize("name", ["screening_amend", "amend_medications", "screening_void"])
def test_an_anonymous_user_cannot_find_out_whether_a_record_exists(screening: Screening, name: str) -> None:
    address = EXPECTATIONS[name].address
    known, unknown = (
        Client().post(address.format(uuid=each), {"a": "b"} | WRONG_OWNER) for each in (screening.uuid, uuid4())
    )
    assert (
        (known.status_code, hidden(known))
        == (unknown.status_code, hidden(unknown))
        == (403, {"a": "b"} | WRONG_OWNER)
    )


@pytest.mark.parametrize(("name", "form"), FORMS.items())
def test_a_form_with_an_outdated_token_comes_back_with_its_input(
    screening: Screening, name: str, form: dict[str, str]
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(screening.screened_by)
    same_origin = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    address = EXPECTATIONS[name].address.format(uuid=screening.uuid)
    response = client.post(address, form | WRONG_OWNER, headers=same_origin)
    assert response.status_code == 403
    page = html.fromstring(response.content.decode())
    boxes = {str(each.text).removeprefix("\n") for each in page.xpath("//textarea")}
    assert set(form.values()) <= boxes | set(page.xpath("//input/@value"))
    assert (Screening.objects.count(), Void.objects.count()) == (1, 0)
