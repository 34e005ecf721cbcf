"""docs/findings.md describes every field of findings.json, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel

from cxlib.findings import schema


def parts() -> dict[str, type[BaseModel]]:
    found = {}
    for name, kind in vars(schema).items():
        if isinstance(kind, type) and issubclass(kind, schema.Part) and kind is not schema.Part:
            found[name] = kind
    return found


def test_every_field_is_described(root):
    text = (Path(root) / "docs" / "findings.md").read_text(encoding="utf-8")
    sections = {match[1]: match[2] for match in re.finditer(r"^#+ `(\w+)`[^\n]*\n(.*?)(?=^#+ |\Z)", text, re.S | re.M)}
    assert set(sections) == set(parts())
    for name, kind in parts().items():
        described = set(re.findall(r"^\| `(\w+)` \|", sections[name], re.M))
        fields = {field.alias or key for key, field in kind.model_fields.items()}
        assert described == fields, name


def test_every_grade_status_and_shape_is_explained(root):
    from typing import get_args

    text = (Path(root) / "docs" / "findings.md").read_text(encoding="utf-8")
    for choice in (*get_args(schema.Grade), *get_args(schema.Status), *get_args(schema.ShapeKind)):
        assert f"`{choice}`" in text, choice
