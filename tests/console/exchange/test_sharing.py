"""What a rule lets through stands in a peer's collections as STIX, and what it does not is held."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
import stix2
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from qingdun.console.exchange import actions, queries, stix
from qingdun.console.exchange.actions import hand_over
from qingdun.console.exchange.codes import Tlp
from qingdun.console.exchange.models import Issued, Peer, Rule, Share
from qingdun.console.exchange.sharing import why_held
from qingdun.console.exchange.ticking import tick
from qingdun.console.exchange.told import Told
from qingdun.console.exchange.weighing import weigh
from qingdun.console.kernel.models import Person, PersonNumber, Region
from qingdun.console.lists import actions as lists
from qingdun.console.lists.models import Entry, Sighting
from qingdun.errors import RefusedError
from tests.console.conftest import LogIn
from tests.console.exchange.conftest import RULE, Meet, Outside, agree, by_itself
from tests.console.lists.conftest import Listed, People, candidate, propose
from tests.console.places import TOWN_A

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 29, 1, 2, 3, 456789, dt.UTC)
TOLD = Told(
    7, "number", "+8617258010001", "phishing", AT, AT + dt.timedelta(days=90), True, None, AT, False, True,
    False, False,
)  # fmt: skip


def rule(**changed: object) -> Rule:
    values = {name: getattr(RULE, name) for name in RULE.__slots__}
    return Rule(**{**values, **changed})


@pytest.mark.parametrize(
    ("given", "told", "held"),
    [
        ({}, {}, None),
        ({"kinds": ["host"]}, {}, "kind"),
        ({"scam_types": ["loan"]}, {}, "scam"),
        ({"scam_types": ["loan"]}, {"scam_type": ""}, None),
        ({}, {"held": True}, "tlp"),
        ({"ceiling": "amber+strict"}, {"held": True}, None),
        ({"kinds": ["account"]}, {"kind": "account", "networked": False}, "tlp"),
        ({"observed": False}, {}, "observed"),
        ({"observed": False}, {"enforced": True}, None),
        ({"proof": "two_persons"}, {}, "proof"),
        ({"proof": "two_persons"}, {"two_persons": True}, None),
        ({"proof": "enforced"}, {"two_persons": True}, "proof"),
        ({"longest_days": 89}, {}, "term"),
        ({}, {"in_force": False}, "list"),
        ({"kinds": ["host"]}, {"protected": True}, "never"),
        ({"ceiling": "amber+strict"}, {"held": True, "taken": True}, "taken"),
    ],
)
def test_each_part_of_a_rule_holds_back_what_it_names(
    given: dict[str, object], told: dict[str, object], held: str | None
) -> None:
    assert why_held(rule(**given), replace(TOLD, **told)) == held  # type: ignore[arg-type]
    assert why_held(None, TOLD) == "no_rule"


def test_objects_are_stix_and_the_same_facts_give_the_same_object() -> None:
    """OASIS's own library reads them strictly; no reason of ours is among what they say."""
    city = settings.CITY_CODE
    for kind, entity in (
        ("number", "+8617258010001"), ("number", "95588"), ("sender", "it's\\"),
        ("host", "pay.example.invalid"),
        ("host", "192.0.2.1"), ("account", "6200000000000017"), ("device", "860000000000001"), ("text", "k1"),
    ):  # fmt: skip
        told = replace(TOLD, kind=kind, entity=entity)
        made = stix.indicator(city, told, AT)
        assert made == stix.indicator(city, told, AT)
        found = stix2.parse(made, version="2.1")
        assert found.valid_until > found.valid_from
        assert made["external_references"] == [{"source_name": "qingdun", "external_id": "QD-7"}]
    context = {body["id"]: body for body in stix.context(city, "清远", TOLD.tlp)}
    refers = [made["created_by_ref"], *made["object_marking_refs"], *made["extensions"]]
    assert set(refers) <= set(context)
    assert context[made["object_marking_refs"][0]]["name"] == "TLP:GREEN"


def hold(number: str, since: dt.date) -> None:
    """A resident holds the number since that day."""
    town = Region.objects.get(code=TOWN_A)
    person, _made = Person.objects.get_or_create(
        person_id="p1", defaults={"name": "郑晓岚", "birth_year": 1960, "sex": "f", "floating": False,
        "region": town, "region_path": town.path},
    )  # fmt: skip
    PersonNumber.objects.create(person=person, msisdn=number, virtual_operator=False, activated_on=since)


def later(hours: int) -> int:
    return tick(timezone.now() + dt.timedelta(hours=hours))


def shown(outside: Outside, kind: str = "number") -> list[tuple[str, bool]]:
    """What the peer's program is given: the name of each indicator, and whether it is revoked."""
    told = outside.read(f"lists/collections/{kind}/objects/", **{"match[type]": "indicator"})
    return [(one["name"].split()[0], one.get("revoked", False)) for one in told.get("objects", [])]


