"""The page that confirms the review of the current edition's rules."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from screening.accounts.permissions import Permission, required_role, signed_in_user
from screening.clinical.rules.reviews import overdue
from screening.clinical.text.local_dates import format_date
from screening.editions import actions
from screening.editions.actions import NotInUse
from screening.editions.forms import ReviewForm
from screening.editions.models import Edition


@permission_required(Permission.REVIEW_RULES, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def edition_review(request: HttpRequest, number: int) -> HttpResponse:
    """Show the rules with a checkbox each; confirm the review of those that are ticked."""
    edition = get_object_or_404(Edition, number=number)
    reviews, today = edition.review_confirmations(), timezone.localdate()
    data = request.POST if request.method == "POST" else None
    form = ReviewForm(edition.definition, edition.number, reviews, today, data)
    if edition != Edition.objects.current():
        return _not_in_use(request, edition)
    if form.is_valid():
        return _confirm(request, edition, form)
    context = {
        "edition": edition,
        "form": form,
        "overdue": len(overdue(edition.definition, today, reviews)),
        "role": required_role(request, Permission.REVIEW_RULES),
    }
    return render(request, "screening/editions/edition_review.html", context, status=422 if form.is_bound else 200)


def _confirm(request: HttpRequest, edition: Edition, form: ReviewForm) -> HttpResponse:
    link_ids, until = form.cleaned_data["rules"], form.cleaned_data["next_review"]
    try:
        actions.confirm_review(
            edition,
            link_ids,
            by=signed_in_user(request),
            at=timezone.now(),
            role=required_role(request, Permission.REVIEW_RULES),
            next_review=until,
            note=form.cleaned_data["note"],
        )
    except NotInUse:
        return _not_in_use(request, edition)
    confirmed = ngettext(
        "Review confirmed: {count} rule, next review {date}.",
        "Review confirmed: {count} rules, next review {date}.",
        len(link_ids),
    )
    messages.success(request, confirmed.format(count=len(link_ids), date=format_date(until)))
    return redirect("screening:edition_detail", edition.number)


def _not_in_use(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Respond 409 with a link to the current edition."""
    context = {"edition": edition, "current": Edition.objects.current()}
    return render(request, "screening/editions/not_in_use.html", context, status=409)
