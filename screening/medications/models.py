"""Names that an installation added to those of its editions."""

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
    """Local names by what people look for."""

    def in_use(self) -> models.QuerySet[LocalName]:
        """Those by which lists are read, in the order in which they are listed."""
        return self.filter(retired_at=None).order_by("key", "pk")

    def retired(self) -> models.QuerySet[LocalName]:
        """Those that are no longer used, the latest first."""
        return self.exclude(retired_at=None).order_by("-retired_at", "-pk")

    def known_to(self, lexicon: Lexicon | None) -> tuple[Product, ...]:
        """Those in use whose substance a lexicon has, as lists are read by them beside its names."""
        rows, known = self.in_use().values_list("name", "ingredient"), lexicon.by_name if lexicon else {}
        return tuple(
            Product(name=name, ingredients=(ingredient,), sources=(SOURCE,))
            for name, ingredient in rows
            if ingredient in known
        )


class LocalName(models.Model):
    """A name by which a substance of the lexicon is known here, and where that was found.

    ``key`` is the name as it is compared. A name is retired, never deleted; it may then be added anew.
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
        if content_hash(self.content) != self.sha256:
            raise ValueError(f"the names {self.sha256[:12]} do not match their hash")
        return lexicons.from_json(self.content)
