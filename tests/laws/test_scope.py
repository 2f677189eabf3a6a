"""Every read of the console: what a county sees does not depend on what other counties hold, nor what a
station sees on what other stations of its county hold; and nobody acts on what they do not see.

A read is a public function of `qingdun.console` whose first parameter is `viewer`. All of them are walked,
for all roles; a new one without a sample in `scope_samples_*.py` fails here.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils import timezone

import qingdun.console
from qingdun.console.alerts import actions, merging, undoing, unmasking
from qingdun.console.alerts.access import sees, visible
from qingdun.console.alerts.actions import VisitForm
from qingdun.console.alerts.models import Evidence, Task
from qingdun.console.alerts.moves import BY_VERB, MOVES
from qingdun.console.kernel import actions as kernel_actions
from qingdun.console.kernel import queries as kernel_queries
from qingdun.console.kernel.loading import load_regions
from qingdun.console.kernel.models import AuditRow, LiveEvent, Person, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.scope import out_of_reach
from qingdun.console.offers import actions as offers
from qingdun.console.offers.models import Offer
from qingdun.console.visits import actions as visiting
from qingdun.console.visits.models import Photo, Receipt
from qingdun.console.visits.receipts import Signed
from qingdun.console.whereabouts import actions as whereabouts
from qingdun.errors import IllegalMove, NotPermitted, QingdunError
from tests.console.alerts.world import stand_at
from tests.console.conftest import station_for
from tests.console.places import COUNTY_A as OURS
from tests.console.places import COUNTY_B as THEIRS
from tests.console.places import small_city
from tests.laws.scope_samples import SAMPLES, TOOLS
from tests.laws.scope_sampling import Sample

Read = Callable[..., Any]


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(qingdun.console.__path__, "qingdun.console."):
        if not any(
            part in found.name for part in (".migrations", ".settings", ".wsgi", ".push", ".management")
        ):
            yield found.name


def reads() -> dict[str, Read]:
    """Every read by its dotted name without the project's."""
    found: dict[str, Read] = {}
    for name in modules():
        module = importlib.import_module(name)
        for attribute, value in vars(module).items():
            if not inspect.isfunction(value) or value.__module__ != name or attribute.startswith("_"):
                continue
            first = next(iter(inspect.signature(value).parameters), "")
            short = f"{name.removeprefix('qingdun.console.')}.{attribute}"
            if first == "viewer":
                found[short] = value
    return found


READS = reads()
LEFT = {name: read for name, read in READS.items() if name not in TOOLS}


def test_every_read_has_a_sample_and_every_sample_a_read() -> None:
    assert set(SAMPLES) == set(LEFT)
    assert set(TOOLS) <= set(READS)


def test_every_public_function_of_a_queries_module_takes_the_viewer_first() -> None:
    for name in modules():
        if name.endswith(".queries"):
            module = importlib.import_module(name)
            public = {
                f"{name.removeprefix('qingdun.console.')}.{key}"
                for key, value in vars(module).items()
                if inspect.isfunction(value) and value.__module__ == name and not key.startswith("_")
            }
            assert public <= set(READS)


