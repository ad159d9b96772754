"""Create and change accounts; create roles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import count

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.audit.actions import Action, record_event, record_without_account
from screening.audit.models import AuditEvent
from screening.web.transactions import committed

from .account_state import AccountState, refusals, signs_in_with_provider
from .models import LONGEST_USER_NAME, User
from .permissions import AccountBackend, Permission, Role, acting_role, first_role
from .recovery_codes import as_stored, new_codes

NO_LOCAL_ACCOUNTS = _("Accounts with a password are turned off here (LDN_LOCAL_ACCOUNTS). Use single sign-on.")


class AccountRefused(Exception):
    """An account may not be changed like this; its text is a sentence for the administrator."""


@committed()
def create_roles() -> None:
    """Create the missing groups: one group per role."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)


@committed()
def create_account(
    *,
    username: str,
    password: str | None,
    role: Role,
    first_name: str,
    last_name: str,
    other_roles: Iterable[Role] = (),
    is_demo: bool = False,
    by: User | None = None,
) -> User:
    """Create an account with one or more roles. Without a password it is set through a one-time link.

    ``by`` is the administrator, who holds the lock of ``lock_accounts``; None on the command line.

    Raises:
        django.db.IntegrityError: the user name is taken.
    """
    user = User(username=username, first_name=first_name, last_name=last_name, is_demo=is_demo)
    user.set_password(password)
    user.save()
    role_names = sorted({role.value, *(each.value for each in other_roles)})
    user.groups.add(*Group.objects.filter(name__in=role_names))
    _record(Action.ACCOUNT_MADE, user, by=by, role_given=", ".join(role_names))
    return user


def lock_accounts(by: User) -> None:
    """Wait until no other administrator is changing an account, so that each change sees the ones before it.

    The lock is the row of the administrator role; it is held until the transaction ends.

    Raises:
        PermissionDenied: another administrator disabled this one meanwhile, or took the role.
    """
    group = Group.objects.select_for_update().get(name=Role.ADMINISTRATOR)
    if not User.objects.filter(pk=by.pk, is_active=True, groups=group).exists():
        raise PermissionDenied


@committed()
def change_account(account: User, wanted: AccountState, *, by: User, seen: str) -> None:
    """Change names, roles and active state of an account that was shown with the version ``seen``.

    A change of roles or of the active state ends the sessions of the account.

    Raises:
        AccountRefused: the account was changed meanwhile, or its roles and state are the administrator's own.
    """
    lock_accounts(by)
    stored = User.objects.get(pk=account.pk)
    for refusal in refusals(stored, wanted, by=by, seen=seen):
        raise AccountRefused(refusal.sentence)
    before = AccountState.of(stored)
    if wanted == before:
        return
    stored.first_name, stored.last_name, stored.is_active = wanted.first_name, wanted.last_name, wanted.is_active
    stored.save(update_fields=["first_name", "last_name", "is_active"])
    stored.groups.set(Group.objects.filter(name__in=wanted.roles))
    _record(Action.ACCOUNT_CHANGED, stored, by=by, **_details("before", before), **_details("after", wanted))
    if (wanted.roles, wanted.is_active) != (before.roles, before.is_active):
        _end_sessions(stored, by=by)


def _details(when: str, state: AccountState) -> dict[str, str]:
    return {
        f"name_{when}": f"{state.first_name} {state.last_name}".strip(),
        f"roles_{when}": ", ".join(sorted(state.roles)),
        f"state_{when}": "active" if state.is_active else "disabled",
    }


def count_links(account: User) -> int:
    """Return how many further links to set the password were made; the page of an account sends it with a request."""
    return AuditEvent.objects.filter(action=Action.ACCOUNT_LINK_MADE, subject=subject_of(account)).count()


@committed()
def allow_new_link(account: User, *, by: User, links_seen: str) -> User:
    """Record that an administrator makes a link to set the password, and return the account as the link needs it.

    ``links_seen`` is the number of links when the page was shown. While no password is set, earlier links end.

    Raises:
        AccountRefused: the account cannot sign in, or a link was already made from that page.
    """
    lock_accounts(by)
    stored = User.objects.get(pk=account.pk)
    if not AccountBackend().user_can_authenticate(stored):
        raise AccountRefused(gettext("This account cannot sign in, so no link was made. Make it active first."))
    if signs_in_with_provider(stored):
        sentence = gettext("This account signs in with {provider} and has no password, so no link was made.")
        raise AccountRefused(sentence.format(provider=settings.SINGLE_SIGN_ON.name))
    if not settings.SINGLE_SIGN_ON.local_accounts:
        raise AccountRefused(NO_LOCAL_ACCOUNTS)
    if links_seen != str(count_links(stored)):
        sentence = gettext("A link was already made from that page. It is not shown again; make a new one here.")
        raise AccountRefused(sentence)
    if not stored.has_usable_password():
        stored.set_unusable_password()
        stored.save(update_fields=["password"])
    _record(Action.ACCOUNT_LINK_MADE, stored, by=by)
    return stored


@committed()
def end_sessions(account: User, *, by: User) -> int:
    """End all sessions of an account and return how many there were."""
    lock_accounts(by)
    return _end_sessions(account, by=by)


def _end_sessions(account: User, *, by: User) -> int:
    if ended := _delete_sessions(account):
        _record(Action.ACCOUNT_SESSIONS_ENDED, account, by=by, sessions=ended)
    return ended


def _delete_sessions(account: User, *, keep: str | None = None) -> int:
    """Delete the sessions of an account but the one with the key ``keep``, and return how many there were."""
    open_sessions = Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=keep)
    ended = [each.pk for each in open_sessions.iterator() if each.get_decoded().get(SESSION_KEY) == str(account.pk)]
    Session.objects.filter(pk__in=ended).delete()
    return len(ended)


