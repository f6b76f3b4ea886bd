"""What it costs to parse a page of customers and read it, as multiples of the parser alone.

Compares the generated client with the stock output of the same generator from the same document,
pydantic and msgspec Structs. The page is invented, in the shape that was observed: every key
present, eight fields per customer. Each contender parses and reads the same bytes in every round,
one after another; a round's CPU times are divided by that of the parser alone in the same round.
The garbage collector stays on, since what it does is part of the
cost.

Nested views and lists are made anew at each reading, not kept: in a prototype that kept them,
90,000 objects more to hold, and for the collector to walk, made reading four properties and the
fields cost 1.9 instead of 1.3.
"""

import argparse
import gc
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
import pydantic
from pydantic.alias_generators import to_camel
from timify_customers_client import models

sys.path.append(str(Path(__file__).parent))
results = importlib.import_module("results")

DOCUMENT = Path(__file__).parents[1] / "openapi" / "customers.yaml"
STOCK = "stock_timify_client"

PHONE: dict[str, Any] = {"phone": str, "number": str, "code": str}
FIELD: dict[str, Any] = dict.fromkeys(("id", "type_", "value", "default_id", "label"), str) | {
    "values": list[Any],
    "is_multiple": bool,
}
NAMES = (
    "id",
    "external_id",
    "global_id",
    "first_name",
    "last_name",
    "full_name",
    "company_name",
    "email",
    "avatar_url",
)
CUSTOMER: dict[str, Any] = dict.fromkeys(NAMES, str) | {
    "tags": list[Any],
    "total_bookings": int,
    "first_letters": list[str],
    "created_at": datetime,
    "updated_at": datetime,
    "ts": int | str,
}
TYPES = ("TEXT", "TEXT", "EMAIL", "PHONE", "DATE", "SELECT", "TEXTAREA", "TEXT")

Parse = Callable[[bytes], Any]
Read = Callable[[Any], Iterator[tuple[object, ...]]]


