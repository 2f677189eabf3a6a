"""Scenarios of sipp, and requests as they go over the line."""

from __future__ import annotations

CALLEE = """<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="callee">
<recv request="INVITE" rrs="true"></recv>
<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]s[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:callee@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 40002 RTP/AVP 8

]]></send>
<recv request="ACK"></recv>
<recv request="BYE"></recv>
<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""
"""Takes every call, and is hung up."""

_INVITE = """<send retrans="500"><![CDATA[

INVITE sip:+8675730000001@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
Max-Forwards: 70
From: <sip:[caller]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:+8675730000001@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[local_ip]:[local_port]>
{headers}Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 40000 RTP/AVP 8

]]></send>
"""
_WITHIN = """<send{retrans}><![CDATA[

{method} {to} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
{routes}Max-Forwards: 70
From: <sip:[caller]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:+8675730000001@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: {cseq}
Content-Length: 0

]]></send>
"""
_OK = """<send><![CDATA[

SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""


def passes(headers: str = "", rings_ms: int = 0, hung_up: bool = False) -> str:
    """The call is taken; it is hung up after that time, or (`hung_up`) waits to be."""
    end = (
        f'<recv request="BYE"></recv>\n{_OK.format(status="200 OK")}'
        if hung_up
        else f'<pause milliseconds="{rings_ms}"/>\n'
        + _within("BYE", "2 BYE", ' retrans="500"')
        + '<recv response="200"></recv>\n'
    )
    return _scenario(
        _INVITE.format(headers=headers)
        + '<recv response="100" optional="true"></recv>\n<recv response="180" optional="true"></recv>\n'
        + '<recv response="200" rrs="true" rtd="true"></recv>\n'
        + _within("ACK", "1 ACK")
        + end
    )


def held() -> str:
    """The call is taken, held by a re-INVITE within it, and hung up."""
    return _scenario(
        _INVITE.format(headers="")
        + '<recv response="100" optional="true"></recv>\n<recv response="200" rrs="true"></recv>\n'
        + _within("ACK", "1 ACK")
        + _within("INVITE", "2 INVITE", ' retrans="500"')
        + '<recv response="100" optional="true"></recv>\n<recv response="200" rtd="true"></recv>\n'
        + _within("ACK", "2 ACK")
        + _within("BYE", "3 BYE", ' retrans="500"')
        + '<recv response="200"></recv>\n'
    )


def refused(status: int, headers: str = "", says: str = "") -> str:
    """The call is refused so, and the answer holds the header line."""
    check = f'<action><ereg regexp="{says}" search_in="msg" check_it="true" assign_to="1"/></action>'
    return _scenario(
        _INVITE.format(headers=headers)
        + '<recv response="100" optional="true"></recv>\n'
        + f'<recv response="{status}" rtd="true">{check if says else ""}</recv>\n'
        + _WITHIN.format(
            retrans="",
            method="ACK",
            to="sip:+8675730000001@[remote_ip]:[remote_port]",
            routes="",
            cseq="1 ACK",
        ).replace("[branch]", "[branch-3]" if status else "[branch]")
        + ('<Reference variables="1"/>\n' if says else "")
    )


HELD = CALLEE.replace(
    '<recv request="BYE"></recv>',
    '<recv request="INVITE"></recv>\n'
    + _OK.format(status="200 OK").replace(
        "Content-Length", "Contact: <sip:callee@[local_ip]:[local_port]>\nContent-Length"
    )
    + '<recv request="ACK"></recv>\n<recv request="BYE"></recv>',
)
"""Takes a call, is held, and hung up."""

REFERRED = (
    CALLEE.partition('<recv request="BYE">')[0]
    + '<recv request="REFER"><action><ereg regexp="Refer-To: .*announcement" search_in="msg" '
    'check_it="true" assign_to="1"/></action></recv>\n'
    + _OK.format(status="202 Accepted")
    + '<recv request="BYE"></recv>\n'
    + _OK.format(status="200 OK")
    + '<Reference variables="1"/>\n</scenario>\n'
)
"""Takes a call, is sent to the announcement, and then hung up."""


def options() -> bytes:
    """Asks what the server can do."""
    return request("OPTIONS")


def request(
    method: str = "INVITE",
    caller: str = "<sip:+8613800000001@127.0.0.1>",
    *more: str,
    uri: str = "sip:+8675730000001@127.0.0.1",
    branch: str = "z9hG4bK1",
    call_id: str = "a@127.0.0.1",
    to_tag: str = "",
    body: str = "",
) -> bytes:
    """A request as it goes over the line."""
    lines = (
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:5062;branch={branch};rport",
        "Max-Forwards: 70",
        f"From: {caller};tag=1",
        f"To: <{uri}>{to_tag and ';tag=' + to_tag}",
        f"Call-ID: {call_id}",
        f"CSeq: 1 {method}",
        *more,
        f"Content-Length: {len(body)}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _within(method: str, cseq: str, retrans: str = "") -> str:
    return _WITHIN.format(retrans=retrans, method=method, to="[next_url]", routes="[routes]\n", cseq=cseq)


def _scenario(body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="calls">\n{body}</scenario>\n'
