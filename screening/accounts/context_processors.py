"""Template context of every page."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext

from screening.web.form_owner import owner_input
from screening.web.languages import page_language
from screening.web.request_id import current_request_id

from .permissions import roles_of
from .sessions.limits import time_left, warning_time
from .sessions.unsent_forms import HAS_UNSENT_FORMS

ACCOUNT_URL = reverse_lazy("mfa_index")
SIGN_OUT_URL = reverse_lazy("account_logout")


def page_context(request: HttpRequest) -> dict[str, Hashable]:
    """Return the user, their roles and the current URL name for the page header, and the id of the request."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {
            "demo": settings.DEMO,
            "request_id": current_request_id(),
            "sign_on": settings.SINGLE_SIGN_ON,
            **page_language(),
        }
    roles, match = roles_of(user), request.resolver_match
    return {
        "demo": settings.DEMO,
        **page_language(),
        "sign_on": settings.SINGLE_SIGN_ON,
        "here": match.view_name if match else "",
        "request_id": current_request_id(),
        "person_name": user.display_name,
        "role_words": ", ".join(map(gettext, roles)) or gettext("no role"),
        "account_url": ACCOUNT_URL,
        "sign_out_url": SIGN_OUT_URL,
        "form_owner": partial(owner_input, request),
        "has_unsent_forms": bool(request.session.get(HAS_UNSENT_FORMS)),
        "session_seconds": time_left(request.session).seconds,
        "session_warning_seconds": int(warning_time().total_seconds()),
        "session_hours": int(settings.SESSION_LONGEST.total_seconds() // 3600),
    }