def test_a_number_that_a_resident_takes_later_is_told_as_revoked(
    people: People, meet: Meet, listed: Listed
) -> None:
    taken, kept = (listed(f"1725801000{n}", "number") for n in (1, 2))
    outside = meet("other-city", RULE, ceiling="amber+strict")
    by_itself()
    today = timezone.localdate()
    hold("+8617258010001", today + dt.timedelta(days=1))
    hold("+8617258010002", today)
    assert [one for _name, one in shown(outside)] == [False, False]
    assert later(2), "the register came without any change of the lists"
    assert dict(shown(outside)) == {f"QD-{taken.pk}": True, f"QD-{kept.pk}": False}
    marked = Issued.objects.filter(entry_id=kept.pk).latest("version").body["object_marking_refs"]
    assert marked == [stix.marking_id(Tlp.STRICT)], "it was theirs already: only its marking is stricter"
    assert not later(4)
    PersonNumber.objects.filter(msisdn="+8617258010001").delete()
    later(6)
    told = [revoked for name, revoked in shown(outside) if name == f"QD-{taken.pk}"]
    assert told == [True, False], "no longer theirs, it is told again, under another id"


def test_what_ships_as_never_blocked_later_is_told_as_revoked(
    people: People, meet: Meet, listed: Listed
) -> None:
    entry, outside = listed("shop.example.invalid"), meet()
    by_itself()
    Entry.objects.filter(pk=entry.pk).update(entity="www.icbc.com.cn")
    later(2)
    assert shown(outside, "host")[-1] == (f"QD-{entry.pk}", True)
    assert not later(4)


def test_what_a_peer_would_get_is_counted_by_reason_and_each_number_is_its_rows(
    people: People, meet: Meet, listed: Listed, log_in: LogIn
) -> None:
    for n in range(3):
        listed(f"1725801000{n}", "number")
    hold("+8617258010000", AT.date())
    host, account = listed(), listed("6200000000000017", "account")
    peer = meet("other-city", RULE).peer
    waits = actions.propose_rule(people.analyst, peer.pk, replace(RULE, kinds=("host",)))
    found = weigh(queries.rule_asked(people.analyst, peer))
    assert {why: len(some) for why, some in found.entries.items()} == {"shared": 3, "tlp": 1, "kind": 1}
    assert found.entries["kind"] == [account.pk]
    page, client = reverse("exchange:sharing", args=[peer.pk]), log_in(people.analyst)
    for why, some in found.entries.items():
        text = client.get(page, {"why": why}).content.decode()
        assert [f">QD-{pk}<" in text for pk in some] == [True] * len(some)
        assert text.count("/lists/entries/") == len(some)
    text = client.get(page, {"rule": waits.pk}).content.decode()
    assert [text.count("/lists/entries/"), text.count(f">QD-{host.pk}<")] == [1, 1]
    by_itself()
    assert len(found.entries["shared"]) == Share.objects.filter(issued__object_type="indicator").count()
    why = client.get(reverse("exchange:why", args=[peer.pk, found.entries["tlp"][0]])).content.decode()
    assert "TLP:AMBER+STRICT" in why
    assert "+8617258010000" not in why, "a resident's number stays masked"
    assert log_in(people.officer).get(page).status_code == 403
    entry = client.get(reverse("lists:entry", args=[account.pk])).content.decode()
    assert reverse("exchange:why", args=[peer.pk, account.pk]) in entry


def test_nothing_is_shared_without_a_rule_of_two_persons(people: People, meet: Meet, listed: Listed) -> None:
    listed()
    meet("other-city", None)
    by_itself()
    assert not Share.objects.exists()


def test_an_entry_is_told_changed_and_revoked_with_later_versions(
    people: People, meet: Meet, listed: Listed
) -> None:
    entry = listed()
    peer = meet().peer
    by_itself()
    (first,) = Issued.objects.filter(object_type="indicator")
    assert first.body["pattern"] == "[domain-name:value = 'bad.example.invalid']"
    assert "仿冒" not in str(first.body)
    lists.enforce(people.colleague, [(entry.pk, None)], "核实")
    by_itself()
    lists.reverse(people.colleague, [(entry.pk, None)], "误报")
    assert by_itself() == 1
    said = [one.body for one in Issued.objects.filter(object_type="indicator").order_by("version")]
    assert [one.get("revoked", False) for one in said] == [False, False, True]
    assert said[1]["confidence"] > said[0]["confidence"]
    assert said[0]["modified"] < said[1]["modified"] < said[2]["modified"]
    assert "误报" not in str(said)
    shares = Share.objects.filter(peer=peer, issued__object_type="indicator").order_by("seq")
    assert [one.latest for one in shares] == [False, False, True]
    assert by_itself() == 0


def test_a_narrower_rule_withdraws_and_a_wider_one_tells_again(
    people: People, meet: Meet, listed: Listed
) -> None:
    entry = listed()
    outside = meet()
    by_itself()
    agree(people, outside.peer, replace(RULE, kinds=("number",)))
    by_itself()
    assert not Share.objects.filter(withdrawn_at=None, issued__entry_id=entry.pk).exists()
    agree(people, outside.peer)
    by_itself()
    assert Share.objects.filter(withdrawn_at=None, issued__entry_id=entry.pk).count() == 1
    assert Issued.objects.filter(entry_id=entry.pk).count() == 1


