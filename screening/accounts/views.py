"""A person's own account: its language, second factors and recovery codes."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from screening.web.languages import offered_languages

from . import actions
from .forms import LanguageForm
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
        "languages": offered_languages(),
        "role_sentences": [role_sentence(role) for role in roles_of(user)],
    }
    return render(request, "screening/accounts/mfa_index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def account_language(request: HttpRequest) -> HttpResponse:
    """Show the offered languages; save the chosen one, and say so in it."""
    user = signed_in_user(request)
    data = request.POST if request.method == "POST" else None
    form = LanguageForm(data, initial={"language": translation.get_language()})
    if not form.is_valid():
        page = "screening/accounts/account_language.html"
        return render(request, page, {"form": form}, status=422 if form.is_bound else 200)
    code = form.cleaned_data["language"]
    actions.set_language(user, code)
    with translation.override(code):
        messages.success(request, translation.gettext("The pages are now shown in this language."))
    return redirect("mfa_index")


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
