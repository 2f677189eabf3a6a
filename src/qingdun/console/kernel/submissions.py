"""A form is taken once, however often and however quickly it is sent."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from qingdun.console.kernel.models import Submission, User

KEY = "submission"
"""Name of the hidden field that tells one showing of a form from another."""
KEPT = dt.timedelta(days=2)
"""How long it is known that a form was taken; an older page is logged out by then."""


def new_key() -> str:
    """A key for a form that is shown anew."""
    return uuid.uuid4().hex


def stamp(key: str, typed: Mapping[str, str]) -> str:
    """What a sent form is known by: whoever goes back and types something else has sent another. '' without a
    key.
    """
    told = json.dumps([key, sorted(typed.items())], ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest() if key else ""


def once(actor: User, key: str, act: Callable[[], str]) -> str:
    """The address that `act` gives. The same key sent again by the same actor, even at the same moment, does
    not act again and has the address it had then; what `act` refuses was not taken. Without a key it acts.
    """
    if not key:
        return act()
    now = timezone.now()
    with transaction.atomic():
        try:
            with transaction.atomic():
                sent = Submission.objects.create(by=actor, key=key, at=now)
        except IntegrityError:
            return Submission.objects.get(by=actor, key=key).address
        Submission.objects.filter(by=actor, at__lt=now - KEPT).delete()
        sent.address = act()
        sent.save(update_fields=["address"])
    return sent.address
