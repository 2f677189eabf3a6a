"""Reads of what came from outside: the viewer first, and only what is theirs to see."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from qingdun.console.alerts.access import visible
from qingdun.console.kernel.entry import e164
from qingdun.console.kernel.masking import mask_name, mask_number
from qingdun.console.kernel.models import Organisation, Person, User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import out_of_reach, residents, within
from qingdun.console.whistles.models import Token, Whistle

MOST_PEOPLE = 8


@dataclass(frozen=True, slots=True)
class Match:
    """A resident who may be meant, masked."""

    person_id: str
    name: str
    number: str
    town: str


def people(viewer: User, text: str) -> QuerySet[Person]:
    """Residents of the viewer's region with that whole number or that whole name; parts find nobody."""
    if not may(viewer, Permission.RAISE_ALERTS):
        return Person.objects.none()
    plain = text.strip()
    number = e164(plain)
    named = Q(name=plain) if len(plain) >= 2 else Q(pk__in=())
    asked = Q(numbers__msisdn=number) if number else named
    found = residents(viewer, Person.objects.select_related("region__parent"))
    return found.filter(asked).distinct().prefetch_related("numbers").order_by("person_id")


def matches(viewer: User, text: str) -> list[Match]:
    """The same, masked, as the page of whistles shows them; those with the number typed show that one."""
    typed = e164(text)
    found = []
    for person in people(viewer, text)[:MOST_PEOPLE]:
        numbers = [held.msisdn for held in person.numbers.all()]
        shown = typed if typed in numbers else (numbers[0] if numbers else "")
        found.append(Match(person.person_id, mask_name(person.name), mask_number(shown), str(person.region)))
    return found


def whistles(viewer: User) -> QuerySet[Whistle]:
    """Those the viewer raised; for who sees alerts, also those whose task they see. The latest first."""
    if not may(viewer, Permission.RAISE_ALERTS):
        return Whistle.objects.none()
    found = Whistle.objects.filter(by=viewer)
    if may(viewer, Permission.SEE_ALERTS):
        found = found | visible(viewer, Whistle.objects.all(), "task")
    return found.select_related("task", "by", "organisation").order_by("-at", "-pk")


def whistle(viewer: User, key: str) -> Whistle:
    """The one the viewer raised under that key. Errors: NotPermitted if there is none."""
    found = whistles(viewer).filter(by=viewer, key=key).first()
    if found is None:
        raise out_of_reach()
    return found


def tokens(viewer: User) -> QuerySet[Token]:
    """Tokens of the organisations of the viewer's region, the latest first."""
    if not may(viewer, Permission.ASSIGN_ROLES):
        return Token.objects.none()
    related = ("organisation", "made_by", "user")
    return within(viewer, Token.objects.select_related(*related), "organisation__region__path")


def organisations(viewer: User) -> QuerySet[Organisation]:
    """Those the viewer may give a token to: everybody but police stations."""
    if not may(viewer, Permission.ASSIGN_ROLES):
        return Organisation.objects.none()
    found = Organisation.objects.exclude(kind=Organisation.Kind.STATION)
    return within(viewer, found, "region__path")
