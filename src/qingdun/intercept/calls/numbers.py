"""From what a SIP header presents to a number as lists and flows write it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from qingdun.intercept.never import dialled, is_emergency, service

HOME = "+86"
_SEPARATORS = str.maketrans("", "", "-.() ")
_DIGITS = frozenset("0123456789")
_TELEPHONE = _DIGITS | {"*", "#"}
_MOBILE_DIGITS, _LONGEST = 11, 24
_SHORT = 6
"""Digits of the longest short code; a longer run of bare digits is a subscriber's or another country's."""
_AREA = range(10, 13)
"""Digits of a domestic number with its area code, the nought included."""


class Number(NamedTuple):
    """A number, once as it was presented and once as lists write it."""

    shown: str
    """The presented characters without separators; empty if none was presented (anonymous, or a name)."""
    e164: str
    """With a plus and the country; the same as `shown` where that cannot be said."""

    @property
    def domestic(self) -> bool:
        """Whether it claims to be at home: +86, a mobile or an area code without a country, a short code.

        >>> [Number.of(one).domestic for one in ("+8613800000000", "02012345678", "110", "+442012345678")]
        [True, True, True, False]
        """
        return self.e164.startswith(HOME) or (0 < len(self.e164) <= _SHORT and self.e164.isdecimal())

    @property
    def foreign(self) -> bool:
        """Whether it names another country."""
        return self.e164.startswith("+") and not self.e164.startswith(HOME)

    @classmethod
    def of(cls, shown: str) -> Number:
        """The number of those characters.

        >>> [Number.of(one).e164 for one in ("008613800000000", "8613800000000", "13800000000")]
        ['+8613800000000', '+8613800000000', '+8613800000000']
        >>> [Number.of(one).e164 for one in ("020-1234 5678", "0044 20 1234 5678", "+0044201", "95588")]
        ['+862012345678', '+442012345678', '+44201', '95588']
        """
        plain = shown.translate(_SEPARATORS)
        digits = plain.removeprefix("+")
        if not digits or len(plain) > _LONGEST or not _TELEPHONE.issuperset(digits):
            return NOBODY
        if not _DIGITS.issuperset(digits):
            return cls(plain, plain)
        if digits.startswith("00"):
            return cls(plain, "+" + (digits.lstrip("0") or "0"))
        if plain.startswith("+"):
            return cls(plain, plain)
        if _is_mobile(digits):
            return cls(plain, HOME + digits)
        if digits.startswith("86") and _is_mobile(digits[2:]):
            return cls(plain, "+" + digits)
        if digits.startswith("0") and len(digits) in _AREA:
            return cls(plain, HOME + digits[1:])
        return cls(plain, plain)


_HELP = {"fire": "119", "ambulance": "120"}
"""By the kind of emergency that a URN names (RFC 5031); whatever else it names, the police hears of it."""

NOBODY = Number("", "")
"""No number: anonymous, a name, or nothing at all."""


def presented(header: str) -> Number:
    """The number that a From, P-Asserted-Identity or Remote-Party-ID names: of its first address, SIP or tel.

    >>> presented('"Bank, Ltd." <sip:+8613800000000@gw.example;user=phone>;tag=1').e164
    '+8613800000000'
    >>> presented("<tel:2012345678;phone-context=+86>").e164, presented("sip:anonymous@anonymous.invalid")
    ('+862012345678', Number(shown='', e164=''))
    """
    return of_uri(address(header))


def address(header: str) -> str:
    """The URI of the first address in the header; empty if there is none."""
    begin = _after_name(header)
    if begin < 0:
        # Without brackets parameters are the header's and not the URI's (RFC 3261, 20.10).
        return header.partition(";")[0].partition(",")[0].strip()
    end = header.find(">", begin)
    return header[begin:end].strip() if end > 0 else ""


def of_uri(uri: str) -> Number:
    """The number in the URI; nobody if it holds none."""
    scheme, _, rest = uri.partition(":")
    scheme = scheme.lower()
    if scheme in ("sip", "sips"):
        user, at, _ = rest.rpartition("@")
        return _of_user(user.partition(":")[0]) if at else NOBODY
    return _of_user(rest) if scheme == "tel" else NOBODY


def emergency(uri: str) -> str:
    """The number under which the police, the fire brigade or an ambulance is called, if the URI calls them;
    empty if it calls anybody else.

    >>> [emergency(one) for one in ("sip:110@h;user=phone", "tel:120;phone-context=+86", "sip:+86119@h")]
    ['110', '120', '119']
    >>> emergency("urn:service:sos"), emergency("urn:service:sos.country-specific.cn.122")
    ('110', '122')
    >>> emergency("sip:+8613800000110@h")
    ''
    """
    scheme, _, rest = uri.partition(":")
    if scheme.lower() == "urn":
        kinds = rest.lower().split(".")
        if kinds[0] != "service:sos":
            return ""
        return kinds[-1] if is_emergency(kinds[-1]) else _HELP.get(kinds[-1], "110")
    number = of_uri(uri).shown
    return dialled(number) if is_emergency(number) else ""


def _of_user(user: str) -> Number:
    number, _, parameters = user.partition(";")
    if "%" in number:
        number = unquote(number)
    if parameters and not number.startswith("+"):
        for one in parameters.split(";"):
            name, _, value = one.partition("=")
            if name.lower() == "phone-context" and value.startswith("+"):
                # A short code is dialled without the country: +8695588 would be somebody else.
                at_home = value.startswith(HOME) and bool(service(number.translate(_SEPARATORS)))
                number = number if at_home else value + number
                break
    return Number.of(number)


def _after_name(header: str) -> int:
    """Where the URI in brackets begins; -1 if there is none. A name in quotes may hold brackets itself."""
    at, quoted = 0, header.find('"')
    bracket = header.find("<")
    while 0 <= quoted < bracket:
        at = quoted + 1
        while at < len(header) and header[at] != '"':
            at += 2 if header[at] == "\\" else 1
        quoted = header.find('"', at + 1)
        if bracket <= at:
            bracket = header.find("<", at + 1)
    return bracket + 1 if bracket >= 0 else -1


def _is_mobile(digits: str) -> bool:
    return len(digits) == _MOBILE_DIGITS and digits[0] == "1" and "3" <= digits[1] <= "9"
