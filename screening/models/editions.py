"""Published rule sets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.db import models

from screening.clinical import definition as rules
from screening.clinical import lexicon as lexicons
from screening.clinical.definition import Definition
from screening.clinical.lexicon import Lexicon, Product
from screening.clinical.medications import Recogniser
from screening.clinical.reviews import SignedReview, remarks
from screening.shipped import shipped_cues

from .accounts import User


class StoredLexicon(models.Model):
    """The names by which editions read medication lists: canonical JSON and the hash of its bytes. Insert-only."""

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.TextField()

    def __str__(self) -> str:
        return f"Names {self.sha256[:12]}"

    @property
    def names(self) -> Lexicon:
        """The lexicon.

        Raises:
            ValueError: the stored content is not the one that was published.
        """
        if rules.content_hash(self.content) != self.sha256:
            raise ValueError(f"the names {self.sha256[:12]} do not match their hash")
        return lexicons.from_json(self.content)


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


class Edition(models.Model):
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
            if rules.content_hash(self.content) != self.sha256:
                raise ValueError(f"the content of edition {self.number} does not match its hash")
            _DEFINITIONS[self.sha256] = rules.from_json(self.content)
        return _DEFINITIONS[self.sha256]

    def plain(self) -> dict[str, object]:
        """The rules as JSON holds them."""
        plain: dict[str, object] = json.loads(rules.to_json(self.definition))
        return plain

    def signed_reviews(self) -> dict[str, SignedReview]:
        """The latest signature under each rule since the edition was published, by link id; days are the clinic's."""
        return {review.link_id: review.signed for review in self.reviews.order_by("pk")}

    def remarks(self, on: date) -> tuple[str, ...]:
        """What has to be known of its review on a day, a sentence each."""
        alone = self.without_second_reviewer
        return remarks(self.definition, on, self.signed_reviews(), without_second_reviewer=alone)

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
