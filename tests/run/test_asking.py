"""One request to somebody's server, whole within a time."""

from __future__ import annotations

import itertools
import socket
import threading
import urllib.request
from collections.abc import Iterator

import pytest

from qingdun.run.asking import ask

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n"
DRIPS = {
    "head": ("http", itertools.chain([HEAD], itertools.repeat(b"X-More: y\r\n"))),
    "body": ("http", itertools.chain([HEAD + b"\r\n"], itertools.repeat(b"x"))),
    "chunk": ("http", itertools.chain([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
                                      itertools.repeat(b"0"))),
    "handshake": ("https", itertools.chain([b"\x16\x03\x03\x40\x00"], itertools.repeat(b"\x02"))),
}  # fmt: skip


@pytest.fixture
def dripping(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that has taken the request and answers an octet now and then, for ever."""
    scheme, drops = DRIPS[request.param]
    served = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def drip() -> None:
        line, _who = served.accept()
        with line:
            line.recv(65_536)
            try:
                for drop in drops:
                    line.sendall(drop)
                    if ended.wait(0.05):
                        return
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    yield f"{scheme}://127.0.0.1:{served.getsockname()[1]}/"
    ended.set()
    thread.join()
    served.close()


@pytest.mark.parametrize("dripping", sorted(DRIPS), indirect=True)
def test_whoever_drips_holds_nobody(dripping: str) -> None:
    with pytest.raises(TimeoutError, match=r"no whole answer within 0\.4 s"):
        ask(urllib.request.Request(dripping), 0.4, 1000)
