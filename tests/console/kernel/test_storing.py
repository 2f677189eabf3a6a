"""Rows stored at once are the rows that Django's own way would store, whatever their fields hold."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, models, transaction
from django.forms import model_to_dict
from django.utils import timezone
from django.utils.functional import lazystr

from qingdun.console.kernel import storing
from qingdun.console.kernel.imports.models import Import, ImportPart, State
from qingdun.console.kernel.models import LiveEvent
from qingdun.console.kernel.storing import lay, store
from tests.console.alerts.world import World
from tests.console.whistles.conftest import world

__all__ = ["world"]


def events() -> list[LiveEvent]:
    texts = ("", "清远\t\\N\n'\"", lazystr("懒"))
    return [
        LiveEvent(
            at=timezone.now(), topic="x", region_path=text, payload={"a": [1, None, "二"]}, stations=[1]
        )
        for text in texts
    ]


def plain(rows: models.QuerySet[LiveEvent]) -> list[dict[str, object]]:
    return [model_to_dict(row, exclude=["id"]) for row in rows.order_by("pk")]


@pytest.mark.django_db
def test_the_same_rows_stand_as_with_bulk_create() -> None:
    made = events()
    assert store(made) == len(made)
    ours = plain(LiveEvent.objects.all())
    LiveEvent.objects.all().delete()
    LiveEvent.objects.bulk_create(made)
    assert plain(LiveEvent.objects.all()) == ours
    assert store([]) == 0


@pytest.mark.django_db
def test_plain_values_stand_as_objects_would() -> None:
    made = events()
    names = ("at", "topic", "region_path", "payload", "stations")
    assert lay(LiveEvent, ({name: getattr(one, name) for name in names} for one in made)) == len(made)
    ours = plain(LiveEvent.objects.all())
    LiveEvent.objects.all().delete()
    store(made)
    assert plain(LiveEvent.objects.all()) == ours, "what is not given, such as users, is the field's own"
    assert lay(LiveEvent, []) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("few", [0, storing.FEW])
def test_rows_have_their_ids_and_later_ones_higher(
    world: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(storing, "FEW", few)
    first, second, third = (
        events(),
        events(),
        LiveEvent(at=timezone.now(), topic="y", payload={}, stations=[]),
    )
    LiveEvent.objects.create(at=timezone.now(), topic="x", payload={}, stations=[])
    store(first, numbered=True)
    store(second, numbered=True)
    third.save()
    ids = [one.pk for one in (*first, *second, third)]
    assert ids == sorted(set(ids))
    assert {one.pk: one.region_path for one in first} == {
        pk: str(path)
        for pk, path in LiveEvent.objects.filter(pk__in=ids[:3]).values_list("pk", "region_path")
    }
    first[0].topic = "again"
    first[0].save()
    assert LiveEvent.objects.filter(topic="again").count() == 1, "it is known to stand"


def test_codes_nothing_and_what_was_stored_meanwhile_are_taken(world: World) -> None:
    now = timezone.now()
    file = Import(
        kind="x", headings=[], rows_total=1, by=world.county, at=now, touched_at=now, state=State.RUNNING
    )
    part = ImportPart(file=file, number=1, text="[]")
    store([file])
    stored = Import.objects.get()
    assert (stored.state, stored.about, stored.by) == ("running", None, world.county)
    file.pk = stored.pk
    store([part])
    assert ImportPart.objects.get().file == stored
    with pytest.raises(IntegrityError), transaction.atomic():
        store([ImportPart(file=stored, number=1, text="")])
    with pytest.raises(ValueError, match="unsaved"), transaction.atomic():
        store([ImportPart(file=Import(), number=2, text="")])
