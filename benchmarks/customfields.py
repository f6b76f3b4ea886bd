"""What names and checks cost, as multiples of code without them.

Measured are making a payload by name, and reading one field by name.

The payload has eight fields, one of each observed type and two texts more. It is compared with a
loop by somebody who knows the ids, formats by hand and checks nothing. Reading is compared with a
scan of the wire list for a default id. Each contender runs many times in every round, one after
another; a round's CPU times are divided by that of the hand-written code in the same round.
"""

import argparse
import datetime
import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from timify_customers import Customer, Customfield, FieldRegistry, Phone

sys.path.append(str(Path(__file__).parent))
results = importlib.import_module("results")

TYPES = {
    "firstName": "TEXT",
    "lastName": "TEXT",
    "email": "EMAIL",
    "mobilePhone": "PHONE",
    "birthday": "DATE",
    "salutation": "SELECT",
    "notes": "TEXTAREA",
    "companyName": "TEXT",
}
IDS = {name: f"5d9f2a7c6d95c0112ca1cc{number:02}" for number, name in enumerate(TYPES)}
PHONE = {"phone": "+442079460958", "country": "GB", "prefix": "44", "number": "2079460958"}
READY = json.dumps(PHONE, separators=(",", ":"))
VALUES: dict[str, Any] = {
    "firstName": "Ada",
    "lastName": "Lovelace",
    "email": "ada@example.com",
    "mobilePhone": "+44 20 7946 0958",
    "birthday": datetime.date(1815, 12, 10),
    "salutation": "mrs",
    "notes": "Wrote the first program.",
    "companyName": "Analytical Engines",
}
NO_PHONE = {name: value for name, value in VALUES.items() if name != "mobilePhone"}
KNOWN = VALUES | {"mobilePhone": Phone(**PHONE)}
DEFINITIONS = [
    {"id": key, "defaultId": name, "type": TYPES[name], "label": "", "selectOptions": ["mr", "mrs"]}
    for name, key in IDS.items()
]
REGISTRY = FieldRegistry(map(Customfield.from_dict, DEFINITIONS))

Work = Callable[[], Any]


def by_hand() -> list[dict[str, str]]:
    """Make the payload with known ids, without a check."""
    entries = []
    for name, value in VALUES.items():
        if name == "birthday":
            text = value.isoformat()
        elif name == "mobilePhone":
            text = json.dumps(PHONE, separators=(",", ":"))
        else:
            text = value
        entries.append({"id": IDS[name], "value": text})
    return entries


ENTRIES: list[dict[str, Any]] = [
    {"type": TYPES[name], "values": [], "isMultiple": None, "defaultId": name, "label": "", **entry}
    for name, entry in zip(IDS, by_hand(), strict=True)
]
RAW = {"id": "1", "fields": ENTRIES}
ALONE = Customer.from_dict(RAW)
WITH_REGISTRY = REGISTRY.read(ALONE)


def scan(name: str) -> str | None:
    """Find a value in the wire list."""
    for entry in ENTRIES:
        if entry["defaultId"] == name:
            return str(entry["value"])
    return None


CONTENDERS: dict[str, tuple[Work, dict[str, Work]]] = {
    "payload of 8 fields": (
        by_hand,
        {
            "ours: by name": lambda: REGISTRY.payload(VALUES),
            "ours: by name, the phone known": lambda: REGISTRY.payload(KNOWN),
            "ours: by name, without the phone": lambda: REGISTRY.payload(
                {k: v for k, v in VALUES.items() if k != "mobilePhone"}
            ),
            "ours: the phone alone": lambda: REGISTRY.payload(
                {"mobilePhone": VALUES["mobilePhone"]}
            ),
        },
    ),
    "one field read": (
        lambda: scan("birthday"),
        {
            "ours: a text by name": lambda: ALONE.customfields["lastName"],
            "ours: a date by name": lambda: ALONE.customfields["birthday"],
            "ours: a date, with definitions": lambda: WITH_REGISTRY["birthday"],
            "ours: by a name that is folded": lambda: ALONE.customfields["BIRTHDAY"],
        },
    ),
}


def measure(rounds: int, repeats: int) -> dict[tuple[str, str], list[float]]:
    """Return the ratios of each contender to the code by hand."""
    ratios: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for what, (plain, others) in CONTENDERS.items():
            alone = _seconds(plain, repeats)
            for name, work in others.items():
                ratios.setdefault((what, name), []).append(_seconds(work, repeats) / alone)
    return ratios


def _seconds(work: Work, repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        work()
    return time.process_time() - start


def main() -> int:
    """Check that both make and read the same, then measure; the status is 1 when they do not."""
    options = argparse.ArgumentParser(description="The cost of names and checks.")
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--repeats", type=int, default=1000, help="of each contender in a round")
    results.add_option(options)
    chosen = options.parse_args()
    if not by_hand() == REGISTRY.payload(VALUES) == REGISTRY.payload(KNOWN):
        print("The payloads differ.")
        return 1
    if (
        not scan("birthday")
        == ALONE.customfields["birthday"].isoformat()
        == WITH_REGISTRY["birthday"].isoformat()
    ):
        print("What is read differs.")
        return 1
    print("Both make and read the same.\n")
    ratios = measure(chosen.rounds, chosen.repeats)
    case = results.Case("customfields", "Names and checks (CPU time)", "code by hand", ratios)
    status: int = results.publish([case], chosen.json)
    return status


if __name__ == "__main__":
    sys.exit(main())
