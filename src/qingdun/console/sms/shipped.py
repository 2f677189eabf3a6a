"""The texts that ship with Qingdun, as data in `texts.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from django.db import transaction
from django.utils import timezone

from qingdun.console.kernel.audit import record
from qingdun.console.sms.models import Template


@dataclass(frozen=True, slots=True)
class Text:
    """One text as shipped."""

    code: str
    kind: str
    scam_type: str
    text_zh: str


@cache
def shipped() -> tuple[Text, ...]:
    """Every text of the file, in its order."""
    raw = json.loads(resources.files(__package__).joinpath("texts.json").read_text("utf-8"))
    return tuple(Text(**line) for line in raw["texts"])


def load_shipped() -> int:
    """Every code of the file has its text; how many were new is returned. Edited ones stay as they are."""
    known = set(Template.objects.values_list("code", flat=True).distinct())
    missing = [text for text in shipped() if text.code not in known]
    if not missing:
        return 0
    with transaction.atomic():
        for text in missing:
            _loaded, fresh = Template.objects.get_or_create(
                code=text.code,
                version=1,
                defaults={
                    "kind": text.kind,
                    "scam_type": text.scam_type,
                    "text_zh": text.text_zh,
                    "created_at": timezone.now(),
                },
            )
            if fresh:
                record(None, "load_text", ("text", text.code), None, {"version": 1})
    return len(missing)
