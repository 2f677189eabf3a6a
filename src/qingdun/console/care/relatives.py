"""The family of a file's person as the register names it: masked, or legible for who has said why."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingdun.console.care.models import KeyPerson
from qingdun.console.kernel.masking import mask_name, mask_number
from qingdun.console.kernel.models import PersonRelation

WORDS: dict[str, str | Promise] = {"spouse": _("Spouse"), "parent": _("Parent"), "child": _("Child")}


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody of the family; name and numbers masked unless they were unmasked for a purpose."""

    person_id: str
    relation: str
    name: str
    numbers: tuple[str, ...]
    chosen: bool

    @property
    def word(self) -> str:
        """What they are to the person."""
        return str(WORDS.get(self.relation, self.relation))


def relatives(file: KeyPerson, unmasked: bool) -> list[Relative]:
    """Everybody to whom the register ties the file's person; nobody once the file is closed."""
    if file.closed_at is not None:
        return []
    ties = PersonRelation.objects.filter(person=file.person_id).select_related("relative")
    return [
        Relative(
            tie.relative_id,
            tie.relation,
            tie.relative.name if unmasked else mask_name(tie.relative.name),
            tuple(n.msisdn if unmasked else mask_number(n.msisdn) for n in tie.relative.numbers.all()),
            tie.relative_id == file.family_id,
        )
        for tie in ties.prefetch_related("relative__numbers").order_by("relation", "relative")
    ]
