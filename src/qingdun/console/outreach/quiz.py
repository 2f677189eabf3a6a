"""The short quiz: what it asks is data, what is kept names nobody.

Whoever stands at a stall hands the screen over; a sheet has its answers, its day and its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.outreach import queries
from qingdun.console.outreach.models import QuizSheet
from qingdun.errors import InputError
from qingdun.reach.proportions import Interval, wilson


@dataclass(frozen=True, slots=True)
class Words:
    """Something the quiz says, in both languages."""

    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if (get_language() or "zh").startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its answers, and the code of the right one."""

    words: Words
    answers: tuple[Words, ...]
    right: str


@cache
def quiz() -> tuple[int, tuple[Question, ...]]:
    """The version of the questions, and the questions."""
    raw = json.loads(resources.files(__package__).joinpath("quiz.json").read_text("utf-8"))
    questions = tuple(
        Question(
            Words(one["code"], one["zh"], one["en"]),
            tuple(Words(**answer) for answer in one["answers"]),
            one["right"],
        )
        for one in raw["questions"]
    )
    return raw["version"], questions


@transaction.atomic
def fill_in(actor: User, key: str, answers: Mapping[str, str], event_id: int | None) -> QuizSheet:
    """The sheet stands, with nobody's name; the same key again changes nothing.

    Errors: NotPermitted, InputError (a question without an answer of its own).
    """
    require(actor, Permission.VISIT_DOORS)
    version, questions = quiz()
    known = QuizSheet.objects.filter(key=key).first()
    if known is not None:
        return known
    for one in questions:
        if answers.get(one.words.code) not in {answer.code for answer in one.answers}:
            raise InputError(_("Choose an answer to every question."))
    event = queries.event(actor, event_id) if event_id is not None else None
    right = sum(answers[one.words.code] == one.right for one in questions)
    try:
        with transaction.atomic():
            sheet = QuizSheet.objects.create(
                key=key, region_path=event.region_path if event else actor.region_path, event=event,
                version=version, answers={one.words.code: answers[one.words.code] for one in questions},
                right=right, of=len(questions), on=timezone.localdate(),
            )  # fmt: skip
            record(actor, "fill_in_quiz", sheet, None, {"right": right, "of": len(questions)})
    except IntegrityError:
        return QuizSheet.objects.get(key=key)
    return sheet


def understood(sheets: QuerySet[QuizSheet]) -> list[tuple[Question, int, int, Interval | None]]:
    """Of every question, how many of the sheets have it right, of how many, and the 95 % interval of that
    share; a sheet of other questions counts where it has the same one.
    """
    _version, questions = quiz()
    found = []
    for one in questions:
        told = sheets.order_by().annotate(told=KeyTextTransform(one.words.code, "answers"))
        answers: dict[str, int] = dict(
            told.filter(told__isnull=False).values_list("told").annotate(count=Count("pk"))
        )
        right, of = answers.get(one.right, 0), sum(answers.values())
        found.append((one, right, of, wilson(right, of)))
    return found
