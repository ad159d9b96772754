"""Local names of an installation, and the lexicons stored with editions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from screening.accounts.models import User
from screening.audit.models import AppendOnlyModel
from screening.clinical.medications import lexicon as lexicons
from screening.clinical.medications.lexicon import Lexicon, Product
from screening.clinical.text.json_errors import content_hash

LONGEST_NAME = 120
SOURCE = "local"


class LocalNameManager(models.Manager["LocalName"]):
    """Queries for local names."""

    def in_use(self) -> models.QuerySet[LocalName]:
        """Return the names in use, in alphabetical order."""
        return self.filter(retired_at=None).order_by("key", "pk")

    def retired(self) -> models.QuerySet[LocalName]:
        """Return the retired names, latest first."""
        return self.exclude(retired_at=None).order_by("-retired_at", "-pk")

    def products_for(self, lexicon: Lexicon | None) -> tuple[Product, ...]:
        """Return the names in use as products of a lexicon, without those whose ingredient it lacks."""
        rows, known = self.in_use().values_list("name", "ingredient"), lexicon.by_name if lexicon else {}
        return tuple(
            Product(name=name, ingredients=(ingredient,), sources=(SOURCE,))
            for name, ingredient in rows
            if ingredient in known
        )


class LocalName(models.Model):
    """A local name for an ingredient of the lexicon; ``note`` gives its source.

    ``key`` is the name as it is compared. A name is retired, never deleted, and can then be added again.
    """

    name = models.CharField(max_length=LONGEST_NAME)
    key = models.TextField()
    ingredient = models.CharField(max_length=LONGEST_NAME)
    note = models.TextField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_by_name = models.CharField(max_length=200)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    retired_by_name = models.CharField(max_length=200, blank=True)

    objects = LocalNameManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(retired_at=None), name="local_name_in_use_once"),
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_by=None, retired_by_name="")
                | (Q(retired_at__isnull=False, retired_by__isnull=False) & ~Q(retired_by_name="")),
                name="local_name_retired_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StoredLexicon(AppendOnlyModel):
    """A lexicon stored with the editions that use it: canonical JSON and its hash. Insert-only."""

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.TextField()

    def __str__(self) -> str:
        return f"Lexicon {self.sha256[:12]}"

    @property
    def names(self) -> Lexicon:
        """The parsed lexicon.

        Raises:
            ValueError: the stored content does not match its hash.
        """
        if content_hash(self.content) != self.sha256:
            raise ValueError(f"the names in lexicon {self.sha256[:12]} do not match their hash")
        return lexicons.from_json(self.content)
