"""Django's admin site, for accounts and roles. Administrators enter it, through the sign-in page of the app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from screening.web.transactions import committed

from . import actions
from .account_state import CHANGED_MEANWHILE, roles_come_from_provider, signs_in_with_provider
from .forms import AccountForm, AddAccountForm, NameForm, OwnAccountForm, ProviderAccountForm
from .models import User
from .password_links import password_link
from .permissions import Permission, Role, signed_in_user
from .second_factor import has_second_factor
from .sessions import unsent_forms
from .sessions.views import clear_site_data

LONGEST_SEARCH = 100
ROW_ID = re.compile("[0-9]{1,18}")


class AccountsSite(admin.AdminSite):
    """The admin site. ``is_staff`` and ``is_superuser`` mean nothing here: the role does."""

    site_header = site_title = _("LDN Screen accounts")
    index_title = _("Accounts and roles")
    enable_nav_sidebar = False  # it would hold one link

    def has_permission(self, request: HttpRequest) -> bool:
        """Return True for an administrator and False for an anonymous user.

        Raises:
            PermissionDenied: the user is signed in without the role, so that every page and method is 403 alike.
        """
        if request.user.has_perm(Permission.CHANGE_USER):
            return True
        if request.user.is_authenticated:
            raise PermissionDenied
        return False

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Redirect to the sign-in page of the app; an administrator is signed in and gets the first page."""
        index = reverse("admin:index")
        if self.has_permission(request):
            return redirect(index)
        wanted = request.GET.get("next", index)
        return redirect_to_login(index if wanted == reverse("admin:logout") else wanted)

    @method_decorator(clear_site_data)
    @method_decorator(committed())
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Sign out, in one transaction with its audit event."""
        return super().logout(request, extra_context)

    def password_change(  # type: ignore[override]  # Django's type is narrower than what its view returns
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the page where everybody changes their own password."""
        return redirect("account_change_password")


