"""A broker that speaks Kafka on the loopback address, in a process of its own: the one librdkafka brings.

It keeps groups, offsets and rebalances over real connections. It can go down, which closes its connections
and refuses new ones, and come up again with all it had; it keeps nothing on disk, so a broker that is killed
has lost everything, and has no replicas.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_PROGRAM = """
import ctypes, pathlib, sys
import confluent_kafka
folder = pathlib.Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
lib = ctypes.CDLL(str(next(folder.glob("librdkafka*"))))
for name in ("conf_new", "new", "mock_cluster_new", "mock_cluster_bootstraps"):
    getattr(lib, "rd_kafka_" + name).restype = ctypes.c_void_p
said = ctypes.create_string_buffer(512)
conf = ctypes.c_void_p(lib.rd_kafka_conf_new())
lib.rd_kafka_conf_set(conf, b"log_level", b"0", said, 512)
client = lib.rd_kafka_new(0, conf, said, 512)
cluster = ctypes.c_void_p(lib.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), 1))
print(ctypes.string_at(lib.rd_kafka_mock_cluster_bootstraps(cluster)).decode(), flush=True)
moves = {
    "down": lambda: lib.rd_kafka_mock_broker_set_down(cluster, 1),
    "up": lambda: lib.rd_kafka_mock_broker_set_up(cluster, 1),
    "fence": lambda: lib.rd_kafka_mock_push_request_errors(cluster, 0, 1, 45) or 0,
    "unsure": lambda: lib.rd_kafka_mock_push_request_errors(cluster, 9, 1, 16) or 0,
    "refuse10": lambda: lib.rd_kafka_mock_push_request_errors(cluster, 0, 2, 10, 10) or 0,
    "refuse_then_slow": lambda: lib.rd_kafka_mock_broker_push_request_error_rtts(
        cluster, 1, 0, 2, 10, 0, 0, 1500
    ),
    "refuse18": lambda: lib.rd_kafka_mock_push_request_errors(cluster, 0, 2, 18, 18) or 0,
}
for line in sys.stdin:
    print(moves[line.strip()](), flush=True)
"""


class Broker:
    """Its process. A topic that is spoken of has four partitions."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.address = self._read()

    def down(self) -> None:
        """Connections are closed, and new ones refused."""
        self._move("down")

    def up(self) -> None:
        """It answers again."""
        self._move("up")

    def fence(self) -> None:
        """It has lost the thread: the next messages are refused (OUT_OF_ORDER_SEQUENCE_NUMBER)."""
        self._move("fence")

    def unsure(self) -> None:
        """Whoever asks next what a group has committed is told to ask somebody else (NOT_COORDINATOR)."""
        self._move("unsure")

    def refuse(self, code: int) -> None:
        """The next two batches are larger than it takes (10, MESSAGE_TOO_LARGE) or than a segment of its log
        (18, RECORD_LIST_TOO_LARGE); it does not look itself."""
        self._move(f"refuse{code}")

    def refuse_then_slow(self) -> None:
        """The next batch is larger than it takes (10), and that the one after stands it says late."""
        self._move("refuse_then_slow")

    def kill(self) -> None:
        """The process is gone, and all it knew."""
        self._process.kill()
        self._process.communicate()

    def _move(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        assert self._read() == "0"

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def broker() -> Iterator[Broker]:
    """A broker that is killed in the end."""
    one = Broker()
    try:
        yield one
    finally:
        one.kill()
