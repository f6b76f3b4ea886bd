"""``timify-customers sandbox`` with an office's own file."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def serving(started: Any, monkeypatch: pytest.MonkeyPatch, *options: object) -> Iterator[None]:
    """Serve a sandbox, and set the environment for it as it says."""
    with started("sandbox", "--port", "0", *options) as process:
        lines = [process.stdout.readline() for _ in range(5)]
        for line in lines[1:]:
            name, _, value = line.strip().removeprefix("export ").partition("=")
            monkeypatch.setenv(name, value)
        yield
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(20) == 0


def test_any_column_becomes_a_field(
    started: Any, cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --add-fields each column that is no field is made one; the others stay."""
    file = tmp_path / "crm.csv"
    file.write_text(
        "externalId,first Name,firstName,Shoe size\r\ne1,x,Ada,44\r\n", encoding="utf-8"
    )
    with serving(started, monkeypatch, "--customers", file, "--add-fields"):
        done = cli("get", "--external-id", "e1")
        labels = [line.split("\t")[2] for line in cli("fields", "list").stdout.splitlines()]
    rows = dict(line.split("\t") for line in done.stdout.splitlines())
    assert (rows["first Name"], rows["firstName"], rows["Shoe size"]) == ("x", "Ada", "44")
    assert [label for label in labels if label] == ["first Name", "Shoe size"]


def test_without_it_an_unknown_column_is_told(started: Any, tmp_path: Path) -> None:
    """Without --add-fields a column that is no field is refused, with code 1."""
    file = tmp_path / "crm.csv"
    file.write_text("firstName,Shoe size\r\nAda,44\r\n", encoding="utf-8")
    with started("sandbox", "--port", "0", "--customers", file) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "no custom field is called 'Shoe size'" in errors


def test_saved_answers_bring_their_own_fields(
    started: Any, cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of a customer as the API gives it, such as fullName, become no fields."""
    file = tmp_path / "saved.json"
    customer = '{"externalId": "e1", "fullName": "Ada", "tags": [], "fields": []}'
    file.write_text(f'{{"data": [{customer}]}}', encoding="utf-8")
    with serving(started, monkeypatch, "--customers", file, "--add-fields"):
        assert "fullName" not in cli("fields", "list").stdout
        assert cli("get", "--external-id", "e1").exit_code == 0
