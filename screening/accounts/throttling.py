"""The status of a form that was refused because of too many wrong tries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from .adapter import TOO_MANY_TRIES

RETRY_AFTER_SECONDS = 5 * 60
View = Callable[..., HttpResponse]


def too_many_tries_is_429(view: View) -> View:
    """Decorate a view of allauth, which answers 200 with a sentence on the form after too many wrong tries."""

    @wraps(view)
    def throttled(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and {TOO_MANY_TRIES, "rate_limited"} & set(_error_codes(response)):
            response.status_code = 429
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response

    return throttled


def _error_codes(response: HttpResponse) -> Iterator[str]:
    page = response.context_data if isinstance(response, TemplateResponse) else None
    for form in (page or {}).values():
        if isinstance(form, forms.BaseForm):
            for errors in form.errors.as_data().values():
                yield from (error.code or "" for error in errors)
