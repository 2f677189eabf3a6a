"""What stands where: the systems of the rail, the searches behind the one search field. A module adds its
line here.

The table is read by the frame of every page; what the viewer may not use does not appear.
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingdun.console.alerts.moves import MOVES
from qingdun.console.assessment.moves import MOVES as ASSESSMENT_MOVES
from qingdun.console.bulletin.moves import MOVES as BULLETIN_MOVES
from qingdun.console.cases.moves import MOVES as CASE_MOVES
from qingdun.console.command.moves import MOVES as COMMAND_MOVES
from qingdun.console.funds.moves import FREEZE_MOVES, REFUND_MOVES
from qingdun.console.funds.moves import MOVES as STOP_MOVES
from qingdun.console.industry.moves import APPEAL_MOVES, ASSIGNMENT_MOVES, CHECK_MOVES, FINDING_MOVES
from qingdun.console.industry.moves import MOVES as RESTRICTION_MOVES
from qingdun.console.kernel.roles import Permission, Role
from qingdun.console.outreach.moves import MOVES as MAILING_MOVES
from qingdun.console.supervision.moves import MOVES as SUPERVISION_MOVES


class Entry(NamedTuple):
    """One entry of the rail: its mark, its word, where it leads, who may use it."""

    mark: str
    """A character for a system, the name of an icon for a tool."""
    word: str | Promise
    url_name: str
    permission: Permission


SYSTEMS: tuple[Entry, ...] = (
    Entry("防", _("Alerts"), "alerts:desk", Permission.SEE_ALERTS),
    Entry("防", _("Alerts"), "alerts:desk", Permission.CALL_HOTLINE),
    Entry("防", _("My visits"), "alerts:next_visit", Permission.VISIT_ENTRUSTED),
    Entry("打", _("Cases"), "cases:incidents", Permission.SEE_ALERTS),
    Entry("管", _("Industry"), "industry:home", Permission.SEE_INDUSTRY),
    Entry("管", _("Lists to answer"), "industry:home", Permission.ANSWER_LISTS),
    Entry("治", pgettext_lazy("system", "Towns"), "assessment:board", Permission.SEE_ASSESSMENT),
    Entry("宣", _("Outreach"), "outreach:board", Permission.SEE_OUTREACH),
    Entry("督", _("Supervision"), "supervision:board", Permission.SEE_SUPERVISION),
    Entry("统", _("Command"), "command:home", Permission.SEE_COMMAND),
)
"""The systems, at the head of the rail."""

HOMES: dict[str, str] = {Role.LEADER: "command:home"}
"""The first page of a role, where that is not the first of the rail."""

TOOLS: tuple[Entry, ...] = (
    Entry("affiliate", _("Entities"), "alerts:entities", Permission.SEE_PERSONS),
    Entry("list-details", _("Lists"), "lists:review", Permission.SEE_PERSONS),
    Entry("send", _("Exchange"), "exchange:home", Permission.WORK_EXCHANGE),
    Entry("note", _("Bulletins"), "bulletin:board", Permission.SEE_BULLETINS),
    Entry("layout-grid", _("Wall"), "alerts:wall", Permission.SEE_WALL),
    Entry("clock", _("Clock rules"), "alerts:clock_rules", Permission.DISPATCH_CITY),
    Entry("clock", _("Duty"), "duty:now", Permission.SEE_ALERTS),
    Entry("list-details", _("Measures"), "measures:page", Permission.SEE_ALERTS),
    Entry("home-search", _("From door to door"), "outreach:doors", Permission.VISIT_DOORS),
    Entry("clipboard-list", _("My supervision"), "supervision:mine", Permission.SUPERVISE),
    Entry("phone", _("Follow-ups"), "care:follow_ups", Permission.SEE_ALERTS),
    Entry("user-circle", _("Key persons"), "care:key_persons", Permission.SEE_ALERTS),
    Entry("message", _("SMS"), "sms:messages", Permission.SEE_ALERTS),
    Entry("bell", _("Raise an alert"), "whistles:raise", Permission.RAISE_ALERTS),
    Entry("device-floppy", _("Lists sent to us"), "whistles:lists", Permission.DISPATCH_CITY),
    Entry("building-bank", _("Funds"), "funds:stops", Permission.SEE_ALERTS),
    Entry("download", _("Ledgers"), "whistles:ledgers", Permission.SEE_ALERTS),
    Entry("users", _("User accounts"), "users", Permission.SEE_ACCOUNTS),
    Entry("key", _("Interface tokens"), "whistles:tokens", Permission.ASSIGN_ROLES),
    Entry("clipboard-list", _("Audit"), "audit", Permission.READ_AUDIT),
    Entry("heartbeat", _("Health"), "health_page", Permission.SEE_HEALTH),
    Entry("database", _("Back office"), "admin:index", Permission.SEE_BACK_OFFICE),
)
"""What administrators need, at its foot."""

SEARCHES: tuple[str, ...] = (
    "qingdun.console.kernel.queries.search_pages",
    "qingdun.console.kernel.queries.search_regions",
    "qingdun.console.alerts.searching.search_tasks",
    "qingdun.console.kernel.queries.search_persons",
    "qingdun.console.alerts.entities.search_entities",
    "qingdun.console.lists.queries.search_entries",
)
"""Dotted names of `search(viewer, text) -> list[Hit]`, asked in this order."""

PERSONAL_SEARCHES: dict[str, str] = {
    "qingdun.console.alerts.searching.search_tasks": "tasks",
    "qingdun.console.kernel.queries.search_persons": "persons",
    "qingdun.console.alerts.entities.search_entities": "entities",
    "qingdun.console.lists.queries.search_entries": "entries",
}
"""Those of them that look for somebody, and for what: each use is audited."""

IMPORTS: tuple[str, ...] = (
    "qingdun.console.whistles.listing.LISTS",
    "qingdun.console.cases.imports.files.FILES",
    "qingdun.console.funds.statements.REPLIES",
    "qingdun.console.industry.files.FILES",
    "qingdun.console.outreach.imports.files.FILES",
    "qingdun.console.assessment.files.FILES",
    "qingdun.console.supervision.files.FILES",
    "qingdun.console.command.files.FILES",
)
"""Dotted names of groups of files that are brought from elsewhere (`kernel.imports.kinds.Group`)."""

FIGURES: dict[str, str] = {
    name: f"qingdun.console.{name}.figures.LEDGER"
    for name in ("bulletin", "cases", "industry", "outreach", "assessment", "supervision")
}
"""By module, the dotted name of its figures (`kernel.figures.Ledger`): what a bulletin can count."""

TICKS: tuple[str, ...] = (
    "qingdun.console.kernel.imports.ticking.tick",
    "qingdun.console.lists.ticking.tick",
    "qingdun.console.lists.retention.tick",
    "qingdun.console.lists.holding.tick",
    "qingdun.console.exchange.ticking.tick",
    "qingdun.console.exchange.pulling.tick",
    "qingdun.console.funds.ticking.tick",
    "qingdun.console.alerts.ticking.tick",
    "qingdun.console.alerts.retention.tick",
    "qingdun.console.visits.retention.tick",
    "qingdun.console.sms.ticking.tick",
    "qingdun.console.care.ticking.tick",
    "qingdun.console.duty.ticking.tick",
    "qingdun.console.whereabouts.ticking.tick",
    "qingdun.console.offers.ticking.tick",
    "qingdun.console.outreach.ticking.tick",
    "qingdun.console.outreach.ticking.read_effects",
    "qingdun.console.outreach.ticking.count_groups",
    "qingdun.console.industry.ticking.tick",
    "qingdun.console.assessment.ticking.tick",
    "qingdun.console.assessment.ticking.open_files",
    "qingdun.console.bulletin.ticking.tick",
    "qingdun.console.supervision.ticking.tick",
    "qingdun.console.supervision.ticking.tell_overdue",
)
"""Dotted names of `tick(now) -> int`, called by `ticking` every second, each by itself: each does what is
due, says how much it did, and may be called twice at once.
"""

DUE: dict[str, str] = {"qingdun.console.duty.ticking.tick": "qingdun.console.duty.ticking.due_next"}
"""For a tick that must not be late by the rest of its second, the dotted name of what says when it is due
next: `due_next(now) -> moment or None`.
"""

RESTS: dict[str, float] = {"qingdun.console.kernel.imports.ticking.tick": 0.2}
"""For a tick that people wait for, how long it rests of the time it worked; every other as long as it worked
(docs/decisions/0018).
"""

VERBS: dict[str, str | Promise] = {
    "log_in": _("log in"),
    "log_in_failed": _("fail to log in"),
    "log_out": _("log out"),
    "change_password": _("change one's password"),
    "reset_password": _("give a one-time password"),
    "reset_second_factor": _("take a second factor away"),
    "create_first_administrator": _("create the first administrator"),
    "search_personal": _("search for somebody"),
    "export_masked": _("export masked rows"),
    "see_person": _("open the page of a person"),
    "create_user": _("create an account"),
    "open_account": _("open an account"),
    "close_account": _("close an account"),
    "assign_role": _("assign a role"),
    "release_lockout": _("release a lockout"),
    "unmask": _("unmask"),
    "unmask_task": _("unmask"),
    "unmask_entity": _("unmask"),
    "save_filter": _("save a filter"),
    "set_language": _("choose a language"),
    "load_regions": _("load regions"),
    "load_people": _("load persons"),
    "create_demo_accounts": _("create demo accounts"),
    "ingest_alerts": _("take alerts in"),
    "ingest_context": _("take context in"),
    "replace_suspects": _("take suspects in"),
    "replace_clusters": _("take clusters in"),
    "keep_rejects": _("take rejected rows in"),
    "contact": _("enter a call"),
    "visit": _("keep the visit"),
    "undo": _("undo"),
    "breach": _("find a clock run out"),
    "tell_above": _("tell the level above"),
    "set_clock_rule": _("set a clock"),
    "drop_clock_rule": _("take a clock rule back"),
    "purge": _("delete what was kept long enough"),
    "propose_entries": _("propose entries of a list"),
    "approve_entries": _("approve entries of a list"),
    "refuse_entries": _("not approve entries of a list"),
    "reverse_entries": _("reverse entries of a list"),
    "put_back_entries": _("put entries of a list back"),
    "extend_entries": _("change the term of entries of a list"),
    "enforce_entries": _("enforce entries of a list"),
    "expire_entries": _("let entries of a list expire"),
    "unmask_entry": _("unmask"),
    "release_texts": _("release held messages"),
    "drop_texts": _("drop held messages"),
    "unmask_text": _("unmask"),
    "export_entries": _("export a list"),
    "warn": _("warn by message"),
    "take_back_message": _("take a message back"),
    "resend_message": _("send a message again"),
    "educate": _("send education"),
    "opt_out": _("stop education"),
    "opt_in": _("allow education"),
    "edit_text": _("change a text"),
    "load_text": _("load a text"),
    "raise_whistle": _("raise an alert by hand"),
    "make_token": _("make a token"),
    "revoke_token": _("revoke a token"),
    "receive_list": _("receive a list"),
    "begin_list": _("begin to take a list in"),
    "finish_list": _("have taken a list in"),
    "export_ledger": _("export a ledger"),
    "report_incident": _("enter an incident"),
    "file_case": _("file a case"),
    "join_incidents": _("join incidents to a case"),
    "part_incident": _("take an incident out of a case"),
    "add_person": _("add a person to a case"),
    "take_measure": _("enter a measure"),
    "take_back_incident": _("take back an incident"),
    "ask_take_back_incident": _("ask to take back an incident"),
    "keep_incident": _("keep an incident that was to be taken back"),
    "take_back_part": _("take back the part of a person in a case"),
    "take_back_measure": _("take back a measure"),
    "take_back_seizure": _("take back a seizure"),
    "seize": _("enter a seizure"),
    "correct_case": _("correct a case"),
    "correct_person": _("correct the name of a person of cases"),
    "correct_incident": _("correct an incident"),
    "unmask_case_person": _("unmask"),
    "record_gang": _("enter a gang"),
    "add_member": _("add a member to a gang"),
    "open_campaign": _("plan a campaign"),
    "add_team": _("add a team"),
    "add_trip": _("enter a journey"),
    "receive_file": _("receive a file"),
    "read_file": _("have read a file"),
    "refuse_file": _("find that a file cannot be read"),
    "begin_file": _("begin to take a file in"),
    "take_rows": _("take rows of a file in"),
    "finish_file": _("have taken a file in"),
    "fail_file": _("fail to take a file in"),
    "stop_file": _("stop taking a file in"),
    "retry_file": _("take the rest of a file in"),
    "save_graph": _("keep a graph as evidence"),
    **{move.verb: move.label for move in CASE_MOVES},
    "export_measures": _("export measures"),
    "plan_follow_ups": _("plan follow-ups"),
    "move_follow_up": _("move a follow-up"),
    "drop_follow_up": _("drop a follow-up"),
    "record_follow_up": _("enter a follow-up"),
    "remind_of_follow_ups": _("remind an officer of follow-ups"),
    "open_key_file": _("open a key-person file"),
    "close_key_file": _("close a key-person file"),
    "review_key_file": _("review a key-person file"),
    "name_key_officer": _("name the officer of a key person"),
    "choose_family": _("choose a contact in the family"),
    "unmask_key_file": _("unmask"),
    "protect_account": _("record a consent to bank protection"),
    "end_protection": _("end a bank protection"),
    "request_stop": _("request a stop of payment"),
    "unmask_stop": _("unmask"),
    "trace_funds": _("trace money"),
    "request_freeze": _("request a freeze"),
    "unmask_freeze": _("unmask"),
    **{f"freeze_{move.verb}": move.label for move in FREEZE_MOVES},
    "prepare_refund": _("prepare a refund"),
    **{f"refund_{move.verb}": move.label for move in REFUND_MOVES},
    "object_to_refund": _("enter an objection to a refund"),
    "answer_objection": _("answer an objection"),
    "warn_of_end": _("warn that an order ends soon"),
    "see_notice": _("have seen a notice"),
    "freeze_lessen": _("release a part of a freeze"),
    "take_document": _("take a legal document away"),
    "export_orders": _("write orders to a bank into a file"),
    "take_bank_reply": _("take a bank’s answers to orders in"),
    "receive_statement": _("receive a bank’s reply"),
    "begin_statement": _("begin to take a bank’s reply in"),
    "finish_statement": _("have taken a bank’s reply in"),
    "export_movements": _("export bank movements"),
    **{f"stop_{move.verb}": move.label for move in STOP_MOVES},
    "add_shift": _("add a shift"),
    "remove_shift": _("remove a shift"),
    "copy_week": _("copy a week of shifts"),
    "set_duty_number": _("set an officer's number"),
    "open_handover": _("write a hand-over"),
    "confirm_handover": _("confirm a hand-over"),
    "call_to_duty": _("call to duty"),
    "look_for_person": _("look at whereabouts"),
    "load_places": _("load cells and bank branches"),
    "state_consent": _("record a consent"),
    "add_photo": _("keep a photo"),
    "remove_photo": _("remove a photo"),
    "see_photo": _("look at a photo"),
    "set_place": _("keep the place of a visit"),
    "drop_place": _("drop the place of a visit"),
    "see_place": _("look at the place of a visit"),
    "sign_receipt": _("have a receipt signed"),
    "see_receipt": _("open a receipt"),
    "offer_task": _("offer a task to officers near"),
    "take_next": _("be given the next task"),
    "decline_offer": _("decline an offer"),
    "lapsed_offer": _("let an offer lapse"),
    "over_offer": _("end an offer"),
    "register_party": _("register a bank or operator"),
    "name_party": _("add a name of a party"),
    "propose_assignment": _("propose a list for a party"),
    "refuse_lines": _("not confirm rows of a list"),
    "open_assignment": _("open a list"),
    "extend_assignment": _("add rows to a list"),
    "take_list": _("take a list as a file"),
    "take_checks": _("take second checks as a file"),
    "read_rows": _("take rows by program"),
    "read_checks": _("take checks by program"),
    "open_check": _("open a check"),
    "open_restriction": _("open a row of a list"),
    "answer_list": _("answer a list"),
    "unmask_restriction": _("unmask"),
    "file_appeal": _("enter an appeal"),
    "appeal_from_outside": _("appeal from outside"),
    "industry_breach": _("find a clock run out"),
    "halt_proposals": _("stop automatic proposals"),
    "push_findings": _("push findings"),
    "flag_card": _("flag a card"),
    "blacklist": _("put on the blacklist"),
    "end_blacklist_entry": _("take off the blacklist"),
    "second_blacklist": _("confirm entries of the blacklist"),
    "refuse_blacklist": _("not confirm entries of the blacklist"),
    "look_up_blacklist": _("look up the blacklist"),
    "record_interview": _("enter an interview"),
    "propose_punishment": _("propose a punishment"),
    "take_letter": _("take a letter away"),
    **{f"finding_{move.verb}": move.label for move in FINDING_MOVES},
    **{f"check_{move.verb}": move.label for move in CHECK_MOVES},
    **{f"assignment_{move.verb}": move.label for move in ASSIGNMENT_MOVES},
    **{f"restriction_{move.verb}": move.label for move in RESTRICTION_MOVES},
    **{f"appeal_{move.verb}": move.label for move in APPEAL_MOVES},
    "register_peer": _("register a peer of the exchange"),
    "make_peer_key": _("give a peer a key"),
    "revoke_peer_key": _("revoke the key of a peer"),
    "refuse_peer_key": _("refuse the key of a peer"),
    "refuse_peer_keys": _("refuse more keys of peers in an hour than are told one by one"),
    "close_peer": _("end the exchange with a peer"),
    "propose_peer_rule": _("propose what is shared with a peer"),
    "confirm_peer_rule": _("confirm what is shared with a peer"),
    "refuse_peer_rule": _("not confirm what is shared with a peer"),
    "end_peer_rule": _("share nothing more with a peer"),
    "bring_peer_file": _("bring a file of a peer"),
    "connect_peer_server": _("connect a peer’s server"),
    "stop_peer_server": _("ask a peer’s server no more"),
    "resume_peer_server": _("ask a peer’s server again"),
    "pull_from_peer": _("ask a peer’s server now"),
    "export_to_peer": _("export lists to a peer"),
    "decide_peer_reversal": _("decide about what a peer takes back"),
    "enter_app_count": _("enter registrations of a day"),
    "set_target": _("set a target of registrations"),
    "drop_target": _("drop a target of registrations"),
    "enter_province_rank": _("enter a rank in the province"),
    "add_grid": _("add a grid"),
    "prepare_mailing": _("prepare a mailing"),
    "hold_up_mailing": _("find a mailing standing still"),
    "add_unit": _("add a member unit"),
    "add_venue": _("add a venue"),
    "add_partner": _("add a school or an enterprise"),
    "appoint_ambassador": _("appoint an ambassador"),
    "end_membership": _("end a membership, an appointment or a venue"),
    "correct_entry": _("put an entry right"),
    "strike_entry": _("strike an entry out"),
    "hold_event": _("enter an event"),
    "add_event_photo": _("add a photo of an event"),
    "remove_event_photo": _("remove a photo of an event"),
    "sign_pledge": _("enter a pledge"),
    "commend": _("enter a commendation"),
    "add_material": _("add a material"),
    "change_material": _("write a version of a material"),
    "fill_in_quiz": _("fill in the quiz"),
    "record_door": _("record a visit at a door"),
    "take_back_door": _("take a visit at a door back"),
    "reckon_ranking": _("reckon a ranking"),
    "set_assessment_rules": _("set rules of assessment"),
    "call_to_interview": _("call a town to an interview"),
    "report_on_ruling": _("report on a ruling"),
    "record_inspection": _("enter an inspection"),
    "object_to_ruling": _("object to a ruling"),
    "set_scheme": _("set a scheme of areas"),
    "open_accountability": _("open files of accountability"),
    "take_ruling_letter": _("take a letter about a ruling away"),
    "compose_bulletin": _("compose a bulletin"),
    "take_bulletin": _("take a bulletin away"),
    "schedule_bulletins": _("set a schedule of bulletins"),
    "end_schedule_of_bulletins": _("end a schedule of bulletins"),
    **{move.verb: move.label for move in BULLETIN_MOVES},
    "appoint_commissioner": _("appoint a commissioner"),
    "end_commissioner": _("end the appointment of a commissioner"),
    "draw_round": _("draw a round of assignment"),
    "reassign_charge": _("change who supervises, or in which form"),
    "enter_staff": _("enter a figure of staff"),
    "record_supervision": _("record a visit of supervision"),
    "add_visit_photo": _("add a photo of a visit of supervision"),
    "extend_shortcoming": _("extend the deadline of a finding"),
    "escalate_shortcoming": _("escalate a finding that is overdue"),
    "open_post": _("open a post"),
    "close_post": _("close a post"),
    "hand_over_post": _("hand a post over"),
    "name_deputy": _("name a deputy"),
    "end_tenure": _("end somebody’s time at a post"),
    "record_absence": _("enter an absence"),
    "end_absence": _("end an absence"),
    "write_provision": _("write a provision"),
    "set_undertaking": _("set an undertaking"),
    "add_proof": _("add a proof"),
    "remove_proof": _("remove a proof"),
    **{move.verb: move.label for move in COMMAND_MOVES},
    **{move.verb: move.label for move in ASSESSMENT_MOVES},
    **{move.verb: move.label for move in SUPERVISION_MOVES},
    **{move.verb: move.label for move in MAILING_MOVES},
    **{move.verb: move.label for move in MOVES},
}
"""Words for the verbs of audit rows: the same as on the buttons."""
