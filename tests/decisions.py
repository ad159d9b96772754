"""Deciding on screenings in tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.evaluation.decision import NewDecision, Reason
from screening.clinical.evaluation.evaluate import FindingStatus
from screening.clinical.rules.deciding import DecisionCode
from screening.decisions import actions
from screening.models import AuditEvent, Decision, Screening, User
from tests.pages import address_of

WORKLIST = "/worklist/"


def decision_page(screening: Screening) -> str:
    """Return the URL of the page on which a prescriber decides."""
    return address_of(screening, "decision/")


def hidden_fields(page: Any) -> dict[str, str]:
    """Return the hidden fields of the form on which a prescriber decides."""
    (form,) = html.fromstring(page.content.decode()).xpath("//main//form[contains(@class, 'decide')]")
    fields = form.xpath(".//input[@type='hidden']")
    return {each.get("name"): each.get("value") for each in fields if each.get("name") != "csrfmiddlewaretoken"}


def reasons(screening: Screening, code: str = "risk-benefit-ratio") -> dict[str, str]:
    """Return the fields with a reason for each finding of a screening."""
    found = screening.answers.exclude(status=FindingStatus.NOT_FLAGGED)
    return {f"{each.link_id}.reason": code for each in found}


def decide(client: Client, screening: Screening, decision: Any = "do-not-prescribe", **changes: Any) -> Any:
    """Open the page and send a decision with a reason for each finding; ``__`` in a name stands for a dot.

    A field whose value is None is not sent.
    """
    form = hidden_fields(client.get(decision_page(screening))) | reasons(screening) | {"decision": decision}
    form |= {name.replace("__", "."): value for name, value in changes.items()}
    return client.post(decision_page(screening), {name: value for name, value in form.items() if value is not None})


def decided(
    screening: Screening,
    code: DecisionCode = DecisionCode.DO_NOT_PRESCRIBE,
    *,
    by: User,
    at: datetime | None = None,
    reason: str = "risk-benefit-ratio",
    days: int = 14,
) -> Decision:
    """Record a decision by the action of the application, with all answers asked again; a deferral for ``days``."""
    at = at or datetime.now(UTC)
    found = screening.answers.exclude(status=FindingStatus.NOT_FLAGGED)
    asked = [item.link_id for item in screening.edition.definition.items]
    new = NewDecision(
        code=code,
        reasons={each.link_id: Reason(reason, "Talked it over with the patient") for each in found},
        defer_until=timezone.localdate(at) + timedelta(days=days) if code is DecisionCode.DEFER else None,
        asked_again=frozenset(asked),
        is_override_confirmed=True,
    )
    seen = screening.decisions.count()
    return actions.record_decision(screening, new, seen=seen, by=by, role=Role.PRESCRIBER, at=at)


def refusals(screening: Screening) -> list[dict[str, Any]]:
    """Return the details of the refused decisions on a screening, oldest first."""
    events = AuditEvent.objects.filter(action="decision.refused", subject=str(screening.uuid))
    return list(events.order_by("pk").values_list("details", flat=True))
