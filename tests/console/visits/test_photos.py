"""Photos: only pixels are kept, who sees the task sees them, each look is on record, they go in time."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import struct
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.conf import settings as console
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from qingdun.console.alerts.models import Task
from qingdun.console.kernel import pictures
from qingdun.console.kernel.audit import first_hash
from qingdun.console.kernel.models import AuditRow
from qingdun.console.visits import actions, files, retention
from qingdun.console.visits.models import Photo
from qingdun.errors import IllegalMove, InputError, NotPermitted, RefusedError
from tests.console.alerts.world import World
from tests.console.conftest import LogIn
from tests.console.visits.conftest import meet

pytestmark = pytest.mark.django_db
Committed = Callable[..., AbstractContextManager[object]]
SECRET = "GEHEIM-23.68N-113.05E"


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Committed) -> Committed:
    """What happens once a transaction has ended happens after the block."""
    return django_capture_on_commit_callbacks


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.PHOTOS = tmp_path / "photos"
    return tmp_path / "photos"


@pytest.fixture
def door(world: World, task: Task) -> Task:
    """The officer at the door, with the person's consent to photos."""
    meet(world, task)
    actions.state_consent(world.officer, task.pk, "consent-0001", "photo", "yes")
    return task


def jpeg(size: tuple[int, int] = (600, 300), kind: str = "JPEG", orientation: int = 6) -> bytes:
    """A picture that is red at its left end, with a place, a comment and an orientation in it."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 4, size[1]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, SECRET
    exif.get_ifd(0x8825)[29] = SECRET
    out = io.BytesIO()
    more = {"comment": SECRET.encode()} if kind == "JPEG" else {}
    image.save(out, kind, exif=exif, **more)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "named"), [(kind, named) for named, kind in pictures.TYPES.items()])
def test_only_pixels_are_left_and_the_picture_stands_upright(kind: str, named: str) -> None:
    raw = jpeg(kind=kind)
    assert SECRET.encode() in raw
    cleaned = pictures.clean(raw, named)
    assert SECRET.encode() not in cleaned.data
    with Image.open(io.BytesIO(cleaned.data)) as seen:
        assert seen.format == "JPEG"
        assert not seen.getexif()
        assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        # Turned by a quarter, as its orientation says: red is on top now.
        assert seen.size == (cleaned.width, cleaned.height) == (300, 600)
        red, _green, blue = seen.convert("RGB").getpixel((150, 20))
        assert red > 200 > blue


def test_a_large_photo_is_shrunk_and_transparency_becomes_white() -> None:
    cleaned = pictures.clean(jpeg((6000, 3000), orientation=1), "image/jpeg")
    assert (cleaned.width, cleaned.height) == (2048, 1024)
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(pictures.clean(out.getvalue(), "image/png").data)) as seen:
        assert seen.convert("RGB").getpixel((20, 20)) == (255, 255, 255)


def bomb(side: int) -> bytes:
    """A PNG of a few hundred bytes that claims side × side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "named", "said"),
    [
        (bomb(9_000), "image/png", "64"),
        (bomb(12_000), "image/png", "64"),
        (bomb(60_000), "image/png", "64"),
        (jpeg(), "image/png", "JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/jpeg", "JPEG"),
        (b"<html>", "text/html", "text/html"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 64, "image/jpeg", "HEIC"),
        (b"", "image/heic", "HEIC"),
        (b"", "image/jpeg", "JPEG"),
        (jpeg()[:700], "image/jpeg", "broken|损坏|no JPEG|不是"),
    ],
)
def test_what_is_no_honest_photo_is_refused_with_the_reason(data: bytes, named: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        pictures.clean(data, named)


@pytest.mark.filterwarnings("ignore::UserWarning")  # the decoder's own words on broken notes
@pytest.mark.parametrize(("kind", "named"), [(kind, named) for named, kind in pictures.TYPES.items()])
def test_a_photo_damaged_anywhere_at_its_head_is_kept_or_refused_in_words(kind: str, named: str) -> None:
    whole = jpeg((24, 12), kind=kind)
    for place in range(min(len(whole), 400)):
        for wrong in (0x00, 0x07, 0xFF):
            damaged = whole[:place] + bytes([wrong]) + whole[place + 1 :]
            with contextlib.suppress(InputError):
                pictures.clean(damaged, named)


def test_a_photo_is_sent_twice_and_kept_once(
    world: World, door: Task, folder: Path, committed: Committed
) -> None:
    first = actions.add_photo(world.officer, door.pk, "photo-key-1", jpeg(), "image/jpeg")
    again = actions.add_photo(world.officer, door.pk, "photo-key-1", jpeg(), "image/jpeg")
    assert first.pk == again.pk
    assert {path.name for path in folder.iterdir()} == {first.name, ".ledger"}
    assert (folder / first.name).stat().st_mode & 0o777 == 0o600
    assert AuditRow.objects.filter(verb="add_photo").count() == 1
    with pytest.raises(RefusedError):
        actions.add_photo(world.analyst, door.pk, "photo-key-1", jpeg(), "image/jpeg")
    # Removed, and sent again by a phone that heard no answer: it does not come back.
    with committed(execute=True):
        actions.remove_photo(world.officer, first.pk)
    actions.add_photo(world.officer, door.pk, "photo-key-1", jpeg(), "image/jpeg")
    assert [path.name for path in folder.iterdir()] == [".ledger"]


def test_count_size_and_consent_are_limits(
    world: World, door: Task, settings: Settings, folder: Path, committed: Committed
) -> None:
    settings.PHOTOS_PER_VISIT, settings.PHOTO_BYTES = 1, 2_000_000
    with pytest.raises(InputError, match=r"3 MB"):
        actions.add_photo(world.officer, door.pk, "photo-key-1", b"\0" * 2_100_000, "image/jpeg")
    actions.add_photo(world.officer, door.pk, "photo-key-1", jpeg(), "image/jpeg")
    with pytest.raises(IllegalMove, match="1"):
        actions.add_photo(world.officer, door.pk, "photo-key-2", jpeg(), "image/jpeg")
    assert len(list(folder.glob("*.jpg"))) == 1
    with pytest.raises(NotPermitted):
        actions.add_photo(world.colleague, door.pk, "photo-key-3", jpeg(), "image/jpeg")
    with committed(execute=True):
        actions.state_consent(world.officer, door.pk, "consent-0002", "photo", "withdrawn")
    assert not list(folder.glob("*.jpg"))
    assert not Photo.objects.filter(removed_at=None).exists()
    with pytest.raises(IllegalMove):
        actions.add_photo(world.officer, door.pk, "photo-key-4", jpeg(), "image/jpeg")


def test_it_is_served_to_who_sees_the_task_and_each_look_is_on_record(
    world: World, door: Task, client_of: LogIn
) -> None:
    browser = client_of(world.officer)
    file = SimpleUploadedFile("geheim.jpg", jpeg(), "image/jpeg")
    answer = browser.post(f"/api/visits/tasks/{door.pk}/photos", {"key": "photo-key-1", "file": file})
    assert answer.status_code == 200
    photo = Photo.objects.get()
    shown = browser.get(f"/m/photo/{photo.pk}/")
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["Cache-Control"] == "no-store"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert files.read(photo.name) == shown.content
    assert client_of(world.colleague).get(f"/m/photo/{photo.pk}/").status_code == 200
    assert client_of(world.other_county).get(f"/m/photo/{photo.pk}/").status_code == 403
    assert client_of(world.viewer).get(f"/m/photo/{photo.pk}/").status_code == 403
    looks = AuditRow.objects.filter(verb="see_photo")
    assert [row.actor for row in looks.order_by("seq")] == ["officer", "colleague"]
    assert photo.name not in browser.get(f"/m/visit/{door.pk}/").content.decode()
    assert not list(Path(console.STATICFILES_DIRS[0]).rglob(photo.name))
    wrong = SimpleUploadedFile("x.jpg", b"<svg/>", "image/jpeg")
    told = browser.post(f"/api/visits/tasks/{door.pk}/photos", {"key": "photo-key-2", "file": wrong})
    assert (told.status_code, "JPEG" in told.json()["message"]) == (422, True)


def test_of_a_task_that_has_ended_a_photo_is_opened_for_a_purpose_alone(
    world: World, door: Task, client_of: LogIn
) -> None:
    photo = actions.add_photo(world.officer, door.pk, "photo-key-1", jpeg(), "image/jpeg")
    Task.objects.filter(pk=door.pk).update(closed_at=timezone.now())
    browser, address = client_of(world.officer), f"/m/photo/{photo.pk}/"
    asked = browser.get(address)
    assert (asked.status_code, 'name="purpose"' in asked.content.decode()) == (200, True)
    refused = browser.post(address, {"purpose": " "})
    assert (refused.status_code, 'role="alert"' in refused.content.decode()) == (422, True)
    assert not AuditRow.objects.filter(verb="see_photo").exists()
    shown = browser.post(address, {"purpose": "复核上门情况"})
    assert shown["Content-Type"] == "image/jpeg"
    assert AuditRow.objects.get(verb="see_photo").purpose == "复核上门情况"
    assert client_of(world.other_county).get(address).status_code == 403


def test_photos_and_files_without_a_row_go_after_their_term(
    world: World, door: Task, folder: Path, committed: Committed
) -> None:
    old = actions.add_photo(world.officer, door.pk, "photo-key-1", jpeg(), "image/jpeg")
    young = actions.add_photo(world.officer, door.pk, "photo-key-2", jpeg(), "image/jpeg")
    now = timezone.now()
    Photo.objects.filter(pk=old.pk).update(at=now - console.EVIDENCE_KEPT - dt.timedelta(seconds=1))
    stray, fresh = folder / "stray.jpg", folder / ".fresh.jpg"
    owner = folder / ".ledger"
    for path in (stray, fresh):
        path.write_bytes(b"x")
    os.utime(stray, (0, 0))
    assert retention.count_overdue(now) == {"photos": 1, "places": 0}
    with committed(execute=True):
        assert retention.tick(now) == 1
    assert retention.tick(now) == 0
    assert {path.name for path in folder.iterdir()} == {young.name, fresh.name, owner.name}
    rows = AuditRow.objects.filter(verb="purge", subject_id__in=("photos", "visits")).order_by("seq")
    assert [row.subject_id for row in rows] == ["photos", "visits"]
    assert retention.purge(None, now) == {"photos": 0, "places": 0}


def test_photos_of_another_database_are_never_swept(world: World, door: Task, folder: Path) -> None:
    theirs = folder / "theirs.jpg"
    folder.mkdir()
    theirs.write_bytes(b"x")
    os.utime(theirs, (0, 0))
    # A folder that nobody is known to own, then one of a console with another database.
    retention.purge(None, timezone.now())
    (folder / ".ledger").write_text("0123")
    retention.purge(None, timezone.now())
    actions.add_photo(world.officer, door.pk, "photo-key-1", jpeg(), "image/jpeg")
    retention.purge(None, timezone.now())
    assert theirs.exists()
    (folder / ".ledger").write_text(first_hash())
    retention.purge(None, timezone.now())
    assert not theirs.exists()
    assert Photo.objects.filter(removed_at=None).count() == len(list(folder.glob("*.jpg"))) == 1


def test_a_removed_photo_is_gone_though_its_process_was_killed(
    world: World, door: Task, folder: Path
) -> None:
    photo = actions.add_photo(world.officer, door.pk, "photo-key-1", jpeg(), "image/jpeg")
    actions.remove_photo(world.officer, photo.pk)  # what comes after the commit never runs here
    assert (folder / photo.name).exists()
    retention.purge(None, timezone.now())
    assert not (folder / photo.name).exists()


def test_consent_to_photos_is_withdrawn_after_the_task_has_ended(
    world: World, door: Task, folder: Path, committed: Committed, client_of: LogIn
) -> None:
    photo = actions.add_photo(world.officer, door.pk, "photo-key-1", jpeg(), "image/jpeg")
    Task.objects.filter(pk=door.pk).update(closed_at=timezone.now())
    assert (
        'data-answer="withdrawn"'
        in client_of(world.officer).get(f"/m/visit/{door.pk}/record/").content.decode()
    )
    with pytest.raises(IllegalMove):
        actions.state_consent(world.officer, door.pk, "consent-0002", "photo", "yes")
    with pytest.raises(NotPermitted):
        actions.state_consent(world.other_county, door.pk, "consent-0003", "photo", "withdrawn")
    # Whom of the station the person reaches.
    with committed(execute=True):
        actions.state_consent(world.colleague, door.pk, "consent-0004", "photo", "withdrawn")
    assert not (folder / photo.name).exists()
    assert AuditRow.objects.filter(verb="state_consent", actor="colleague").count() == 1