@pytest.fixture
def two_counties(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[Role, User]:
    """Officers of every role in one county; the clock stands still, so that answers differ by data alone."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    load_regions(small_city())
    analyst()
    for town in Region.objects.filter(level=Region.Level.TOWN):
        station_for(town)
    county = Region.objects.get(code=OURS)
    return {
        role: User.objects.create(username=f"law-{role.value}", role=role, region=county, password="!")
        for role in Role
    }


def worlds(names: Iterable[str]) -> dict[str, list[str]]:
    """The reads by the world that their samples ask of: one that is peopled by the same function."""
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        found.setdefault(SAMPLES[name].populate.__name__, []).append(name)
    return found


WORLDS = worlds(LEFT)
OF_STATIONS = worlds(name for name in LEFT if not SAMPLES[name].of_all_stations)


def test_worlds_of_one_name_are_one() -> None:
    assert len(WORLDS) == len({sample.populate for sample in SAMPLES.values()})


@pytest.mark.parametrize("world", WORLDS)
def test_what_a_county_sees_does_not_depend_on_other_counties(
    world: str, two_counties: dict[Role, User]
) -> None:
    samples = {name: SAMPLES[name] for name in WORLDS[world]}
    populate = next(iter(samples.values())).populate
    populate(OURS)
    cities = {
        role: User.objects.create(
            username=f"law-city-{role.value}",
            role=role,
            region=Region.objects.get(code=settings.CITY_CODE),
            password="!",
        )
        for role in sorted({sample.role for sample in samples.values()})
    }

    def asked() -> dict[tuple[str, Role], Any]:
        return {
            (name, role): ask(LEFT[name], viewer, sample, OURS)
            for name, sample in samples.items()
            for role, viewer in two_counties.items()
        }

    def of_the_city() -> dict[str, Any]:
        return {name: ask(LEFT[name], cities[sample.role], sample, OURS) for name, sample in samples.items()}

    before, city_before = asked(), of_the_city()
    populate(THEIRS)
    after, city_after = asked(), of_the_city()
    assert [one for one in before if after[one] != before[one]] == []
    for name, sample in samples.items():
        if sample.names_something:
            for role, viewer in two_counties.items():
                assert is_nothing(ask(LEFT[name], viewer, sample, THEIRS)), (name, role)
            # The sample is worth something only if whoever sees the city sees the other county's rows.
            assert not is_nothing(ask(LEFT[name], cities[sample.role], sample, THEIRS)), name
        elif sample.grows:
            assert city_after[name] != city_before[name], name


def ask(read: Read, viewer: User, sample: Sample, county: str) -> Any:
    """The answer as plain values; a refusal is an answer too. What is noted of the question is taken back, so
    that no answer depends on what was asked before.
    """
    try:
        with transaction.atomic():
            answer = plain(read(viewer, *sample.arguments(county)))
            transaction.set_rollback(True)
        return answer
    except (QingdunError, ObjectDoesNotExist, Http404) as error:
        return Refused(type(error).__name__)


class Refused(str):
    """Name of the error that was the answer."""


def plain(value: Any) -> Any:
    """The value as lists, dictionaries and plain values, all the way down."""
    if isinstance(value, Model):
        return {field.attname: getattr(value, field.attname) for field in value._meta.concrete_fields}
    if isinstance(value, QuerySet | list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def is_nothing(answer: Any) -> bool:
    """Whether the answer tells nothing: refused, empty, or made of such."""
    if isinstance(answer, Refused) or answer is None or answer in (0, "", False):
        return True
    if isinstance(answer, list):
        return all(is_nothing(item) for item in answer)
    if isinstance(answer, dict):
        return all(is_nothing(item) for item in answer.values())
    return False


@pytest.fixture
def two_stations(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    """Officers of two stations of one county, by the towns (codes, by comma) that their stations serve: one
    serves two towns, so that its region is the county, the other one a third town; who sees the city.
    """
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    load_regions(small_city())
    towns = list(Region.objects.filter(parent_id=OURS, level=Region.Level.TOWN).order_by("code")[:3])
    analyst()
    officers = {}
    for served in (towns[:2], towns[2:]):
        code = ",".join(town.code for town in served)
        officers[code] = User.objects.create(
            username=f"law-{code}", role=Role.STATION_OFFICER, password="!",
            region=served[0].parent if len(served) > 1 else served[0], organisation=station_for(*served),
        )  # fmt: skip
    # An officer who was given the whole county as their region still sees what is their station's.
    wide = officers[towns[2].code]
    wide.region = towns[2].parent
    wide.save()
    return officers


def analyst() -> User:
    """Whoever sends the samples' tasks to their stations."""
    city = Region.objects.get(code=settings.CITY_CODE)
    return User.objects.create(
        username="sample-analyst", role=Role.CITY_ANALYST, region=city, password="!", display_name="样"
    )


def dispatched() -> None:
    """Every task that waits at the city's desk is with its station."""
    sender = User.objects.get(username="sample-analyst")
    for task in Task.objects.filter(state="scored"):
        actions.dispatch(sender, task.pk, None)


OF_EACH_SIZE = pytest.mark.parametrize(
    "ours_first",
    [pytest.param(True, id="two-towns"), pytest.param(False, id="one-town", marks=pytest.mark.slow)],
)
"""Whose station it is: of two towns, or (slow) of one."""


@pytest.mark.parametrize("world", OF_STATIONS)
@OF_EACH_SIZE
def test_what_a_station_sees_does_not_depend_on_other_stations(
    world: str, ours_first: bool, two_stations: dict[str, User]
) -> None:
    samples = {name: SAMPLES[name] for name in OF_STATIONS[world]}
    populate = next(iter(samples.values())).populate
    ours, theirs = sorted(two_stations, key=lambda towns: ("," in towns) != ours_first)
    officer = two_stations[ours]

    def asked() -> dict[tuple[str, str], Any]:
        return {
            (name, town): ask(LEFT[name], officer, sample, town)
            for name, sample in samples.items()
            for town in ours.split(",")
        }

    for town in ours.split(","):
        populate(town)
    dispatched()
    before = asked()
    for town in theirs.split(","):
        populate(town)
    dispatched()
    after = asked()
    assert [one for one in before if after[one] != before[one]] == []
    for name, sample in samples.items():
        if sample.names_something:
            for town in theirs.split(","):
                assert is_nothing(ask(LEFT[name], officer, sample, town)), (name, town)
            # The officer sees their own, in each of their towns, or the sample would prove nothing.
            assert not any(is_nothing(before[name, town]) for town in ours.split(",")), name


def an_offer(task_id: int) -> int:
    """The task was offered to its own officer."""
    task = Task.objects.get(pk=task_id)
    officer = User.objects.get(role=Role.STATION_OFFICER, organisation=task.station)
    now = timezone.now()
    made, _ = Offer.objects.get_or_create(
        task=task, search_at=task.raised_at, officer=officer,
        defaults={
            "region_path": task.region_path, "step": 0, "station": task.station, "km": 1.0, "way_min": 3.0,
            "offered_at": now, "expires_at": now + dt.timedelta(minutes=1),
        },
    )  # fmt: skip
    return made.pk


ACTS: dict[str, Callable[[User, int], Any]] = {
    "alerts.actions.move": lambda actor, task: actions.move(actor, task, None, "sign"),
    "alerts.actions.dispatch": lambda actor, task: actions.dispatch(actor, task, None),
    "alerts.actions.dispatch_many": lambda actor, task: [
        done for done in actions.dispatch_many(actor, [(task, None)]) if done.ok or _refuse(done.message)
    ],
    "alerts.actions.record_contact": lambda actor, task: actions.record_contact(actor, task, None, "busy"),
    "alerts.actions.save_visit": lambda actor, task: actions.save_visit(
        actor, task, None, f"law-key-{actor.pk}-{task}", VisitForm(("persuade",)), ""
    ),
    "alerts.actions.meet": lambda actor, task: actions.meet(actor, task, f"law-key-{actor.pk}-{task}"),
    "alerts.actions.unmask_entity": lambda actor, task: actions.unmask_entity(
        actor, f"e{Evidence.objects.filter(alert__task=task)[0].pk}", "核实账户"
    ),
    "alerts.undoing.undo": undoing.undo,
    "alerts.merging.merge": lambda actor, task: merging.merge(actor, task, None, task),
    "alerts.unmasking.unmask": lambda actor, task: unmasking.unmask(actor, task, "核实身份"),
    "alerts.unmasking.mask_again": unmasking.mask_again,
    "offers.actions.take": lambda actor, task: offers.take(actor, an_offer(task)),
    "offers.actions.decline": lambda actor, task: offers.decline(actor, an_offer(task)),
    "whereabouts.actions.look": lambda actor, task: whereabouts.look(actor, task, "上门查找"),
    "visits.actions.state_consent": lambda actor, task: visiting.state_consent(
        actor, task, f"law-key-{actor.pk}-{task}", "look", "yes"
    ),
    "visits.actions.add_photo": lambda actor, task: visiting.add_photo(
        actor, task, f"law-key-{actor.pk}-{task}", b"", "image/jpeg"
    ),
    "visits.actions.set_place": lambda actor, task: visiting.set_place(
        actor, task, f"law-key-{actor.pk}-{task}", 23.68, 113.05, 12
    ),
    "visits.actions.drop_place": visiting.drop_place,
    "visits.actions.see_place": lambda actor, task: visiting.see_place(actor, task, "核对上门地点"),
    "visits.actions.remove_photo": lambda actor, task: visiting.remove_photo(actor, _photo(task)),
    "visits.actions.see_photo": lambda actor, task: visiting.see_photo(actor, _photo(task)),
    "visits.receipts.sign_receipt": lambda actor, task: visiting.sign_receipt(
        actor, task, f"law-key-{actor.pk}-{task}", Signed("zh", (), (), [], refused=True)
    ),
    "visits.receipts.open_receipt": lambda actor, task: visiting.open_receipt(actor, _receipt(task)),
    "kernel.actions.unmask": lambda actor, task: kernel_actions.unmask(
        actor, Person.objects.get(pk=Task.objects.get(pk=task).person_id), "核实身份"
    ),
}
"""Every act on a task or on its person, tried by somebody of another station."""
OF_NO_TASK = {
    "kernel.actions.assign_role",
    "kernel.actions.create_user",
    "kernel.actions.record_export",
    "kernel.actions.record_look",
    "kernel.actions.record_search",
    "kernel.actions.release_lockout",
    "kernel.actions.reset_password",
    "kernel.actions.reset_second_factor",
    "kernel.actions.save_filter",
    "kernel.actions.set_active",
    "kernel.actions.set_language",
}
"""Acts on accounts and on what is the actor's own, and lines in the audit about reads."""


def _photo(task_id: int) -> int:
    """Id of a photo of the task."""
    task = Task.objects.get(pk=task_id)
    photo, _ = Photo.objects.get_or_create(
        key=f"law-photo-{task_id}",
        defaults={
            "task": task, "region_path": task.region_path, "name": "none.jpg", "sha256": "0" * 64,
            "size_bytes": 1, "width": 1, "height": 1, "at": task.received_at, "by": User.objects.all()[0],
        },
    )  # fmt: skip
    return photo.pk


def _receipt(task_id: int) -> int:
    """Id of a receipt of the task."""
    task = Task.objects.get(pk=task_id)
    receipt, _ = Receipt.objects.get_or_create(
        key=f"law-receipt-{task_id}",
        defaults={
            "task": task, "region_path": task.region_path, "year": 2026, "serial": task_id, "language": "zh",
            "scam_type": task.scam_type, "told": [], "steps": [], "strokes": [], "refused": True,
            "signed_at": task.received_at, "at": task.received_at, "by": User.objects.all()[0],
        },
    )  # fmt: skip
    return receipt.pk


def refusal(act: Callable[[User, int], Any], actor: User, task_id: int) -> str:
    """Why the act was refused, empty if it was done."""
    try:
        act(actor, task_id)
    except (NotPermitted, IllegalMove) as refused:
        return str(refused)
    return ""


def _refuse(message: str) -> bool:
    raise NotPermitted(message)


def test_every_act_has_a_sample() -> None:
    found = set()
    for name in (
        "alerts.actions",
        "alerts.undoing",
        "alerts.unmasking",
        "alerts.merging",
        "kernel.actions",
        "whereabouts.actions",
        "visits.actions",
        "visits.receipts",
        "offers.actions",
    ):
        module = importlib.import_module(f"qingdun.console.{name}")
        for key, value in vars(module).items():
            if inspect.isfunction(value) and not key.startswith("_") and value.__module__ == module.__name__:
                first = next(iter(inspect.signature(value).parameters), "")
                if first == "actor":
                    found.add(f"{name}.{key}")
    assert found == set(ACTS) | OF_NO_TASK


@pytest.mark.parametrize("name", sorted(ACTS))
@OF_EACH_SIZE
def test_nobody_acts_on_a_task_of_another_station(
    name: str, ours_first: bool, two_stations: dict[str, User]
) -> None:
    ours, theirs = sorted(two_stations, key=lambda towns: ("," in towns) != ours_first)
    for town in f"{ours},{theirs}".split(","):
        SAMPLES["alerts.queries.task"].populate(town)
    dispatched()
    for town in theirs.split(","):
        (task_id,) = SAMPLES["alerts.queries.task"].arguments(town)
        stands = plain(Task.objects.get(pk=task_id)), AuditRow.objects.count(), LiveEvent.objects.count()
        with pytest.raises(NotPermitted):
            ACTS[name](two_stations[ours], task_id)
        after = plain(Task.objects.get(pk=task_id)), AuditRow.objects.count(), LiveEvent.objects.count()
        assert after == stands
        # Their own officer is not refused for want of sight.
        assert "not there" not in refusal(ACTS[name], two_stations[theirs], task_id)


@pytest.mark.parametrize("verb", sorted({move.verb for move in MOVES}))
def test_no_move_reaches_a_task_of_another_station(verb: str, two_stations: dict[str, User]) -> None:
    two, one = sorted(two_stations, key=len, reverse=True)
    SAMPLES["alerts.queries.task"].populate(one)
    dispatched()
    (task_id,) = SAMPLES["alerts.queries.task"].arguments(one)
    move = BY_VERB[verb]
    stand_at(task_id, move.sources[0])
    Task.objects.filter(pk=task_id).update(level=move.levels[0])
    with pytest.raises(NotPermitted, match=re.escape(str(out_of_reach()))):
        actions.move(two_stations[two], task_id, None, verb, "理由充分")


def test_whoever_signed_a_task_keeps_it_in_sight_when_it_goes_to_another_station(
    two_stations: dict[str, User],
) -> None:
    two, one = sorted(two_stations, key=len, reverse=True)
    SAMPLES["alerts.queries.task"].populate(one)
    dispatched()
    task = Task.objects.get()
    assert not sees(two_stations[two], task)
    task.owner = two_stations[two]
    task.save()
    assert sees(two_stations[two], task)
    assert sees(two_stations[one], task)


def test_a_task_that_was_read_is_seen_as_the_database_sees_it(two_stations: dict[str, User]) -> None:
    """The rule of sight is written twice, for rows of the database and for a task in hand: they agree."""
    for towns in two_stations:
        for town in towns.split(","):
            SAMPLES["alerts.queries.task"].populate(town)
    dispatched()
    signed = Task.objects.exclude(station=None)[0]
    Task.objects.filter(pk=signed.pk).update(
        owner=next(one for one in two_stations.values() if one.organisation_id != signed.station_id)
    )
    by_role = [
        User.objects.create(username=f"law-{role.value}-{code}", role=role, region=region, password="!")
        for role in Role
        for code in (settings.CITY_CODE, OURS, THEIRS, "")
        for region in [Region.objects.filter(code=code).first()]
    ]
    found = list(Task.objects.all())
    assert found
    for viewer in (*two_stations.values(), *by_role):
        seen = set(visible(viewer, Task.objects.all()))
        assert {task for task in found if sees(viewer, task)} == seen


def test_a_station_officer_without_a_station_sees_no_task(two_stations: dict[str, User]) -> None:
    _two, one = sorted(two_stations, key=len, reverse=True)
    SAMPLES["alerts.queries.task"].populate(one)
    dispatched()
    officer = two_stations[one]
    officer.organisation = None
    assert not visible(officer, Task.objects.all()).exists()
    assert not kernel_queries.persons(officer).exists()
