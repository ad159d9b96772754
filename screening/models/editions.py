"""Published rule sets."""

from __future__ import annotations

from django.db import models

from screening.clinical import definition as rules
from screening.clinical.definition import Definition

from .accounts import User
from .prepared import Prepared


class EditionManager(models.Manager["Edition"]):
    """Editions by what people look for."""

    def current(self) -> Edition | None:
        """The edition in force, the one with the highest number; its content is left out until it is needed."""
        return _CURRENT.first()


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


_CURRENT = Prepared(lambda: Edition.objects.defer("content").order_by("-number")[:1])
