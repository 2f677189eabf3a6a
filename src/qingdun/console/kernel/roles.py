"""Roles and what each may do: one table, read by actions, pages and templates alike.

System, security and audit administrators are three people (classified protection, level 3): who makes
accounts does not give them rights, and neither of the two watches over the log of what they did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rules.permissions import set_perm
from rules.predicates import Predicate

from qingdun.errors import NotPermitted

if TYPE_CHECKING:
    from qingdun.console.kernel.models import User


class Role(TextChoices):
    """What a user is in the house; exactly one each."""

    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    AUDIT_ADMIN = "audit_admin", _("Audit administrator")
    CITY_ANALYST = "city_analyst", _("City analyst")
    COUNTY_OFFICER = "county_officer", _("County officer")
    STATION_OFFICER = "station_officer", _("Station officer")
    BANK_TELLER = "bank_teller", _("Bank teller")
    HOTLINE_OPERATOR = "hotline_operator", _("Hotline operator")
    PARTY_OFFICER = "party_officer", _("Compliance officer")
    PUBLICIST = "publicist", _("Publicist")
    GRID_MEMBER = "grid_member", _("Grid member")
    TOWN_CADRE = "town_cadre", _("Town cadre")
    COMMISSIONER = "commissioner", _("Commissioner")
    LEADER = "leader", _("Leader")
    VIEWER = "viewer", _("Viewer")


class Permission(TextChoices):
    """One thing a role may be allowed to do."""

    SEE_ACCOUNTS = "see_accounts", _("See accounts")
    MANAGE_USERS = "manage_users", _("Create and close accounts")
    RESET_PASSWORDS = "reset_passwords", _("Give one-time passwords")
    RESET_FACTORS = "reset_factors", _("Take second factors away")
    ASSIGN_ROLES = "assign_roles", _("Assign roles")
    RELEASE_LOCKOUTS = "release_lockouts", _("Release lockouts")
    SEE_HEALTH = "see_health", _("See the health of the system")
    SEE_BACK_OFFICE = "see_back_office", _("Open the back office")
    READ_AUDIT = "read_audit", _("Read and verify the audit log")
    SEE_ALERTS = "see_alerts", _("See alerts")
    DISPATCH_CITY = "dispatch_city", _("Send alerts from the city")
    DISPATCH_COUNTY = "dispatch_county", _("Send alerts from the county to a station")
    WORK_ALERTS = "work_alerts", _("Sign, call, visit and report")
    CALL_HOTLINE = "call_hotline", _("Call persons of medium alerts from the hotline")
    VISIT_ENTRUSTED = "visit_entrusted", _("Visit persons one was entrusted with")
    REVIEW_ALERTS = "review_alerts", _("Review and close alerts")
    RAISE_ALERTS = "raise_alerts", _("Raise alerts by hand")
    SEE_PERSONS = "see_persons", _("Search persons and entities")
    PROPOSE_LISTS = "propose_lists", _("Propose entries of lists")
    APPROVE_LISTS = "approve_lists", _("Approve and reverse entries of lists")
    WORK_EXCHANGE = "work_exchange", _("Exchange lists with other cities, operators and banks")
    TRACE_FUNDS = "trace_funds", _("Take in bank movements and trace money")
    UNMASK = "unmask", _("Unmask personal data")
    SEE_WALL = "see_wall", _("Show the wall display")
    WORK_CASES = "work_cases", _("See and work on cases and the persons in them")
    SEE_INDUSTRY = "see_industry", _("See lists sent to banks and operators, and restrictions")
    PROPOSE_RESTRICTIONS = "propose_restrictions", _("Propose restrictions and serve notices")
    CONFIRM_RESTRICTIONS = "confirm_restrictions", _("Confirm and release restrictions, decide appeals")
    ANSWER_LISTS = "answer_lists", _("Answer lists sent to one’s bank or operator")
    SEE_OUTREACH = "see_outreach", _("See the figures and ledgers of outreach")
    WORK_OUTREACH = "work_outreach", _("Enter what outreach does, and prepare mailings")
    APPROVE_MAILINGS = "approve_mailings", _("Approve mailings, with those they hold out")
    VISIT_DOORS = "visit_doors", _("Record visits from door to door")
    SEE_ASSESSMENT = "see_assessment", _("See rankings and what is decided about places")
    WORK_ASSESSMENT = "work_assessment", _("Rank places, publish, and decide about them")
    ANSWER_ASSESSMENT = "answer_assessment", _("Report and object for one’s town")
    SEE_BULLETINS = "see_bulletins", _("Read bulletins that were issued")
    WRITE_BULLETINS = "write_bulletins", _("Compose bulletins and sign them")
    SEE_SUPERVISION = "see_supervision", _("See who supervises what, visits and findings")
    WORK_SUPERVISION = "work_supervision", _("Appoint commissioners and confirm what they supervise")
    SUPERVISE = "supervise", _("Visit what one supervises, find and inspect again")
    SEE_COMMAND = "see_command", _("See who answers for which place, and what is overdue")
    REPORT_COMMAND = "report_command", _("Report on undertakings of one’s place and its units")
    WORK_COMMAND = "work_command", _("Keep posts below one’s own place, set tasks and accept them")


P = Permission
_DESK = frozenset({P.SEE_ALERTS, P.SEE_PERSONS, P.PROPOSE_LISTS, P.SEE_WALL})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SYSTEM_ADMIN: frozenset(
        {P.SEE_ACCOUNTS, P.MANAGE_USERS, P.RESET_PASSWORDS, P.SEE_HEALTH, P.SEE_BACK_OFFICE}
    ),
    Role.SECURITY_ADMIN: frozenset(
        {P.SEE_ACCOUNTS, P.ASSIGN_ROLES, P.RELEASE_LOCKOUTS, P.RESET_FACTORS, P.SEE_HEALTH}
    ),
    Role.AUDIT_ADMIN: frozenset({P.READ_AUDIT, P.SEE_HEALTH}),
    Role.CITY_ANALYST: _DESK
    | {P.APPROVE_LISTS, P.WORK_EXCHANGE}
    | {P.DISPATCH_CITY, P.DISPATCH_COUNTY, P.WORK_ALERTS, P.REVIEW_ALERTS, P.RAISE_ALERTS, P.UNMASK}
    | {P.TRACE_FUNDS, P.WORK_CASES}
    | {P.SEE_INDUSTRY, P.PROPOSE_RESTRICTIONS, P.CONFIRM_RESTRICTIONS}
    | {P.SEE_OUTREACH, P.WORK_OUTREACH, P.APPROVE_MAILINGS}
    | {P.SEE_ASSESSMENT, P.WORK_ASSESSMENT}
    | {P.SEE_BULLETINS, P.WRITE_BULLETINS}
    | {P.SEE_SUPERVISION, P.WORK_SUPERVISION}
    | {P.SEE_COMMAND, P.REPORT_COMMAND, P.WORK_COMMAND},
    Role.COUNTY_OFFICER: _DESK
    | {P.DISPATCH_COUNTY, P.WORK_ALERTS, P.REVIEW_ALERTS, P.RAISE_ALERTS, P.UNMASK}
    | {P.TRACE_FUNDS, P.WORK_CASES}
    | {P.SEE_INDUSTRY, P.PROPOSE_RESTRICTIONS}
    | {P.SEE_OUTREACH, P.WORK_OUTREACH, P.APPROVE_MAILINGS}
    | {P.SEE_ASSESSMENT, P.SEE_SUPERVISION}
    | {P.SEE_BULLETINS, P.WRITE_BULLETINS}
    | {P.SEE_COMMAND, P.REPORT_COMMAND, P.WORK_COMMAND},
    Role.STATION_OFFICER: frozenset({P.SEE_ALERTS, P.SEE_PERSONS, P.PROPOSE_LISTS, P.WORK_ALERTS, P.UNMASK})
    | {P.SEE_OUTREACH, P.VISIT_DOORS},
    Role.BANK_TELLER: frozenset({P.RAISE_ALERTS}),
    # An operator and a grid member see the tasks they work on and none but theirs (`alerts.access`).
    Role.HOTLINE_OPERATOR: frozenset({P.RAISE_ALERTS, P.CALL_HOTLINE}),
    Role.PARTY_OFFICER: frozenset({P.ANSWER_LISTS}),
    Role.PUBLICIST: frozenset({P.SEE_OUTREACH, P.WORK_OUTREACH, P.VISIT_DOORS})
    | {P.SEE_COMMAND, P.REPORT_COMMAND},
    Role.GRID_MEMBER: frozenset({P.VISIT_DOORS, P.VISIT_ENTRUSTED}),
    Role.TOWN_CADRE: frozenset({P.SEE_ASSESSMENT, P.ANSWER_ASSESSMENT, P.SEE_OUTREACH, P.SEE_BULLETINS})
    | {P.SEE_SUPERVISION, P.SEE_COMMAND, P.REPORT_COMMAND, P.WORK_COMMAND},
    Role.COMMISSIONER: frozenset({P.SEE_ASSESSMENT, P.SEE_SUPERVISION, P.SUPERVISE}),
    # Figures with the rows behind them, in which nobody stands; no task, no case, no person.
    Role.LEADER: frozenset({P.SEE_COMMAND, P.SEE_WALL, P.SEE_ASSESSMENT, P.SEE_OUTREACH})
    | {P.SEE_BULLETINS, P.SEE_SUPERVISION},
    Role.VIEWER: frozenset({P.SEE_WALL}),
}


def may(user: User | AnonymousUser, permission: Permission) -> bool:
    """Whether the user's role allows it. Nobody who is not logged in, or whose account is closed, may do
    anything.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    return permission in PERMISSIONS[Role(user.role)]


def require(user: User, permission: Permission) -> None:
    """Nothing happens if the user's role allows it.

    Errors: NotPermitted, naming the role and the permission.
    """
    if not may(user, permission):
        raise NotPermitted(
            gettext("%(role)s may not: %(permission)s")
            % {"role": Role(user.role).label, "permission": Permission(permission).label}
        )


def _predicate(permission: Permission) -> Predicate:
    def allowed(user: User | AnonymousUser) -> bool:
        return may(user, permission)

    return Predicate(allowed, name=f"may_{permission.value}")


# `{% if perms.qingdun.read_audit %}` in templates and `user.has_perm("qingdun.read_audit")` in Python.
for _permission in Permission:
    set_perm(f"qingdun.{_permission.value}", _predicate(_permission))  # type: ignore[no-untyped-call]
