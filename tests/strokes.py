"""What is sent, changed by a few strokes of three octets each: cheap to draw by the hundred thousand, and few
strokes are left when a failure shrinks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

SOME = st.binary(max_size=12)
"""Up to four strokes."""
_ODD = b"\x00\x01\x3f\x40\x7f\x80\xc0\xff"


def octets(base: bytes, strokes: bytes) -> bytes:
    """The octets after the strokes: set, flipped, put in, taken out, doubled, cut, or an odd value set.

    >>> octets(b"abc", b""), octets(b"abc", bytes((0, 1, 120))), octets(b"abc", bytes((5, 2, 0)))
    (b'abc', b'axc', b'ab')
    """
    whole = bytearray(base)
    for stroke, place, value in _each(strokes):
        at = place * len(whole) // 256 if len(whole) > 256 else place % max(len(whole), 1)
        match stroke % 7:
            case 0:
                whole[at : at + 1] = bytes((value,))
            case 1:
                whole[at : at + 1] = bytes(one ^ 1 << value % 8 for one in whole[at : at + 1])
            case 2:
                whole[at:at] = bytes((value,)) * (1 + stroke % 3)
            case 3:
                del whole[at : at + 1 + value % 4]
            case 4:
                whole[at:at] = whole[at : at + value % 64]
            case 5:
                del whole[at:]
            case _:
                whole[at : at + 1] = _ODD[value % len(_ODD) :][:1]
    return bytes(whole)


def objects(base: Any, strokes: bytes, names: Sequence[str], values: Sequence[Any]) -> Any:
    """What JSON holds, with members of objects and lists replaced, taken out, renamed, moved or put around: a
    copy of the base.
    """
    whole = [_copied(base)]
    for stroke, place, value in _each(strokes):
        inside = list(_inside(whole))
        holder, key = inside[place % len(inside)]
        match stroke % 5:
            case 0:
                holder[key] = _copied(values[value % len(values)])
            case 1 if holder is not whole:
                del holder[key]
            case 2 if isinstance(holder, dict):
                holder[names[value % len(names)]] = holder.pop(key)
            case 3:
                other, there = inside[value % len(inside)]
                holder[key] = _copied(other[there])
            case _:
                holder[key] = [holder[key]] if value % 2 else {names[value % len(names)]: holder[key]}
    return whole[0]


def _each(strokes: bytes) -> Iterator[bytes]:
    return (strokes[at : at + 3] for at in range(0, len(strokes) - 2, 3))


def _inside(found: Any) -> Iterator[tuple[Any, Any]]:
    """Everything that stands in something, and where."""
    for key in list(found) if isinstance(found, dict) else range(len(found)):
        yield found, key
        if isinstance(found[key], dict | list):
            yield from _inside(found[key])


def _copied(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: _copied(one) for name, one in found.items()}
    return [_copied(one) for one in found] if isinstance(found, list) else found
