"""Proof of what was reported: the actor first, one transaction, one audit row."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.command import queries
from qingdun.console.command.models import Proof, Undertaking
from qingdun.console.command.moves import UndertakingState
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.pictures import TYPES, clean
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.kernel.scope import require_covers
from qingdun.errors import IllegalMove, InputError

MOST, MOST_BYTES = 20, 10_000_000
"""Proofs of one undertaking, and bytes of one of them."""
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCUMENTS: dict[str, tuple[str, bytes]] = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".docx": (f"{OFFICE}wordprocessingml.document", b"PK\x03\x04"),
    ".xlsx": (f"{OFFICE}spreadsheetml.sheet", b"PK\x03\x04"),
}
"""Documents that are taken: their type and how they begin, by the end of their name."""


@transaction.atomic
def add_proof(actor: User, undertaking_id: int, name: str, data: bytes, named_type: str) -> Proof:
    """The undertaking has the proof; the same file twice is one.

    Errors: NotPermitted, InputError (too large, neither picture nor document), IllegalMove (enough of them,
    accepted or withdrawn).
    """
    require(actor, Permission.REPORT_COMMAND)
    about = queries.undertaking(actor, undertaking_id)
    require_covers(actor, about.region_path)
    about = Undertaking.objects.select_for_update(no_key=True).get(pk=undertaking_id)
    if about.state not in (UndertakingState.OPEN, UndertakingState.REPORTED):
        raise IllegalMove(_("Nothing is proved any more: it is accepted or withdrawn."))
    if len(data) > MOST_BYTES:
        words = _("A proof has at most %(most)d MB; this one has %(found)s.")
        raise InputError(
            words % {"most": MOST_BYTES // 1_000_000, "found": f"{len(data) / 1_000_000:.1f} MB"}
        )
    kept, media = _checked(name, data, named_type)
    sha256 = hashlib.sha256(kept).hexdigest()
    known = about.proofs.filter(sha256=sha256).first()
    if known is not None:
        return known
    if about.proofs.count() >= MOST:
        raise IllegalMove(_("An undertaking has at most %(most)d proofs.") % {"most": MOST})
    made = Proof.objects.create(
        undertaking=about, name=name[-80:], media=media, data=kept, sha256=sha256, size_bytes=len(kept),
        by=actor, at=timezone.now(),
    )  # fmt: skip
    after = {"name": made.name, "size_bytes": made.size_bytes}
    record(actor, "add_proof", made, None, after, region_path=about.region_path)
    return made


@transaction.atomic
def remove_proof(actor: User, proof_id: int) -> int:
    """The proof is gone; the id of its undertaking. Only who brought it removes it, while it is under way.

    Errors: NotPermitted, IllegalMove.
    """
    require(actor, Permission.REPORT_COMMAND)
    proof = queries.proof(actor, proof_id)
    about = proof.undertaking
    if proof.by_id != actor.pk or about.state != UndertakingState.OPEN:
        raise IllegalMove(_("Only who brought a proof removes it, before it is reported as done."))
    record(actor, "remove_proof", proof, {"name": proof.name}, None, region_path=about.region_path)
    proof.delete()
    return about.pk


def _checked(name: str, data: bytes, named_type: str) -> tuple[bytes, str]:
    """What is kept of the file, and its type."""
    if named_type in TYPES or named_type.startswith("image/"):
        return clean(data, named_type).data, "image/jpeg"
    end = f".{name.rpartition('.')[2].casefold()}"
    media, begins = DOCUMENTS.get(end, ("", b""))
    if not media:
        raise InputError(
            _("Proof: found %(found)s, expected a picture (JPEG, PNG, WebP), PDF, DOCX or XLSX.")
            % {"found": name[-40:] or "–"}
        )
    if not data.startswith(begins):
        raise InputError(_("Proof: the file says %(said)s and is something else.") % {"said": end})
    return data, media
