"""A broker that speaks Kafka on the loopback address, in a process of its own: the one librdkafka brings.

It keeps groups, offsets and rebalances over real connections; it keeps nothing on disk, has no replicas and
never falls by itself.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_PROGRAM = """
import sys
import confluent_kafka
producer = confluent_kafka.Producer({"test.mock.num.brokers": 1, "log_level": 0})
found = producer.list_topics(timeout=20).brokers.values()
print(",".join(f"{one.host}:{one.port}" for one in found), flush=True)
sys.stdin.read()
"""


@contextmanager
def broker() -> Iterator[str]:
    """Its address. A topic that is spoken of has four partitions."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()