def test_what_went_out_is_revoked_even_after_the_rule_was_narrowed(
    people: People, meet: Meet, listed: Listed
) -> None:
    entry, outside = listed(), meet()
    by_itself()
    outside.read("lists/collections/host/objects/")
    agree(people, outside.peer, replace(RULE, kinds=("number",)))
    by_itself()
    lists.reverse(people.colleague, [(entry.pk, None)], "误报")
    by_itself()
    told = outside.read("lists/collections/host/objects/", **{"match[type]": "indicator"})
    assert [one["revoked"] for one in told["objects"]] == [True]


def test_a_number_that_a_resident_holds_stays_below_a_green_ceiling(
    people: People, meet: Meet, listed: Listed
) -> None:
    hold("+8613800000001", AT.date())
    listed("13800000001", "number")
    listed("17258010001", "number")
    meet()
    by_itself()
    told = Issued.objects.filter(object_type="indicator")
    assert [one.body["pattern"][:45] for one in told] == ["[x-qingdun-number:value = '+8617258010001' OR"]


def test_what_networks_met_is_told_as_a_sighting(people: People, meet: Meet, listed: Listed) -> None:
    entry = listed()
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for back, count in ((2, 3), (1, 4)):
        at = hour - dt.timedelta(hours=back)
        Sighting.objects.create(entry=entry, plane="sites", hour_at=at, observed=count, blocked=1)
    meet()
    by_itself()
    (told,) = Issued.objects.filter(object_type="sighting")
    assert (told.body["count"], told.body["sighting_of_ref"]) == (
        9,
        Issued.objects.get(object_type="indicator").object_id,
    )


def test_entries_beyond_one_step_all_arrive_once(people: People, meet: Meet) -> None:
    meet()
    made = propose(people.analyst, *(candidate(f"h{n}.example.invalid", row=n + 2) for n in range(230)))
    lists.approve(people.colleague, [(one.pk, None) for one in made.entries])
    by_itself()
    told = Share.objects.filter(issued__object_type="indicator")
    assert told.count() == 230 == told.values("issued__object_id").distinct().count()
    assert Entry.objects.filter(state="active").count() == 230
    seqs = list(Share.objects.order_by("seq").values_list("seq", "added_at"))
    assert [seq for seq, _at in seqs] == list(range(1, len(seqs) + 1))
    assert all(before < after for (_s, before), (_t, after) in pairwise(seqs))


def test_a_narrower_rule_holds_at_once_and_not_when_it_is_applied(
    people: People, meet: Meet, listed: Listed
) -> None:
    _a, entry, _c = (listed(f"{name}.example.invalid") for name in ("a", "b", "c"))
    (done,) = lists.enforce(people.colleague, [(entry.pk, None)], "无误拦")
    assert done.ok, done.message
    outside = meet()
    by_itself()

    def given() -> list[str]:
        found, after = [], "0"
        while True:
            page = outside.read("lists/collections/host/objects/", limit=1, next=after)
            found += [one["pattern"] for one in page.get("objects", []) if one["type"] == "indicator"]
            if not page.get("more"):
                return found
            after = page["next"]

    assert len(given()) == 3
    agree(people, outside.peer, replace(RULE, observed=False))
    assert given() == ["[domain-name:value = 'b.example.invalid']"]
    with pytest.raises(RefusedError):
        hand_over(None, outside.peer.pk, "stix")
    by_itself()
    assert given() == ["[domain-name:value = 'b.example.invalid']"]
    assert hand_over(None, outside.peer.pk, "stix")[1]


def test_what_is_put_back_is_told_under_another_id_for_what_is_revoked_stays_so(
    people: People, meet: Meet, listed: Listed
) -> None:
    entry = listed()
    meet()
    by_itself()
    for _again in range(2):
        assert lists.reverse(people.colleague, [(entry.pk, None)], "误报")[0].ok
        by_itself()
        meet(f"late-{_again}")
        by_itself()
        assert lists.put_back(people.colleague, [(entry.pk, None)])[0].ok
        by_itself()
    told: dict[str, list[bool]] = {}
    for one in Issued.objects.filter(object_type="indicator").order_by("version"):
        told.setdefault(one.object_id, []).append(one.revoked)
    assert list(told.values()) == [[False, True], [False, True], [False]]
    last = list(told)[-1]
    shares = Share.objects.filter(issued__object_id=last, withdrawn_at=None, latest=True)
    assert shares.count() == 3, "every peer has it, those who never saw the first as well"
    Sighting.objects.create(entry=entry, plane="sites", hour_at=timezone.now(), observed=1, blocked=0)
    Peer.objects.update(sighted_at=None)
    by_itself()
    (sighting,) = Issued.objects.filter(object_type="sighting")
    assert sighting.body["sighting_of_ref"] == last
