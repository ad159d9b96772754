"""The draft of the rules table: its rules, follow-ups, cases and change history."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.db import models
from django.db.models import Q

from screening.accounts.models import User
from screening.audit.models import AppendOnlyModel
from screening.clinical.rules import definition as rules
from screening.clinical.rules.definition import Definition, Trigger
from screening.clinical.text.phrases import format_number
from screening.editions.models import Edition


class RuleSetManager(models.Manager["RuleSet"]):
    """Adds the query for the open draft."""

    def draft(self) -> RuleSet | None:
        """Return the open draft, if there is one."""
        return self.filter(is_open=True).first()


class RuleSet(models.Model):
    """A draft of the rules table, open until published or discarded. It is proposed while ``proposed_at`` is set.

    ``started_from`` is the edition that it started from; with ``is_again`` it is to be published again unchanged.
    ``revision`` counts the changes of its general texts (optimistic locking).
    """

    title = models.CharField(max_length=200)
    basis = models.TextField()
    dose_low_mg = models.DecimalField("low end of the dose range, mg a day", max_digits=6, decimal_places=3)
    dose_high_mg = models.DecimalField("high end of the dose range, mg a day", max_digits=6, decimal_places=3)
    dose_note = models.TextField()
    not_covered = models.JSONField(default=list)
    counselling = models.JSONField(default=list)
    indications = models.JSONField(default=list)
    is_open = models.BooleanField(default=True)
    opened_at = models.DateTimeField()
    started_from = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="+")
    is_again = models.BooleanField(default=False)
    proposed_at = models.DateTimeField(null=True)
    proposed_by_name = models.CharField(max_length=200, blank=True)
    change_note = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = RuleSetManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_open"], condition=Q(is_open=True), name="one_open_rule_set")
        ]

    FIELDS = (
        *("title", "basis", "dose_low_mg", "dose_high_mg", "dose_note"),
        *("not_covered", "counselling", "indications"),
    )

    def __str__(self) -> str:
        return self.title

    @property
    def may_be_proposed(self) -> bool:
        """True while it is open and not proposed."""
        return self.is_open and self.proposed_at is None

    @property
    def may_be_edited(self) -> bool:
        """True while it is open and not proposed, unless it is an edition to be published again unchanged."""
        return self.may_be_proposed and not self.is_again

    def texts(self) -> dict[str, object]:
        """Return the general texts as JSON-compatible values."""
        return _plain(self, self.FIELDS)

    def plain(self, *, with_cases: bool = True) -> dict[str, object]:
        """Return all rows as JSON-compatible values, valid or not."""
        return self.plain_of(self.rules.prefetch_related("follow_ups"), self.cases.all() if with_cases else ())

    def plain_of(self, rows: Iterable[Rule], cases: Iterable[Case]) -> dict[str, object]:
        """Return the general texts with these rules and cases as JSON-compatible values."""
        all_rules = list(rows)
        return {
            "format": rules.FORMAT,
            **self.texts(),
            "items": [rule.plain() for rule in all_rules if not rule.is_raised_by_list],
            "listed": [rule.plain() for rule in all_rules if rule.is_raised_by_list],
            "cases": [case.plain() for case in cases],
        }

    def definition(self, *, with_cases: bool = True) -> Definition:
        """Return the rows as a definition. Leaving out the cases saves time where they are not needed.

        Raises:
            DefinitionError: the rows are not a valid rule set. Lists every fault.
        """
        return rules.from_json(json.dumps(self.plain(with_cases=with_cases)))

    def contributors(self) -> dict[int | None, str]:
        """Return the names of everyone who worked on the draft, by account key; None is the command line."""
        contributions = self.changes.exclude(what__in=APPROVER_CHANGES).order_by("pk")
        return dict(contributions.values_list("by", "by_name"))


class Rule(models.Model):
    """A rule. Its fields are those of ``clinical.rules.definition.Item``; ``revision`` serves optimistic locking.

    A rule with the trigger ``FOUND_IN_LIST`` is not asked.
    """

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField(default=0)
    link_id = models.CharField(max_length=27)
    name = models.CharField(max_length=200)
    question = models.TextField()
    help = models.TextField(blank=True)
    why = models.TextField()
    trigger = models.CharField(max_length=40)
    listed = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 (null is the definition's own)
    severity = models.CharField(max_length=40)
    severity_words = models.CharField(max_length=200)
    finding = models.CharField(max_length=200)
    next_step = models.TextField()
    find_out = models.TextField()
    sources = models.JSONField(default=list)
    not_applicable_reasons = models.JSONField(default=list, blank=True)
    holds_days = models.PositiveSmallIntegerField()
    authored_by = models.CharField(max_length=200)
    checked_by = models.CharField(max_length=200, blank=True)
    next_review = models.DateField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["rule_set", "link_id"], name="link_id_once_a_rule_set")]

    FIELDS = (
        *("link_id", "name", "question", "help", "why", "trigger", "listed", "severity", "severity_words", "finding"),
        *("next_step", "find_out", "sources", "not_applicable_reasons", "holds_days"),
        *("authored_by", "checked_by", "next_review"),
    )

    def __str__(self) -> str:
        return self.link_id

    @property
    def is_raised_by_list(self) -> bool:
        """True for a rule that is not asked: only a medication list can raise it."""
        return self.trigger == Trigger.FOUND_IN_LIST

    def plain(self) -> dict[str, object]:
        """Return the rule and its follow-ups as JSON-compatible values."""
        return {
            **_plain(self, self.FIELDS),
            "follow_ups": [each.plain() for each in self.follow_ups.all()],
        }


class FollowUp(models.Model):
    """A detail asked when a rule is answered yes. Its fields are those of ``clinical.rules.definition.FollowUp``."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="follow_ups")
    position = models.PositiveSmallIntegerField()
    link_id = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    help = models.TextField(blank=True)
    unit = models.CharField(max_length=40, blank=True)
    minimum = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    maximum = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    choices = models.JSONField(default=list, blank=True)
    feeds = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 (null is the definition's own)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["rule", "link_id"], name="follow_up_once_a_rule")]

    FIELDS = ("link_id", "label", "name", "kind", "help", "unit", "minimum", "maximum", "choices", "feeds")

    def __str__(self) -> str:
        return f"{self.rule}.{self.link_id}"

    def plain(self) -> dict[str, object]:
        """Return the follow-up as JSON-compatible values."""
        return _plain(self, self.FIELDS)


class Case(models.Model):
    """Answers with the result they should give. Its fields are those of ``clinical.rules.definition.Case``."""

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="cases")
    position = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField(default=0)
    words = models.TextField()
    answers = models.JSONField(default=dict)
    otherwise = models.CharField(max_length=20)
    outcome = models.CharField(max_length=40)
    flagged = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["position"]

    FIELDS = ("words", "answers", "otherwise", "outcome", "flagged")

    def __str__(self) -> str:
        return self.words

    def plain(self) -> dict[str, object]:
        """Return the case as JSON-compatible values."""
        return _plain(self, self.FIELDS)


