"""Freezes: never more than the trace finds, legal moves alone, six months, warned of and ended once; and
documents with numbers in a row.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from concurrent.futures import ThreadPoolExecutor
from importlib import resources

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from docx import Document as Word

import qingdun.console.funds
from qingdun.console.funds import actions, documenting, freezing, moves, queries, ticking, tracing
from qingdun.console.funds.freezing import FreezeForm
from qingdun.console.funds.models import Document, Freeze, Movement, StopPayment, Taint
from qingdun.console.funds.moves import FREEZE_MOVES, DocumentKind, FreezeState
from qingdun.console.kernel import printing
from qingdun.console.kernel.models import AuditRow, User
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.funds.test_tracing import LAYERS, traced_incident

__all__ = ["traced_incident"]


def form(incident: int, key: str = "freeze-0001", fen: int = 6_000_000) -> FreezeForm:
    entry = Movement.objects.get(payee=LAYERS[3], of_payer=True)
    return FreezeForm(key, incident, entry.pk, fen)


def left(world: World, incident: int) -> int:
    return freezing.room(world.analyst, [incident], form(incident).movement).left_fen


def test_never_more_is_frozen_than_the_trace_finds(world: World, traced_incident: int) -> None:
    with pytest.raises(InputError, match="60,000"):
        freezing.request_freeze(world.analyst, form(traced_incident, fen=6_000_001))
    first = freezing.request_freeze(world.analyst, form(traced_incident, fen=4_000_000))
    assert (first.account, first.account_name, first.traced_fen, first.certain) == (
        LAYERS[3], "户104", 6_000_000, True,
    )  # fmt: skip
    assert freezing.request_freeze(world.analyst, form(traced_incident, fen=4_000_000)) == first
    with pytest.raises(InputError):
        freezing.request_freeze(world.analyst, form(traced_incident, "freeze-0002", 2_000_001))
    freezing.request_freeze(world.analyst, form(traced_incident, "freeze-0003", 2_000_000))
    freezing.move_freeze(world.analyst, first.pk, "turn_down", "户名不符")
    assert left(world, traced_incident) == 4_000_000


def test_the_database_refuses_more_than_the_taint(world: World, traced_incident: int) -> None:
    made = freezing.request_freeze(world.analyst, form(traced_incident))
    taint = Taint.objects.get()
    assert (taint.account, taint.traced_fen, taint.frozen_fen) == (LAYERS[3], 6_000_000, 6_000_000)
    for wrong in (6_000_001, -1):
        with pytest.raises(IntegrityError), transaction.atomic():
            Taint.objects.update(frozen_fen=wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Freeze.objects.update(amount_fen=6_000_001)
    with pytest.raises(IntegrityError), transaction.atomic():
        Freeze.objects.update(returned_fen=6_000_001)
    freezing.move_freeze(world.analyst, made.pk, "release", "查明与案件无关")
    taint.refresh_from_db()
    assert taint.frozen_fen == 0
    assert left(world, traced_incident) == 6_000_000


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_do_not_freeze_the_same_money(world: World, traced_incident: int) -> None:
    second = User.objects.create(
        username="second", role=world.analyst.role, region=world.analyst.region, password="!"
    )

    def run(number: int) -> bool:
        try:
            freezing.request_freeze(
                (world.analyst, second)[number % 2],
                form(traced_incident, f"freeze-at-once-{number}", 4_000_000),
            )
        except InputError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 1
    assert Taint.objects.get().frozen_fen == 4_000_000


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_twice_at_once_is_one_freeze(world: World, traced_incident: int) -> None:
    def run(_number: int) -> int:
        try:
            return freezing.request_freeze(world.analyst, form(traced_incident)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(run, range(3)))) == 1


def test_what_is_frozen_is_not_proposed_to_be_stopped(world: World, traced_incident: int) -> None:
    def found() -> tracing.Traced:
        paid = [one.pk for one in tracing.payments(world.analyst, traced_incident)]
        return tracing.trace(world.analyst, paid)

    def proposed() -> dict[str, int]:
        return {one.place.party.account: one.order.there_fen for one in found().proposals}

    there = found().there_fen
    assert proposed()[LAYERS[3]] == 6_000_000
    part = freezing.request_freeze(world.analyst, form(traced_incident, fen=4_000_000))
    assert proposed()[LAYERS[3]] == 6_000_000, "the bank is asked, and has not done it"
    freezing.move_freeze(world.analyst, part.pk, "freeze")
    assert proposed()[LAYERS[3]] == 2_000_000
    rest = freezing.request_freeze(world.analyst, form(traced_incident, "freeze-0002", 2_000_000))
    freezing.move_freeze(world.analyst, rest.pk, "freeze")
    assert LAYERS[3] not in proposed()
    assert found().there_fen == there
    assert [one.order.turn for one in found().proposals] == list(range(1, len(proposed()) + 1))
    place = found().place(LAYERS[3])
    assert (place is not None and place.is_frozen, place.frozen_fen if place else 0) == (True, 6_000_000)


def test_a_freeze_that_runs_out_makes_room(world: World, traced_incident: int) -> None:
    made = freezing.request_freeze(world.analyst, form(traced_incident))
    frozen = freezing.move_freeze(world.analyst, made.pk, "freeze")
    assert left(world, traced_incident) == 0
    assert frozen.ends_at is not None
    assert ticking.end_orders(frozen.ends_at) == 1
    assert Taint.objects.get().frozen_fen == 0


def test_it_runs_six_months_and_is_continued_from_its_end(world: World, traced_incident: int) -> None:
    made = freezing.request_freeze(world.analyst, form(traced_incident))
    frozen = freezing.move_freeze(world.analyst, made.pk, "freeze")
    assert frozen.frozen_at is not None
    assert frozen.ends_at == freezing.months_later(frozen.frozen_at, 6)
    with pytest.raises(IllegalMove):
        freezing.move_freeze(world.analyst, made.pk, "renew")
    end = timezone.now() + dt.timedelta(days=20)
    Freeze.objects.update(ends_at=end)
    assert ticking.warn_of_ends(timezone.now()) == 1
    assert ticking.warn_of_ends(timezone.now()) == 0
    told = queries.notices(world.analyst).get()
    assert (told.kind, told.subject_id, told.due_at) == ("freeze_ends", made.pk, end)
    assert not queries.notices(world.county).exists()
    again = freezing.move_freeze(world.analyst, made.pk, "renew")
    assert again.ends_at == freezing.months_later(end, 6)
    assert (again.renewals, again.warned_at, again.state) == (1, None, "frozen")
    Freeze.objects.update(ends_at=end + dt.timedelta(days=1))
    assert ticking.warn_of_ends(timezone.now()) == 1  # of the end it has now
    assert queries.notices(world.analyst).count() == 2
    Freeze.objects.update(ends_at=again.ends_at)
    kinds = Document.objects.filter(freeze=again).values_list("kind", "serial")
    assert list(kinds) == [("freeze", 1), ("renewal", 1)]
    assert ticking.end_orders(again.ends_at) == 1
    assert ticking.end_orders(again.ends_at) == 0
    assert AuditRow.objects.filter(verb="freeze_expire").count() == 1


def test_what_has_run_out_is_not_continued_though_no_tick_has_come(
    world: World, traced_incident: int
) -> None:
    made, now = freezing.request_freeze(world.analyst, form(traced_incident)), timezone.now()
    Freeze.objects.update(requested_at=now - dt.timedelta(days=2))
    told = now - dt.timedelta(days=1)
    frozen = freezing.move_freeze(world.analyst, made.pk, "freeze", at=told)
    assert (frozen.frozen_at, frozen.ends_at) == (told, freezing.months_later(told, 6))
    Freeze.objects.update(ends_at=now)
    with pytest.raises(IllegalMove):
        freezing.move_freeze(world.analyst, made.pk, "renew")
    frozen.refresh_from_db()
    assert "renew" not in {one.verb for one in queries.freeze_moves(world.analyst, frozen)}


@pytest.mark.parametrize("state", FreezeState.values)
@pytest.mark.parametrize("verb", sorted(move.verb for move in FREEZE_MOVES))
def test_only_moves_of_the_table_are_legal(world: World, verb: str, state: str) -> None:
    step = next(move for move in FREEZE_MOVES if move.verb == verb)
    if state not in step.sources:
        with pytest.raises(IllegalMove):
            moves.check(verb, state, FREEZE_MOVES, FreezeState)
    else:
        assert moves.check(verb, state, FREEZE_MOVES, FreezeState) is step


def test_stop_and_release_issue_documents_with_numbers_in_a_row(world: World, traced_incident: int) -> None:
    stop = StopPayment.objects.get()
    actions.move(world.analyst, stop.pk, "hold")
    actions.move(world.analyst, stop.pk, "release", "查明与案件无关")
    found = {one.kind: one for one in queries.documents(world.analyst)}
    assert set(found) == {"stop", "release"}
    assert [found["stop"].serial, found["release"].serial] == [1, 1]
    issued = documenting.issue(world.analyst, DocumentKind.RELEASE, stop)
    assert issued.serial == 2
    assert documenting.number_of(issued).endswith("00002号")
    for user in (world.other_county, world.viewer):
        assert not queries.documents(user).exists()
        with pytest.raises(NotPermitted):
            documenting.take_document(user, issued.pk, "pdf")


def test_word_and_pdf_say_what_is_ordered_and_the_law(world: World, traced_incident: int) -> None:
    made = freezing.request_freeze(world.analyst, form(traced_incident))
    row = Document.objects.get(freeze=made)
    paper = documenting.take_document(world.analyst, row.pk, "docx")
    word = Word(io.BytesIO(printing.as_docx(paper)))
    cells = [cell.text for table in word.tables for line in table.rows for cell in line.cells]
    text = "\n".join([*(p.text for p in word.paragraphs), *cells])
    for said in (LAYERS[3], "户104", "60,000.00", "反电信网络诈骗法》第二十条", documenting.number_of(row)):
        assert said in text
    fonts = {run.font.name for p in word.paragraphs for run in p.runs}
    assert fonts == {printing.TITLE_FONT, printing.BODY_FONT}
    pdf = printing.as_pdf(paper)
    assert pdf.startswith(b"%PDF")
    assert pdf == printing.as_pdf(paper)
    assert AuditRow.objects.get(verb="take_document").purpose == documenting.number_of(row)


def test_every_kind_of_document_has_its_words_and_laws() -> None:
    text = resources.files(qingdun.console.funds).joinpath("documents.json").read_text("utf-8")
    data = json.loads(text)
    assert set(data["kinds"]) == set(DocumentKind.values)
    for kind in data["kinds"].values():
        assert kind["laws"]
        assert set(kind["laws"]) <= set(data["laws"])


def test_pages_of_a_freeze_are_masked(world: World, traced_incident: int, client_of: LogIn) -> None:
    client = client_of(world.analyst)
    wanted = form(traced_incident)
    asked = {"incident": traced_incident, "movement": wanted.movement}
    page = client.get("/funds/freezes/enter/", asked).content.decode()
    assert 'value="60000"' in page
    refused = client.post("/funds/freezes/enter/", {**asked, "key": "k" * 16, "amount": "60000.01"})
    assert refused.status_code == 422
    client.post("/funds/freezes/enter/", {**asked, "key": "k" * 16, "amount": "6万"})
    made = Freeze.objects.get()
    client.post(f"/funds/freezes/{made.pk}/freeze/")
    for body in (
        page,
        client.get(f"/funds/freezes/{made.pk}/").content.decode(),
        client.get("/funds/freezes/").content.decode(),
    ):
        assert LAYERS[3] not in body
        assert "户104" not in body
    assert (
        LAYERS[3] in client.post(f"/funds/freezes/{made.pk}/unmask/", {"note": "核对账户"}).content.decode()
    )
    row = Document.objects.get(freeze=made)
    assert client.post(f"/funds/documents/{row.pk}/", {"form": "pdf"})["Content-Type"] == "application/pdf"
    assert client_of(world.other_county).get(f"/funds/freezes/{made.pk}/").status_code == 403


def test_losses_without_an_order_are_due_within_thirty_minutes(world: World, traced_incident: int) -> None:
    assert tracing.to_enter(world.analyst, timezone.now()) == []
    Document.objects.all().delete()
    StopPayment.objects.all().delete()
    (found,) = tracing.to_enter(world.analyst, timezone.now())
    assert found.due_at - found.reported_at == dt.timedelta(minutes=30)
    assert found.late
    assert not tracing.to_enter(world.analyst, found.due_at)[0].late
    assert tracing.to_enter(world.other_county, timezone.now()) == []
