"""Personal data as everyone sees it until it is unmasked for a purpose."""

from __future__ import annotations

import re
from collections.abc import Collection

_COMPOUND_SURNAMES = frozenset(
    {"欧阳", "司徒", "上官", "诸葛", "司马", "东方", "夏侯", "皇甫", "尉迟", "公孙", "令狐", "长孙"}
)


def mask_name(name: str) -> str:
    """The surname, the rest as stars.

    >>> mask_name("张小明"), mask_name("欧阳修远"), mask_name("Ann Lee"), mask_name("")
    ('张**', '欧阳**', 'A** L**', '')
    """
    if name.isascii():
        return " ".join(f"{part[0]}**" for part in name.split())
    surname = name[:2] if name[:2] in _COMPOUND_SURNAMES and len(name) > 2 else name[:1]
    return surname + "*" * (len(name) - len(surname))


def mask_number(number: str) -> str:
    """Country, first three and last four digits; short codes stay whole, because they are nobody's.

    >>> mask_number("+8613800001234"), mask_number("95588"), mask_number("+85261234567")
    ('+86 138****1234', '95588', '+852 612****4567')
    >>> mask_number("3361234")
    '****1234'
    """
    digits = number.lstrip("+")
    if len(digits) <= 6:
        return number
    if number.startswith("+86") and len(digits) == 13:
        return f"+86 {digits[2:5]}****{digits[-4:]}"
    if len(digits) < 11:
        return f"****{digits[-4:]}"
    if number.startswith("+"):
        return f"+{digits[:3]} {digits[3:6]}****{digits[-4:]}"
    return f"{digits[:3]}****{digits[-4:]}"


_COMPANY = re.compile(r"(?:10|12(?!520)|9[56]|400|800)\d+")
"""How numbers of companies and offices begin, dialled at home; 12520 goes before a person's."""


def mask_party(address: str) -> str:
    """Who sends or receives a text, masked if it is a person's number, with or without the code of a country
    or an area; what is a company's is everybody's, a name is no number, and what is masked stays so.

    >>> mask_party("+8613800001234"), mask_party("02412345678"), mask_party("85261234567")
    ('+86 138****1234', '024****5678', '852****4567')
    >>> mask_party("106900001234"), mask_party("95588"), mask_party("Bank24"), mask_party("+86 138****1234")
    ('106900001234', '95588', 'Bank24', '+86 138****1234')
    """
    if not (address.removeprefix("+").isdecimal() and address.isascii()) or _COMPANY.fullmatch(address):
        return address
    return mask_number(address)


def mask_account(account: str) -> str:
    """The last four digits.

    >>> mask_account("6222021234567890")
    '****7890'
    """
    return f"****{account[-4:]}" if len(account) > 4 else "****"


def mask_address(address: str) -> str:
    """The first half, up to a house number.

    >>> mask_address("凤城街道北江路12号301")
    '凤城街道北江路**'
    """
    for index, letter in enumerate(address):
        if letter.isdecimal():
            return address[:index] + "**"
    return address[: len(address) // 2] + "**" if address else ""


_HOST = (
    r"(?<![A-Za-z0-9.-])(?!(?:[.-]*\d){7})"  # seven digits in a row of labels are a number with dots in it
    r"(?:(?![0-9-]{7,}\.)[A-Za-z0-9-]+\.)+(?=[A-Za-z])[A-Za-z0-9-]{2,}(?![A-Za-z0-9-])"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS = rf"(?<![\d.])(?:{_OCTET}\.){{3}}{_OCTET}(?![\d.]*\d)"
_TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?"
_DAY = r"(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])"
_DATE = rf"(?<!\d)(?:(?:19|20)\d\d[-/.]{_DAY}(?:[ T]{_TIME})?|{_DAY} {_TIME}|{_TIME})(?!\d)"
_AMOUNT = (
    r"(?<![\d,.])(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?![.,]?\d)"
    r"|(?<=[¥￥])\d{1,9}(?:\.\d{1,2})?(?![.,]?\d)"
    r"|\d{1,9}(?:\.\d{1,2})?(?= ?(?:元|万|亿|yuan|CNY)))"
)
_LEGIBLE = rf"{_HOST}|{_ADDRESS}|{_DATE}|{_AMOUNT}"
"""Hosts, internet addresses, dates, times and sums of money."""
_CODE_WORD = (
    r"(?:验证码|校验码|动态码|动态密码|短信密码|确认码|激活码|随机码|"
    r"(?i:verification code|security code|passcode|one-time (?:code|password)|OTP\b))"
)
_NO_CODE = r"(?!\d|年|[-/.:,]\d| ?(?:元|万|亿|yuan|CNY|分钟|小时))"
_CODE = (
    rf"(?P<before>{_CODE_WORD}[^\d。！？!?\n]{{0,12}})(?P<code>\d{{4,8}}|\d{{3}}[ -]\d{{3}}){_NO_CODE}"
    rf"|(?<!\d)(?P<first>\d{{4,8}})(?= ?(?:为|是|[（(]|is\b)[^\d。！？!?\n]{{0,12}}{_CODE_WORD})"
)
"""One-time codes, by the word beside them: a text that is pasted to be listed may hold one that works."""
_BETWEEN = r"[ \u00a0\u3000._/:,，·()（）*‐-―\-]"
"""What people put between the digits of a number, one at a time."""
_STOP = rf"{_BETWEEN}(?:{_AMOUNT}|(?:19|20)\d\d[-/.]{_DAY}(?!\d))"
"""An amount or a date after a number is not its end."""
_PERSONAL = rf"(?<!\d)\+?\d(?:(?!{_STOP}){_BETWEEN}?\d){{6,}}[Xx]?"


def mask_text(text: object, shown: Collection[str] = (), names: Collection[str] = ()) -> str:
    """A sentence in which every number of seven digits or more, be it a phone, an account, a device or an
    identity card, however it is written, every one-time code, and each of `names` is masked; what is
    `shown`, hosts, internet addresses, dates, times and sums of money stay.

    >>> mask_text("转给6222021234567890 67,000.50元，电话138 0000 1234，见 a1.example")
    '转给****7890 67,000.50元，电话138****1234，见 a1.example'
    >>> mask_text("接听+00852170990001", {"+00852170990001"})
    '接听+00852170990001'
    >>> mask_text("mobile138.0000_1234 at 2026-11-24 09:30, 张小明的儿子", names=["张小明"])
    'mobile138****1234 at 2026-11-24 09:30, 张**的儿子'
    >>> mask_text("验证码：123456，10分钟内有效"), mask_text("4821 is your verification code")
    ('验证码：******，10分钟内有效', '**** is your verification code')
    """

    def masked(found: re.Match[str]) -> str:
        if code := found["code"] or found["first"]:
            return (found["before"] or "") + "*" * len(code)
        number = found["number"]
        if number is None:
            return found[0]
        compact = "".join(sign for sign in number if sign.isalnum() or sign == "+")
        if compact in shown:
            return number
        is_phone = compact.startswith("+") or len(compact) <= 12
        return mask_number(compact) if is_phone else mask_account(compact)

    spared = "".join(
        rf"(?<![\w+]){re.escape(one)}(?!\w)|(?<=[^\x00-\x7f]){re.escape(one)}(?![A-Za-z0-9])|"
        for one in shown
        if one
    )
    said = re.sub(rf"{spared}{_CODE}|{_LEGIBLE}|(?P<number>{_PERSONAL})", masked, str(text))
    for name in sorted(names, key=len, reverse=True):
        said = said.replace(name, mask_name(name)) if len(name) > 1 else said
    return said
