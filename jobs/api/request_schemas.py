"""What JSON Schema tells of a submission's fields that their types do not: other names, catalogues, nulls, files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from generation.export.formats import FORMATS
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.typography.fonts import fonts
from jobs.params import ALIASES

FILE_PARTS = ("input_image", "product_image", "file")
"""Names under which a multipart form may carry the product photo."""
STEP_FILES = ("step1_image", "step2_image")


def _catalogues() -> dict[str, list[str]]:
    """The names that fields of names take; empty is "not given"."""
    known = {"scene": scenes(), "text_style": styles(), "format": FORMATS}
    named = {field: ["", *names] for field, names in known.items()}
    return {**named, "font_name": ["", *(font.path for font in fonts())]}


def catalogue_enums(*names: str) -> Callable[[dict[str, Any]], None]:
    """Tells of these fields which names their catalogues know."""

    def document(schema: dict[str, Any]) -> None:
        for name in names:
            schema["properties"][name].pop("maxLength")
            schema["properties"][name]["enum"] = _catalogues()[name]

    return document


def _document(schema: dict[str, Any]) -> None:
    """The second names beside the first, and the names that the catalogues know."""
    properties = schema["properties"]
    for alias, name in {**ALIASES, "product_image": "input_image"}.items():
        properties[alias] = {**properties[name], "description": f"{name}의 다른 이름입니다."}
    catalogue_enums(*_catalogues())(schema)


def for_programs(schema: dict[str, Any]) -> None:
    """In JSON every field may also be null, which means "not given"."""
    _document(schema)
    for name, field in schema["properties"].items():
        if {"type": "null"} not in field.get("anyOf", []):
            notes = {key: field.pop(key) for key in ("description", "default", "examples") if key in field}
            schema["properties"][name] = {"anyOf": [field, {"type": "null"}], **notes}


def for_forms(schema: dict[str, Any]) -> None:
    """In a form a field that is not given is left out, and a picture is a file (or base64 text)."""
    _document(schema)
    schema["minProperties"] = 1
    for name, field in schema["properties"].items():
        kinds = [kind for kind in field.pop("anyOf", []) if kind != {"type": "null"}]
        given = {key: value for key, value in field.items() if key != "default" or value is not None}
        schema["properties"][name] = given | (
            kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {}
        )
    for name in (*FILE_PARTS, *STEP_FILES):
        told = schema["properties"].get(name, {}).get("description", "제품 사진.")
        schema["properties"][name] = {"type": "string", "format": "binary", "description": told}