class RoleFilter(admin.SimpleListFilter):
    """Accounts that have a role."""

    title, parameter_name = _("role"), "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all roles."""
        return [(role.value, gettext(role).capitalize()) for role in Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return the accounts that have the chosen role."""
        return queryset.filter(groups__name=self.value()) if self.value() in set(Role) else queryset


class UserAdmin(admin.ModelAdmin):
    """The accounts. ``actions`` writes every change, with its audit event."""

    actions = None
    list_display = ("full_name", "username", "role_names", "is_active", "last_login")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("username", "first_name", "last_name")
    search_help_text = _("Part of a name or user name")
    ordering = ("last_name", "first_name", "username")

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, account: User) -> str:
        """Return the name shown on records."""
        return account.display_name

    @admin.display(description=_("roles"))
    def role_names(self, account: User) -> str:
        """Return the roles, from the rows fetched with the list."""
        names = sorted(each.name for each in account.groups.all())
        return ", ".join(map(gettext, names)) or pgettext("roles", "none")

    @admin.display(description=_("signs in with"))
    def signs_in_with(self, account: User) -> str:
        """Return the name of the provider or “a password”, and where the roles come from if not from here."""
        if not signs_in_with_provider(account):
            return gettext("a password")
        name = settings.SINGLE_SIGN_ON.name
        if not roles_come_from_provider(account):
            return name
        return gettext("{provider}. Its groups give the roles.").format(provider=name)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False if accounts with a password are turned off: the others are made at the first sign-in."""
        return settings.SINGLE_SIGN_ON.local_accounts and super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return False: records name the people who made them."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow the filters of the list and nothing else, such as the first letters of a stored password."""
        return lookup in {RoleFilter.parameter_name, "is_active__exact"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the accounts with their roles."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Refuse a search that no database should be asked for."""
        if len(search_term) <= LONGEST_SEARCH:
            return super().get_search_results(request, queryset, search_term)
        sentence = gettext("Search for at most {number} characters.").format(number=LONGEST_SEARCH)
        self.message_user(request, sentence, messages.WARNING)
        return queryset.none(), False

    # The form ---------------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Return the fields of a new account, of one's own, or of another one."""
        if obj is None:
            fields = ["username", "first_name", "last_name", "roles"]
        else:
            roles = "role_names" if self._has_fixed_roles(request, obj) else "roles"
            fields = ["first_name", "last_name", roles, "is_active", "signs_in_with", "last_login", "seen"]
        return [(None, {"fields": fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Return what cannot be changed; for one's own account that includes roles and active state."""
        if obj is None:
            return ()
        roles = ("role_names",) if self._has_fixed_roles(request, obj) else ()
        return (*roles, *(("is_active",) if obj == request.user else ()), "signs_in_with", "last_login")

    def _has_fixed_roles(self, request: HttpRequest, account: User) -> bool:
        return account == request.user or roles_come_from_provider(account)

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form class, which knows the administrator."""
        kwargs["form"] = self._form_class(request, obj)
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.by = signed_in_user(request)
        return form

    def _form_class(self, request: HttpRequest, account: User | None) -> type[NameForm]:
        if account is None:
            return AddAccountForm
        if account == request.user:
            return OwnAccountForm
        return ProviderAccountForm if roles_come_from_provider(account) else AccountForm

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return nothing: a link from elsewhere must not fill in an account."""
        return {}

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Create or change the account."""
        by = signed_in_user(request)
        if change:
            actions.change_account(obj, form.wanted, by=by, seen=form.cleaned_data["seen"])
            return
        data = form.cleaned_data
        role, *others = sorted(data["roles"])
        names = {name: data[name] for name in ("username", "first_name", "last_name")}
        account = actions.create_account(
            **names, password=None, role=role, other_roles=others, is_demo=settings.DEMO, by=by
        )
        obj.pk = account.pk

    # The pages --------------------------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show the form of a new account, or create it and show its link."""
        with one_at_a_time(request):
            return with_status(request, super().add_view(request, form_url, extra_context))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show or change an account."""
        with one_at_a_time(request):
            account = account_or_404(object_id)
            context = {
                **(extra_context or {}),
                "links_seen": actions.count_links(account),
                "has_password": settings.SINGLE_SIGN_ON.local_accounts and not signs_in_with_provider(account),
                "can_remove_factors": account != request.user and has_second_factor(account),
            }
            return with_status(request, super().change_view(request, object_id, form_url, context))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show the changes made on these pages. The audit trail has all of them."""
        account_or_404(object_id)
        return super().history_view(request, object_id, extra_context)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """Show the link to set the password, this once. A reload finds that the user name is taken."""
        unsent_forms.forget_sent(request)
        return self._link_page(request, User.objects.get(pk=obj.pk))

    def get_urls(self) -> list[URLPattern]:
        """Return Django's URLs and those of the buttons of an account."""
        buttons = [
            path(
                "<int:account_id>/link/",
                self.admin_site.admin_view(self.link_view),
                name="screening_user_link",
            ),
            path(
                "<int:account_id>/end-sessions/",
                self.admin_site.admin_view(self.end_sessions_view),
                name="screening_user_end_sessions",
            ),
            path(
                "<int:account_id>/remove-second-factors/",
                self.admin_site.admin_view(self.remove_second_factors_view),
                name="screening_user_remove_second_factors",
            ),
        ]
        return [*buttons, *super().get_urls()]

    def link_view(self, request: HttpRequest, account_id: int) -> HttpResponse:
        """Show a new link to set the password, this once."""
        account = get_object_or_404(User, pk=account_id)
        if request.method == "POST":
            seen = request.POST.get("links_seen", "")
            try:
                account = actions.allow_new_link(account, by=signed_in_user(request), links_seen=seen)
            except actions.AccountRefused as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
            else:
                return self._link_page(request, account)
        return redirect("admin:screening_user_change", account_id)

    def end_sessions_view(self, request: HttpRequest, account_id: int) -> HttpResponse:
        """End all sessions of an account."""
        account = get_object_or_404(User, pk=account_id)
        if request.method == "POST":
            ended = actions.end_sessions(account, by=signed_in_user(request))
            self.message_user(request, gettext("Sessions ended: {count}.").format(count=ended))
        return redirect("admin:screening_user_change", account_id)

    def remove_second_factors_view(self, request: HttpRequest, account_id: int) -> HttpResponse:
        """Ask whether to remove all second factors of an account, and remove them."""
        account = get_object_or_404(User, pk=account_id)
        if request.method != "POST":
            return self._page(request, "remove_second_factors", gettext("Remove all second factors"), account)
        try:
            actions.remove_second_factors(account, by=signed_in_user(request))
        except actions.AccountRefused as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        else:
            sentence = gettext("All second factors of {person} were removed.")
            self.message_user(request, sentence.format(person=account.display_name))
        return redirect("admin:screening_user_change", account_id)

    def _link_page(self, request: HttpRequest, account: User) -> HttpResponse:
        until = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
        link = password_link(request, account)
        title = gettext("Link to set the password")
        return self._page(request, "password_link", title, account, link=link, until=until)

    def _page(self, request: HttpRequest, name: str, title: str, account: User, **context: object) -> HttpResponse:
        request.current_app = self.admin_site.name
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "account": account}
        return TemplateResponse(request, f"admin/screening/user/{name}.html", context)


@contextmanager
def one_at_a_time(request: HttpRequest) -> Iterator[None]:
    """Read and write an account in one transaction, in which no other administrator changes one."""
    if request.method != "POST":
        yield
        return
    with committed():
        actions.lock_accounts(signed_in_user(request))
        yield


def with_status(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Set the status of a form that comes back: 409 if the account was changed meanwhile, else 422."""
    page = response.context_data if isinstance(response, TemplateResponse) else None
    if request.method == "POST" and page and page.get("errors"):
        is_outdated = page["adminform"].form.has_error(NON_FIELD_ERRORS, CHANGED_MEANWHILE)
        response.status_code = 409 if is_outdated else 422
    return response


def account_or_404(object_id: str) -> User:
    """Return the account with an id from a URL of the admin.

    Raises:
        Http404: there is none.
    """
    if not ROW_ID.fullmatch(unquote(object_id)):
        raise Http404
    return get_object_or_404(User, pk=unquote(object_id))


accounts_site = AccountsSite(name="admin")
accounts_site.register(User, UserAdmin)
