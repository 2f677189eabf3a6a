"""The back office: rarely used tables, read-only; writes go through actions on their own pages."""

from __future__ import annotations

from typing import ClassVar

from allauth.account.decorators import secure_admin_login
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from qingdun.console.kernel.models import Feed, Organisation, Outbox, Region, User
from qingdun.console.kernel.roles import Permission, may


class BackOffice(UnfoldAdminSite):  # type: ignore[misc]
    """Open to whom the table of roles says, and to nobody else."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the user's role opens the back office."""
        return may(request.user, Permission.SEE_BACK_OFFICE)


class ReadOnly(ModelAdmin):  # type: ignore[misc]
    """Rows to look at: nothing is added, changed or deleted here."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the filters beside the list ask: any other lookup would tell, letter by letter, what the
        list does not show.
        """
        return lookup.removesuffix("__exact") in self.list_filter

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever is in the back office sees it."""
        return may(request.user, Permission.SEE_BACK_OFFICE)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever is in the back office sees it."""
        return may(request.user, Permission.SEE_BACK_OFFICE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


class UserTable(ReadOnly):
    """Accounts."""

    list_display: ClassVar = [
        "username",
        "display_name",
        "role",
        "region",
        "organisation",
        "is_active",
        "demo",
    ]
    list_filter: ClassVar = ["role", "is_active"]
    search_fields: ClassVar = ["username", "display_name"]
    exclude: ClassVar = ["password", "groups", "user_permissions"]


class RegionTable(ReadOnly):
    """Regions."""

    list_display: ClassVar = [
        "code",
        "name",
        "name_en",
        "level",
        "population",
        "population_estimated",
        "urban",
    ]
    list_filter: ClassVar = ["level", "urban"]
    search_fields: ClassVar = ["code", "name", "name_en"]


class OrganisationTable(ReadOnly):
    """Organisations."""

    list_display: ClassVar = ["code", "name", "kind", "region"]
    list_filter: ClassVar = ["kind"]
    search_fields: ClassVar = ["code", "name"]


class OutboxTable(ReadOnly):
    """What leaves the process; without its payload, which may name people."""

    list_display: ClassVar = ["kind", "key", "created_at", "sent_at", "attempts", "last_error"]
    list_filter: ClassVar = ["kind"]
    exclude: ClassVar = ["payload"]


class FeedTable(ReadOnly):
    """Sources of flows."""

    list_display: ClassVar = ["source", "event_at", "received_at", "rows"]


site = BackOffice()
site.login = secure_admin_login(site.login)
site.register(User, UserTable)
site.register(Region, RegionTable)
site.register(Organisation, OrganisationTable)
site.register(Outbox, OutboxTable)
site.register(Feed, FeedTable)
