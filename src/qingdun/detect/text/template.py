"""The key under which a text is listed: one for all copies of a template that went to a thousand people.

Two copies differ in what a sender fills in (amounts, dates, codes, telephone numbers, links, accounts,
names) and in how a filter is dodged (width, traditional and look-alike characters, invisible ones). What is
left when both are gone is the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from qingdun.detect.text import fold
from qingdun.detect.text.normalise import normalise

SIGNIFICANT: Final = 12
"""A text with fewer characters that nobody filled in has no key [D]: nobody shall block “好的”."""
_PERSON = "某人"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范石廖贾韦付邹孟熊秦邱江尹薛侯雷段史龙陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧温"
)
_FILLED: Final = f"{fold.NUMBER}{fold.PHONE}"
_SPELT = "一二两三四五六七八九十百千万亿零"
# Digits, with the letters of a code and the words of an amount that hang on them; amounts that are spelt out.
# Letters or spelt digits that come to nothing are taken as they are, once: a text may be all of them.
_NUMBERS = re.compile(
    rf"(?<![a-z])[a-z]*+(?:[{_SPELT}]*+[{_FILLED}][a-z{_FILLED}百千万亿]*+)+|[{_SPELT}]++(?=[元块])"
    rf"|([{_SPELT}]++)"
)
_CONTACTS = re.compile(r"(?<=微信|扣扣|信号)[a-z]+")
TITLES: Final = "(?:先生|女士|小姐|太太|同学|老师|师傅)"
_NAME = f"[一-鿿{fold.NUMBER}]"
_ADDRESSED = "(?<=尊敬的|亲爱的)"
PERSONS = re.compile(
    rf"{_ADDRESSED}{_NAME}{{1,4}}?{TITLES}|[{_SURNAMES}]{_NAME}{{0,2}}?{TITLES}"
    rf"|{_ADDRESSED}[{_SURNAMES}]{_NAME}{{1,2}}(?=[，,、：:！!]?[您你])"
)
"""A person who is addressed, with the title if there is one."""
_TITLE = re.compile(rf"{TITLES}$")
_WIPED = re.compile(rf"{_PERSON}|[{_FILLED}{fold.URL}]")


def names(text: str) -> Iterator[tuple[int, int]]:
    """Where the names of persons who are addressed stand, without their titles.

    >>> [*names("尊敬的王小明先生，您的账户异常")]
    [(3, 6)]
    """
    for found in PERSONS.finditer(text):
        yield found.start(), found.start() + len(_TITLE.sub("", found[0]))


def template_key(text: str) -> str:
    """32 hexadecimal digits under which the text and its like are listed; empty if it is too short for a key.

    >>> key = template_key("尊敬的王女士，您的积分12,800分今日到期，请登录 http://a.example 领取现金")
    >>> key == template_key("尊敬的李建国先生，您的积分900分今日到期，請登錄 b-c.example/x 领取現金")
    True
    >>> template_key("好的")
    ''
    """
    left = template(text)
    if len(_WIPED.sub("", left)) < SIGNIFICANT:
        return ""
    return sha256(left.encode("utf-8", "replace")).hexdigest()[:32]


def template(text: str) -> str:
    """What the copies of a text have in common, in its plain spelling.

    >>> template("尊敬的王女士，您尾号8812的卡扣款5万元，详询 a.example/x")
    '尊敬的某人您尾号◇的卡扣款◇元详询◎'
    """
    numbers = _NUMBERS.sub(lambda found: found[1] or fold.NUMBER, normalise(text))
    return PERSONS.sub(_PERSON, _CONTACTS.sub(fold.NUMBER, numbers))
