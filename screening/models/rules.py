"""The rules table as it is edited."""

from __future__ import annotations

import json

from django.db import models
from django.db.models import Q

from screening.clinical import definition as rules
from screening.clinical.definition import Definition, Trigger


class RuleSet(models.Model):
    """The rules table as it is edited: a draft, proposed once ``proposed_at`` is set, until it is published."""

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
    proposed_at = models.DateTimeField(null=True)
    change_note = models.TextField(blank=True)

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

    def definition(self) -> Definition:
        """The rows as a definition.

        Raises:
            clinical.definition.DefinitionError: the rows are no usable rule set; it lists every fault.
        """
        rows = list(self.rules.prefetch_related("follow_ups"))
        plain = {
            "format": rules.FORMAT,
            **_plain(self, self.FIELDS),
            "items": [rule.plain() for rule in rows if rule.trigger != Trigger.FOUND_IN_LIST],
            "listed": [rule.plain() for rule in rows if rule.trigger == Trigger.FOUND_IN_LIST],
            "cases": [_plain(case, Case.FIELDS) for case in self.cases.all()],
        }
        return rules.from_json(json.dumps(plain, default=str))


class Rule(models.Model):
    """A row of the rules table; its fields are those of ``clinical.definition.Item``.

    A row whose trigger is that it is found in a list is not asked.
    """

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField()
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

    def plain(self) -> dict[str, object]:
        """The row and its follow-ups as JSON can hold them."""
        return {
            **_plain(self, self.FIELDS),
            "follow_ups": [_plain(each, FollowUp.FIELDS) for each in self.follow_ups.all()],
        }


class FollowUp(models.Model):
    """A detail asked when a rule is answered yes; its fields are those of ``clinical.definition.FollowUp``."""

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


class Case(models.Model):
    """Answers with the result expected of them; its fields are those of ``clinical.definition.Case``."""

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="cases")
    position = models.PositiveSmallIntegerField()
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


def _plain(row: models.Model, fields: tuple[str, ...]) -> dict[str, object]:
    return {name: getattr(row, name) for name in fields}
