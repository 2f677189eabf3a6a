"""What people do about the exchange: the actor first, one transaction, one audit row."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qingdun.console.exchange import exporting, reading
from qingdun.console.exchange.codes import CEILINGS, KINDS, Form, Outcome, PeerKind, Proof, RuleState, Way
from qingdun.console.exchange.models import Origin, Peer, Received, ReceivedObject, Rule, digest_of
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import Region, User
from qingdun.console.kernel.roles import Permission, Role, require
from qingdun.console.lists import actions as lists
from qingdun.contract.codes import scam_types
from qingdun.errors import IllegalMove, InputError, NotPermitted, RefusedError

PREFIX = "qdx_"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RuleForm:
    """What somebody wants to be shared with a peer."""

    kinds: tuple[str, ...]
    scam_types: tuple[str, ...]
    ceiling: str
    observed: bool
    proof: str
    longest_days: int
    may_send: bool
    reason: str


@transaction.atomic
def register_peer(actor: User, code: str, name: str, name_en: str, kind: str) -> Peer:
    """The peer stands, with nothing shared and no key. Errors: NotPermitted, InputError, RefusedError."""
    require(actor, Permission.WORK_EXCHANGE)
    code, name = code.strip().lower(), " ".join(name.split())
    if not code.isascii() or not code.replace("-", "").isalnum() or not 3 <= len(code) <= 30:
        raise InputError(_("The log-in name has 3 to 30 letters a to z, digits or hyphens."))
    if not 2 <= len(name) <= 80:
        raise InputError(_("Name the peer in 2 to 80 characters."))
    if kind not in PeerKind.values:
        raise InputError(_("Kind: found “%(found)s”.") % {"found": kind[:40]})
    account = User(
        username=f"peer-{secrets.token_hex(6)}", display_name=name[:64], role=Role.VIEWER,
        region=Region.objects.get(level=Region.Level.CITY),
    )  # fmt: skip
    account.set_unusable_password()
    try:
        with transaction.atomic():
            account.save()
            peer = Peer.objects.create(
                code=code, name=name, name_en=" ".join(name_en.split())[:80], kind=kind, account=account,
                opened_at=timezone.now(), opened_by=actor,
            )  # fmt: skip
    except IntegrityError as error:
        raise RefusedError(_("There is a peer of that log-in name already.")) from error
    after = {"name": name, "kind": kind, "username": code, "acts_as": account.username}
    record(actor, "register_peer", peer, None, after)
    return peer


@transaction.atomic
def make_key(actor: User, peer_id: int) -> tuple[Peer, str]:
    """The peer logs in with the key returned, which is shown this once; a key before opens nothing more.

    Errors: NotPermitted, RefusedError (the peer is closed).
    """
    require(actor, Permission.WORK_EXCHANGE)
    peer = open_peer(peer_id)
    secret = PREFIX + secrets.token_urlsafe(32)
    before = {"hint": peer.hint} if peer.hint else None
    peer.digest, peer.hint = digest_of(secret), secret[:12]
    peer.save(update_fields=["digest", "hint"])
    record(actor, "make_peer_key", peer, before, {"hint": peer.hint})
    return peer, secret


@transaction.atomic
def revoke_key(actor: User, peer_id: int) -> Peer:
    """The peer's key opens nothing more. Errors: NotPermitted, RefusedError (it has none)."""
    require(actor, Permission.WORK_EXCHANGE)
    peer = _locked_peer(peer_id)
    if not peer.digest:
        raise RefusedError(_("It has no key."))
    record(actor, "revoke_peer_key", peer, {"hint": peer.hint}, {"hint": ""})
    peer.digest = peer.hint = ""
    peer.save(update_fields=["digest", "hint"])
    return peer


@transaction.atomic
def close_peer(actor: User, peer_id: int, note: str) -> Peer:
    """Nothing goes to the peer and nothing comes from it any more, at once. Errors: NotPermitted, InputError,
    RefusedError.
    """
    require(actor, Permission.WORK_EXCHANGE)
    peer, note, now = open_peer(peer_id), _reason(note), timezone.now()
    open_rules = peer.rules.filter(state__in=(RuleState.PROPOSED, RuleState.IN_FORCE))
    open_rules.update(state=RuleState.ENDED, ended_by=actor, ended_at=now, note=note)
    peer.closed_at, peer.rule, peer.digest, peer.hint = now, None, "", ""
    peer.save(update_fields=["closed_at", "rule", "digest", "hint"])
    record(actor, "close_peer", peer, {"open": True}, {"open": False}, note[:200])
    return peer


