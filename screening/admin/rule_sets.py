"""The draft: its page, where one is started, and the addresses of all that is done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path

from . import cases, impacts, previews
from .site import DraftAdmin, rules_site

View = Callable[..., HttpResponse]


class RuleSetAdmin(DraftAdmin):
    """The draft."""

    def get_urls(self) -> list[URLPattern]:
        """What is done with a draft, each at an address of its own; then the stock ones."""

        def at(route: str, view: View, name: str, **kwargs: Any) -> URLPattern:
            return path(route, rules_site.admin_view(view), kwargs, name=name)

        return [
            at("<int:pk>/cases/", cases.case_list, "draft_cases"),
            at("<int:pk>/preview/form/", previews.preview_form, "draft_preview_form"),
            at("<int:pk>/preview/result/", previews.preview_result, "draft_preview_result"),
            at("<int:pk>/preview/print/", previews.preview_print, "draft_preview_print"),
            path("<int:pk>/impact/", impacts.draft_impact, name="draft_impact"),
            path("<int:pk>/impact/<slug:kind>.csv", impacts.call_back_list, name="draft_call_back"),
            *super().get_urls(),
        ]
