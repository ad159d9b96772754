"""The Django admin as this application uses it: signing in and roles are the app's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path
from django.utils.decorators import method_decorator

from screening.accounts.permissions import Permission
from screening.drafts.models import RuleSet
from screening.web.resubmission import allow_resubmission

PAGES = ("_changelist", "_add", "_change")
View: TypeAlias = Callable[..., HttpResponse]


class RulesSite(AdminSite):
    """The admin of the rules table. Who may read a draft may enter; there is no other way to sign in."""

    site_header = site_title = "Rules table"
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """True for those who may read a draft."""
        return request.user.has_perm(Permission.READ_DRAFT)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing: the templates are this application's own, and none lists what else there is to administer."""
        return {}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The way in, and the pages of the draft's rows: nothing else of the stock admin."""
        rows = [
            path(f"screening/{model._meta.model_name}/", include(each.urls)) for model, each in self._registry.items()
        ]
        return [
            path("", self.admin_view(self.index), name="index"),
            path("login/", self.login, name="login"),
            *rows,
        ]

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        """Refuse who is signed in and has no role here with 403; who is not signs in and loses nothing typed."""
        guarded = super().admin_view(view, cacheable)

        @allow_resubmission
        @wraps(guarded)
        def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return refusing

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send a person to the app's own page; one who is signed in and has no role here is refused.

        Raises:
            PermissionDenied: no role of this person permits it.
        """
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", request.path))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """There is one thing to do here: the draft."""
        return redirect("admin:screening_ruleset_changelist")


rules_site = RulesSite(name="admin")


class DraftAdmin(ModelAdmin):
    """Rows of the draft: readable by those who may read it, changed by its editors while it may be edited."""

    def get_urls(self) -> list[URLPattern]:
        """Of the stock pages those that list, add and change."""
        return [each for each in super().get_urls() if str(each.name).endswith(PAGES)]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Readers of the draft."""
        return request.user.has_perm(Permission.READ_DRAFT)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Readers of the draft."""
        return request.user.has_perm(Permission.READ_DRAFT)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Editors, while there is a draft that may be edited."""
        return self.has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Editors, while the draft that the row is of may be edited."""
        return request.user.has_perm(Permission.EDIT_RULES) and may_be_edited(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: rows leave a draft by verbs that put it on the history."""
        return False

    def log_addition(self, *args: Any, **kwargs: Any) -> Any:
        """The draft has a history of its own."""

    def log_change(self, *args: Any, **kwargs: Any) -> Any:
        """The draft has a history of its own."""


def may_be_edited(row: Any) -> bool:
    """True when the draft that a row is of may be edited; without a row, the draft that is open."""
    rule_set = getattr(row, "rule_set", row) if row is not None else RuleSet.objects.draft()
    return rule_set is not None and rule_set.may_be_edited
