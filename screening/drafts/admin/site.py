"""The admin site for the draft of the rules table. It uses the sign-in page and the roles of the app."""

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

ADMIN_VIEWS = ("_changelist", "_add", "_change")
View: TypeAlias = Callable[..., HttpResponse]


class RulesSite(AdminSite):
    """An admin site for everyone who may read the draft."""

    site_header = site_title = "Rules table"
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Return True for a user who may read the draft."""
        return request.user.has_perm(Permission.READ_DRAFT)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return no context: the app's own templates use none of it."""
        return {}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the index, the sign-in redirect and the pages of the registered models, and nothing else."""
        rows = [
            path(f"screening/{model._meta.model_name}/", include(each.urls)) for model, each in self._registry.items()
        ]
        return [
            path("", self.admin_view(self.index), name="index"),
            path("login/", self.login, name="login"),
            *rows,
        ]

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        """Return 403 for a user without the role. A user who is not signed in signs in and keeps submitted data."""
        guarded = super().admin_view(view, cacheable)

        @allow_resubmission
        @wraps(guarded)
        def view_or_403(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return view_or_403

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Redirect to the app's sign-in page.

        Raises:
            PermissionDenied: the user is signed in, without a role for this site.
        """
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", request.path))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """Redirect to the draft."""
        return redirect("admin:screening_ruleset_changelist")


rules_site = RulesSite(name="admin")


class DraftAdmin(ModelAdmin):
    """The admin of a model of the draft: readers view it; editors change it while the draft can be edited."""

    def get_urls(self) -> list[URLPattern]:
        """Return the URLs that list, add and change, and no others."""
        return [each for each in super().get_urls() if str(each.name).endswith(ADMIN_VIEWS)]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return True for readers of the draft."""
        return request.user.has_perm(Permission.READ_DRAFT)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return True for readers of the draft."""
        return request.user.has_perm(Permission.READ_DRAFT)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return True for editors, if there is a draft that can be edited."""
        return self.has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return True for editors, if the draft of the row can be edited."""
        return request.user.has_perm(Permission.EDIT_RULES) and may_be_edited(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: rows are removed by actions that record it in the draft's history."""
        return False

    def log_addition(self, *args: Any, **kwargs: Any) -> Any:
        """Log nothing: the draft has its own history."""

    def log_change(self, *args: Any, **kwargs: Any) -> Any:
        """Log nothing: the draft has its own history."""


def may_be_edited(row: Any) -> bool:
    """Return True if the draft of a row can be edited; without a row, the open draft."""
    rule_set = getattr(row, "rule_set", row) if row is not None else RuleSet.objects.draft()
    return rule_set is not None and rule_set.may_be_edited
