"""Whether `upstream.yaml` is our own reconstruction or what TIMIFY published."""

from typing import Any

from spec.references import resolve


def is_reconstruction(document: dict[str, Any]) -> bool:
    """Whether a document says of itself, at `info.x-reconstruction`, that we put it together."""
    return resolve(document, document.get("info")).get("x-reconstruction") is True