class Change(StrEnum):
    """The kinds of change in the change history of a draft."""

    STARTED = "started"
    LOADED = "loaded"
    TEXTS_CHANGED = "texts_changed"
    RULE_ADDED = "rule_added"
    RULE_CHANGED = "rule_changed"
    RULE_MOVED = "rule_moved"
    RULE_RETIRED = "rule_retired"
    CASE_ADDED = "case_added"
    CASE_CHANGED = "case_changed"
    CASE_REMOVED = "case_removed"
    PROPOSED = "proposed"
    TAKEN_BACK = "taken_back"
    SENT_BACK = "sent_back"
    DISCARDED = "discarded"
    PUBLISHED = "published"


APPROVER_CHANGES = (Change.SENT_BACK, Change.PUBLISHED)
"""The changes that do not make an approver a contributor to the draft."""


class DraftChange(AppendOnlyModel):
    """An entry of the change history of a draft. Insert-only.

    ``row`` is the primary key of the rule or case, None for the draft itself. ``subject`` is the link id of a rule or
    the words of a case. ``revision`` is that of the row after the change. ``before`` and ``after`` are the content of
    the row as JSON, None before it was added and after it was removed.
    """

    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    role = models.CharField(max_length=40, blank=True)
    what = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Change])
    row = models.BigIntegerField(null=True)
    subject = models.TextField(blank=True)
    note = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["rule_set", "what", "row"], name="draft_change_by_row")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.what} {self.subject}"


def _plain(row: models.Model, fields: tuple[str, ...]) -> dict[str, object]:
    return {name: _as_json(getattr(row, name)) for name in fields}


def _as_json(value: object) -> object:
    if isinstance(value, Decimal):
        return format_number(value)
    return value.isoformat() if isinstance(value, date) else value
