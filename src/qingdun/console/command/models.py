"""Posts of the chain of responsibility and of the leading group, who has held them, and who was away.

A tenure is never changed but for its end, so who answered for a place at any moment can be asked for good.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qingdun.console.command.codes import PostKind, Standing
from qingdun.console.command.provision_models import Proof, Provision, Step, Undertaking

__all__ = ["Absence", "Post", "Proof", "Provision", "Step", "Tenure", "Undertaking"]

USER = settings.AUTH_USER_MODEL


class Post(models.Model):
    """One named post (职务) that answers for a place or a grid, or sits in the leading group."""

    title = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=PostKind.choices)
    region_path = models.CharField(max_length=80, db_index=True)
    grid = models.ForeignKey("outreach.Grid", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("outreach.Unit", models.PROTECT, null=True, related_name="+")
    rank = models.PositiveSmallIntegerField(default=1, help_text="Among the posts of its kind at the place")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering: ClassVar[list[str]] = ["region_path", "kind", "rank", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["region_path", "title"],
                condition=Q(grid=None, closed_on=None),
                name="one_post_a_title",
            ),
            models.UniqueConstraint(
                fields=["grid", "title"], condition=Q(closed_on=None), name="one_post_a_grid_and_title"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Tenure(models.Model):
    """Somebody at a post, from one moment to another: its holder, or a deputy who stands in."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="tenures")
    name = models.CharField(max_length=40)
    standing = models.CharField(max_length=8, choices=Standing.choices)
    rank = models.PositiveSmallIntegerField(default=0, help_text="Of deputies: who stands in first")
    account = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    note = models.TextField(blank=True, help_text="What was handed over")
    matters = models.JSONField(default=dict, help_text="What was overdue at the hand-over, by kind")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("tenure")
        verbose_name_plural = _("tenures")
        ordering: ClassVar[list[str]] = ["-since", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["post"], condition=Q(standing="holder", until=None), name="one_holder_a_post"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="tenure_ends_after_it_began"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["post", "since", "until"], name="tenure_of_post")
        ]

    def __str__(self) -> str:
        return self.name


class Absence(models.Model):
    """Somebody at a post is away; the deputies stand in, in their order."""

    tenure = models.ForeignKey(Tenure, models.PROTECT, related_name="absences")
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=100)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering: ClassVar[list[str]] = ["-since", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="absence_ends_after_it_began")
        ]