@transaction.atomic
def propose_rule(actor: User, peer_id: int, form: RuleForm) -> Rule:
    """The rule waits for a second person; one that waited before is replaced by it.

    Errors: NotPermitted, InputError, RefusedError (the peer is closed).
    """
    require(actor, Permission.WORK_EXCHANGE)
    peer, now = open_peer(peer_id), timezone.now()
    values = _checked(form)
    peer.rules.filter(state=RuleState.PROPOSED).update(
        state=RuleState.ENDED, ended_by=actor, ended_at=now, note=_("Replaced by a later proposal")
    )
    rule = Rule.objects.create(peer=peer, proposed_by=actor, proposed_at=now, **values)
    record(
        actor,
        "propose_peer_rule",
        peer,
        peer.rule.told() if peer.rule else None,
        rule.told(),
        rule.reason[:200],
    )
    return rule


@transaction.atomic
def decide_rule(actor: User, rule_id: int, confirm: bool, note: str = "") -> Rule:
    """The rule is in force instead of the one before, or not confirmed, with the reason.

    Errors: NotPermitted; IllegalMove if it does not wait, or the actor proposed it; InputError.
    """
    require(actor, Permission.WORK_EXCHANGE)
    rule = Rule.objects.select_related("peer").filter(pk=rule_id).first()
    if rule is None:
        raise NotPermitted(_("Rule %(id)s is not there.") % {"id": rule_id})
    peer, now = open_peer(rule.peer_id), timezone.now()
    rule.refresh_from_db()
    if rule.state != RuleState.PROPOSED:
        raise IllegalMove(_("The rule is “%(state)s”.") % {"state": rule.get_state_display()})
    if rule.proposed_by_id == actor.pk:
        raise IllegalMove(_("You have proposed it: somebody else must decide."))
    before = rule.told()
    rule.note = note.strip()[:500] if confirm else _reason(note)
    if confirm:
        _end(peer, actor, now, _("Replaced by a later rule"))
    rule.state = RuleState.IN_FORCE if confirm else RuleState.REFUSED
    rule.decided_by, rule.decided_at = actor, now
    rule.save()
    if confirm:
        peer.rule = rule
        peer.save(update_fields=["rule"])
    record(
        actor,
        "confirm_peer_rule" if confirm else "refuse_peer_rule",
        peer,
        before,
        rule.told(),
        rule.note[:200],
    )
    return rule


@transaction.atomic
def end_rule(actor: User, peer_id: int, note: str) -> Peer:
    """Nothing more is shared with the peer, at once and by one person. Errors: NotPermitted, InputError,
    RefusedError (no rule is in force).
    """
    require(actor, Permission.WORK_EXCHANGE)
    peer, note = open_peer(peer_id), _reason(note)
    if peer.rule is None:
        raise RefusedError(_("No rule is in force."))
    before = peer.rule.told()
    _end(peer, actor, timezone.now(), note)
    record(actor, "end_peer_rule", peer, before, {**before, "state": RuleState.ENDED}, note[:200])
    return peer


@transaction.atomic
def bring_file(actor: User, peer_id: int, form: str, name: str, data: bytes) -> Received:
    """The objects of a file that came from the peer wait to be read. The same file again adds nothing.

    Errors: NotPermitted, InputError, RefusedError (the peer is closed).
    """
    require(actor, Permission.WORK_EXCHANGE)
    require(actor, Permission.PROPOSE_LISTS)
    peer = open_peer(peer_id)
    if form not in Form.values:
        raise InputError(_("Form: found “%(found)s”.") % {"found": form[:40]})
    key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{peer.pk}:{form}:{digest_of(data.decode('latin-1'))}"))
    before = Received.objects.filter(key=key).first()
    if before is not None:
        return before
    items = reading.items_of(Form(form), name, data)
    received = keep(peer, key, Form(form), Way.FILE, items, name, actor)
    record(actor, "bring_peer_file", peer, None, {"name": name[:100], "as": form, "rows": len(items)})
    return received


def keep(
    peer: Peer,
    key: str,
    form: Form,
    way: Way,
    items: list[reading.Item],
    name: str = "",
    by: User | None = None,
) -> Received:
    """The objects stand as they came, and wait to be read. In the caller's transaction."""
    received = Received.objects.create(
        key=key, peer=peer, at=timezone.now(), way=way, form=form, name=name[:255], by=by, size=len(items)
    )
    ReceivedObject.objects.bulk_create(
        [
            ReceivedObject(
                received=received, number=one.number, object_id=one.object_id, object_type=one.object_type,
                version=one.version, confidence=one.confidence, body=one.body,
            )
            for one in items
        ],
        batch_size=AT_ONCE,
    )  # fmt: skip
    return received


