"""Published editions and the reviews of their rules."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from screening.accounts.models import User
from screening.audit.models import AppendOnlyModel
from screening.clinical.medications.lexicon import Lexicon, Product
from screening.clinical.medications.reader import Recogniser
from screening.clinical.rules import definition as rules
from screening.clinical.rules.definition import Definition
from screening.clinical.rules.reviews import ReviewConfirmation, review_remarks
from screening.clinical.text.json_errors import content_hash
from screening.medications.models import LocalName, StoredLexicon
from screening.medications.shipped_data import shipped_cues


class EditionManager(models.Manager["Edition"]):
    """Queries for editions."""

    def current(self) -> Edition | None:
        """Return the current edition: the one with the highest number, with ``content`` deferred as below."""
        return self.defer("content").order_by("-number").first()

    def numbers(self) -> tuple[int, ...]:
        """Return the numbers of all editions, the current one first."""
        return tuple(self.order_by("-number").values_list("number", flat=True))

    def oldest_first(self) -> models.QuerySet[Edition]:
        """Return every edition, with ``content`` deferred because parsed definitions are cached."""
        return self.defer("content").order_by("number")

    def link_ids(self) -> dict[str, int]:
        """Return every link id ever published, with the number of the last edition that has it."""
        return {
            item.link_id: edition.number
            for edition in self.oldest_first()
            for item in (*edition.definition.items, *edition.definition.listed)
        }


_DEFINITIONS: dict[str, Definition] = {}


class Edition(AppendOnlyModel):
    """A published rule set: its canonical JSON and hash, who published it, when and why. Insert-only.

    ``lexicon`` has the medicine names used to read medication lists; its hash is part of the content. ``rule_set`` is
    the draft that was published, ``written_by`` the names of its editors. ``without_second_reviewer`` is True if the
    publisher is one of the editors.
    """

    number = models.PositiveIntegerField(unique=True)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_by_name = models.CharField(max_length=200)
    change_note = models.TextField(blank=True)
    lexicon = models.ForeignKey(StoredLexicon, models.PROTECT, null=True, related_name="editions")
    rule_set = models.OneToOneField("screening.RuleSet", models.PROTECT, null=True, related_name="edition")
    written_by = models.TextField(blank=True)
    without_second_reviewer = models.BooleanField(default=False)

    objects = EditionManager()

    def __str__(self) -> str:
        return f"Edition {self.number}"

    @property
    def definition(self) -> Definition:
        """The parsed definition, cached per process.

        Raises:
            ValueError: the stored content does not match its hash.
        """
        if self.sha256 not in _DEFINITIONS:
            if content_hash(self.content) != self.sha256:
                raise ValueError(f"the content of edition {self.number} does not match its hash")
            _DEFINITIONS[self.sha256] = rules.from_json(self.content)
        return _DEFINITIONS[self.sha256]

    def plain(self) -> dict[str, object]:
        """Return the rules as JSON data."""
        plain: dict[str, object] = json.loads(rules.to_json(self.definition))
        return plain

    def review_confirmations(self) -> dict[str, ReviewConfirmation]:
        """Return the latest confirmed review of each rule, by link id; its day is in the clinic's time zone."""
        return {review.link_id: review.signed for review in self.reviews.order_by("pk")}

    def remarks(self, on: date) -> tuple[str, ...]:
        """Return the sentences to show about the review of the edition on a day."""
        alone = self.without_second_reviewer
        return review_remarks(self.definition, on, self.review_confirmations(), without_second_reviewer=alone)

    def local_names(self) -> tuple[Product, ...]:
        """Return the local names whose ingredient is in the edition's lexicon."""
        recogniser = self.recogniser()
        return LocalName.objects.products_for(recogniser.lexicon if recogniser else None)

    def recogniser(self, local_names: Iterable[Product] = ()) -> Recogniser | None:
        """Return the recogniser for the edition's names and the given local names, cached per process.

        None for an edition without a lexicon.
        """
        sha256 = self.definition.lexicon
        return _recogniser(sha256, tuple(local_names)) if sha256 else None


@lru_cache(maxsize=4)
def _recogniser(sha256: str, local_names: tuple[Product, ...]) -> Recogniser:
    return Recogniser(_names(sha256), shipped_cues(), local_names)


@lru_cache(maxsize=4)
def _names(sha256: str) -> Lexicon:
    return StoredLexicon.objects.get(sha256=sha256).names


class Review(AppendOnlyModel):
    """A clinician's confirmation that a rule of an edition is correct until ``next_review``. Insert-only."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="reviews")
    link_id = models.CharField(max_length=27)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    next_review = models.DateField()
    note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["edition", "link_id"], name="review_by_rule")]

    def __str__(self) -> str:
        return f"{self.edition}, {self.link_id}, {self.at:%Y-%m-%d}"

    @property
    def signed(self) -> ReviewConfirmation:
        """The confirmation for the clinical core, with the day in the clinic's time zone."""
        on = self.at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        return ReviewConfirmation(self.by_name, self.role, on, self.next_review)

    def repeats(self, latest: Review | None) -> bool:
        """Return True if the latest review of the rule has the same content, person and day."""
        if latest is None:
            return False
        return (self.by_id, self.note, self.signed) == (latest.by_id, latest.note, latest.signed)
