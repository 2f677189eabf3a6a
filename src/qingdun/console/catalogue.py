"""The messages of a part and their catalogue: `python -m qingdun.console.catalogue` brings every catalogue
up to date.

Messages are written in English in the code; `locale/zh_Hans/LC_MESSAGES/django.po` of a part holds the
Chinese. No gettext tools are needed. New messages come out untranslated, which a test refuses.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
PARTS: dict[Path, tuple[Path, ...]] = {
    HERE: (HERE / "kernel", *HERE.glob("*.py")),
    HERE / "alerts": (HERE / "alerts",),
    HERE / "lists": (HERE / "lists",),
    HERE / "care": (HERE / "care",),
    HERE / "cases": (HERE / "cases",),
    HERE / "funds": (HERE / "funds",),
    HERE / "measures": (HERE / "measures",),
    HERE / "whistles": (HERE / "whistles",),
    HERE / "sms": (HERE / "sms",),
    HERE / "duty": (HERE / "duty",),
    HERE / "visits": (HERE / "visits",),
    HERE / "whereabouts": (HERE / "whereabouts",),
    HERE / "offers": (HERE / "offers",),
    HERE / "industry": (HERE / "industry",),
    HERE / "outreach": (HERE / "outreach",),
    HERE / "assessment": (HERE / "assessment",),
    HERE / "bulletin": (HERE / "bulletin",),
    HERE / "supervision": (HERE / "supervision",),
    HERE / "command": (HERE / "command",),
    HERE / "exchange": (HERE / "exchange",),
}
"""Folder of a catalogue, and where its messages stand."""
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
}


class Message(NamedTuple):
    """English words as the code holds them. The context tells apart what is one word in English alone."""

    text: str
    plural: str = ""
    context: str = ""

    @property
    def id(self) -> str | tuple[str, str]:
        """As catalogues name it."""
        return (self.text, self.plural) if self.plural else self.text


def catalogue_path(part: Path) -> Path:
    """Where the part's Chinese is."""
    return part / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def read(part: Path) -> Catalog:
    """The part's catalogue; empty if there is none yet."""
    path = catalogue_path(part)
    if not path.exists():
        return Catalog(locale="zh_Hans")
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def messages(part: Path) -> dict[Message, list[str]]:
    """Every message of the part, with the files it stands in. Django must be set up."""
    found: dict[Message, list[str]] = {}
    for source in PARTS[part]:
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.suffix not in (".py", ".html") or "migrations" in path.parts:
                continue
            for message in _of_python(path) if path.suffix == ".py" else _of_template(path):
                found.setdefault(message, []).append(path.relative_to(HERE).as_posix())
    return found


def update(part: Path) -> int:
    """The catalogue holds exactly the messages in use; how many still lack their Chinese is returned."""
    old, new = (
        read(part),
        Catalog(
            locale="zh_Hans",
            project="Qingdun",
            header_comment="# The Chinese of this part of Qingdun.",
            fuzzy=False,
        ),
    )
    missing = 0
    for message, places in sorted(
        messages(part).items(), key=lambda item: (str(item[0].id), item[0].context)
    ):
        known = old.get(message.text, message.context or None)
        translated = known.string if known is not None else ""
        missing += not translated
        new.add(
            message.id,
            translated,
            locations=[(place, 0) for place in sorted(set(places))],
            flags=_flags(message),
            context=message.context or None,
        )
    path = catalogue_path(part)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, new, width=0, omit_header=False, include_lineno=False)
    # Dates and names of nobody say nothing and would make every run a change.
    drop = ("-Date:", "Last-Translator", "Language-Team", "Report-Msgid", "Project-Id", "Generated-By")
    lines = [line for line in path.read_text("utf-8").split("\n") if not any(word in line for word in drop)]
    path.write_text("\n".join(lines), "utf-8")
    return missing


def _flags(message: Message) -> set[str]:
    return {"python-format"} if "%(" in message.text + message.plural else set()


def _of_python(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        for _line, found, _comments, context in extract("python", file, keywords=KEYWORDS):
            text, plural = found[:2] if isinstance(found, tuple) else (found, "")
            yield Message(text, plural, context or "")


def _of_template(path: Path) -> Iterator[Message]:
    from django.template import Engine
    from django.template.base import NodeList
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    nodes: NodeList = Engine.get_default().from_string(path.read_text("utf-8")).nodelist
    node: Any
    for node in nodes.get_nodes_by_type(TranslateNode):
        context = node.message_context.var if node.message_context else ""
        yield Message(node.filter_expression.var.literal, context=str(context))
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        singular, _variables = node.render_token_list(node.singular)
        singular = singular.strip() if node.trimmed else singular
        plural = node.render_token_list(node.plural)[0] if node.plural else ""
        context = node.message_context.var if node.message_context else ""
        yield Message(singular, plural, str(context))


def main() -> int:
    """Every catalogue is up to date; the exit code says whether all of it is translated."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingdun.console.settings")
    os.environ.setdefault("QINGDUN_DEMO", "1")
    django.setup()
    missing = 0
    for part in PARTS:
        lacking = update(part)
        missing += lacking
        sys.stdout.write(f"{catalogue_path(part).relative_to(HERE)}: {lacking} untranslated\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
