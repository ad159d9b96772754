"""Published rule sets."""

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
    """Editions by what people look for."""

    def current(self) -> Edition | None:
        """The edition in force, the one with the highest number."""
        return self.order_by("-number").first()

    def oldest_first(self) -> models.QuerySet[Edition]:
        """Every edition; its content is left out, as its definition is read once a process."""
        return self.defer("content").order_by("number")

    def link_ids(self) -> dict[str, int]:
        """Every link id that an edition ever had, with the number of the last edition that has it."""
        return {
            item.link_id: edition.number
            for edition in self.oldest_first()
            for item in (*edition.definition.items, *edition.definition.listed)
        }


_DEFINITIONS: dict[str, Definition] = {}


class Edition(AppendOnlyModel):
    """A published rule set: the canonical JSON, the hash of those bytes, who, when and why. Insert-only.

    ``lexicon`` are the names by which it reads medication lists. Their hash is a part of the content. ``rule_set`` is
    the draft that it was, ``written_by`` the names of those who touched that; ``without_second_reviewer`` says that
    the one who published it is among them.
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
        """The frozen definition, read once a process.

        Raises:
            ValueError: the stored content is not the one that was published.
        """
        if self.sha256 not in _DEFINITIONS:
            if content_hash(self.content) != self.sha256:
                raise ValueError(f"the content of edition {self.number} does not match its hash")
            _DEFINITIONS[self.sha256] = rules.from_json(self.content)
        return _DEFINITIONS[self.sha256]

    def plain(self) -> dict[str, object]:
        """The rules as JSON holds them."""
        plain: dict[str, object] = json.loads(rules.to_json(self.definition))
        return plain

    def review_confirmations(self) -> dict[str, ReviewConfirmation]:
        """The latest signature under each rule since the edition was published, by link id; days are the clinic's."""
        return {review.link_id: review.signed for review in self.reviews.order_by("pk")}

    def remarks(self, on: date) -> tuple[str, ...]:
        """What has to be known of its review on a day, a sentence each."""
        alone = self.without_second_reviewer
        return review_remarks(self.definition, on, self.review_confirmations(), without_second_reviewer=alone)

    def local_names(self) -> tuple[Product, ...]:
        """The names added by this installation whose substance the edition has."""
        recogniser = self.recogniser()
        return LocalName.objects.products_for(recogniser.lexicon if recogniser else None)

    def recogniser(self, local: Iterable[Product] = ()) -> Recogniser | None:
        """What reads medication lists by the edition's names and those that the installation added.

        None for an edition without names. It is compiled once a process.
        """
        sha256 = self.definition.lexicon
        return _recogniser(sha256, tuple(local)) if sha256 else None


@lru_cache(maxsize=4)
def _recogniser(sha256: str, local: tuple[Product, ...]) -> Recogniser:
    return Recogniser(_names(sha256), shipped_cues(), local)


@lru_cache(maxsize=4)
def _names(sha256: str) -> Lexicon:
    return StoredLexicon.objects.get(sha256=sha256).names


class Review(AppendOnlyModel):
    """A clinician's signature under a rule of an edition: it is still right, until ``next_review``. Insert-only."""

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
        """The signature as the clinical core reads it; its day is the clinic's."""
        on = self.at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        return ReviewConfirmation(self.by_name, self.role, on, self.next_review)

    def repeats(self, latest: Review | None) -> bool:
        """True when the latest signature under the same rule says the same, by the same person on the same day."""
        if latest is None:
            return False
        return (self.by_id, self.note, self.signed) == (latest.by_id, latest.note, latest.signed)
