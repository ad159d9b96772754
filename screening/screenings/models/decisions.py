"""Decisions of prescribers on screenings. All rows are insert-only."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from screening.accounts.models import User
from screening.audit.models import AppendOnlyModel
from screening.clinical.report.decisions import decision_title
from screening.clinical.report.record import Decided, GivenReason
from screening.clinical.rules.deciding import DecisionCode


class Decision(AppendOnlyModel):
    """What a prescriber decided about a screening, with one reason for each finding. Insert-only.

    ``number`` counts the decisions on a screening from 1. A new one supersedes those before: the highest counts.
    ``asked_again`` holds the link ids of the answers that had expired, were asked again and had not changed.
    ``overrides`` is True when the prescriber typed the short id of the record to confirm what is overridden.
    ``content_hash`` shows whether a form was sent again unchanged. ``dose_mg`` is the daily dose in mg.
    """

    screening = models.ForeignKey("Screening", models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=20, choices=[(each.value, each.value) for each in DecisionCode])
    defer_until = models.DateField(null=True)
    dose_mg = models.DecimalField("decided daily dose, mg", max_digits=6, decimal_places=3, null=True)
    product = models.CharField(max_length=200, blank=True)
    asked_again = models.JSONField(default=list)
    overrides = models.BooleanField(default=False)
    content_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    role = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["screening", "number"], name="one_decision_a_number"),
            models.CheckConstraint(
                condition=Q(code=DecisionCode.DEFER.value, defer_until__isnull=False)
                | (~Q(code=DecisionCode.DEFER.value) & Q(defer_until=None)),
                name="only_a_deferral_has_a_date",
            ),
        ]
        indexes = [models.Index(fields=["code", "screening"], name="decision_by_code")]

    def __str__(self) -> str:
        return f"{self.screening}, decision {self.number}"

    @property
    def title(self) -> str:
        """The decision in words: ``Refer``, ``Defer until 13 December 2026``."""
        return decision_title(DecisionCode(self.code), self.defer_until)

    @property
    def at_local(self) -> datetime:
        """The time of the decision in the clinic's time zone of then."""
        return self.at.astimezone(ZoneInfo(self.time_zone))

    def decided(self) -> Decided:
        """Return the decision in the form that the clinical core reads."""
        return Decided(
            code=DecisionCode(self.code),
            by=self.by_name,
            role=self.role,
            at=self.at_local,
            reasons=tuple(GivenReason(each.link_id, each.label, each.text) for each in self.reasons.all()),
            defer_until=self.defer_until,
            asked_again=tuple(self.asked_again),
            overrides=self.overrides,
            dose_mg=self.dose_mg,
            product=self.product,
        )


class DecisionReason(AppendOnlyModel):
    """The reason for one finding of a decided screening. Insert-only.

    ``code`` is the reason's code, ``label`` its label at the time, ``text`` the prescriber's own words.
    """

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="reasons")
    position = models.PositiveSmallIntegerField()
    link_id = models.CharField(max_length=27)
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["decision", "link_id"], name="one_reason_a_rule")]

    def __str__(self) -> str:
        return f"{self.decision}, {self.link_id}: {self.code}"
