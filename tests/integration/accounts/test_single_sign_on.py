"""Signing in through a real provider: accounts, roles, sessions and audit events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory

from screening.accounts import actions, adapter
from screening.accounts.account_state import AccountState
from screening.accounts.permissions import Role
from screening.accounts.single_sign_on import provider_checked_second_factor
from screening.models import AuditEvent, User
from tests.accounts import ACCOUNTS, ADD, NEW_ACCOUNT, page_of, shown
from tests.factories import PASSWORD, UserFactory
from tests.oidc import LOGIN, NAME, NURSE, ROLES, RealProvider, begin, real_provider, sign_in, sign_on_settings
from tests.pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]
SIGN_IN_PAGE = "/accounts/login/"


@pytest.fixture(scope="module")
def running() -> Iterator[RealProvider]:
    """A provider that runs for all tests of this module."""
    with real_provider() as provider:
        yield provider


@pytest.fixture
def use(settings: Any, running: RealProvider) -> Callable[..., None]:
    """A function that changes variables of the environment about the provider."""

    def use(**variables: str) -> None:
        for name, value in sign_on_settings(running.issuer, **variables).items():
            setattr(settings, name, value)

    return use


@pytest.fixture
def provider(running: RealProvider, use: Callable[..., None]) -> RealProvider:
    """The provider, with a nurse, and groups that map to roles."""
    use(LDN_OIDC_ROLES=ROLES)
    running.set_person("robin", **NURSE)
    return running


@pytest.fixture
def auditor(client_of: Callable[[User], Client], edition: object) -> Client:
    """A test client with a signed-in auditor."""
    return client_of(UserFactory(role=Role.AUDITOR))


def roles_of(account: User) -> set[str]:
    return set(account.groups.values_list("name", flat=True))


def robin() -> User:
    return User.objects.get(username="robin.poe")


def actions_about(account: User) -> list[str]:
    return list(
        AuditEvent.objects.filter(actor_name=account.username).order_by("pk").values_list("action", flat=True)
    )


# Accounts -----------------------------------------------------------------------------------------------------


def test_the_first_sign_in_makes_an_account_with_the_roles_of_the_groups(provider: RealProvider) -> None:
    client = Client()
    response = sign_in(client, provider)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    account = robin()
    assert (account.first_name, account.last_name, account.email) == ("Robin", "Poe", "")
    assert not account.has_usable_password()
    assert roles_of(account) == {"clinician"}
    assert client.get("/screenings/").status_code == 200


def test_the_account_and_the_sign_in_are_recorded(provider: RealProvider) -> None:
    sign_in(Client(), provider)
    assert actions_about(robin()) == ["account.made_at_sign_in", "account.signed_in"]
    event = AuditEvent.objects.get(action="account.made_at_sign_in")
    assert (event.subject, event.details) == ("robin.poe", {"role_given": "clinician"})


def test_a_second_sign_in_uses_the_same_account(provider: RealProvider) -> None:
    sign_in(Client(), provider)
    provider.set_person("robin", **NURSE | {"preferred_username": "renamed", "given_name": "Other"})
    sign_in(Client(), provider)
    assert User.objects.count() == 1
    assert (robin().first_name, actions_about(robin())[-1]) == ("Robin", "account.signed_in")


def test_neither_user_name_nor_email_leads_to_an_existing_account(provider: RealProvider) -> None:
    local = UserFactory(username="Robin.Poe", role=Role.PRESCRIBER)
    User.objects.filter(pk=local.pk).update(email="robin@example.org")
    provider.set_person("robin", **NURSE | {"email": "robin@example.org", "email_verified": True})
    client = Client()
    sign_in(client, provider)
    account = User.objects.get(pk=client.session["_auth_user_id"])
    assert (account.username, roles_of(account)) == ("robin.poe-2", {"clinician"})
    assert local.check_password(PASSWORD)


def test_a_third_person_of_a_name_gets_the_next_number(provider: RealProvider) -> None:
    for subject in ("one", "two", "three"):
        provider.set_person(subject, **NURSE)
        sign_in(Client(), provider, subject)
    assert set(User.objects.values_list("username", flat=True)) == {"robin.poe", "robin.poe-2", "robin.poe-3"}


@pytest.mark.parametrize(
    ("claims", "username", "name"),
    [
        ({}, "account", "account"),
        ({"name": "Ana María Ruiz"}, "ana.maría.ruiz", "Ana María Ruiz"),
        ({"preferred_username": "a b/c<d>", "name": "x\u202ey\n z"}, "abcd", "xy z"),
        ({"preferred_username": ["no", "text"], "given_name": 7, "family_name": {"a": 1}}, "account", "account"),
        ({"preferred_username": "u" * 300, "family_name": "n" * 300}, "u" * 100, "n" * 150),
        ({"preferred_username": "\u200d\u200c", "name": "\u200d"}, "account", "account"),
    ],
)
def test_a_new_account_has_a_valid_user_name_and_name(
    provider: RealProvider, claims: dict[str, object], username: str, name: str
) -> None:
    provider.set_person("someone", **claims)
    assert sign_in(Client(), provider, "someone").status_code == 302
    account = User.objects.get()
    account.full_clean(exclude=["password"])
    assert (account.username, account.display_name) == (username, name)


def test_nothing_of_the_tokens_and_no_other_claim_is_stored(provider: RealProvider) -> None:
    provider.set_person("robin", **NURSE | {"email": "robin@example.org", "phone_number": "555", "ward": "7B"})
    sign_in(Client(), provider)
    stored = SocialAccount.objects.get()
    assert stored.extra_data.keys() == {"nonce", "groups"}
    assert stored.uid == f"{provider.issuer} robin"
    assert SocialToken.objects.count() == 0


def test_a_sign_in_as_somebody_else_ends_the_session_before(provider: RealProvider, clinician: User) -> None:
    client = Client()
    client.force_login(clinician)
    sign_in(client, provider)
    assert client.session["_auth_user_id"] == str(robin().pk)
    assert not SocialAccount.objects.filter(user=clinician).exists()


@pytest.mark.parametrize("query", ["?process=connect", "?process=redirect&next=/screenings/"])
def test_an_account_cannot_be_connected_to_the_provider(
    provider: RealProvider, clinician: User, client: Client, query: str
) -> None:
    address = client.post(f"{LOGIN}{query}", {"process": "connect"}).headers["Location"]
    client.get(provider.answer(address, "robin"))
    assert not SocialAccount.objects.filter(user=clinician).exists()


def test_a_request_cannot_change_what_the_provider_is_asked_for(provider: RealProvider) -> None:
    query = "?scope=admin&auth_params=redirect_uri%3Dhttps://evil.example%26prompt%3Dnone&action=rerequest"
    address = Client().post(f"{LOGIN}{query}").headers["Location"]
    assert not any(part in address for part in ("evil", "admin", "prompt"))


# Roles --------------------------------------------------------------------------------------------------------


def test_leaving_a_group_ends_the_role_and_the_other_sessions(provider: RealProvider) -> None:
    before = Client()
    sign_in(before, provider)
    provider.set_person("robin", **NURSE | {"groups": ["ldn-doctors"]})
    now = Client()
    sign_in(now, provider)
    assert roles_of(robin()) == {"prescriber"}
    assert (before.get("/screenings/").status_code, now.get("/screenings/").status_code) == (302, 200)
    event = AuditEvent.objects.get(action="account.roles_set_by_provider")
    assert event.details == {"roles_before": "clinician", "roles_after": "prescriber", "sessions_ended": 1}


def test_a_new_role_in_the_same_browser_keeps_its_session(provider: RealProvider) -> None:
    client = Client()
    sign_in(client, provider)
    provider.set_person("robin", **NURSE | {"groups": ["ldn-doctors"]})
    assert sign_in(client, provider).status_code == 302
    assert client.get("/worklist/").status_code == 200


def test_the_same_groups_change_nothing_and_end_no_session(provider: RealProvider) -> None:
    first = Client()
    sign_in(first, provider)
    sign_in(Client(), provider)
    assert first.get("/screenings/").status_code == 200
    assert not AuditEvent.objects.filter(action="account.roles_set_by_provider").exists()


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        (["ldn-nurses", "ldn-doctors"], {"clinician", "prescriber"}),
        ("ldn-doctors", {"prescriber"}),
        (["LDN-NURSES", "ldn-nurses ", "clinician", "administrator"], set()),
        ("ldn-nurses,ldn-doctors", set()),
        ({"ldn-nurses": True}, set()),
        ([["ldn-nurses"], 7, None], set()),
        (None, set()),
    ],
)
def test_only_exactly_named_groups_give_a_role(provider: RealProvider, groups: object, roles: set[str]) -> None:
    sign_in(Client(), provider)
    provider.set_person("robin", **NURSE | {"groups": groups})
    sign_in(Client(), provider)
    assert roles_of(robin()) == roles


def test_without_the_claim_all_roles_end(provider: RealProvider) -> None:
    sign_in(Client(), provider)
    provider.set_person("robin", **{name: value for name, value in NURSE.items() if name != "groups"})
    sign_in(Client(), provider)
    assert roles_of(robin()) == set()


def test_another_claim_may_hold_the_groups(provider: RealProvider, use: Callable[..., None]) -> None:
    use(LDN_OIDC_ROLES="a=b=auditor", LDN_OIDC_ROLES_CLAIM="https://example.org/roles")
    provider.set_person("robin", **NURSE | {"https://example.org/roles": ["a=b"]})
    sign_in(Client(), provider)
    assert roles_of(robin()) == {"auditor"}


def test_without_a_mapping_the_account_has_no_role_and_the_page_says_what_to_do(
    provider: RealProvider, use: Callable[..., None], edition: object
) -> None:
    use()
    client = Client()
    sign_in(client, provider)
    page = client.get("/", follow=True)
    assert page.status_code == 403
    assert "Your account has no role yet" in words(page)
    assert "Ask your administrator" in words(page)
    assert roles_of(robin()) == set()


def test_without_a_mapping_the_roles_that_an_administrator_gave_stay(
    provider: RealProvider, use: Callable[..., None]
) -> None:
    sign_in(Client(), provider)
    use()
    provider.set_person("robin", **NURSE | {"groups": []})
    client = Client()
    sign_in(client, provider)
    assert roles_of(robin()) == {"clinician"}
    assert client.get("/screenings/").status_code == 200


# Refusals -----------------------------------------------------------------------------------------------------


def test_a_disabled_account_stays_out(provider: RealProvider) -> None:
    sign_in(Client(), provider)
    User.objects.update(is_active=False)
    client = Client()
    response = sign_in(client, provider)
    assert (response.status_code, words(response, "//h1")) == (403, "Your account is disabled")
    assert client.get("/screenings/").status_code == 302
    event = AuditEvent.objects.get(action="account.sign_in_refused")
    assert event.subject == "robin.poe"


def test_an_account_of_a_demonstration_stays_out(provider: RealProvider) -> None:
    sign_in(Client(), provider)
    User.objects.update(is_demo=True)
    assert sign_in(Client(), provider).status_code == 403


def test_a_person_who_declines_is_back_on_the_sign_in_page(provider: RealProvider) -> None:
    client = Client()
    address = begin(client, next="/worklist/")
    state = address.partition("state=")[2].partition("&")[0]
    response = client.get(f"{LOGIN}callback/?error=access_denied&state={state}")
    assert response.headers["Location"] == f"{SIGN_IN_PAGE}?next=/worklist/"
    assert f"You cancelled signing in with {NAME}." in words(client.get(response.headers["Location"]))


def test_another_provider_is_404(provider: RealProvider) -> None:
    assert Client().post("/accounts/oidc/other/login/").status_code == 404
    assert Client().get("/accounts/oidc/other/login/callback/").status_code == 404


def test_a_link_alone_begins_no_sign_in(provider: RealProvider) -> None:
    assert Client().get(LOGIN).status_code == 405
    assert Client(enforce_csrf_checks=True).post(LOGIN).status_code == 403


# The sign-in page, and local accounts ---------------------------------------------------------------------------


def test_the_sign_in_page_offers_both_ways(provider: RealProvider) -> None:
    page = Client().get(f"{SIGN_IN_PAGE}?next=/worklist/")
    assert words(page, "//main//button") == f"Sign in with {NAME} Sign in Use a passkey"
    assert page.content.decode().count('name="next" value="/worklist/"') == 3


def test_without_a_provider_there_is_no_button_and_no_address(db: None) -> None:
    assert words(Client().get(SIGN_IN_PAGE), "//main//button") == "Sign in Use a passkey"
    assert Client().post(LOGIN).status_code == 404
    assert Client().get(f"{LOGIN}callback/").status_code == 404


def test_after_signing_in_the_page_that_was_wanted_opens(provider: RealProvider) -> None:
    assert sign_in(Client(), provider, next="/worklist/").headers["Location"] == "/worklist/"


def test_without_local_accounts_only_the_provider_signs_in(
    provider: RealProvider, use: Callable[..., None], clinician: User, client: Client
) -> None:
    use(LDN_OIDC_ROLES=ROLES, LDN_LOCAL_ACCOUNTS="0")
    anonymous = Client()
    assert words(anonymous.get(SIGN_IN_PAGE), "//main//button") == f"Sign in with {NAME}"
    assert anonymous.post(SIGN_IN_PAGE, {"login": "clinician", "password": PASSWORD}).status_code == 404
    assert anonymous.get("/accounts/password/reset/key/1-x/").status_code == 404
    assert not anonymous.login(username="clinician", password=PASSWORD)
    assert client.get("/screenings/").status_code == 302
    sign_in(anonymous, provider)
    assert anonymous.get("/screenings/").status_code == 200


# A second factor of the provider --------------------------------------------------------------------------------


@pytest.mark.parametrize(("variable", "expected"), [("1", True), ("0", False), ("", False)])
def test_the_second_factor_of_the_provider_counts_only_if_set_so(
    provider: RealProvider, use: Callable[..., None], variable: str, expected: bool
) -> None:
    use(LDN_OIDC_SECOND_FACTOR=variable)
    client = Client()
    sign_in(client, provider)
    request = RequestFactory().get("/")
    request.session, request.user = client.session, robin()
    assert provider_checked_second_factor(request) is expected


def test_a_password_is_no_second_factor_of_the_provider(
    provider: RealProvider, use: Callable[..., None], clinician: User
) -> None:
    use(LDN_OIDC_SECOND_FACTOR="1")
    client = Client()
    client.post(SIGN_IN_PAGE, {"login": "clinician", "password": PASSWORD})
    request = RequestFactory().get("/")
    request.session, request.user = client.session, clinician
    assert client.session["_auth_user_id"] == str(clinician.pk)
    assert provider_checked_second_factor(request) is False


# Accounts in the admin ------------------------------------------------------------------------------------------


def post_change(admin: Client, account: User, **changes: Any) -> Any:
    """Open the page of an account and save it with changes."""
    return admin.post(page_of(account), shown(admin.get(page_of(account))) | changes)


def test_the_admin_says_where_the_roles_of_an_account_come_from(provider: RealProvider, admin: Client) -> None:
    sign_in(Client(), provider)
    page = admin.get(page_of(robin()))
    assert f"{NAME}. Its groups give the roles." in words(page, "//form[@id='user_form']")
    assert 'name="roles"' not in page.content.decode()
    assert "New link to set the password" not in page.content.decode()
    assert "a password" in words(admin.get(page_of(UserFactory())), "//form[@id='user_form']")


def test_an_administrator_cannot_change_roles_that_the_provider_gives(provider: RealProvider, admin: Client) -> None:
    sign_in(Client(), provider)
    response = post_change(admin, robin(), roles=["administrator"])
    assert response.status_code == 422
    assert f"The roles of this account come from {NAME}." in response.content.decode()
    assert roles_of(robin()) == {"clinician"}


def test_the_action_refuses_it_too(provider: RealProvider, administrator: User) -> None:
    sign_in(Client(), provider)
    state = AccountState.of(robin())
    wanted = state._replace(roles=frozenset({Role.ADMINISTRATOR}))
    with pytest.raises(actions.AccountRefused, match="Change the person’s groups there"):
        actions.change_account(robin(), wanted, by=administrator, seen=state.version)


def test_an_administrator_disables_and_renames_such_an_account(provider: RealProvider, admin: Client) -> None:
    sign_in(Client(), provider)
    data = {name: value for name, value in shown(admin.get(page_of(robin()))).items() if name != "is_active"}
    assert admin.post(page_of(robin()), data | {"last_name": "Poe-Roe"}).status_code == 302
    assert (robin().is_active, robin().last_name, roles_of(robin())) == (False, "Poe-Roe", {"clinician"})


def test_without_a_mapping_an_administrator_gives_the_roles(
    provider: RealProvider, use: Callable[..., None], admin: Client
) -> None:
    use()
    sign_in(Client(), provider)
    assert post_change(admin, robin(), roles=["auditor"]).status_code == 302
    assert roles_of(robin()) == {"auditor"}


def test_such_an_account_gets_no_link_to_set_a_password(provider: RealProvider, admin: Client) -> None:
    sign_in(Client(), provider)
    page = admin.post(page_of(robin(), "link/"), {"links_seen": "0"}, follow=True)
    assert f"This account signs in with {NAME} and has no password, so no link was made." in page.content.decode()


def test_without_local_accounts_none_are_added(
    provider: RealProvider, use: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(LDN_OIDC_ROLES=ROLES, LDN_LOCAL_ACCOUNTS="0")
    provider.set_person("admin", groups=["ldn-admins"])
    admin = Client()
    sign_in(admin, provider, "admin")
    assert admin.get(ACCOUNTS).status_code == 200
    assert (admin.get(ADD).status_code, admin.post(ADD, NEW_ACCOUNT).status_code) == (403, 403)
    assert admin.get("/accounts/password/change/").status_code == 302  # to the account, which has no password
    with pytest.raises(CommandError, match="LDN_LOCAL_ACCOUNTS"):
        call_command("add_account", "kim.roe", role=["administrator"], name="Kim Roe")


def test_two_first_sign_ins_at_once_make_one_account(provider: RealProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(Client(), provider)
    provider.set_person("other", **NURSE)
    monkeypatch.setattr(actions, "free_username", lambda wanted: wanted)
    monkeypatch.setattr(adapter.AccountAdapter, "clean_username", lambda self, username, shallow=False: username)
    response = sign_in(Client(), provider, "other")
    assert (response.status_code, response.headers["Location"]) == (302, SIGN_IN_PAGE)
    assert User.objects.count() == 1


def test_the_audit_trail_says_it_in_words(provider: RealProvider, auditor: Client) -> None:
    sign_in(Client(), provider)
    provider.set_person("robin", **NURSE | {"groups": ["ldn-doctors"]})
    sign_in(Client(), provider)
    page = words(auditor.get("/audit/"))
    assert "Account created at the first single sign-on: clinician" in page
    assert "Roles set by single sign-on: roles clinician → prescriber" in page
