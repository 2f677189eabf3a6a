"""Reads of the kernel: the viewer first, and only what lies in their subtree."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from qingdun.console.kernel.masking import mask_account, mask_name, mask_number
from qingdun.console.kernel.models import AuditRow, Organisation, Person, Region, SavedFilter, User
from qingdun.console.kernel.roles import Permission, may
from qingdun.console.kernel.scope import residents, within

MOST_HITS = 8


class Hit(NamedTuple):
    """One finding of the search field."""

    kind: str
    title: str
    detail: str
    url: str


def regions(viewer: User, level: str | None = None) -> QuerySet[Region]:
    """The viewer's own region and everything below, in the order of the tree."""
    found = within(viewer, Region.objects.all(), "path")
    return found.filter(level=level) if level else found


def stations(viewer: User, region_path: str = "") -> QuerySet[Organisation]:
    """Stations of the viewer's subtree, or of the part of it under `region_path`."""
    found = within(viewer, Organisation.objects.filter(kind=Organisation.Kind.STATION), "region__path")
    return found.filter(region__path__startswith=region_path).select_related("region")


def workplaces(viewer: User) -> QuerySet[Organisation]:
    """Stations, banks and operators of the viewer's subtree, in which officers can be placed, if the viewer's
    role sees accounts.
    """
    if not may(viewer, Permission.SEE_ACCOUNTS):
        return Organisation.objects.none()
    kinds = (Organisation.Kind.STATION, Organisation.Kind.BANK, Organisation.Kind.OPERATOR)
    return within(viewer, Organisation.objects.filter(kind__in=kinds), "region__path")


def persons(viewer: User) -> QuerySet[Person]:
    """Residents of the viewer's subtree or their station's towns, if their role may see persons."""
    if not may(viewer, Permission.SEE_PERSONS):
        return Person.objects.none()
    return residents(viewer, Person.objects.select_related("region"))


def person(viewer: User, person_id: str) -> Person:
    """That resident with numbers and accounts. Errors: Person.DoesNotExist, also outside the viewer's
    subtree.
    """
    return persons(viewer).prefetch_related("numbers", "accounts").get(person_id=person_id)


def users(viewer: User) -> QuerySet[User]:
    """Accounts of the viewer's subtree, if the viewer's role sees accounts."""
    if not may(viewer, Permission.SEE_ACCOUNTS):
        return User.objects.none()
    return within(viewer, User.objects.select_related("region", "organisation"), "region__path")


def audit_rows(
    viewer: User, *, actor: str = "", verb: str = "", subject: str = "", region_path: str = ""
) -> QuerySet[AuditRow]:
    """Audit rows of the viewer's subtree, newest first, if the viewer's role reads the audit log.

    Acts of the system itself, which belong to no region, are shown to those who see the whole city. `verb`
    may name several by comma.
    """
    if not may(viewer, Permission.READ_AUDIT):
        return AuditRow.objects.none()
    rows = within(viewer, AuditRow.objects.all())
    if viewer.region and viewer.region.level == Region.Level.CITY:
        rows = rows | AuditRow.objects.filter(region_path="")
    if actor:
        rows = rows.filter(actor__startswith=actor)
    if verb:
        rows = rows.filter(verb__in=verb.split(","))
    if subject:
        rows = rows.filter(Q(subject_id=subject) | Q(subject_kind=subject))
    if region_path:
        rows = rows.filter(region_path__startswith=region_path)
    return rows.order_by("-seq")


def verb_choices(viewer: User, wanted: str = "") -> list[tuple[str, str]]:
    """What acts the audit log can be narrowed to: the verbs of one word by comma, and the word in the
    reader's language, in the order of the table. `wanted` is among them even if it has no word.
    """
    from qingdun.console.wiring import VERBS

    if not may(viewer, Permission.READ_AUDIT):
        return []
    codes: dict[str, list[str]] = {}
    for code, word in VERBS.items():
        codes.setdefault(str(word), []).append(code)
    found = [(",".join(same), word) for word, same in codes.items()]
    if wanted and wanted not in (value for value, _word in found):
        names = [str(VERBS.get(code, code)) for code in wanted.split(",")]
        found.append((wanted, ", ".join(dict.fromkeys(names))))
    return found


def saved_filters(viewer: User, page: str) -> QuerySet[SavedFilter]:
    """The viewer's own filters of that page."""
    return SavedFilter.objects.filter(user=viewer, page=page)


def search_pages(viewer: User, text: str) -> list[Hit]:
    """Pages whose word contains the text."""
    from qingdun.console.wiring import SYSTEMS, TOOLS

    return [
        Hit(_("Page"), str(entry.word), "", reverse(entry.url_name))
        for entry in (*SYSTEMS, *TOOLS)
        if may(viewer, entry.permission) and text.casefold() in str(entry.word).casefold()
    ]


def search_regions(viewer: User, text: str) -> list[Hit]:
    """Regions by code or by the beginning of their name."""
    found = regions(viewer).filter(Q(code=text) | Q(name__startswith=text) | Q(name_en__istartswith=text))
    return [Hit(_("Region"), str(r), r.code, f"/?region={r.code}") for r in found[:MOST_HITS]]


def search_persons(viewer: User, text: str) -> list[Hit]:
    """Residents by whole number or account, or by id; masked. Parts of a number find nobody: that would be
    browsing.
    """
    compact = text.replace(" ", "")
    numbers = {compact, f"+86{compact}"}
    found = persons(viewer).filter(
        Q(person_id=compact) | Q(numbers__msisdn__in=numbers) | Q(accounts__account=compact)
    )
    hits = []
    for one in found.distinct().prefetch_related("numbers", "accounts")[:MOST_HITS]:
        detail = [mask_number(n.msisdn) for n in one.numbers.all()] + [
            mask_account(a.account) for a in one.accounts.all()
        ]
        hits.append(
            Hit(
                _("Person"),
                mask_name(one.name) or one.person_id,
                " · ".join(detail),
                f"/persons/{one.person_id}/",
            )
        )
    return hits
