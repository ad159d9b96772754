"""What is stored. Rows only: verbs live in ``actions``, clinical logic in ``clinical``.

``Edition``, ``Screening``, ``Answer`` and ``AuditEvent`` are insert-only: the database itself refuses to change
or delete them (see ``append_only``).
"""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from .clinical import definition as rules
from .clinical.definition import AnswerCode, Definition, Outcome, Severity
from .clinical.details import from_plain
from .clinical.evaluation import Answer as ClinicalAnswer
from .clinical.evaluation import Evaluation, Finding, FindingStatus, Note
from .clinical.record import Patient, Record
from .clinical.searching import folded, record_key


class User(AbstractUser):
    """A person who signs in. Roles are the groups they belong to; ``is_demo`` marks an account made by a demo."""

    is_demo = models.BooleanField(default=False, editable=False)

    @property
    def display_name(self) -> str:
        """The name that stands on records."""
        return self.get_full_name() or self.username

    @cached_property
    def group_names(self) -> frozenset[str]:
        """The names of the groups, read once for each object."""
        return frozenset(self.groups.values_list("name", flat=True))


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
        plain = {
            "format": rules.FORMAT,
            **_plain(self, self.FIELDS),
            "items": [rule.plain() for rule in self.rules.prefetch_related("follow_ups")],
            "cases": [_plain(case, Case.FIELDS) for case in self.cases.all()],
        }
        return rules.from_json(json.dumps(plain, default=str))


class Rule(models.Model):
    """A row of the rules table; its fields are those of ``clinical.definition.Item``."""

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField()
    link_id = models.CharField(max_length=27)
    name = models.CharField(max_length=200)
    question = models.TextField()
    help = models.TextField(blank=True)
    why = models.TextField()
    trigger = models.CharField(max_length=40)
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
        *("link_id", "name", "question", "help", "why", "trigger", "severity", "severity_words", "finding"),
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


class EditionQuerySet(models.QuerySet["Edition"]):
    """Editions; the content is left out until a definition is needed."""

    def current(self) -> Edition | None:
        """The edition in force: the one with the highest number."""
        return self.defer("content").order_by("-number").first()


_DEFINITIONS: dict[str, Definition] = {}


class Edition(models.Model):
    """A published rule set: the canonical JSON, the hash of those bytes, who, when and why. Insert-only."""

    number = models.PositiveIntegerField(unique=True)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_by_name = models.CharField(max_length=200)
    change_note = models.TextField(blank=True)

    objects = EditionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Edition {self.number}"

    @property
    def definition(self) -> Definition:
        """The frozen definition, read once a process.

        Raises:
            ValueError: the stored content is not the one that was published.
        """
        if self.sha256 not in _DEFINITIONS:
            if rules.content_hash(self.content) != self.sha256:
                raise ValueError(f"the content of edition {self.number} does not match its hash")
            _DEFINITIONS[self.sha256] = rules.from_json(self.content)
        return _DEFINITIONS[self.sha256]


class ScreeningQuerySet(models.QuerySet["Screening"]):
    """Screenings by what people look for."""

    def newest_first(self) -> ScreeningQuerySet:
        """In the order in which lists show them."""
        return self.order_by("-pk")

    def with_edition(self) -> ScreeningQuerySet:
        """Together with their editions; an edition's content is read only where its definition is not at hand."""
        return self.select_related("edition").defer("edition__content")

    def of_record_number(self, record_number: str) -> ScreeningQuerySet:
        """Every screening under a record number, however it was spaced or capitalised."""
        return self.filter(record_number_key=record_key(record_number))

    def matching(self, text: str) -> ScreeningQuerySet:
        """Those whose patient's name contains the text, or whose record number it is."""
        named = Q(patient_name_key__contains=folded(text))
        return self.filter(named | Q(record_number_key=record_key(text)))

    def older_than(self, screening_id: str) -> ScreeningQuerySet:
        """Those recorded before the one with this uuid; all of them when there is no such screening."""
        try:
            last = Screening.objects.values_list("pk", flat=True).get(uuid=uuid.UUID(screening_id))
        except (ValueError, Screening.DoesNotExist):
            return self
        return self.filter(pk__lt=last)

    def with_short_id(self, digits: str) -> ScreeningQuerySet:
        """Those whose uuid begins with the eight hexadecimal digits."""
        return self.filter(uuid__gte=uuid.UUID(digits.ljust(32, "0")), uuid__lte=uuid.UUID(digits.ljust(32, "f")))

    def screened_from(self, day: date, zone: ZoneInfo) -> ScreeningQuerySet:
        """Those of a local day or later."""
        return self.filter(screened_at__gte=datetime.combine(day, time.min, zone))

    def screened_to(self, day: date, zone: ZoneInfo) -> ScreeningQuerySet:
        """Those of a local day or earlier."""
        return self.filter(screened_at__lt=datetime.combine(day + timedelta(days=1), time.min, zone))


