"""Ledgers leave as CSV or XLSX, streamed; every export is audited, and names nobody unless for a purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import translation

from qingdun.console.kernel import audit
from qingdun.console.kernel.actions import stated
from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Permission, require
from qingdun.console.whistles import ledgers
from qingdun.console.whistles.ledgers import Span

CHINESE = "zh-hans"
FORMATS = ("xlsx", "csv")


class Export:
    """A ledger that somebody may have: asked for, audited, not yet written."""

    def __init__(self, viewer: User, code: str, span: Span, unmasked: bool) -> None:
        self.code, self.unmasked = code, unmasked
        self.found = ledgers.rows(viewer, code, span)
        place = span.region or (viewer.region_id or "")
        self.name = f"{code}-{place}-{span.since:%Y%m%d}-{span.until:%Y%m%d}"

    def lines(self) -> Iterator[list[Any]]:
        """Headings, then every line, in Chinese."""
        with translation.override(CHINESE):
            yield ledgers.headings(self.code)
        pieces = ledgers.pieces(self.code, self.found, self.unmasked)
        while True:
            # The language is that of the thread: it is ours only while a piece is written.
            with translation.override(CHINESE):
                piece = next(pieces, None)
            if piece is None:
                return
            yield from piece


def export_ledger(actor: User, code: str, span: Span, form: str, unmask: bool, purpose: str) -> Export:
    """The ledger may be written, and who asked for it is on record; unmasked only for a purpose.

    Errors: NotPermitted, InputError (no such ledger, no purpose).
    """
    if unmask:
        require(actor, Permission.UNMASK)
        purpose = stated(purpose)
    export = Export(actor, code, span, unmask)
    with transaction.atomic():
        after = {
            "region": span.region,
            "since": span.since,
            "until": span.until,
            "unmasked": unmask,
            "as": form,
        }
        audit.record(actor, "export_ledger", ("ledger", code), None, after, purpose if unmask else "")
    return export