@transaction.atomic
def decide_reversal(actor: User, item_id: int, reverse: bool, note: str) -> ReceivedObject:
    """What rests on an object that its peer takes back is reversed, or not approved, or stays; with a reason.

    Errors: NotPermitted, InputError; IllegalMove if it is decided.
    """
    require(actor, Permission.APPROVE_LISTS)
    note = _reason(note)
    item = ReceivedObject.objects.select_for_update(of=("self",)).filter(pk=item_id).first()
    if item is None or item.outcome not in (Outcome.REVERSAL, Outcome.REVERSED, Outcome.KEPT):
        raise NotPermitted(_("There is nothing to decide."))
    if item.outcome != Outcome.REVERSAL:
        raise IllegalMove(_("It is decided: %(state)s.") % {"state": item.get_outcome_display()})
    entries = list(Origin.objects.filter(item=item).order_by("entry_id").values_list("entry_id", flat=True))
    if reverse:
        rows = [(entry, None) for entry in entries]
        done = [*lists.reverse(actor, rows, note), *lists.refuse(actor, rows, note)]
        if not any(one.ok for one in done):
            raise IllegalMove(done[0].message)
    item.outcome = Outcome.REVERSED if reverse else Outcome.KEPT
    item.decided_by, item.decided_at = actor, timezone.now()
    item.save(update_fields=["outcome", "decided_by", "decided_at"])
    after = {"state": item.outcome, "ids": entries}
    record(actor, "decide_peer_reversal", item.received.peer, {"state": Outcome.REVERSAL}, after, note[:200])
    return item


@transaction.atomic
def hand_over(actor: User | None, peer_id: int, form: str) -> tuple[Peer, int]:
    """It is on record that what may be shared with the peer leaves as a file by somebody's hand (None:
    whoever owns the machine); the peer, and up to which number of its collections the file goes.

    Errors: NotPermitted, InputError, RefusedError (closed, or no rule is in force, or not applied yet).
    """
    if actor is not None:
        require(actor, Permission.WORK_EXCHANGE)
    if form not in Form.values:
        raise InputError(_("Form: found “%(found)s”.") % {"found": form[:40]})
    peer = open_peer(peer_id)
    if peer.rule is None:
        raise RefusedError(_("No rule is in force: nothing may be shared with this peer."))
    if peer.applied_id != peer.rule_id:
        raise RefusedError(_("The rule in force is being applied: try again in a moment."))
    upto = peer.last_seq
    peer.shares.filter(handed_at=None, withdrawn_at=None, latest=True, seq__lte=upto).update(
        handed_at=timezone.now()
    )
    after = {"as": form, "rows": exporting.indicators(peer, upto), "number": upto}
    record(actor, "export_to_peer", peer, None, after)
    return peer, upto


def _checked(form: RuleForm) -> dict[str, Any]:
    """The values of a rule. Errors: InputError."""
    known = scam_types().names
    if not form.kinds or not set(form.kinds) <= set(KINDS):
        raise InputError(_("Choose at least one kind."))
    if not form.scam_types or not set(form.scam_types) <= set(known):
        raise InputError(_("Choose at least one scam type."))
    if form.ceiling not in CEILINGS:
        raise InputError(_("Ceiling: found “%(found)s”.") % {"found": form.ceiling[:40]})
    if form.proof not in Proof.values:
        raise InputError(_("Least evidence: found “%(found)s”.") % {"found": form.proof[:40]})
    if not 1 <= form.longest_days <= 730:
        raise InputError(_("The longest term is 1 to 730 days."))
    return {
        "kinds": [kind for kind in KINDS if kind in form.kinds],
        "scam_types": [code for code in known if code in form.scam_types],
        "ceiling": form.ceiling, "observed": form.observed, "proof": form.proof,
        "longest_days": form.longest_days, "may_send": form.may_send, "reason": _reason(form.reason),
    }  # fmt: skip


def _reason(note: str) -> str:
    plain = " ".join(note.split())
    if len(plain) < 2:
        raise InputError(_("Give a reason."))
    return plain[:500]


def _end(peer: Peer, actor: User, now: dt.datetime, note: str) -> None:
    """The rule in force is none any more."""
    if peer.rule_id is None:
        return
    Rule.objects.filter(pk=peer.rule_id).update(
        state=RuleState.ENDED, ended_by=actor, ended_at=now, note=note[:500]
    )
    peer.rule = None
    peer.save(update_fields=["rule"])


def _locked_peer(peer_id: int) -> Peer:
    peer = Peer.objects.select_for_update(of=("self",)).select_related("rule").filter(pk=peer_id).first()
    if peer is None:
        raise NotPermitted(_("Peer %(id)s is not there.") % {"id": peer_id})
    return peer


def open_peer(peer_id: int) -> Peer:
    """The peer, locked. Errors: NotPermitted, RefusedError (it is closed)."""
    peer = _locked_peer(peer_id)
    if peer.closed_at is not None:
        raise RefusedError(_("The exchange with this peer is closed."))
    return peer
