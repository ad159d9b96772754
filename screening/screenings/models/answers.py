"""The rows that belong to a screening: answers with findings, the medication list, the paper form, and the void."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from screening.accounts.models import User
from screening.audit.models import AppendOnlyModel
from screening.clinical.evaluation.evaluate import Answer as ClinicalAnswer
from screening.clinical.evaluation.evaluate import Finding, FindingStatus, Note
from screening.clinical.evaluation.follow_up_values import from_plain
from screening.clinical.rules.definition import AnswerCode, Definition, Severity


class ListOfMedicines(AppendOnlyModel):
    """The medication list of a screening as it was entered, and the medicines found in it. Insert-only.

    ``not_read`` holds the numbers (from 1) of the lines in a script that is not read. ``lexicon`` is the hash of the
    names that the list was read with; ``local_names`` are the names that the installation had added.
    """

    screening = models.OneToOneField("Screening", models.PROTECT, related_name="list_of_medicines")
    text = models.TextField()
    found = models.JSONField(default=list)
    not_read = models.JSONField(default=list)
    lexicon = models.CharField(max_length=64, blank=True)
    local_names = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.screening}, medication list"


class Transcription(AppendOnlyModel):
    """A screening that was transcribed from a paper form. Insert-only.

    ``completed_by`` is the name on the paper, ``edition_in_use`` the number of the edition that was current when it
    was transcribed. The time on the paper is ``screened_at`` of the screening.
    """

    screening = models.OneToOneField("Screening", models.PROTECT, related_name="transcription")
    completed_by = models.CharField(max_length=200)
    transcribed_at = models.DateTimeField()
    edition_in_use = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.screening}, transcribed"


class Void(AppendOnlyModel):
    """Marks a screening as entered in error: by whom, when and why. Insert-only."""

    screening = models.OneToOneField("Screening", models.PROTECT, related_name="void")
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    role = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.screening} entered in error"


class Answer(AppendOnlyModel):
    """The answer to one rule of a screening, with its finding. Insert-only.

    A rule that asks no question has a row only when the medication list flagged it.
    """

    screening = models.ForeignKey("Screening", models.PROTECT, related_name="answers")
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
        indexes = [
            # For the safety figures. Most answers are a no without a flag; they are counted without reading them.
            models.Index(
                fields=["status", "link_id", "code", "screening"],
                condition=Q(status__in=["flagged", "unresolved"]) | Q(code="not_applicable"),
                name="answer_that_matters",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.screening}.{self.link_id}"

    def answer(self, definition: Definition) -> ClinicalAnswer:
        """Return the answer; ``definition`` is that of the screening's edition."""
        item = definition.by_link_id[self.link_id]
        return ClinicalAnswer(AnswerCode(self.code), self.reason, from_plain(item.follow_ups, self.details))

    def finding(self) -> Finding:
        """Return the finding as it was recorded."""
        return Finding(
            link_id=self.link_id,
            answer=AnswerCode(self.code),
            status=FindingStatus(self.status),
            severity=Severity(self.severity),
            next_step=self.next_step,
            notes=tuple(Note(**note) for note in self.notes),
        )
