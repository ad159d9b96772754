"""A person's own account: their second factors and recovery codes."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from . import actions
from .permissions import role_sentence, roles_of, signed_in_user
from .recovery_codes import codes_left, in_groups
from .second_factor import has_second_factor, second_factor_missing


@require_safe
def mfa_index(request: HttpRequest) -> HttpResponse:
    """Show one's own account: name, roles, second factors and password."""
    user = signed_in_user(request)
    found: dict[str, list[Authenticator]] = {kind: [] for kind in Authenticator.Type.values}
    for each in Authenticator.objects.filter(user=user).order_by("created_at"):
        found[each.type].append(each)
    context = {
        **found,
        "codes_left": codes_left(user),
        "has_second_factor": bool(found[Authenticator.Type.TOTP] or found[Authenticator.Type.WEBAUTHN]),
        "is_missing": second_factor_missing(request),
        "role_sentences": [role_sentence(role) for role in roles_of(user)],
    }
    return render(request, "screening/accounts/mfa_index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ask whether to make recovery codes; make them and show them, this once."""
    user = signed_in_user(request)
    if not has_second_factor(user):
        raise Http404
    codes = [in_groups(code) for code in actions.make_recovery_codes(user)] if request.method == "POST" else []
    context = {"codes": codes, "codes_left": codes_left(user)}
    return render(request, "screening/accounts/recovery_codes.html", context)
