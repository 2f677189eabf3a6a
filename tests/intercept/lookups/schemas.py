"""Whether an answer is as an OpenAPI document says: as much of JSON Schema as ours uses, and no more."""

from __future__ import annotations

import re
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "null": type(None),
}  # fmt: skip
_KNOWN = {
    "type", "required", "additionalProperties", "properties", "items", "enum", "pattern", "format", "minimum",
    "maxLength", "description", "$ref",
}  # fmt: skip


def faults(document: dict[str, Any], schema: dict[str, Any], value: Any, at: str = "answer") -> list[str]:
    """What of the value is not as the schema says."""
    assert schema.keys() <= _KNOWN, f"{at}: {schema.keys() - _KNOWN} is not understood here"
    if reference := schema.get("$ref"):
        return faults(document, referred(document, reference), value, at)
    kinds = schema.get("type", [])
    wanted = [kinds] if isinstance(kinds, str) else kinds
    if wanted and not any(isinstance(value, _TYPES[one]) and value is not True for one in wanted):
        return [f"{at}: {value!r} is no {wanted}"]
    found = []
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{at}: {value!r} is not as {schema['pattern']}")
        if schema.get("format") == "date-time" and not re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value
        ):
            found.append(f"{at}: {value!r} is no moment")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if isinstance(value, int) and value < schema.get("minimum", value):
        found.append(f"{at}: {value} is too small")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
        if schema.get("additionalProperties") is False:
            found += [f"{at}: {name} is too much" for name in value if name not in known]
        for name in value.keys() & known.keys():
            found += faults(document, known[name], value[name], f"{at}.{name}")
    if isinstance(value, list):
        for place, one in enumerate(value):
            found += faults(document, schema.get("items", {}), one, f"{at}[{place}]")
    return found


def referred(document: dict[str, Any], reference: str) -> dict[str, Any]:
    """What the reference leads to."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
