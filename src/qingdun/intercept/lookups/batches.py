"""Datagrams taken and sent many at a time, by two calls of Linux that Python's own sockets do not have
(recvmmsg, sendmmsg). Where they are missing, `datagrams` carries one at a time.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

AT_ONCE: Final = 64
"""Datagrams that are taken, and answered, before anything else has its turn."""
_ROOM: Final = 2048
"""Octets for each of them, and for each answer."""
_LIBC: Final[Any] = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_DO_NOT_WAIT: Final = int(getattr(socket, "MSG_DONTWAIT", 0))
_FULL: Final = (errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM)


class _Part(ctypes.Structure):
    """`struct iovec`."""

    _fields_ = (("at", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """`struct msghdr`."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("parts", ctypes.c_void_p),
        ("parts_length", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Counted(ctypes.Structure):
    """`struct mmsghdr`."""

    _fields_ = (("message", _Message), ("length", ctypes.c_uint32))


def possible() -> bool:
    """Whether this machine has both calls, in the form that is known here, and lets them be made."""
    known = hasattr(_LIBC, "recvmmsg") and hasattr(_LIBC, "sendmmsg")
    return known and (ctypes.sizeof(ctypes.c_void_p), ctypes.sizeof(_Counted)) == (8, 64) and _are_let()


class _Row:
    """Room for so many datagrams, as the calls want it. Nothing of it ever moves."""

    def __init__(self, names: ctypes.Array[ctypes.c_char], name_length: int) -> None:
        self._room = ctypes.create_string_buffer(AT_ONCE * _ROOM)
        self._parts = (_Part * AT_ONCE)()
        self._messages = (_Counted * AT_ONCE)()
        room, first = ctypes.addressof(self._room), ctypes.addressof(names)
        for place, part in enumerate(self._parts):
            part.at, part.length = room + place * _ROOM, _ROOM
            message = self._messages[place].message
            message.name, message.name_length = first + place * name_length, name_length
            message.parts, message.parts_length = ctypes.addressof(part), 1
        self.octets = memoryview(self._room).cast("B")
        self.words = memoryview(self._messages).cast("B").cast("I")
        """Of the heads; the fifteenth of each sixteen says how long the datagram is that came."""
        self.places = memoryview(self._messages).cast("B").cast("Q")
        """The first of each eight says where the address stands."""
        self.lengths = memoryview(self._parts).cast("B").cast("Q")
        """The second of each two says how long the datagram is that goes."""

    def at(self, place: int) -> ctypes.c_void_p:
        """Where the heads from there on stand."""
        return ctypes.c_void_p(ctypes.addressof(self._messages) + place * ctypes.sizeof(_Counted))


def _are_let() -> bool:
    """Whether the kernel takes both: a sandbox may forbid what the library has, and nothing would come."""
    row = _Row(ctypes.create_string_buffer(AT_ONCE * 16), 16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        come = _LIBC.recvmmsg(line.fileno(), row.at(0), 1, _DO_NOT_WAIT, None)
        why = ctypes.get_errno()
        gone = _LIBC.sendmmsg(line.fileno(), row.at(0), 0, 0)
    return (come, why, gone) == (-1, errno.EAGAIN, 0)


class Batches:
    """A socket whose datagrams are answered."""

    def __init__(self, line: socket.socket, answer: Callable[[bytes, bytes], bytes | None]) -> None:
        """`answer`: that to a datagram from the address, as octets; None: none."""
        self._line, self._answer = line, answer
        # Octets of a socket's address, and where in it the host's stands (sockaddr_in, sockaddr_in6).
        self._name, *self._host = (16, 4, 8) if line.family == socket.AF_INET else (28, 8, 24)
        self._names = ctypes.create_string_buffer(AT_ONCE * self._name)
        self._addresses = memoryview(self._names).cast("B")
        self._come, self._go = _Row(self._names, self._name), _Row(self._names, self._name)
        self._first = ctypes.addressof(self._names)

    def turn(self) -> None:
        """What has come is answered, so many at most; to be called while something has."""
        count = _LIBC.recvmmsg(self._line.fileno(), self._come.at(0), AT_ONCE, _DO_NOT_WAIT, None)
        if count <= 0:
            return
        come, go, name = self._come, self._go, self._name
        octets = bytes(come.octets[: count * _ROOM])
        names = bytes(self._addresses[: count * name])
        begin, end = self._host
        hosts = [names[at + begin : at + end] for at in range(0, count * name, name)]
        going = 0
        for place, length in enumerate(come.words[14 : count * 16 : 16].tolist()):
            begin = place * _ROOM
            answer = self._answer(octets[begin : begin + length], hosts[place])
            if answer is not None and len(answer) <= _ROOM:
                begin = going * _ROOM
                go.octets[begin : begin + len(answer)] = answer
                go.lengths[2 * going + 1] = len(answer)
                go.places[8 * going] = self._first + place * name
                going += 1
        self._send(going)

    def _send(self, count: int) -> None:
        """They are sent. What finds no room is lost, as datagrams may be: whoever asked asks again."""
        sent = 0
        while sent < count:
            now = _LIBC.sendmmsg(self._line.fileno(), self._go.at(sent), count - sent, _DO_NOT_WAIT)
            if now < 0 and ctypes.get_errno() in _FULL:
                return
            sent += max(now, 1)  # the first of them can go to nobody
