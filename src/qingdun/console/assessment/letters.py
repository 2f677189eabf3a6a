"""Letters about rulings, as papers to be printed; taking one away is on record."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.assessment import queries
from qingdun.console.assessment.models import Line, Ruling
from qingdun.console.assessment.moves import RulingState
from qingdun.console.assessment.rules import laws, letter
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.printing import Paper, written_day
from qingdun.errors import IllegalMove

WRITTEN = (RulingState.CONFIRMED, RulingState.ENDED, RulingState.WITHDRAWN)


def number_of(ruling: Ruling) -> str:
    """The number of its letter."""
    assert ruling.decided_at is not None
    year = timezone.localtime(ruling.decided_at).year
    return f"{'演示' if settings.DEMO else ''}联办考核〔{year}〕{ruling.pk}号"


@transaction.atomic
def take_letter(actor: User, ruling_id: int, form: str) -> Paper:
    """What the letter about a ruling in force says; that the actor took it away is on record.

    Errors: NotPermitted, IllegalMove (nobody has confirmed it).
    """
    ruling = queries.ruling(actor, ruling_id)
    if ruling.state not in WRITTEN or ruling.area:
        raise IllegalMove(_("There is a letter once a person has confirmed it."))
    record(actor, "take_ruling_letter", ruling, None, {"as": form, "kind": ruling.kind}, number_of(ruling))
    return _paper(ruling)


def _paper(ruling: Ruling) -> Paper:
    words, place = letter(ruling.kind), Region.objects.get(path=ruling.region_path)
    city = Region.objects.get(level=Region.Level.CITY)
    assert ruling.decided_at is not None
    facts = [("对象", place.name), *_figures(ruling)]
    for label, day in (
        ("反馈期限", ruling.answer_due_on), ("申辩期限", ruling.object_until), ("整治期限", ruling.ends_on),
    ):  # fmt: skip
        if day is not None:
            facts.append((label, written_day(day)))
    facts.append(("规则版本", ruling.rules))
    return Paper(
        words["title_zh"], number_of(ruling), place.name, words["body_zh"], tuple(facts), laws(),
        ruling.note, f"{city.name}打击治理电信网络新型违法犯罪工作联席会议办公室", ruling.decided_at,
        bool(settings.DEMO),
    )  # fmt: skip


def _figures(ruling: Ruling) -> list[tuple[str, str]]:
    """The line of the ranking it rests on: a town can check every number of it."""
    about = ruling.ranking
    line = Line.objects.filter(ranking=about, region_path=ruling.region_path).first() if about else None
    if about is None or line is None:
        return []
    city = 10_000 * about.cases / about.residents
    return [
        ("考核周期", f"{written_day(about.since)}—{written_day(about.until)}，第 {about.version} 版"),
        ("发案", f"{line.cases} 起，常住人口 {line.residents:,} 人"),
        ("万人发案率", f"{line.raw:.2f}（校正后 {line.shrunk:.2f}），全市 {city:.2f}"),
        ("偶然概率", f"按全市水平出现同样多案件的概率为 {100 * line.p_more:.2f}%"),
        ("排名", f"第 {line.rank} 位，{line.points:.2f} 分"),
    ]
