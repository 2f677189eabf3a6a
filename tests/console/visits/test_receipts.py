"""The receipt: numbered, kept once however often it is sent, printed with all it says, opened on record."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from qingdun.console.alerts import actions as alerts
from qingdun.console.alerts.models import Task
from qingdun.console.kernel.models import AuditRow, Person
from qingdun.console.visits import actions
from qingdun.console.visits.models import Receipt
from qingdun.console.visits.receipts import Signed, steps
from qingdun.console.visits.told import sentence, told
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.visits.conftest import meet

pytestmark = pytest.mark.django_db
LINES = [[(100, 200), (300, 100), (500, 300)], [(700, 200)]]


def signed(**changes: Any) -> Signed:
    fields: dict[str, Any] = {
        "language": "zh", "told": tuple(told()), "steps": ("hang_up", "restart_phone"), "strokes": LINES,
    }  # fmt: skip
    return Signed(**(fields | changes))


def text_of(pdf: bytes, tmp_path: Path) -> str:
    """What one reads on the pages."""
    file = tmp_path / "receipt.pdf"
    file.write_bytes(pdf)
    tool = shutil.which("pdftotext")
    assert tool, "poppler-utils is missing; scripts/test-needs.sh installs it"
    said = subprocess.run([tool, "-layout", str(file), "-"], check=True, capture_output=True, text=True)
    return said.stdout


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(("language", "spoken"), [("zh", ["zh"]), ("en", ["en"]), ("both", ["zh", "en"])])
def test_the_page_says_everything_in_the_language_chosen(
    world: World, task: Task, tmp_path: Path, language: str, spoken: Sequence[str]
) -> None:
    meet(world, task)
    made = actions.sign_receipt(world.officer, task.pk, "receipt-0001", signed(language=language))
    pdf = actions.open_receipt(world.officer, made.pk)[1]
    read = squeezed(text_of(pdf, tmp_path))
    for said in spoken:
        for one in (*told().values(), sentence("title"), sentence("statement")):
            assert squeezed(getattr(one, said)) in read
        for code in ("hang_up", "restart_phone"):
            assert squeezed(steps()[code][said == "en"]) in read
        assert squeezed(steps()["look_chats"][said == "en"]) not in read
    if spoken == ["en"]:
        assert squeezed(sentence("title").zh) not in read
    person = Person.objects.get(pk=task.person_id)
    station = world.station.name if "zh" in spoken else world.station.name_en
    for fact in (person.name, task.msisdn, f"#{task.pk}", squeezed(station), "民警丁", made.number[-6:]):
        assert fact in read
    assert b"/MediaBox [0 0 595.28 841.89]" in pdf


def test_a_receipt_is_sent_twice_and_numbered_once(world: World, task: Task) -> None:
    meet(world, task)
    first = actions.sign_receipt(world.officer, task.pk, "receipt-0001", signed())
    again = actions.sign_receipt(world.officer, task.pk, "receipt-0001", signed(refused=True, strokes=[]))
    second = actions.sign_receipt(world.officer, task.pk, "receipt-0002", signed(refused=True, strokes=[]))
    assert (again.pk, again.refused) == (first.pk, False)
    assert (first.serial, second.serial) == (1, 2)
    assert first.number == f"{first.year}-000001"
    rows = AuditRow.objects.filter(verb="sign_receipt").order_by("seq")
    assert [json.loads(row.after)["receipt"] for row in rows] == [first.number, second.number]
    said = json.dumps(LINES, separators=(",", ":")).encode()
    assert json.loads(rows[0].after)["signature_sha256"] == hashlib.sha256(said).hexdigest()


def test_of_a_task_that_has_ended_a_receipt_is_opened_for_a_purpose_alone(
    world: World, task: Task, client_of: LogIn
) -> None:
    meet(world, task)
    made = actions.sign_receipt(world.officer, task.pk, "receipt-0001", signed())
    actions.open_receipt(world.officer, made.pk)
    Task.objects.filter(pk=task.pk).update(closed_at=timezone.now())
    browser, address = client_of(world.officer), f"/m/receipt/{made.pk}/"
    assert 'name="purpose"' in browser.get(address).content.decode()
    assert AuditRow.objects.filter(verb="see_receipt").count() == 1
    shown = browser.post(address, {"purpose": "群众申请复印"})
    assert (shown["Content-Type"], shown.content[:5]) == ("application/pdf", b"%PDF-")
    assert AuditRow.objects.filter(verb="see_receipt").latest("seq").purpose == "群众申请复印"


def test_whoever_would_not_sign_is_printed_so(world: World, task: Task, tmp_path: Path) -> None:
    meet(world, task)
    made = actions.sign_receipt(world.officer, task.pk, "receipt-0001", signed(refused=True, strokes=[]))
    read = squeezed(text_of(actions.open_receipt(world.officer, made.pk)[1], tmp_path))
    assert squeezed(sentence("refused").zh) in read


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strokes": []}, "签名"),
        ({"refused": True}, "签名"),
        ({"language": "fr"}, "fr.+zh, en, both"),
        ({"told": ("weather",)}, "weather.+is_scam"),
        ({"strokes": [[(1001, 0)]]}, "1000 × 400"),
        ({"strokes": [[(0, 0)] * 6001]}, "6001"),
    ],
)
def test_what_is_no_signature_is_refused(
    world: World, task: Task, changes: dict[str, Any], said: str
) -> None:
    meet(world, task)
    with pytest.raises(InputError, match=said):
        actions.sign_receipt(world.officer, task.pk, "receipt-0001", signed(**changes))
    assert not Receipt.objects.exists()


def test_it_is_signed_at_the_door_alone_and_by_the_officer(world: World, task: Task) -> None:
    alerts.dispatch(world.analyst, task.pk, None)
    alerts.move(world.officer, task.pk, None, "sign")
    with pytest.raises(IllegalMove):
        actions.sign_receipt(world.officer, task.pk, "receipt-0001", signed())
    alerts.move(world.officer, task.pk, None, "meet")
    with pytest.raises(NotPermitted):
        actions.sign_receipt(world.colleague, task.pk, "receipt-0001", signed())


def test_it_is_opened_by_who_sees_the_task_and_that_is_on_record(
    world: World, task: Task, client_of: LogIn
) -> None:
    meet(world, task)
    browser = client_of(world.officer)
    body = {"key": "receipt-0001", "language": "zh", "told": list(told()), "strokes": LINES}
    answer = browser.post(f"/api/visits/tasks/{task.pk}/receipts", body, content_type="application/json")
    assert answer.status_code == 200
    made = Receipt.objects.get()
    page = browser.get(f"/m/visit/{task.pk}/").content.decode()
    assert f'href="/m/receipt/{made.pk}/"' in page
    pdf = browser.get(f"/m/receipt/{made.pk}/")
    assert (pdf["Content-Type"], pdf["Cache-Control"]) == ("application/pdf", "no-store")
    assert pdf.content.startswith(b"%PDF-")
    assert client_of(world.analyst).get(f"/m/receipt/{made.pk}/").status_code == 200
    assert client_of(world.other_county).get(f"/m/receipt/{made.pk}/").status_code == 403
    rows = AuditRow.objects.filter(verb="see_receipt").order_by("seq")
    assert [(row.actor, made.number in row.purpose) for row in rows] == [("officer", True), ("city", True)]
