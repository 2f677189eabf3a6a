"""Closed lists of the crackdown: roles, measures, kinds of gangs and of seized things, industries."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PartRole(TextChoices):
    """What somebody did in a case."""

    LEADER = "leader", _("Ringleader")
    CALLER = "caller", _("Caller")
    CARD_OPENER = "card_opener", _("Opened cards")
    CARD_SELLER = "card_seller", _("Sold cards")
    MULE = "mule", _("Moved or drew the money")
    DEVICES = "devices", _("Ran the devices")
    INSIDER = "insider", _("Insider of an industry")
    OTHER = "other", _("Other part")


class MeasureKind(TextChoices):
    """What was done to somebody, on a day."""

    CAUGHT = "caught", _("Caught")
    DETAINED = "detained", _("Criminal detention")
    BAILED = "bailed", _("Bail pending trial")
    CONFINED = "confined", _("Residential surveillance")
    ARRESTED = "arrested", _("Arrested")
    TRANSFERRED = "transferred", _("Sent to the prosecutor")
    PUNISHED = "punished", _("Punished for cards")
    RELEASED = "released", _("Let go")


COERCIVE = (MeasureKind.DETAINED, MeasureKind.BAILED, MeasureKind.CONFINED, MeasureKind.ARRESTED)
"""Coercive measures of the Criminal Procedure Law (art. 66 to 100)."""


class GangKind(TextChoices):
    """What a gang lives on."""

    CARDS = "cards", _("Opens and sells cards")
    FRAUD = "fraud", _("Defrauds")
    MONEY = "money", _("Moves money")
    DEVICES = "devices", _("Runs devices")


class SeizedKind(TextChoices):
    """What was seized."""

    PHONE_CARD = "phone_card", _("Phone cards")
    BANK_CARD = "bank_card", _("Bank cards")
    DEVICE = "device", _("Devices")
    CASH = "cash", _("Cash")


class Industry(TextChoices):
    """Where an insider works."""

    OPERATOR = "operator", _("Telecom operator")
    BANK = "bank", _("Bank")
    PAYMENT = "payment", _("Payment company")
    PARCEL = "parcel", _("Parcel service")
    INTERNET = "internet", _("Internet company")
    OTHER = "other", _("Other industry")


class Province(TextChoices):
    """Provinces by their codes (GB/T 2260)."""

    P11 = "11", _("Beijing")
    P12 = "12", _("Tianjin")
    P13 = "13", _("Hebei")
    P14 = "14", _("Shanxi")
    P15 = "15", _("Inner Mongolia")
    P21 = "21", _("Liaoning")
    P22 = "22", _("Jilin")
    P23 = "23", _("Heilongjiang")
    P31 = "31", _("Shanghai")
    P32 = "32", _("Jiangsu")
    P33 = "33", _("Zhejiang")
    P34 = "34", _("Anhui")
    P35 = "35", _("Fujian")
    P36 = "36", _("Jiangxi")
    P37 = "37", _("Shandong")
    P41 = "41", _("Henan")
    P42 = "42", _("Hubei")
    P43 = "43", _("Hunan")
    P44 = "44", _("Guangdong")
    P45 = "45", _("Guangxi")
    P46 = "46", _("Hainan")
    P50 = "50", _("Chongqing")
    P51 = "51", _("Sichuan")
    P52 = "52", _("Guizhou")
    P53 = "53", _("Yunnan")
    P54 = "54", _("Tibet")
    P61 = "61", _("Shaanxi")
    P62 = "62", _("Gansu")
    P63 = "63", _("Qinghai")
    P64 = "64", _("Ningxia")
    P65 = "65", _("Xinjiang")
    P71 = "71", _("Taiwan")
    P81 = "81", _("Hong Kong")
    P82 = "82", _("Macao")
