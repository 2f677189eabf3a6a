"""Every detector, in the order in which they see an event."""

from __future__ import annotations

import inspect
import re
import sys

from qingdun.detect.detectors.call_fanout import Fanout
from qingdun.detect.detectors.call_hung_up import HungUp
from qingdun.detect.detectors.call_live_long import LiveLong
from qingdun.detect.detectors.call_official import Official
from qingdun.detect.detectors.call_paired_lines import PairedLines
from qingdun.detect.detectors.call_refused_others import RefusedOthers
from qingdun.detect.detectors.call_shared_device import SharedDevice
from qingdun.detect.detectors.call_shared_place import SharedPlace
from qingdun.detect.detectors.call_spoofed import Spoofed
from qingdun.detect.detectors.call_suspect_contact import SuspectContact
from qingdun.detect.detectors.contact_busy import ContactBusy
from qingdun.detect.detectors.message_bulk import Bulk
from qingdun.detect.detectors.message_code_at_site import CodeAtSite
from qingdun.detect.detectors.message_code_in_call import CodeInCall
from qingdun.detect.detectors.message_scam_text import ScamText
from qingdun.detect.detectors.message_suspect_sender import SuspectSender
from qingdun.detect.detectors.person_cluster import Cluster
from qingdun.detect.detectors.person_shared_contact import SharedContact
from qingdun.detect.detectors.transfer_after_rare_site import AfterRareSite
from qingdun.detect.detectors.transfer_consolidation import Consolidation
from qingdun.detect.detectors.transfer_first_payee import FirstPayee
from qingdun.detect.detectors.transfer_inflow_at_site import InflowAtSite
from qingdun.detect.detectors.transfer_layer import Layer
from qingdun.detect.detectors.transfer_mule import Mule
from qingdun.detect.detectors.transfer_shared_device import SharedDevice as SharedPayingDevice
from qingdun.detect.detectors.transfer_small_inflow import SmallInflow
from qingdun.detect.detectors.transfer_suspect_payee import SuspectPayee
from qingdun.detect.detectors.visit_after_chat import AfterChat
from qingdun.detect.detectors.visit_after_contact import AfterContact
from qingdun.detect.detectors.visit_after_lure import AfterLure
from qingdun.detect.detectors.visit_bank_in_call import BankInCall
from qingdun.detect.detectors.visit_listed_host import ListedHost
from qingdun.detect.detectors.visit_new_site import NewSite
from qingdun.detect.detectors.visit_screen_share_in_call import ScreenShareInCall
from qingdun.detect.detectors.visit_sent_site import SentSite
from qingdun.detect.detectors.visit_suspect_host import SuspectHost
from qingdun.detect.pattern import Pattern
from qingdun.detect.view import Detector
from qingdun.detect.weights import Weights

_HEADING = re.compile(r"^((?:What|Why|Who|Source)[^:]*:)(.*)$")

CATALOGUE: tuple[type[Pattern], ...] = (
    Fanout,
    SharedDevice,
    SharedPlace,
    PairedLines,
    SuspectContact,
    Spoofed,
    LiveLong,
    RefusedOthers,
    Official,
    HungUp,
    ContactBusy,
    Bulk,
    ScamText,
    SuspectSender,
    CodeInCall,
    CodeAtSite,
    ListedHost,
    SuspectHost,
    ScreenShareInCall,
    BankInCall,
    AfterContact,
    NewSite,
    SentSite,
    AfterChat,
    AfterLure,
    Mule,
    SharedPayingDevice,
    Layer,
    SmallInflow,
    InflowAtSite,
    Consolidation,
    AfterRareSite,
    FirstPayee,
    SuspectPayee,
    Cluster,
    # Last, because it looks at the evidence the others have brought.
    SharedContact,
)


def describe() -> str:
    """The detectors as a page of the documentation, from the docstrings of their files."""
    parts = [
        "# Detectors",
        "",
        "Drawn by `python -m qingdun.detect.catalogue` from the docstrings of the detectors; change those.",
        "",
    ]
    for kind in CATALOGUE:
        doc = inspect.getdoc(inspect.getmodule(kind)) or ""
        title, _, rest = doc.partition("\n\n")
        parts += [f"## `{kind.code}`", "", title, ""]
        for line in rest.splitlines():
            heading = _HEADING.match(line)
            parts.append(f"- **{heading[1]}**{heading[2]}" if heading else f"  {line}")
        parts.append("")
    return "\n".join(parts)


def build_detectors(weights: Weights) -> list[Detector]:
    """One fresh detector of each kind."""
    return [kind(weights) for kind in CATALOGUE]


if __name__ == "__main__":
    sys.stdout.write(describe())
