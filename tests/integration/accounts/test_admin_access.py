"""Who enters the admin site: administrators, through the sign-in page of the app."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from screening.accounts.admin import accounts_site
from screening.accounts.permissions import Role, roles_of
from screening.models import User
from tests.accounts import ACCOUNTS, NEW_ACCOUNT, page_of
from tests.factories import PASSWORD, UserFactory
from tests.pages import without_reference

pytestmark = pytest.mark.django_db

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
OTHERS = [role for role in Role if role != Role.ADMINISTRATOR]
PAGES = {
    "index": "/admin/",
    "login": "/admin/login/",
    "logout": "/admin/logout/",
    "password_change": "/admin/password_change/",
    "password_change_done": "/admin/password_change/done/",
    "autocomplete": "/admin/autocomplete/",
    "jsi18n": "/admin/jsi18n/",
    "view_on_site": "/admin/r/1/1/",
    "app_list": "/admin/screening/",
    "screening_user_changelist": ACCOUNTS,
    "screening_user_add": f"{ACCOUNTS}add/",
    "screening_user_change": f"{ACCOUNTS}1/change/",
    "screening_user_history": f"{ACCOUNTS}1/history/",
    "screening_user_delete": f"{ACCOUNTS}1/delete/",
    "screening_user_link": f"{ACCOUNTS}1/link/",
    "screening_user_end_sessions": f"{ACCOUNTS}1/end-sessions/",
    "screening_user_remove_second_factors": f"{ACCOUNTS}1/remove-second-factors/",
}
UNKNOWN = [f"{ACCOUNTS}999999/change/", f"{ACCOUNTS}999999/link/", f"{ACCOUNTS}x/", "/admin/no/such/page/"]


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str | None]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from names(each.url_patterns)
        else:
            yield each.name


def test_every_page_of_the_admin_is_tested_here() -> None:
    assert set(names(accounts_site.get_urls())) == {*PAGES, None}


def test_only_accounts_are_registered() -> None:
    assert list(accounts_site._registry) == [User]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("role", OTHERS)
def test_another_role_gets_403_everywhere(client_of: Callable[[User], Client], role: Role, method: str) -> None:
    client = client_of(UserFactory(role=role))
    found = {address: client.generic(method, address).status_code for address in [*PAGES.values(), *UNKNOWN]}
    assert {address: status for address, status in found.items() if status != 403} == {}


def test_without_the_role_an_account_looks_like_no_account(client: Client, clinician: User) -> None:
    assert without_reference(client.get(page_of(clinician))) == without_reference(client.get(UNKNOWN[0]))


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_being_staff_or_superuser_does_not_open_the_admin(
    client_of: Callable[[User], Client], clinician: User, flag: str
) -> None:
    setattr(clinician, flag, True)
    clinician.save()
    assert client_of(clinician).get(ACCOUNTS).status_code == 403


def test_an_account_without_a_role_is_refused(client_of: Callable[[User], Client], clinician: User) -> None:
    clinician.groups.clear()
    assert client_of(clinician).get("/admin/").status_code == 403


@pytest.mark.parametrize("address", [*PAGES.values(), *UNKNOWN])
def test_an_anonymous_user_is_sent_to_the_sign_in_page_of_the_app(db: None, address: str) -> None:
    response = Client().get(address, follow=True)
    last, status = response.redirect_chain[-1]
    assert status == 302
    assert last.startswith("/accounts/login/?next=/admin/")
    assert "Log in" not in response.content.decode()


def test_after_signing_in_an_administrator_is_where_they_wanted_to_go(administrator: User) -> None:
    client = Client()
    sign_in = client.get(ACCOUNTS).headers["Location"]
    response = client.post(sign_in, {"login": "admin", "password": PASSWORD})
    assert response.headers["Location"] == ACCOUNTS


def test_the_sign_in_page_does_not_lead_to_signing_out(administrator: User) -> None:
    location = Client().get("/admin/logout/", follow=True).redirect_chain[-1][0]
    assert location == "/accounts/login/?next=/admin/"


def test_an_administrator_opens_every_page(admin: Client, administrator: User) -> None:
    for page in ("", "add/", f"{administrator.pk}/change/", f"{administrator.pk}/history/"):
        assert admin.get(f"{ACCOUNTS}{page}").status_code == 200
    assert admin.get("/admin/").status_code == 200
    assert admin.get("/admin/login/").headers["Location"] == "/admin/"


@pytest.mark.parametrize("page", ["change", "history", "link", "end-sessions"])
@pytest.mark.parametrize("account_id", ["999999", "0", "9" * 20, "9" * 5000])
def test_an_unknown_account_is_404_for_an_administrator(admin: Client, account_id: str, page: str) -> None:
    assert admin.get(f"{ACCOUNTS}{account_id}/{page}/", follow=True).status_code == 404
    assert admin.post(f"{ACCOUNTS}{account_id}/{page}/", follow=True).status_code in {404, 405}


@pytest.mark.parametrize("account_id", ["x", "%00", "-1", "_5F", "1_2F2", "%F0%9F%92%8A", "٣"])
def test_a_text_that_is_no_id_is_404(admin: Client, account_id: str) -> None:
    assert admin.get(f"{ACCOUNTS}{account_id}/change/").status_code == 404


def test_no_account_can_be_deleted(admin: Client, clinician: User) -> None:
    for method in ("GET", "POST"):
        assert admin.generic(method, page_of(clinician, "delete/")).status_code == 403
    assert b"deletelink" not in admin.get(page_of(clinician)).content
    form = {"action": "delete_selected", "_selected_action": clinician.pk, "post": "yes"}
    admin.post(ACCOUNTS, form)
    assert User.objects.filter(pk=clinician.pk).exists()


def test_an_administrator_starts_at_the_accounts(admin: Client) -> None:
    assert admin.get("/").headers["Location"] == ACCOUNTS


def test_an_administrator_who_screens_starts_at_the_screenings(admin: Client, administrator: User) -> None:
    administrator.groups.add(UserFactory().groups.get())
    assert admin.get("/").headers["Location"] == "/screenings/"


def test_the_masthead_has_a_link_to_the_accounts_for_administrators_only(
    admin: Client, client: Client, edition: object
) -> None:
    assert ACCOUNTS in admin.get("/editions/").content.decode()
    assert ACCOUNTS not in client.get("/editions/").content.decode()


def test_the_admin_signs_out_through_the_app(admin: Client) -> None:
    assert admin.post("/admin/logout/").headers["Location"] == "/accounts/login/"
    assert admin.get(ACCOUNTS).status_code == 302


@pytest.mark.parametrize(
    ("address", "statuses"),
    [
        ("/admin/r/x/y/", {404}),
        (f"/admin/r/1/{'9' * 30}/", {404}),
        ("/admin/no/such/page/", {404}),
        ("/admin/autocomplete/?app_label=screening&model_name=user&field_name=groups", {403}),
        (f"{ACCOUNTS}add/?_to_field=password", {400}),
        (f"{ACCOUNTS}add/?_popup=1", {200}),
        (f"{ACCOUNTS}?_popup=1&_to_field=password", {400}),
    ],
)
def test_other_addresses_of_the_admin_are_answered(admin: Client, address: str, statuses: set[int]) -> None:
    assert admin.get(address).status_code in statuses


def test_saving_an_account_as_a_new_one_is_adding_one(admin: Client, clinician: User) -> None:
    admin.post(page_of(clinician), NEW_ACCOUNT | {"_saveasnew": "1"})
    assert User.objects.get(pk=clinician.pk).username == "clinician"
    assert roles_of(User.objects.get(username="jane.doe")) == (Role.CLINICIAN,)


def test_the_list_refuses_to_look_into_passwords(admin: Client) -> None:
    for lookup in ("password__startswith=argon2", "groups__name=editor", "is_superuser__exact=1"):
        assert admin.get(f"{ACCOUNTS}?{lookup}").status_code == 400