# Single sign-on -----------------------------------------------------------------------------------------------


@committed()
def create_provider_account(request: HttpRequest, login: SocialLogin, *, roles: frozenset[Role]) -> None:
    """Store the account of a person who signs in through the provider for the first time.

    ``login`` is allauth's sign-in with the unsaved account.

    Raises:
        django.db.IntegrityError: another request created the account, or one with the user name, meanwhile.
    """
    user = login.user
    user.is_demo = settings.DEMO
    login.save(request)
    user.groups.add(*Group.objects.filter(name__in=roles))
    role_given = ", ".join(sorted(roles))
    record_event(Action.ACCOUNT_MADE_AT_SIGN_IN, by=user, subject=subject_of(user), role_given=role_given)


def free_username(wanted: str) -> str:
    """Return a user name that no account has, also not with other capitals: ``wanted``, or with a number."""
    for number in count(1):
        suffix = f"-{number}" if number > 1 else ""
        username = wanted[: LONGEST_USER_NAME - len(suffix)] + suffix
        if not User.objects.filter(username__iexact=username).exists():
            return username
    raise AssertionError("count() does not end")


@committed()
def set_provider_roles(account: User, roles: frozenset[Role], *, session_key: str | None) -> None:
    """Give an account exactly the roles that the provider says. If any changes, other sessions of it end.

    ``session_key`` is the session in which the person signs in now.
    """
    stored = User.objects.select_for_update().get(pk=account.pk)
    before = AccountState.of(stored).roles
    if roles == before:
        return
    stored.groups.set(Group.objects.filter(name__in=roles))
    record_event(
        Action.ACCOUNT_ROLES_SET_BY_PROVIDER,
        by=stored,
        subject=subject_of(stored),
        roles_before=", ".join(sorted(before)),
        roles_after=", ".join(sorted(roles)),
        sessions_ended=_delete_sessions(stored, keep=session_key),
    )


# Passwords ----------------------------------------------------------------------------------------------------


@committed()
def set_password(user: User, password: str) -> None:
    """Set the password of an account."""
    user.set_password(password)
    user.save(update_fields=["password"])


@committed()
def set_own_password(user: User, password: str) -> None:
    """Set the password that a user typed, with its audit event.

    Raises:
        PermissionDenied: the password was changed since the user was loaded, so their link was used meanwhile.
    """
    if User.objects.select_for_update().get(pk=user.pk).password != user.password:
        raise PermissionDenied
    set_password(user, password)
    record_event(Action.ACCOUNT_PASSWORD_SET, by=user, subject=subject_of(user))


# Language -----------------------------------------------------------------------------------------------------


@committed()
def set_language(user: User, code: str) -> None:
    """Set the language in which an account reads the pages, in all its sessions; ``code`` is an offered one."""
    if user.language == code:
        return
    user.language = code
    user.save(update_fields=["language"])
    record_own(Action.ACCOUNT_LANGUAGE_SET, user, language=code)


# Refused sign-ins ---------------------------------------------------------------------------------------------


def record_refused_sign_in(username: str, **details: str) -> None:
    """Record a refused sign-in, with the account it was for. An unknown name is not stored: it may be a password."""
    account = User.objects.filter(username=username).first()
    record_without_account(Action.SIGN_IN_REFUSED, subject_of(account) if account else "", **details)


def record_refused_passkey(user: User | None) -> None:
    """Record a passkey that did not work; before it is verified nobody knows whose it is."""
    record_refused_sign_in(user.username if user else "", reason="passkey did not work")


# Second factors -----------------------------------------------------------------------------------------------

KIND_WORDS = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


@committed()
def make_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes of an account, and return the new ones. They cannot be read again."""
    User.objects.select_for_update().get(pk=user.pk)
    codes, adapter = new_codes(), get_adapter()
    kind = Authenticator.Type.RECOVERY_CODES
    Authenticator.objects.filter(user=user, type=kind).delete()
    stored = [adapter.encrypt(as_stored(code)) for code in codes]
    Authenticator.objects.create(user=user, type=kind, data={"migrated_codes": stored})
    record_own(Action.RECOVERY_CODES_MADE, user)
    return codes


@committed()
def remove_second_factors(account: User, *, by: User) -> None:
    """Remove all second factors of an account whose owner lost them, and end its sessions.

    Raises:
        AccountRefused: it is the administrator's own account.
    """
    lock_accounts(by)
    if account.pk == by.pk:
        sentence = gettext("You cannot remove your own second factors here. Change them in your account.")
        raise AccountRefused(sentence)
    found = Authenticator.objects.filter(user=account)
    if kinds := Counter(KIND_WORDS[Authenticator.Type(each.type)] for each in found):
        found.delete()
        _record(Action.SECOND_FACTORS_RESET, account, by=by, removed=", ".join(sorted(kinds)))
    end_sessions(account, by=by)


def use_up(authenticator: Authenticator, code: str) -> None:
    """Use up the code that set up an authenticator app, so that nobody can sign in with it."""
    authenticator.wrap().validate_code(code)


def record_own(action: Action, user: User, **details: str | int) -> None:
    """Record what a user did to their own account."""
    record_event(action, by=user, role=first_role(user), subject=subject_of(user), **details)


def _record(action: Action, account: User, *, by: User | None, **details: str | int) -> None:
    role = acting_role(by, Permission.CHANGE_USER) if by else None
    record_event(action, by=by, role=role, subject=subject_of(account), **details)


def subject_of(account: User) -> str:
    """Return the user name, as far as the audit trail holds one."""
    return account.username[: AuditEvent._meta.get_field("subject").max_length]