class Screening(models.Model):
    """One patient, one time, one edition. Insert-only.

    ``submission`` and ``content_hash`` tell a form that is sent again from one that is sent with other content.
    ``headline``, ``state`` and ``tally`` are the words of the result, kept for lists.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    submission = models.UUIDField(unique=True)
    content_hash = models.CharField(max_length=64)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="screenings")
    patient_name = models.CharField(max_length=200)
    patient_name_key = models.TextField()
    birth_date = models.DateField()
    record_number = models.CharField(max_length=64)
    record_number_key = models.CharField(max_length=256)
    dose_mg = models.DecimalField("intended daily dose, mg", max_digits=6, decimal_places=3, null=True)
    indication = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=40, choices=[(each.value, each.value) for each in Outcome])
    state = models.CharField(max_length=20)
    headline = models.TextField()
    tally = models.TextField()
    unrecognised = models.JSONField(default=list)
    screened_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    screened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    screened_by_name = models.CharField(max_length=200)
    role = models.CharField(max_length=40)

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["record_number_key", "-id"], name="screening_by_record_number"),
            models.Index(fields=["outcome", "-id"], name="screening_by_outcome"),
            models.Index(fields=["screened_at"], name="screening_by_time"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def screened_at_local(self) -> datetime:
        """When, in the time zone of the clinic at that time."""
        return self.screened_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def patient(self) -> Patient:
        """The patient and the context, as given."""
        return Patient(
            name=self.patient_name,
            birth_date=self.birth_date,
            record_number=self.record_number,
            dose_mg=self.dose_mg,
            indication=self.indication,
        )

    def record(self) -> Record:
        """Everything that was kept, as the clinical core reads it."""
        definition, rows = self.edition.definition, list(self.answers.all())
        return Record(
            uuid=self.uuid,
            patient=self.patient,
            definition=definition,
            edition_number=self.edition.number,
            answers={row.link_id: row.answer(definition) for row in rows},
            evaluation=Evaluation(
                outcome=Outcome(self.outcome),
                findings=tuple(row.finding() for row in rows),
                unrecognised=tuple(self.unrecognised),
            ),
            screened_at=self.screened_at_local,
            screened_by=self.screened_by_name,
            role=self.role,
        )


class Answer(models.Model):
    """What was answered to one rule of a screening, and what was found. Insert-only."""

    screening = models.ForeignKey(Screening, models.PROTECT, related_name="answers")
    position = models.PositiveSmallIntegerField()
    link_id = models.CharField(max_length=27)
    code = models.CharField(max_length=20, choices=[(each.value, each.value) for each in AnswerCode])
    reason = models.CharField(max_length=40, blank=True)
    details = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=[(each.value, each.value) for each in FindingStatus])
    severity = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Severity])
    next_step = models.TextField(blank=True)
    notes = models.JSONField(default=list)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["screening", "link_id"], name="one_answer_a_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.screening}.{self.link_id}"

    def answer(self, definition: Definition) -> ClinicalAnswer:
        """The answer, with its details read by the definition that asked for them."""
        item = definition.by_link_id[self.link_id]
        return ClinicalAnswer(AnswerCode(self.code), self.reason, from_plain(item.follow_ups, self.details))

    def finding(self) -> Finding:
        """What was found when it was recorded."""
        return Finding(
            link_id=self.link_id,
            answer=AnswerCode(self.code),
            status=FindingStatus(self.status),
            severity=Severity(self.severity),
            next_step=self.next_step,
            notes=tuple(Note(**note) for note in self.notes),
        )


class AuditEvent(models.Model):
    """Who did what, when, to which record; no patient data and no foreign keys, so it outlives all. Insert-only."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    actor_role = models.CharField(max_length=40, blank=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=100, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"
