"""Redirects from the addresses that the draft's pages had below ``/admin/screening/``, for one release."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from screening.accounts.permissions import Permission
from screening.drafts.models import Case, Rule, RuleSet

_RENAMED = {"further/": "library/", "difference/": "compare/"}
_WITH_KEY = re.compile(r"(?P<key>\d{1,18})/(?P<page>.*)")
_RETIRE = re.compile(r"rules/(?P<key>\d{1,18})/retire/")


@require_safe
def old_address(request: HttpRequest, kind: str, rest: str) -> HttpResponse:
    """Redirect to the page that an old address led to."""
    address = {"ruleset": _of_draft, "rule": _of_rule, "case": _of_case}[kind](request, rest)
    query = request.META["QUERY_STRING"]
    return redirect(f"{address}?{query}" if query else address)


def _of_draft(request: HttpRequest, rest: str) -> str:
    start = reverse("screening:draft_detail")
    if not (found := _WITH_KEY.fullmatch(rest)):
        return start if rest == "add/" else f"{start}{rest}"
    if retire := _RETIRE.fullmatch(found["page"]):
        return f"{_of_rule(request, retire['key'] + '/')}retire/"
    page = "" if found["page"] == "change/" else found["page"]
    draft = RuleSet.objects.select_related("edition").filter(pk=found["key"]).first()
    edition = getattr(draft, "edition", None)
    if edition and not page:
        return reverse("screening:edition_detail", args=[edition.number])
    return start + _RENAMED.get(page, page)


def _of_rule(request: HttpRequest, rest: str) -> str:
    found = _WITH_KEY.fullmatch(rest)
    if not found or not request.user.has_perm(Permission.READ_DRAFT):
        return reverse("screening:rule_add" if rest == "add/" else "screening:draft_detail")
    rule = get_object_or_404(Rule, pk=found["key"], rule_set__is_open=True)
    return reverse("screening:rule_edit", args=[rule.link_id])


def _of_case(request: HttpRequest, rest: str) -> str:
    found = _WITH_KEY.fullmatch(rest)
    if not found or not request.user.has_perm(Permission.READ_DRAFT):
        return reverse("screening:case_add" if rest == "add/" else "screening:case_list")
    case = get_object_or_404(Case, pk=found["key"], rule_set__is_open=True)
    earlier = Case.objects.filter(rule_set=case.rule_set_id, position__lt=case.position).count()
    return reverse("screening:case_edit", args=[earlier + 1])
