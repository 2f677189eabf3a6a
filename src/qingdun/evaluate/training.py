"""Every model that `qingdun train` can make, in one list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qingdun.contract.progress import Told
from qingdun.evaluate.training_accounts import train_accounts
from qingdun.evaluate.training_card import ModelCard
from qingdun.evaluate.training_sites import train_sites
from qingdun.evaluate.training_tables import train_callers
from qingdun.evaluate.training_texts import train_dialogues, train_messages

TRAINERS: dict[str, Callable[[Path, Path, Told], ModelCard]] = {
    "messages": train_messages,
    "dialogues": train_dialogues,
    "sites": train_sites,
    "callers": train_callers,
    "accounts": train_accounts,
}
"""Kind → (folder of data, folder of the model, whoever is told) → card; model and card are in the folder."""

SHIPPED = {
    "messages": "detect/text",
    "dialogues": "detect/text",
    "sites": "detect/sites",
    "callers": "evaluate/models",
    "accounts": "evaluate/models",
}
"""Kind → where in the package the shipped model lies."""
