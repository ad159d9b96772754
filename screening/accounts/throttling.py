"""The status of a form that was refused because of too many wrong tries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from .adapter import TOO_MANY_TRIES

RETRY_AFTER_SECONDS = 5 * 60
View = Callable[..., HttpResponseBase]


def too_many_tries_is_429(view: View) -> View:
    """Decorate a view of allauth, which answers 200 with a sentence on the form after too many wrong tries."""

    @wraps(view)
    def throttled(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and isinstance(response, TemplateResponse) and _is_throttled(response):
            response.context_data = {**(response.context_data or {}), "is_throttled": True}
            response.status_code = 429
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response

    return throttled


def _is_throttled(response: TemplateResponse) -> bool:
    return not {TOO_MANY_TRIES, "rate_limited"}.isdisjoint(_error_codes(response))


def _error_codes(response: TemplateResponse) -> Iterator[str]:
    for form in (response.context_data or {}).values():
        if isinstance(form, forms.BaseForm):
            for errors in form.errors.as_data().values():
                yield from (error.code or "" for error in errors)
