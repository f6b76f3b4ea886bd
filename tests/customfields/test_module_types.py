"""What mypy and pyright say of modules and of programs that use them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import node
import pytest
from customfields.company import FIELDS, registry
from customfields.test_module import HOSTILE

RIGHT = """
from my_fields import MyFields, NewCustomer
from timify_customers import Customer, TimifyCustomers


async def use(timify: TimifyCustomers, ada: Customer) -> None:
    await timify.customers.create(NewCustomer({"firstName": "Ada", "Loyalty tier": "gold"}))
    fields = ada.customfields.typed(MyFields)
    print(fields.get("firstName", ""), fields.get("Loyalty tier"))
"""
WRONG = """
from my_fields import MyFields, NewCustomer
from timify_customers import Customer, TimifyCustomers


async def use(timify: TimifyCustomers, ada: Customer) -> None:
    await timify.customers.create(NewCustomer({"fristName": "Ada"}))  # wrong
    await timify.customers.create(NewCustomer({"Loyalty tier": "platinum"}))  # wrong
    await timify.customers.create(NewCustomer({"birthday": 5}))  # wrong
    fields = ada.customfields.typed(MyFields)
    print(fields["fristName"])  # wrong
"""


def mypy(folder: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir=.cache", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def pyright(folder: Path) -> str:
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    done = node.run("pyright", "--pythonpath", sys.executable, check=False, cwd=folder)
    return done.stdout + done.stderr


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_type_checkers_take_the_module_and_refuse_mistakes(checker: object, tmp_path: Path) -> None:
    """Strictly, also with hostile labels; each misspelt name, wrong option and wrong type is an
    error in its line, and nothing else is.
    """
    hostile = [
        {"id": f"f{at}", "label": label, "type": "SELECT", "selectOptions": [label, "x"]}
        for at, label in enumerate(HOSTILE)
    ]
    (tmp_path / "my_fields.py").write_text(registry([*FIELDS, *hostile]).module(), "utf-8")
    (tmp_path / "plain_fields.py").write_text(registry(FIELDS[:5]).module(), "utf-8")
    (tmp_path / "empty_fields.py").write_text(registry([]).module(), "utf-8")
    (tmp_path / "right.py").write_text(RIGHT, "utf-8")
    (tmp_path / "wrong.py").write_text(WRONG, "utf-8")
    said = checker(tmp_path)  # type: ignore[operator]
    wrong = {at for at, line in enumerate(WRONG.splitlines(), 1) if line.endswith("# wrong")}
    places = re.findall(r"(\w+)\.py:(\d+)(?::\d+)?(?: -|:) error", said)
    assert {(name, int(line)) for name, line in places} == {("wrong", at) for at in wrong}, said
