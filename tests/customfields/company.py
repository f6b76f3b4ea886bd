"""The custom fields of an invented company, whose module is `tests/typing/my_fields.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from timify_customers import Customfield, FieldRegistry

GOLDEN = Path(__file__).parents[1] / "typing" / "my_fields.py"
FIELDS: list[dict[str, Any]] = [
    {"id": "5d9f2a7c6d95c0112ca1cc96", "defaultId": "firstName", "label": "", "type": "TEXT"},
    {"id": "5d9f2a7c6d95c0112ca1cc98", "defaultId": "email", "label": "", "type": "EMAIL"},
    {"id": "5d9f2a7c6d95c0112ca1cc99", "defaultId": "mobilePhone", "type": "PHONE"},
    {"id": "5d9f2a7c6d95c0112ca1cc9f", "defaultId": "birthday", "type": "DATE"},
    {
        "id": "5d9f2a7c6d95c0112ca1cc90",
        "defaultId": "salutation",
        "type": "SELECT",
        "selectOptions": ["mr", "mrs"],
    },
    {
        "id": "64f0c1d2e3a4b5c6d7e8f901",
        "label": "Loyalty tier",
        "type": "SELECT",
        "selectOptions": [{"value": "gold", "label": "Gold"}, {"id": "s1", "label": 'Silver "S"'}],
    },
    {"id": "64f0c1d2e3a4b5c6d7e8f902", "label": "Größe (cm)", "type": "NUMBER"},
    {"id": "64f0c1d2e3a4b5c6d7e8f903", "label": "class", "type": "CHECKBOX"},
    {
        "id": "64f0c1d2e3a4b5c6d7e8f904",
        "label": "Interests",
        "type": "SELECT",
        "isMultiple": True,
        "selectOptions": ["chess", "horses"],
    },
    {"id": "64f0c1d2e3a4b5c6d7e8f905", "label": "Visits", "type": "DATE", "isMultiple": True},
    {"id": "64f0c1d2e3a4b5c6d7e8f906", "label": 'A "quoted"\nlabel \\', "type": "TEXTAREA"},
    {"id": "64f0c1d2e3a4b5c6d7e8f907", "label": "会員", "type": "HOLOGRAM"},
    {"id": "64f0c1d2e3a4b5c6d7e8f908", "label": "Note", "type": "TEXT"},
    {"id": "64f0c1d2e3a4b5c6d7e8f909", "label": "note!", "type": "TEXT"},
    {
        "id": "64f0c1d2e3a4b5c6d7e8f910",
        "label": "May we write to you about what is new in our shops, and what is on sale?",
        "type": "CHECKBOX",
    },
    {"id": "64f0c1d2e3a4b5c6d7e8f911", "label": "Twin", "type": "TEXT"},
    {"id": "64f0c1d2e3a4b5c6d7e8f912", "label": "Twin", "type": "TEXT"},
]


def registry(fields: Sequence[Any] = tuple(FIELDS)) -> FieldRegistry:
    return FieldRegistry(map(Customfield.from_dict, fields))


def loaded(text: str) -> ModuleType:
    """Run the text of a module."""
    module = ModuleType("my_fields")
    exec(compile(text, "my_fields.py", "exec", dont_inherit=True), module.__dict__)
    return module


def constants(cls: type) -> dict[str, str]:
    return {name: value for name, value in vars(cls).items() if not name.startswith("__")}
