"""What of numbers, senders, hosts, accounts and devices a page may print (docs/decisions/0009).

Numbers, senders and hosts that evidence names are shown: officers warn people of them. Accounts and devices
are masked, and so is the number of a resident who is no suspect, wherever it stands in a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from qingdun.console.alerts.codes import EntityKind, Lane, is_chinese
from qingdun.console.alerts.models import ContextEvent, Evidence, Suspect
from qingdun.console.kernel.masking import mask_account, mask_address, mask_name, mask_number, mask_text
from qingdun.console.kernel.models import Person, PersonNumber

KIND_OF_LANE = {
    Lane.CALLS: EntityKind.NUMBER,
    Lane.MESSAGES: EntityKind.SENDER,
    Lane.SITES: EntityKind.HOST,
    Lane.MONEY: EntityKind.ACCOUNT,
}
_OPEN = (EntityKind.NUMBER, EntityKind.SENDER, EntityKind.HOST)


class Named(Protocol):
    """A row that names an entity: evidence, a suspect, a member of a cluster."""

    pk: int
    entity_kind: str
    entity: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What may be printed on one page."""

    private: frozenset[str] = frozenset()
    """Numbers of residents who are no suspects."""
    people: tuple[Person, ...] = ()
    """Whose names and addresses are masked wherever they stand."""
    unmasked: frozenset[str] = frozenset()
    """Entities that were unmasked for this page, with an audit row."""

    def shows(self, kind: str, entity: str) -> bool:
        """Whether the entity is printed as it is."""
        return entity in self.unmasked or (kind in _OPEN and entity not in self.private)

    def label(self, kind: str, entity: str) -> str:
        """The entity as the page prints it."""
        if self.shows(kind, entity):
            return entity
        return mask_number(entity) if kind in _OPEN else mask_account(entity)

    def sentence(self, text: str, kind: str, entity: str) -> str:
        """The sentence, in which nothing is legible but the entity it is about, if that may be shown."""
        if entity and not self.shows(kind, entity):
            text = text.replace(entity, self.label(kind, entity))
        for person in self.people:
            text = text.replace(person.name, mask_name(person.name)) if len(person.name) > 1 else text
            for address in filter(None, (person.home_address, person.work_address)):
                text = text.replace(address, mask_address(address))
        return mask_text(text, self.unmasked | ({entity} if self.shows(kind, entity) else set()))

    def words(self, piece: Evidence) -> str:
        """The sentence of a piece of evidence in the reader's language."""
        return self.sentence(_spoken(piece), piece.entity_kind, piece.entity)

    def event_words(self, event: ContextEvent) -> str:
        """The sentence of an event; of an ordinary one nobody's number is legible."""
        kind = KIND_OF_LANE[Lane(event.lane)]
        if not event.suspicious and kind == EntityKind.NUMBER:
            return self.sentence(_spoken(event).replace(event.entity, mask_number(event.entity)), kind, "")
        return self.sentence(_spoken(event), kind, event.entity)


def disclosure(
    named: Iterable[tuple[str, str]], people: Iterable[Person] = (), unmasked: Iterable[str] = ()
) -> Disclosure:
    """What a page may print that names these entities (kind, value) and is about these persons."""
    values = {value for kind, value in named if kind in (EntityKind.NUMBER, EntityKind.SENDER)}
    held = set(PersonNumber.objects.filter(msisdn__in=values).values_list("msisdn", flat=True))
    suspected = Suspect.objects.filter(entity__in=held, entity_kind__in=_OPEN, gone_at=None)
    private = held - set(suspected.values_list("entity", flat=True))
    return Disclosure(frozenset(private), tuple(people), frozenset(unmasked))


def of_rows(rows: Iterable[Named]) -> Disclosure:
    """What a page may print that lists these rows."""
    return disclosure((row.entity_kind, row.entity) for row in rows)


def _spoken(piece: Evidence | ContextEvent) -> str:
    return piece.text_zh if is_chinese() else piece.text_en
