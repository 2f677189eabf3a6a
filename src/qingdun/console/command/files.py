"""Posts from files: the page on which they are brought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from qingdun.console.command import queries
from qingdun.console.command.actions import above
from qingdun.console.command.codes import PostKind, Standing
from qingdun.console.command.models import Post, Tenure
from qingdun.console.command.progress_files import PROGRESS
from qingdun.console.command.provision_files import PROVISIONS, UNDERTAKINGS
from qingdun.console.command.views import tabs
from qingdun.console.kernel.imports import cells
from qingdun.console.kernel.imports.kinds import Batch, Column, Fresh, Group, Kind, by_columns, digest
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.masking import mask_name
from qingdun.console.kernel.queries import regions
from qingdun.console.kernel.roles import Permission
from qingdun.console.kernel.sheets import Fault
from qingdun.console.outreach import queries as outreach
from qingdun.errors import InputError


@dataclass(frozen=True, slots=True)
class PostRow:
    """What a row says: a post, and who has held it since a day."""

    place: str
    title: str
    kind: str
    holder: str
    deputy: str
    since: dt.date | None
    grid: str
    rank: int


def place_reader(batch: Batch) -> Callable[[str], str]:
    """Reads a place that whoever brings the file stands above, by code or by its name, as its path."""
    by_code: dict[str, str] = {}
    by_name: dict[str, set[str]] = {}
    for code, name, path in regions(batch.actor).values_list("code", "name", "path"):
        by_code[code] = path
        by_name.setdefault(name, set()).add(path)

    def read(found: str) -> str:
        paths = {by_code[found]} if found in by_code else by_name.get(found, set())
        if len(paths) != 1 or not above(batch.actor, next(iter(paths))):
            raise InputError(gettext("Expected a place below yours, by code or by a name of its own."))
        return next(iter(paths))

    return read


COLUMNS = (
    Column(
        "place", _("Place, by name or code"), settle=place_reader, must=True,
        headings=("地区代码", "区划代码", "Code of the place", "地点", "辖区"),
    ),
    Column("title", pgettext_lazy("office", "Post"), cells.text(60), must=True, headings=("职务", "岗位")),
    Column(
        "kind", pgettext_lazy("of a post", "Answers as"), cells.choice(PostKind.choices), must=True,
        headings=("责任类别", "责任"),
    ),
    Column(
        "holder", pgettext_lazy("of a post", "Holder"), cells.text(40), headings=("姓名", "责任人"),
        mask=mask_name,
    ),
    Column(
        "deputy", pgettext_lazy("of a post", "Deputy"), cells.text(40), headings=("代理人", "副职"),
        mask=mask_name,
    ),
    Column("since", _("From"), cells.past_day, empty=None, headings=("任职日期", "起始日期")),
    Column("grid", _("Code of the grid"), cells.text(20), headings=("网格编码", "网格代码")),
    Column("rank", _("Order at the place"), cells.count, empty=1, headings=("排序",)),
)  # fmt: skip


def _key(row: PostRow) -> str:
    return digest(row.place, row.grid, row.title, row.holder, row.deputy)


def _known(batch: Batch, rows: Sequence[Fresh[PostRow]]) -> Collection[str]:
    """Posts that stand already with the same holder and deputy."""
    wanted = {(one.row.place, one.row.grid, one.row.title) for one in rows}
    stand = {
        (one.region_path, one.grid.code if one.grid else "", one.title): one.pk
        for one in queries.posts(batch.actor).filter(region_path__in={place for place, *_rest in wanted})
    }
    at: dict[tuple[int, str], set[str]] = {}
    for post, standing, name in (
        queries.tenures(batch.actor)
        .filter(post__in=stand.values(), until=None)
        .values_list("post", "standing", "name")
    ):
        at.setdefault((post, standing), set()).add(name)

    def same(row: PostRow) -> bool:
        post = stand.get((row.place, row.grid, row.title))
        told = ((Standing.HOLDER, row.holder), (Standing.DEPUTY, row.deputy))
        return post is not None and all(
            not name or name in at.get((post, standing), set()) for standing, name in told
        )

    return [one.key for one in rows if same(one.row)]


def _take(batch: Batch, rows: Sequence[Fresh[PostRow]]) -> Mapping[int, Fault]:
    """Each row is a post that stands, held by whom it names: a change of its holder is a hand-over."""
    faults: dict[int, Fault] = {}
    grids = (
        {one.code: one for one in outreach.grids(batch.actor)} if any(one.row.grid for one in rows) else {}
    )
    stand = {
        (one.region_path, one.grid_id, one.title): one
        for one in queries.posts(batch.actor).filter(region_path__in={one.row.place for one in rows})
    }
    for fresh in rows:
        row = fresh.row
        grid = grids.get(row.grid)
        if row.grid and (grid is None or grid.region_path != row.place):
            words = gettext("Expected the code of a grid of that village.")
            faults[fresh.line] = Fault("grid", row.grid, words)
            continue
        key = (row.place, grid.pk if grid else None, row.title)
        if key not in stand:
            stand[key] = Post.objects.create(
                title=row.title, kind=row.kind, region_path=row.place, grid=grid, rank=row.rank,
                opened_on=row.since or timezone.localdate(batch.now), by=batch.actor,
            )  # fmt: skip
        fault = _seat(batch, stand[key], row)
        if fault is not None:
            faults[fresh.line] = fault
    return faults


def _seat(batch: Batch, post: Post, row: PostRow) -> Fault | None:
    """Whom the row names stands at the post; why not, if they cannot."""
    since = midnight(row.since) if row.since else batch.now
    there = {(one.standing, one.name): one for one in Tenure.objects.filter(post=post, until=None)}
    made = {"post": post, "since": since, "by": batch.actor, "at": batch.now}
    if row.holder and (Standing.HOLDER, row.holder) not in there:
        last = next((one for (standing, _name), one in there.items() if standing == Standing.HOLDER), None)
        if last is not None:
            if since <= last.since:
                return Fault("since", f"{row.since or ''}", gettext("The last hand-over is later than that."))
            last.until = since
            last.save(update_fields=["until"])
        Tenure.objects.create(name=row.holder, standing=Standing.HOLDER, **made)
    if row.deputy and (Standing.DEPUTY, row.deputy) not in there:
        rank = 1 + sum(standing == Standing.DEPUTY for standing, _name in there)
        Tenure.objects.create(name=row.deputy, standing=Standing.DEPUTY, rank=rank, **made)
    return None


POSTS: Kind[PostRow] = Kind(
    code="posts",
    word=_("Posts"),
    permission=Permission.WORK_COMMAND,
    columns=COLUMNS,
    reader=by_columns(COLUMNS, PostRow),
    key=_key,
    known=_known,
    take=_take,
    at_once=500,
)
FILES = Group(
    code="files",
    title=pgettext_lazy("of command", "Bring a file"),
    kinds=(POSTS, UNDERTAKINGS, PROGRESS, PROVISIONS),
    empty=_("No file yet. Bring the list of posts, of provisions or of undertakings that your office keeps."),
    tabs="command/_tabs.html",
    around=lambda _viewer: tabs("files"),
)
