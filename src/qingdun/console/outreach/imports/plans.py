"""Targets and ranks in the province from files: other numbers for the same place, count and day replace what
stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.imports.fields import Values
from qingdun.console.kernel.imports.kinds import Batch, Kind, digest
from qingdun.console.kernel.models import Region
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.outreach import registering
from qingdun.console.outreach.entering import FORMS
from qingdun.console.outreach.imports.ledgers import Rows, columns_of, ledger_of, reader
from qingdun.console.outreach.imports.matrix import PLACE
from qingdun.console.outreach.models import ProvinceRank, Target
from qingdun.console.outreach.registering import RankForm, TargetForm


def _target(batch: Batch) -> Callable[[Values], None]:
    people = dict(regions(batch.actor).values_list("path", "population"))

    def settled(row: Values) -> None:
        path = row.pop("region") or batch.actor.region_path
        form = TargetForm("", row["count"], row["due_on"], row.pop("goal"), row.pop("percent"))
        row["goal"] = registering.goal_of(form, people.get(path, 0))
        row["region_path"] = path

    return settled


def _rank(batch: Batch) -> Callable[[Values], None]:
    city = batch.actor.region
    if city is None or city.level != Region.Level.CITY:
        city = None

    def settled(row: Values) -> None:
        if city is None:
            raise FieldFaults({"rank": gettext("The city alone is ranked in the province.")})
        registering.check_rank(RankForm(**row))
        row["region_path"] = city.path

    return settled


def replacing(
    code: str, word: Any, model: Any, settle: Any, headings: Mapping[str, tuple[str, ...]],
    unique: tuple[str, ...], told: tuple[str, ...],
) -> Kind[Values]:  # fmt: skip
    """A kind of file whose rows replace those with the same `unique` fields, if they tell something else."""
    named = columns_of(FORMS[code].fields, headings)

    def key(row: Values) -> str:
        return digest(*(row[name] for name in (*unique, *told)))

    def known(_batch: Batch, rows: Rows) -> Collection[str]:
        alike = {f"{name}__in": {one.row[name] for one in rows} for name in unique}
        return [digest(*found) for found in model.objects.filter(**alike).values_list(*unique, *told)]

    def take(batch: Batch, rows: Rows) -> Mapping[int, Fault]:
        latest = {tuple(one.row[name] for name in unique): one.row for one in rows}
        model.objects.bulk_create(
            [model(**row, by=batch.actor, at=batch.now) for row in latest.values()],
            batch_size=1000, update_conflicts=True, unique_fields=unique, update_fields=[*told, "by", "at"],
        )  # fmt: skip
        return {}

    return Kind(
        code=f"outreach_{code}", word=word, permission=Permission.WORK_OUTREACH, columns=named,
        reader=reader(named, settle), key=key, known=known, take=take, rows_at=ledger_of(code),
    )  # fmt: skip


TARGETS = replacing(
    "targets", _("Targets"), Target, _target,
    {
        "region": PLACE, "count": ("指标", "统计口径"), "due_on": ("完成期限", "截止日期"),
        "goal": ("目标数", "目标"), "percent": ("目标比例", "每百人目标"),
    },
    ("region_path", "count", "due_on"), ("goal",),
)  # fmt: skip
RANKS = replacing(
    "ranks", _("Rank in the province"), ProvinceRank, _rank,
    {
        "day": ("日期", "通报日期"), "count": ("指标", "统计口径"), "rank": ("排名", "名次"),
        "of": ("参加排名城市数", "城市数"), "source": ("来源", "通报"),
    },
    ("region_path", "count", "day"), ("rank", "of", "source"),
)  # fmt: skip
