"""A bulletin on its way: composed, edited between its figures, signed by two, frozen, compared, taken."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from docx import Document as Word
from openpyxl import load_workbook

from qingdun.console.bulletin import actions, queries, ticking
from qingdun.console.bulletin.composing import text_of
from qingdun.console.bulletin.differing import difference
from qingdun.console.bulletin.models import Bulletin, BulletinFigure, Schedule
from qingdun.console.bulletin.moves import MOVES, PAIRS
from qingdun.console.bulletin.periods import Period, last_over
from qingdun.console.bulletin.texts import typed_numbers
from qingdun.console.cases.models import Case, Incident
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.localtime import midnight
from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.errors import IllegalMove, NotPermitted
from tests.console.conftest import LogIn, MakeUser
from tests.console.places import COUNTY_A, COUNTY_B, TOWN_A

PERIOD = Period(dt.date(2026, 5, 1), dt.date(2026, 5, 31))


class Desk:
    """Two who write bulletins of the city, and its ledger."""

    def __init__(self, make_user: MakeUser, regions: dict[str, Region]) -> None:
        self.first = make_user(Role.CITY_ANALYST, name="first")
        self.second = make_user(Role.CITY_ANALYST, name="second")
        self.regions = regions

    def lose(self, count: int, on: dt.date = PERIOD.until) -> None:
        """So many incidents are reported on that day."""
        known, at = Incident.objects.count(), midnight(on) + dt.timedelta(hours=9)
        Incident.objects.bulk_create(
            Incident(
                person_id=f"p{number}", msisdn="", region_path=self.regions[TOWN_A].path, reported_at=at,
                scam_type="police", loss_fen=100_000, key=f"k{number}", by=self.first, entered_at=at,
            )
            for number in range(known, known + count)
        )  # fmt: skip

    def drafted(self, period: Period = PERIOD) -> Bulletin:
        return actions.draft(self.first, "", period)

    def issued(self, period: Period = PERIOD) -> Bulletin:
        made = self.drafted(period)
        actions.sign_bulletin(self.first, made.pk)
        return actions.countersign_bulletin(self.second, made.pk)


@pytest.fixture
def desk(make_user: MakeUser, regions: dict[str, Region]) -> Desk:
    made = Desk(make_user, regions)
    made.lose(3)
    made.lose(2, dt.date(2026, 4, 30))
    return made


def place_of(about: Bulletin, code: str) -> tuple[int, int, dict[str, str]]:
    """Paragraph, part and what stands in the place of that figure."""
    for number, paragraph in enumerate(about.paragraphs):
        for part, one in enumerate(paragraph["parts"]):
            if isinstance(one, dict) and one["code"] == code and not one["show"]:
                return number, part, one
    raise AssertionError(code)


def told(about: Bulletin) -> str:
    about.refresh_from_db()
    return "\n".join(text_of(one) for one in about.paragraphs)


def test_a_figure_cannot_be_typed_over(desk: Desk, log_in: LogIn) -> None:
    about, browser = desk.drafted(), log_in(desk.first)
    number, _part, slot = place_of(about, "cases.incidents")
    assert slot["text"] == "3"
    page = browser.get(f"/bulletins/{about.pk}/").content.decode()
    fields = re.findall(rf'name="(p{number}\.\d+)"', page)
    assert fields
    assert all(f">{slot['text']}</textarea>" not in one for one in page.split("<textarea")[1:])
    places = {f"p{number}.{place}": "９９起" for place in range(40)} | {"title": "五月战报"}
    answer = browser.post(f"/bulletins/{about.pk}/edit/", places)
    assert answer.status_code == 302
    about.refresh_from_db()
    assert place_of(about, "cases.incidents")[2] == slot
    assert about.title == "五月战报"
    slots = [part for part in about.paragraphs[number]["parts"] if isinstance(part, dict)]
    assert [one["text"] for one in slots] != []
    assert typed_numbers(about.paragraphs).count("９９") == len(fields)
    assert "９９" in browser.get(f"/bulletins/{about.pk}/").content.decode()


def test_a_person_adds_and_leaves_out(desk: Desk) -> None:
    about = desk.drafted()
    first = told(about).split("\n")[0]
    typed = {"out0": "1", "added": "另：破案{cases.solved}起{cases.solved|change}。\n下月继续。"}
    actions.edit_bulletin(desk.first, about.pk, typed)
    assert first not in told(about)
    assert told(about).endswith("另：破案0起。\n下月继续。")
    Case.objects.create(
        number="A1", name="x", filed_on=PERIOD.since, solved_on=PERIOD.until, entered_at=timezone.now(),
        region_path=desk.regions[TOWN_A].path, by=desk.first,
    )  # fmt: skip
    actions.recount_bulletin(desk.first, about.pk)
    assert "另：破案1起。" in told(about)


@pytest.mark.parametrize("words", ["{cases.nothing}", "{12}", "a } b", "{cases.solved|names:title}"])
def test_what_is_no_figure_is_refused_beside_its_field(desk: Desk, words: str) -> None:
    about = Bulletin.objects.create(
        region_path="441800/", since=PERIOD.since, until=PERIOD.until, language="zh", title="x",
        paragraphs=[{"heading": False, "parts": ["甲"]}], template="t", by=desk.first,
        composed_at=timezone.now(), counted_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(FieldFaults) as wrong:
        actions.edit_bulletin(desk.first, about.pk, {"p0.0": words})
    assert list(wrong.value.faults) == ["p0.0"]


def test_two_people_sign_what_the_ledgers_say_and_it_is_frozen(desk: Desk, log_in: LogIn) -> None:
    about = desk.drafted()
    desk.lose(4)
    with pytest.raises(IllegalMove, match=r"otherwise|不一致|不符|变"):
        actions.sign_bulletin(desk.first, about.pk)
    actions.recount_bulletin(desk.first, about.pk)
    assert "警情7起" in told(about)
    actions.sign_bulletin(desk.first, about.pk)
    for act in (
        lambda: actions.countersign_bulletin(desk.first, about.pk),
        lambda: actions.edit_bulletin(desk.second, about.pk, {"title": "other"}),
        lambda: actions.recount_bulletin(desk.second, about.pk),
    ):
        with pytest.raises(IllegalMove):
            act()
    made = actions.countersign_bulletin(desk.second, about.pk)
    assert (made.state, made.year, made.serial) == ("issued", timezone.localdate().year, 1)
    desk.lose(5)
    assert "警情7起" in told(about)
    assert actions.seal_of(about) == about.seal
    browser = log_in(desk.first)
    browser.post(f"/bulletins/{about.pk}/check/")
    assert "警情" in "".join(actions.differing(desk.first, about))
    for change in (
        lambda: Bulletin.objects.filter(pk=about.pk).update(title="other"),
        lambda: Bulletin.objects.filter(pk=about.pk).update(state="draft"),
        lambda: BulletinFigure.objects.filter(bulletin=about).update(value=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_what_was_signed_is_sent_back_and_dropped_for_a_reason(desk: Desk) -> None:
    about = desk.drafted()
    with pytest.raises(FieldFaults):
        desk.drafted()
    actions.sign_bulletin(desk.first, about.pk)
    actions.end_bulletin(desk.second, about.pk, "send_back_bulletin", "请补充案例")
    about.refresh_from_db()
    assert (about.state, about.first_by, about.seal, about.note) == ("draft", None, "", "请补充案例")
    actions.end_bulletin(desk.first, about.pk, "drop_bulletin", "重复编写")
    assert Bulletin.objects.get(pk=about.pk).state == "dropped"
    verbs = AuditRow.objects.filter(subject_kind="bulletin").order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == [
        "compose_bulletin", "sign_bulletin", "send_back_bulletin", "drop_bulletin",
    ]  # fmt: skip


def test_the_difference_from_the_last_one_is_told_figure_by_figure(desk: Desk, log_in: LogIn) -> None:
    before = desk.issued(PERIOD.before)
    about = desk.drafted()
    found = difference(desk.first, about)
    assert found is not None
    assert found.last == before
    row = next(
        one for one in found.rows if (one.now or one.then or BulletinFigure()).code == "cases.incidents"
    )
    assert row.now is not None
    assert row.then is not None
    assert (row.then.value, row.now.value) == (2, 3)
    assert ("gone", "2") in found.pieces
    assert ("new", "3") in found.pieces
    page = log_in(desk.first).get(f"/bulletins/{about.pk}/compare/").content.decode()
    assert "<del>2</del><ins>3</ins>" in page


def test_who_reads_what(desk: Desk, make_user: MakeUser, log_in: LogIn) -> None:
    issued, under_way = desk.issued(PERIOD.before), desk.drafted()
    cadre = make_user(Role.TOWN_CADRE, TOWN_A, name="cadre")
    county = make_user(Role.COUNTY_OFFICER, COUNTY_A, name="county")
    theirs = actions.draft(county, "", PERIOD)
    assert theirs.region_path == desk.regions[COUNTY_A].path
    other = make_user(Role.COUNTY_OFFICER, COUNTY_B, name="other")
    seen = {
        user.username: set(queries.bulletins(user).values_list("pk", flat=True))
        for user in (desk.first, cadre, county, other, make_user(Role.VIEWER, name="wall"))
    }
    everything = {issued.pk, under_way.pk, theirs.pk}
    assert seen == {
        "first": everything, "cadre": {issued.pk}, "county": {issued.pk, theirs.pk}, "other": {issued.pk},
        "wall": set(),
    }  # fmt: skip
    assert log_in(cadre).get(f"/bulletins/{issued.pk}/").status_code == 200
    assert log_in(cadre).get(f"/bulletins/{under_way.pk}/").status_code == 403
    for act in (
        lambda: actions.edit_bulletin(other, theirs.pk, {}),
        lambda: actions.sign_bulletin(cadre, under_way.pk),
        lambda: actions.draft(county, "441800", PERIOD.before),
        lambda: actions.take_bulletin(other, theirs.pk, "docx"),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_it_leaves_as_word_pdf_and_sheet(desk: Desk, log_in: LogIn) -> None:
    about, browser = desk.issued(), log_in(desk.first)

    def taken(form: str) -> bytes:
        answer: Any = browser.post(f"/bulletins/{about.pk}/file/", {"form": form})
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)

    word = Word(io.BytesIO(taken("docx")))
    said = "\n".join(one.text for one in word.paragraphs)
    assert told(about) in said.replace("\n\n", "\n")
    assert "〔" in said
    fonts = {run.font.name for one in word.paragraphs for run in one.runs}
    assert {"方正小标宋简体", "仿宋_GB2312", "黑体"} <= fonts
    assert round(word.sections[0].left_margin.mm), round(word.sections[0].top_margin.mm) == (28, 37)
    assert taken("pdf").startswith(b"%PDF-")
    book = load_workbook(io.BytesIO(taken("xlsx")))
    text = [cell.value for cell in book.worksheets[1]["A"]]
    assert about.title in text
    assert told(about).splitlines()[0] in text
    sheet = book.worksheets[0]
    link = next(row[9].hyperlink for row in sheet.iter_rows() if row[8].value == "cases.incidents")
    assert link is not None
    rows_at = BulletinFigure.objects.get(bulletin=about, code="cases.incidents").url
    assert link.target == f"{settings.ORIGINS[0]}{rows_at}"
    rows = list(sheet.iter_rows(values_only=True))
    found = next(row for row in rows if row[8] == "cases.incidents")
    assert found[1:3] == (3, 2)
    assert str(found[9]).startswith("/cases/")
    assert AuditRow.objects.filter(verb="take_bulletin").count() == 3


def test_every_figure_of_the_page_leads_to_as_many_rows(desk: Desk, log_in: LogIn) -> None:
    about, browser = desk.drafted(), log_in(desk.first)
    for code, rows in (("cases.incidents", 3), ("cases.filed", 0)):
        figure = BulletinFigure.objects.get(bulletin=about, code=code)
        answer = browser.get(figure.url)
        assert answer.status_code == 200
        assert answer.context["page"].paginator.count == rows == figure.value
    page = browser.get(f"/bulletins/{about.pk}/").content.decode()
    assert "95" in page
    assert Client().get(f"/bulletins/{about.pk}/").status_code == 302


def test_a_schedule_drafts_every_period_once(desk: Desk, log_in: LogIn) -> None:
    now = timezone.now()
    browser = log_in(desk.first)
    browser.post("/bulletins/schedule/", {"region": "441800", "span": "week"})
    made = Schedule.objects.get()
    assert ticking.tick(now) == 0
    week = last_over("week", timezone.localdate(now) + dt.timedelta(days=7))
    after = midnight(week.until + dt.timedelta(days=1)) + dt.timedelta(minutes=1)
    if week.until < timezone.localdate(now):
        after += dt.timedelta(days=7)
    assert ticking.tick(after) == 1
    assert ticking.tick(after) == 0
    drafted = Bulletin.objects.get()
    assert drafted.scheduled
    assert (drafted.until - drafted.since).days == 6
    User.objects.filter(pk=desk.first.pk).update(is_active=False)
    assert ticking.tick(after + dt.timedelta(days=7)) == 0
    made.refresh_from_db()
    assert made.failed
    actions.end_schedule(desk.second, made.pk)
    assert ticking.tick(after + dt.timedelta(days=14)) == 0


def test_the_form_says_what_is_wrong(desk: Desk, log_in: LogIn) -> None:
    browser = log_in(desk.first)
    assert browser.get("/bulletins/").status_code == 200
    wrong = browser.post("/bulletins/compose/", {"since": "2026-05-31", "until": "2026-05-01"})
    assert wrong.status_code == 422
    assert 'aria-describedby="e-until"' in wrong.content.decode()
    assert browser.post("/bulletins/compose/", {"since": "x", "until": "2026-05-01"}).status_code == 422


def test_the_database_knows_the_legal_moves() -> None:
    from importlib import import_module

    frozen = import_module("qingdun.console.bulletin.migrations.0002_what_is_signed_is_frozen")
    assert set(frozen.PAIRS) == set(PAIRS)
    assert len({move.verb for move in MOVES}) == len(MOVES)
