"""How long the session lasts, staying signed in, and the forms that were not sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeAlias
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from screening.accounts.models import UnsentForm, UnsentFormQuerySet
from screening.accounts.permissions import signed_in_user
from screening.web.form_owner import CONTINUE, OWNER_FIELD, FormOwner

from . import limits
from .actions import discard_form, record_release
from .unsent_forms import form_name, note

View: TypeAlias = Callable[..., HttpResponseBase]
SITE_DATA = '"cache", "cookies", "storage"'


def clear_site_data(view: View) -> View:
    """Decorate a view that signs out: the browser deletes all that it has stored of this site."""

    @wraps(view)
    def clearing(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = SITE_DATA
        return response

    return clearing


@login_not_required
@require_safe
def session_left(request: HttpRequest) -> HttpResponse:
    """Return how long the session still lasts. Asking does not make it longer."""
    key = request.session.session_key if request.user.is_authenticated else None
    session = Session.objects.filter(pk=key).only("expire_date").first()
    ended = limits.TimeLeft(0, may_stay=False)
    return _left(limits.time_left(request.session, session.expire_date) if session else ended)


@require_POST
def stay_signed_in(request: HttpRequest) -> HttpResponse:
    """Renew the session, and return how long it lasts now."""
    limits.renew(request.session)
    return _left(limits.time_left(request.session))


def _left(left: limits.TimeLeft) -> HttpResponse:
    return JsonResponse(left._asdict())


# Forms that were not sent -------------------------------------------------------------------------------------


@require_safe
def unsent_form_list(request: HttpRequest) -> HttpResponse:
    """Show the person’s forms that were not sent; without any, redirect to the start page."""
    unsent = list(_unsent(request).defer("content"))
    note(request.session, signed_in_user(request))
    if len(unsent) == 1:
        return redirect("unsent_form", unsent[0].pk)
    if not unsent:
        return redirect(settings.LOGIN_REDIRECT_URL)
    named = [(gettext(form_name(each.path)), each) for each in unsent]
    return render(request, "screening/accounts/unsent_form_list.html", {"named": named})


@require_safe
def unsent_form(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Show the page from which a stored form is continued or discarded. Its values go to the browser."""
    stored = get_object_or_404(_unsent(request), pk=form_id)
    name = form_name(stored.path)
    if request.method != "HEAD":
        record_release(stored, name, by=stored.user)
    context = {
        "stored": stored,
        "name": gettext(name),
        "owner_field": OWNER_FIELD,
        "owner": FormOwner(stored.user_id, str(stored.pk)).signed(),
        "continue_button": CONTINUE,
    }
    return render(request, "screening/accounts/unsent_form.html", context)


@require_POST
def unsent_form_discard(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Delete a stored form."""
    stored = get_object_or_404(_unsent(request), pk=form_id)
    discard_form(stored, form_name(stored.path), by=stored.user)
    messages.success(request, gettext("The form was discarded. Nothing was recorded."))
    return redirect("unsent_form_list")


def _unsent(request: HttpRequest) -> UnsentFormQuerySet:
    return UnsentForm.objects.filter(user=signed_in_user(request)).unexpired(timezone.now()).select_related("user")
