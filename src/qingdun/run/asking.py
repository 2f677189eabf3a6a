"""One request to somebody's server over HTTP, whole within a time: a server that sends an octet now and then
holds nobody longer than that.
"""

from __future__ import annotations

import http.client
import socket
import urllib.request
from contextlib import suppress
from email.message import Message
from threading import Timer
from typing import Any, NamedTuple
from urllib.error import HTTPError

STEP_S = 10.0
"""How long connecting, or waiting for the next octets, may take."""


class Answer(NamedTuple):
    """What a server has said."""

    status: int
    headers: Message
    body: bytes
    """No more than was asked for."""


def ask(request: urllib.request.Request, within_s: float, most: int = 0) -> Answer:
    """The server's answer, whatever its status, with at most so many octets of its body; no redirect is
    followed. Errors: OSError, TimeoutError among them; ValueError; HTTPException.
    """
    line = _Line()
    timer = Timer(within_s, line.cut)
    timer.daemon = True
    timer.start()
    opener = urllib.request.build_opener(_NoRedirects, _Plain(line), _Secure(line))
    late = TimeoutError(f"no whole answer within {within_s:g} s")
    try:
        answer = _asked(opener, request, min(STEP_S, within_s), most)
    except (OSError, ValueError, http.client.HTTPException) as error:
        if line.is_cut:
            raise late from error
        raise
    finally:
        timer.cancel()
        line.close()
    if line.is_cut:
        # The end of what was cut may look like the end of the answer.
        raise late
    return answer


def _asked(opener: Any, request: urllib.request.Request, step_s: float, most: int) -> Answer:
    try:
        with opener.open(request, timeout=step_s) as found:
            return Answer(found.status, found.headers, found.read(most) if most else b"")
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read(most) if most else b"")


class _Line:
    """The socket below a connection, which can be shut from another thread, in a handshake as well."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.is_cut = False

    def opened(self, *about: Any, **more: Any) -> socket.socket:
        """A connection as the standard library makes one."""
        made = socket.create_connection(*about, **more)
        self._socket = made.dup()
        if self.is_cut:
            self.cut()
        return made

    def cut(self) -> None:
        """Whoever waits for octets has the end of them."""
        self.is_cut = True
        self.close()

    def close(self) -> None:
        """Nothing is open."""
        line, self._socket = self._socket, None
        if line is not None:
            with suppress(OSError):
                if self.is_cut:
                    line.shutdown(socket.SHUT_RDWR)
            line.close()


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def http_open(self, request: urllib.request.Request) -> Any:
        """The answer over a line that can be cut."""
        return self.do_open(_over(http.client.HTTPConnection, self._line), request)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def https_open(self, request: urllib.request.Request) -> Any:
        """The answer over a line that can be cut."""
        return self.do_open(_over(http.client.HTTPSConnection, self._line), request)


def _over(kind: type[http.client.HTTPConnection], line: _Line) -> Any:
    def made(*about: Any, **more: Any) -> http.client.HTTPConnection:
        connection: Any = kind(*about, **more)
        connection._create_connection = line.opened
        return connection  # type: ignore[no-any-return]

    return made


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What is sent goes where it was meant to go and nowhere else."""

    def redirect_request(self, *_about: Any) -> None:
        """None is followed: the answer is its status."""
