"""How a name is disguised: letters of other alphabets, digits for letters, a letter too many or too few."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

_ALIKE = str.maketrans(
    dict(
        zip(
            "асеорхуіјѕһԁԛԝвкмтнгпѵӏґзɡɑıłøđħæœαβγεικνορτυχωϲßʀʟɴᴏꜱᴄᴠᴡᴢƖǀ",
            "aceopxyijshdqwbkmthrnvlrzgailodhaoabyeikvoptuxwcbrlnoscvwzll",
            strict=True,
        )
    )
)
"""Letters of other alphabets that a reader takes for these; accents go by decomposition."""
_SKELETON = str.maketrans("01345678926qi", "oleasbtbgzbgl")
_NUMERAL = str.maketrans("oilzsb", "011258")
_INITIALS = "b p m f d t n l g k h j q x r z c s y w zh ch sh"
_FINALS = (
    "a o e i u v ai ao an ang ong ei eng er en ou ia iao ian iang ie in ing iong iu ua uai uan uang ue ui "
    "un uo"
)
PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
"""Of letters that look like one."""


def plain(label: str) -> str:
    """The label as a reader takes it: punycode read, foreign look-alike letters as Latin ones.

    >>> plain("xn--80ak6aa92e"), plain("ｉｃｂｃ"), plain("工商银行"), plain("icbc")
    ('apple', 'icbc', '工商银行', 'icbc')
    """
    if label.startswith("xn--"):
        try:
            label = label[4:].encode("ascii").decode("punycode")
        except UnicodeError:
            return label
    if label.isascii():
        return label
    folded = unicodedata.normalize("NFKD", label).lower()
    return "".join(c for c in folded if unicodedata.category(c) != "Mn").translate(_ALIKE)


def skeleton(word: str) -> str:
    """The word with letters and digits that look alike made one; as long as it was.

    >>> skeleton("1cbc") == skeleton("lcbc") == skeleton("icbc"), skeleton("l0086") == skeleton("10086")
    (True, True)
    """
    return word.translate(_SKELETON)


def numeral(word: str) -> str:
    """The word with letters that look like digits made digits.

    >>> numeral("l0o86")
    '10086'
    """
    return word.translate(_NUMERAL)


def is_pinyin(word: str) -> bool:
    """Whether the word can be read as syllables of Chinese in Latin letters.

    >>> [is_pinyin(word) for word in ("zhaoshang", "jianshe", "paypal", "xkqwz")]
    [True, True, False, False]
    """
    table, state = pinyin(), 1
    for letter in word:
        state = int(table[state, ord(letter) - ord("a") + 1]) if "a" <= letter <= "z" else 0
    return bool(table[state, 0])


@cache
def pinyin() -> npt.NDArray[np.int16]:
    """The automaton that reads syllables: state × letter from 1 → state; whether one may end there in column
    0. It begins in state 1; from state 0 nothing leads."""
    initials = ["", *_INITIALS.split()]
    syllables = {initial + final for initial in initials for final in _FINALS.split()}
    begun = {syllable[:end] for syllable in syllables for end in range(1, len(syllable) + 1)}
    # A state is what may have been read of the syllable at hand, "" where one may have ended.
    states: list[frozenset[str]] = [frozenset(), frozenset({"^"})]
    rows: list[list[int]] = []
    for state in states:
        row = [int("" in state)]
        for letter in "abcdefghijklmnopqrstuvwxyz":
            read = {part.strip("^") + letter for part in state} & begun
            after = frozenset(read | ({""} if read & syllables else set()))
            if after not in states:
                states.append(after)
            row.append(states.index(after))
        rows.append(row)
    return np.array(rows, np.int16)


def merged(label: str) -> str:
    """The label with pairs of letters that look like one made that one.

    >>> merged("rneituan"), merged("vveixin")
    ('meituan', 'weixin')
    """
    for pair, letter in PAIRS:
        label = label.replace(pair, letter)
    return label


def is_slip(word: str, name: str) -> bool:
    """Whether the two differ by one letter put in, left out or changed, or by two neighbours swapped.

    >>> [is_slip(word, "taobao") for word in ("taobaao", "tabao", "toabao", "taobeo", "taobao", "tobeao")]
    [True, True, True, True, False, False]
    """
    if len(word) > len(name):
        word, name = name, word
    if len(name) - len(word) > 1 or word == name:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), len(word))
    if len(word) < len(name):
        return word[at:] == name[at + 1 :]
    swapped = word[at : at + 2] == name[at : at + 2][::-1] and word[at + 2 :] == name[at + 2 :]
    return swapped or word[at + 1 :] == name[at + 1 :]


def is_stutter(word: str, name: str) -> bool:
    """Whether the two differ by a letter said twice or by two neighbours swapped: slips that make no other
    word.

    >>> [is_stutter(word, "taobao") for word in ("taobaao", "toabao", "tabao", "taobeo")]
    [True, True, False, False]
    """
    if not is_slip(word, name):
        return False
    if len(word) == len(name):
        return sorted(word) == sorted(name)
    long, short = (word, name) if len(word) > len(name) else (name, word)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return at > 0 and long[at] == long[at - 1]


def cuts(word: str) -> list[str]:
    """The word with each letter left out once."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]
