"""Every figure of the crackdown: what it counts, in which table its rows stand, narrowed by what."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from qingdun.console.cases import queries
from qingdun.console.cases.ledgers import ANY, BACK, COERCIVE_CODE
from qingdun.console.cases.tables import TABLES
from qingdun.console.kernel.figures import Counted, Figure, ledger
from qingdun.console.kernel.models import User
from qingdun.console.kernel.tables import Ask

_CARDS = {"two_cards": "1"}
FIGURES: tuple[Figure, ...] = (
    Figure("incidents", _("Incidents"), _("Reported in the period"), "incidents"),
    Figure("loss", _("Loss, yuan"), _("Sum over these incidents"), "incidents", total="loss_fen"),
    Figure(
        "taken_back",
        _("Incidents taken back"),
        _("Reported in the period, entered by mistake: counted nowhere else"),
        "incidents",
        {"back": BACK},
    ),
    Figure("filed", _("Cases filed"), _("Filed in the period"), "cases"),
    Figure("solved", _("Cases solved"), _("Solved in the period"), "solved"),
    Figure(
        "detained",
        _("Detained over cards"),
        _("Persons under criminal detention in the period, in cases about phone and bank cards"),
        "persons",
        {"measure": "detained", **_CARDS},
    ),
    Figure(
        "card_gangs",
        _("Card gangs broken up"),
        _("Gangs that open and sell cards, broken up in the period"),
        "broken_up",
        {"kind": "cards"},
    ),
    Figure("gangs", _("Gangs broken up"), _("Gangs of every kind, broken up in the period"), "broken_up"),
    Figure(
        "punished",
        _("Punished over cards"),
        _("Persons punished in the period, in cases about phone and bank cards"),
        "persons",
        {"measure": "punished", **_CARDS},
    ),
    Figure(
        "insiders",
        _("Insiders"),
        _("Persons known in the period as insiders of an industry"),
        "insiders",
        distinct="person",
    ),
    Figure(
        "caught",
        _("Caught in campaigns"),
        _("Persons caught in the period, in cases of a campaign"),
        "persons",
        {"measure": "caught", "campaign": ANY},
    ),
    Figure(
        "coercive",
        _("Under coercive measures, in campaigns"),
        _("Persons under any coercive measure begun in the period, in cases of a campaign"),
        "persons",
        {"measure": COERCIVE_CODE, "campaign": ANY},
    ),
    Figure(
        "frozen",
        _("Frozen in campaigns, yuan"),
        _("Sum of what banks froze in the period for incidents in cases of a campaign"),
        "frozen",
        {"campaign": ANY},
        total="amount_fen",
    ),
    Figure(
        "transferred",
        _("Sent to the prosecutor"),
        _("Persons in cases of every kind sent to the prosecutor in the period"),
        "persons",
        {"measure": "transferred"},
    ),
    Figure(
        "phone_cards",
        _("Phone cards seized"),
        _("Counted card by card"),
        "seizures",
        {"kind": "phone_card"},
        total="count",
    ),
    Figure(
        "phone_cards_at_once",
        _("Most phone cards seized at once"),
        _("The largest seizure of the period"),
        "seizures",
        {"kind": "phone_card"},
        most="count",
    ),
    Figure(
        "bank_cards",
        _("Bank cards seized"),
        _("Counted card by card"),
        "seizures",
        {"kind": "bank_card"},
        total="count",
    ),
    Figure(
        "devices",
        _("Devices seized"),
        _("Counted device by device"),
        "seizures",
        {"kind": "device"},
        total="count",
    ),
    Figure(
        "cash",
        _("Cash seized, yuan"),
        _("Sum over these seizures"),
        "seizures",
        {"kind": "cash"},
        "amount_fen",
    ),
    Figure(
        "provinces",
        _("Provinces visited"),
        _("Different provinces other than the own to which teams left in the period"),
        "trips",
        {"where": "other"},
        distinct="province",
    ),
    Figure(
        "cities",
        _("Cities visited in the own province"),
        _("Different cities of the own province to which teams left in the period"),
        "trips",
        {"where": "own"},
        distinct="city",
    ),
)
LEDGER = ledger(FIGURES, TABLES, "cases:table")

OF_CAMPAIGN: tuple[Figure, ...] = (
    Figure("cases", _("Filed cases"), "", "cases"),
    Figure("caught", _("Caught"), "", "persons", {"measure": "caught"}),
    Figure("coercive", _("Any coercive measure"), "", "persons", {"measure": COERCIVE_CODE}),
    Figure("frozen", _("Frozen, yuan"), "", "frozen", total="amount_fen"),
    Figure("phone_cards", _("Phone cards seized"), "", "seizures", {"kind": "phone_card"}, total="count"),
    Figure("cash", _("Cash seized, yuan"), "", "seizures", {"kind": "cash"}, total="amount_fen"),
    Figure("provinces", _("Provinces visited"), "", "trips", {"where": "other"}, distinct="province"),
    Figure("cities", _("Cities visited in the own province"), "", "trips", {"where": "own"}, distinct="city"),
)
"""What came of one campaign, from its first day on."""


def counted(viewer: User, ask: Ask) -> list[Counted]:
    """Every figure in the place and period asked for."""
    return LEDGER.counted(viewer, ask)


def of_campaign(viewer: User, campaign_id: int) -> list[Counted]:
    """What came of a campaign the viewer sees, over all its days. Errors: NotPermitted."""
    picks = {"campaign": f"{queries.campaign(viewer, campaign_id).pk}"}
    wanted = [replace(one, picks={**one.picks, **picks}) for one in OF_CAMPAIGN]
    return LEDGER.counted(viewer, Ask(), wanted)
