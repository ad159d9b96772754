"""Adding and changing accounts in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from screening.accounts.permissions import MATRIX, PERMISSION_WORDS, Permission, Role, role_sentence, roles_of
from screening.models import AuditEvent, User
from tests.accounts import ACCOUNTS, ADD, NEW_ACCOUNT, change, errors_on, fresh, page_of, shown
from tests.factories import PASSWORD, UserFactory
from tests.pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]
ClientOf = Callable[[User], Client]


def events(action: str = "account.changed") -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


def rows(response: Any) -> list[str]:
    return words(response, "//*[contains(@class, 'field-username')]").split()


# The matrix in words ------------------------------------------------------------------------------------------


def test_every_permission_has_words() -> None:
    assert PERMISSION_WORDS.keys() == set(Permission)


@pytest.mark.parametrize("role", Role)
def test_the_sentence_of_a_role_names_its_permissions_and_no_others(role: Role) -> None:
    sentence = role_sentence(role)
    assert {each for each in Permission if PERMISSION_WORDS[each] in sentence} == MATRIX[role]


# The list -----------------------------------------------------------------------------------------------------


def test_the_list_shows_names_roles_state_and_last_sign_in(admin: Client, clinician: User) -> None:
    row = words(admin.get(ACCOUNTS), "//tr[.//*[text()='clinician']]")
    assert "Sample Clinician" in row
    assert "clinician" in row


def test_the_list_takes_few_queries_for_many_accounts(admin: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(20):
        UserFactory()
    with django_assert_max_num_queries(8):
        admin.get(ACCOUNTS)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=clin", ["clinician"]),
        ("q=Sample+Editor", ["ed"]),
        ("role=editor", ["ed"]),
        ("is_active__exact=0", ["gone"]),
        ("role=no-such-role", ["admin", "clinician", "ed", "gone"]),
    ],
)
def test_the_list_is_searched_and_filtered(admin: Client, clinician: User, query: str, found: list[str]) -> None:
    UserFactory(role=Role.EDITOR, username="ed")
    UserFactory(role=Role.AUDITOR, username="gone")
    User.objects.filter(username="gone").update(is_active=False)
    assert sorted(rows(admin.get(f"{ACCOUNTS}?{query}"))) == found


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%ED%A0%80",
        "q=%25_%27",
        "is_active__exact=2",
        "p=-1",
        "p=99999",
        "o=9.9.x",
        "e=1",
        "_facets=True",
    ],
)
def test_a_hostile_query_of_the_list_is_answered(admin: Client, query: str) -> None:
    assert admin.get(f"{ACCOUNTS}?{query}", follow=True).status_code == 200


@pytest.mark.parametrize("search", ["a" * 60_000, "b " * 500])
def test_a_search_that_is_too_long_is_refused_with_a_sentence(admin: Client, search: str) -> None:
    response = admin.get(ACCOUNTS, {"q": search})
    assert "at most 100 characters" in words(response)
    assert rows(response) == []


# Adding -------------------------------------------------------------------------------------------------------


def test_an_added_account_has_its_roles_and_no_password(admin: Client) -> None:
    assert admin.post(ADD, NEW_ACCOUNT | {"roles": ["clinician", "editor"]}).status_code == 200
    account = User.objects.get(username="jane.doe")
    assert roles_of(account) == (Role.CLINICIAN, Role.EDITOR)
    assert account.display_name == "Jane Doe"
    assert not account.has_usable_password()
    assert not any((account.is_staff, account.is_superuser, account.is_demo))


def test_adding_an_account_is_one_event(admin: Client, administrator: User) -> None:
    before = AuditEvent.objects.count()
    admin.post(ADD, NEW_ACCOUNT)
    assert AuditEvent.objects.count() == before + 1
    event = events("account.made")[-1]
    assert (event.actor_id, event.actor_role, event.subject) == (administrator.pk, "administrator", "jane.doe")
    assert event.details == {"role_given": "clinician"}


def test_an_account_added_in_a_demonstration_belongs_to_it(admin: Client, settings: Any) -> None:
    settings.DEMO = True
    admin.post(ADD, NEW_ACCOUNT)
    assert User.objects.get(username="jane.doe").is_demo


REFUSED_ACCOUNTS: dict[str, tuple[dict[str, Any], str]] = {
    "no user name": ({"username": ""}, "This field is required"),
    "a user name with a space": ({"username": "jane doe"}, "Enter a valid username"),
    "the name of no person": ({"username": "command line"}, "Enter a valid username"),
    "markup": ({"username": "<script>"}, "Enter a valid username"),
    "a NUL": ({"username": "jane\0"}, "Null characters are not allowed"),
    "a user name that is too long": ({"username": "j" * 101}, "at most 100 characters"),
    "a huge user name": ({"username": "j" * 1_000_000}, "at most 100 characters"),
    "a user name of ligatures": ({"username": "ﷺ" * 100}, "Enter a valid username"),
    "a user name that is taken": ({"username": "admin"}, "already an account"),
    "one that differs by capitals": ({"username": "Admin"}, "already an account"),
    "no name": ({"first_name": "", "last_name": " "}, "Enter a name"),
    "a name that is too long": ({"last_name": "D" * 151}, "at most 150 characters; this has 151"),
    "a huge name": ({"first_name": "D" * 1_000_000}, "at most 150 characters"),
    "a direction mark in the name": ({"first_name": "Ja\u202ene"}, "cannot be shown or printed"),
    "no role": ({"roles": []}, "Choose at least one role"),
    "an unknown role": ({"roles": ["clinician", "superuser"]}, "Choose roles from this list"),
    "a huge role": ({"roles": ["r" * 1_000_000]}, "Choose roles from this list"),
    "the id of a group": ({"roles": ["1"]}, "Choose roles from this list"),
}


def test_an_account_that_cannot_be_added_comes_back_with_a_sentence(admin: Client) -> None:
    before = AuditEvent.objects.count()
    for case, (values, sentence) in REFUSED_ACCOUNTS.items():
        response = admin.post(ADD, {**NEW_ACCOUNT, **values})
        assert (response.status_code, sentence in errors_on(response)) == (422, True), (case, errors_on(response))
    assert (User.objects.count(), AuditEvent.objects.count()) == (1, before)


@pytest.mark.parametrize("name", ["Ana 👩‍⚕️", "李明", "O’Brien-Šmíd", "<b>Jane</b>", "{{ 7*7 }}"])
def test_any_printable_name_is_kept_as_entered(admin: Client, name: str) -> None:
    admin.post(ADD, NEW_ACCOUNT | {"first_name": name})
    account = User.objects.get(username="jane.doe")
    assert account.first_name == name
    assert f"{name} Doe" in words(admin.get(ACCOUNTS))


def test_a_reload_after_adding_adds_nothing_and_shows_no_link(admin: Client) -> None:
    admin.post(ADD, NEW_ACCOUNT)
    again = admin.post(ADD, NEW_ACCOUNT)
    assert "already an account" in errors_on(again)
    assert "password/reset/key" not in again.content.decode()
    assert len(events("account.made")) == 2  # the administrator's own and this one


UNWANTED = {
    "is_superuser": "on",
    "is_staff": "on",
    "password": "md5$a$b",
    "password1": PASSWORD,
    "groups": "1",
    "user_permissions": "1",
    "is_demo": "on",
    "id": "1",
    "last_login_0": "2020-01-01",
    "email": "a@example.org",
}


def test_further_fields_of_a_new_account_are_ignored(admin: Client) -> None:
    admin.post(ADD, NEW_ACCOUNT | UNWANTED)
    account = User.objects.get(username="jane.doe")
    assert not any((account.is_superuser, account.is_staff, account.is_demo, account.has_usable_password()))
    assert (roles_of(account), account.email, account.last_login) == ((Role.CLINICIAN,), "", None)


def test_a_link_from_elsewhere_does_not_fill_in_the_form(admin: Client) -> None:
    form = shown(admin.get(f"{ADD}?username=mallory&roles=administrator&first_name=M"))
    assert form.get("username", [""]) == [""]
    assert "roles" not in form


# Changing -----------------------------------------------------------------------------------------------------


def test_changed_roles_and_names_are_one_event_with_before_and_after(
    admin: Client, administrator: User, clinician: User
) -> None:
    assert change(admin, clinician, roles=["editor", "auditor"], last_name="Roe").status_code == 302
    assert roles_of(fresh(clinician)) == (Role.EDITOR, Role.AUDITOR)
    (event,) = events()
    assert (event.actor_id, event.actor_role, event.subject) == (administrator.pk, "administrator", "clinician")
    assert event.details == {
        "name_before": "Sample Clinician",
        "roles_before": "clinician",
        "state_before": "active",
        "name_after": "Sample Roe",
        "roles_after": "auditor, editor",
        "state_after": "active",
    }


def test_saving_without_a_change_is_no_event(admin: Client, clinician: User) -> None:
    assert change(admin, clinician).status_code == 302
    assert events() == []


def test_a_change_leaves_the_password_and_the_last_sign_in_alone(admin: Client, clinician: User) -> None:
    change(admin, clinician, last_name="Roe", **UNWANTED)
    account = fresh(clinician)
    assert account.check_password(PASSWORD)
    assert not any((account.is_superuser, account.is_staff, account.is_demo, account.email))
    assert (account.username, roles_of(account)) == ("clinician", (Role.CLINICIAN,))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"roles": None}, "Choose at least one role"),
        ({"roles": ["superuser"]}, "Choose roles from this list"),
        ({"first_name": "", "last_name": ""}, "Enter a name"),
        ({"last_name": "Ro\0e"}, "cannot be shown or printed"),
        ({"seen": "x" * 1_000_000}, "changed meanwhile"),
        ({"seen": None}, "changed meanwhile"),
        ({"seen": "\0"}, "Null characters"),
    ],
)
def test_a_change_that_cannot_be_saved_comes_back_with_a_sentence(
    admin: Client, clinician: User, values: dict[str, Any], sentence: str
) -> None:
    response = change(admin, clinician, **values)
    assert response.status_code in {409, 422}
    assert sentence in errors_on(response)
    assert roles_of(fresh(clinician)) == (Role.CLINICIAN,)
    assert events() == []


def test_of_two_administrators_who_change_an_account_the_second_is_told(
    admin: Client, client_of: ClientOf, clinician: User
) -> None:
    other = client_of(UserFactory(role=Role.ADMINISTRATOR))
    outdated = shown(other.get(page_of(clinician)))
    change(admin, clinician, roles=["auditor"])
    response = other.post(page_of(clinician), outdated | {"last_name": ["Roe"]})
    assert response.status_code == 409
    assert "changed meanwhile" in errors_on(response)
    assert (fresh(clinician).last_name, roles_of(fresh(clinician))) == ("Clinician", (Role.AUDITOR,))
    assert len(events()) == 1


def test_the_history_of_the_admin_names_fields_and_no_values(admin: Client, clinician: User) -> None:
    change(admin, clinician, roles=["editor"])
    admin.post(ADD, NEW_ACCOUNT)
    assert {each.object_repr for each in LogEntry.objects.all()} == {"clinician", "jane.doe"}
    assert [each.get_change_message() for each in LogEntry.objects.order_by("pk")] == ["Changed roles.", "Added."]