def page(customers: int) -> bytes:
    """Invent a page as the API sends it."""
    body = {
        "total": customers,
        "data": [customer(number) for number in range(customers)],
        "status": 1,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def customer(number: int) -> dict[str, object]:
    """Invent a customer."""
    first, last = f"Ada{number}", f"Lovelace{number}"
    return {
        "id": f"{number:024x}",
        "externalId": f"crm-{number}",
        "globalId": None,
        "firstName": first,
        "lastName": last,
        "fullName": f"{first} {last}",
        "companyName": "",
        "email": f"ada{number}@example.com",
        "phone": {"phone": f"+4420{number:08}", "number": f"20{number:08}", "code": "GB"},
        "tags": [],
        "totalBookings": number % 7,
        "avatarUrl": "",
        "firstLetters": ["A", "L"],
        "fields": [_field(number, index) for index in range(len(TYPES))],
        "createdAt": "2022-01-26T16:17:01Z",
        "updatedAt": "2022-01-26T16:17:01Z",
        "ts": str(1643213821066 + number),
    }


def _field(number: int, index: int) -> dict[str, object]:
    return {
        "id": f"5d9f2a7c6d95c0112ca1cc{index:02}",
        "type": TYPES[index],
        "value": f"value {index} of {number}",
        "values": [],
        "isMultiple": None,
        "defaultId": f"default{index}",
        "label": "",
    }


# The contenders.


def contenders(scratch: Path) -> dict[str, tuple[str, Parse]]:
    """Return each contender's parser to be compared with, and how it makes a page of bytes."""
    ours, theirs = models.CustomerList.from_dict, stock(scratch).CustomerList.from_dict
    struct, decode = shapes(_msgspec), msgspec.json.decode
    return {
        "ours": ("json", lambda content: ours(json.loads(content))),
        "stock": ("json", lambda content: theirs(json.loads(content))),
        "pydantic": ("json", shapes(_pydantic).model_validate_json),
        "ours, msgspec's parser": ("msgspec", lambda content: ours(decode(content))),
        "stock, msgspec's parser": ("msgspec", lambda content: theirs(decode(content))),
        "msgspec Structs": ("msgspec", lambda content: decode(content, type=struct)),
    }


PARSERS: dict[str, Parse] = {"json": json.loads, "msgspec": msgspec.json.decode}


def stock(scratch: Path) -> Any:
    """Generate the stock client into the folder `scratch` and give its models."""
    config = scratch / "config.json"
    config.write_text(json.dumps({"literal_enums": True, "post_hooks": []}), encoding="utf-8")
    command = ["-m", "openapi_python_client", "generate", "--path", str(DOCUMENT), "--meta", "none"]
    target = ["--config", str(config), "--output-path", str(scratch / STOCK)]
    environment = os.environ | {"PYTHONUTF8": "1"}
    subprocess.run(
        [sys.executable, *command, *target], check=True, capture_output=True, env=environment
    )
    sys.path.insert(0, str(scratch))
    return importlib.import_module(f"{STOCK}.models")


def shapes(make: Callable[[str, Mapping[str, Any]], Any]) -> Any:
    """Build the models of a library from the tables above."""
    phone, field = make("Phone", PHONE), make("Field", FIELD)
    customer = make("Customer", {**CUSTOMER, "phone": phone, "fields": list[field]})  # type: ignore[valid-type]
    return make("CustomerList", {"data": list[customer], "total": int, "status": int})  # type: ignore[valid-type]


def _pydantic(name: str, keys: Mapping[str, Any]) -> Any:
    config = pydantic.ConfigDict(alias_generator=lambda key: to_camel(key.rstrip("_")))
    fields: dict[str, Any] = {key: (kind | None, None) for key, kind in keys.items()}
    return pydantic.create_model(name, __config__=config, **fields)


def _msgspec(name: str, keys: Mapping[str, Any]) -> Any:
    return msgspec.defstruct(
        name, [(key, kind | None, None) for key, kind in keys.items()], rename="camel"
    )


# What is read of a page. Each gives tuples of values, so that they can be compared; when timed,
# they are dropped.


def id_and_name(customers: Any) -> Iterator[tuple[object, ...]]:
    """Read two properties of each customer."""
    for customer in customers.data:
        yield customer.id, customer.full_name


def four_and_fields(customers: Any) -> Iterator[tuple[object, ...]]:
    """Read four properties of each customer, and id and value of each of its fields."""
    for customer in customers.data:
        yield customer.id, customer.external_id, customer.full_name, customer.created_at
        for field in customer.fields:
            yield field.id, field.value


def all_thrice(customers: Any) -> Iterator[tuple[object, ...]]:
    """Read every property of every object three times."""
    of_customer, of_phone, of_field = attrgetter(*CUSTOMER), attrgetter(*PHONE), attrgetter(*FIELD)
    for _ in range(3):
        yield customers.total, customers.status
        for customer in customers.data:
            yield of_customer(customer)
            yield of_phone(customer.phone)
            yield from map(of_field, customer.fields)


READS: dict[str, Read] = {
    "id, full name": id_and_name,
    "four properties, fields": four_and_fields,
    "all, three times": all_thrice,
}
BARS = {"id, full name": 1.2, "four properties, fields": 1.6}


# Measuring.


def disagreements(content: bytes, parses: Mapping[str, tuple[str, Parse]]) -> list[str]:
    """Name the contenders that read other values than the first, with what they read."""
    wrong: list[str] = []
    for what, read in READS.items():
        expected = None
        for name, (_, parse) in parses.items():
            values = list(read(parse(content)))
            expected = expected or values
            if values != expected:
                wrong.append(f"{name}: {what}")
    return wrong


def measure(
    content: bytes, parses: Mapping[str, tuple[str, Parse]], rounds: int
) -> dict[tuple[str, str], list[float]]:
    """Return the ratios of each way of reading and each contender to its parser alone."""
    ratios: dict[tuple[str, str], list[float]] = {
        (what, name): [] for what in READS for name in parses
    }
    for _ in range(rounds):
        alone = {name: _seconds(parse, content) for name, parse in PARSERS.items()}
        for what, read in READS.items():
            for name, (parser, parse) in parses.items():
                ratio = _seconds(parse, content, read) / alone[parser]
                ratios[what, name].append(ratio)
    return ratios


def _seconds(parse: Parse, content: bytes, read: Read | None = None) -> float:
    """Time one run: CPU time, so that what else the machine does counts little.

    What was parsed is freed afterwards.
    """
    gc.collect()
    start = time.process_time()
    parsed = parse(content)
    if read:
        deque(read(parsed), maxlen=0)
    return time.process_time() - start


def bars(ratios: Mapping[tuple[str, str], list[float]]) -> dict[tuple[str, str], float]:
    """Return the bars of ours; reading everything thrice is to be no slower than the stock."""
    found: dict[tuple[str, str], float] = {}
    for suffix in ("", ", msgspec's parser"):
        limits = BARS | {
            "all, three times": statistics.median(ratios["all, three times", f"stock{suffix}"])
        }
        found |= {(what, f"ours{suffix}"): round(bar, 3) for what, bar in limits.items()}
    return found


def main() -> int:
    """Check that all read the same, then measure; the status is 1 when they do not."""
    options = argparse.ArgumentParser(
        description="The cost of parsing and reading a page of customers."
    )
    options.add_argument("--customers", type=int, default=10_000, help="on the page")
    options.add_argument("--rounds", type=int, default=7)
    results.add_option(options)
    chosen = options.parse_args()
    content = page(chosen.customers)
    with tempfile.TemporaryDirectory() as scratch:
        parses = contenders(Path(scratch))
    if wrong := disagreements(content, parses):
        print("These read other values than ours:", *wrong, sep="\n- ")
        return 1
    print(f"All {len(parses)} read the same values.\n")
    ratios = measure(content, parses, chosen.rounds)
    title = f"Parsing and reading {chosen.customers:,} customers (CPU time)"
    case = results.Case("decode", title, "the JSON parser alone", ratios, bars(ratios))
    results.publish([case], chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
