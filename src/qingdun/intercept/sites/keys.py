"""The key that a name server and we share (TSIG, RFC 8945), in a file that BIND reads as it is."""

from __future__ import annotations

import base64
import os
import re
import secrets
import struct
from pathlib import Path

import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.tsig
from dns.rdtypes.ANY.TSIG import TSIG

from qingdun.errors import ConfigurationError

FUDGE_S = 300
_FORM = re.compile(
    r'key\s+"?([A-Za-z0-9._-]+)"?\s*\{\s*algorithm\s+"?(hmac-sha(?:256|384|512))"?\s*;\s*'
    r'secret\s+"([A-Za-z0-9+/=]+)"\s*;\s*\}\s*;'
)
_TEXT = 'key "{name}" {{\n\talgorithm hmac-sha256;\n\tsecret "{secret}";\n}};\n'


def shared_key(path: Path) -> dns.tsig.Key:
    """The key of the file, which is made if it is not there, for its owner alone.

    Errors: ConfigurationError if the file holds something else.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        secret = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
        made = path.with_suffix(".new")
        with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(_TEXT.format(name="qingdun-sites", secret=secret))
            file.flush()
            os.fsync(file.fileno())
        made.rename(path)
    found = _FORM.search(path.read_text("utf-8", "replace"))
    if found is None:
        raise ConfigurationError(
            f"{path}: found no key, expected one as BIND writes it: "
            'key "name" { algorithm hmac-sha256; secret "…"; };'
        )
    try:
        return dns.tsig.Key(found[1], found[3], f"{found[2]}.")
    except ValueError as error:
        raise ConfigurationError(f"{path}: the secret is not in base 64 ({error})") from error


class Signer:
    """Signs the messages of one answer, each with the one before it (RFC 8945, 5.3.1)."""

    def __init__(
        self,
        key: dns.tsig.Key,
        request_mac: bytes,
        identity: int,
        now: int,
        error: int = 0,
        ours: int | None = None,
    ) -> None:
        """`ours`: the time here, where the request's was too far from it."""
        other = b"" if ours is None else struct.pack("!Q", ours)[2:]
        self._key, self._mac, self._now = key, request_mac, now
        self._blank = TSIG(
            dns.rdataclass.ANY, dns.rdatatype.TSIG, key.algorithm, now, FUDGE_S, b"", identity, error, other
        )
        self._context: object = None

    def sign(self, wire: bytes) -> bytes:
        """The message with its signature."""
        signed, self._context = dns.tsig.sign(
            wire, self._key, self._blank, self._now, self._mac, self._context, True
        )
        return with_signature(wire, self._key.name, signed)


def with_signature(wire: bytes, owner: dns.name.Name, signature: TSIG) -> bytes:
    """The message with that record at its end."""
    data = signature.to_wire()
    assert data is not None
    head = owner.to_wire() or b""
    fields = struct.pack("!HHIH", dns.rdatatype.TSIG, dns.rdataclass.ANY, 0, len(data))
    (count,) = struct.unpack("!H", wire[10:12])
    return wire[:10] + struct.pack("!H", count + 1) + wire[12:] + head + fields + data
