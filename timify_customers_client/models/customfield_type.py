from typing import Literal

CustomfieldType = Literal[
    "CHECKBOX",
    "DATE",
    "EMAIL",
    "NUMBER",
    "PHONE",
    "SELECT",
    "TEXT",
    "TEXTAREA",
]
"""What a custom field holds. These values are known; there are others."""
