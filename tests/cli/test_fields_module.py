"""``timify-customers fields module``."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from cli.api import Api


@pytest.fixture
def tier(api: Api) -> Any:
    """A SELECT of the company's own."""
    return api.company.add_field(
        label="Loyalty tier", type="SELECT", select_options=("gold", "silver")
    )


@pytest.mark.usefixtures("tier")
def test_the_module_goes_to_stdout(api: Api, cli: Any) -> None:
    """The text has the company's fields, and is the same each time."""
    done = cli("fields", "module")
    assert (done.exit_code, done.stderr) == (0, "")
    assert 'LoyaltyTierOption = Literal["gold", "silver"]\n' in done.stdout
    assert f'    FIRST_NAME: Final = "{api.field("firstName")}"\n' in done.stdout
    compile(done.stdout, "my_fields.py", "exec")
    assert cli("fields", "module").stdout == done.stdout


@pytest.mark.usefixtures("tier")
def test_output_is_a_file_that_appears_when_it_is_whole(api: Api, cli: Any, tmp_path: Path) -> None:
    """It holds what stdout would, and keeps its permissions; after a failure it is as it was."""
    file = tmp_path / "my_fields.py"
    assert cli("fields", "module", "--output", file).exit_code == 0
    assert file.read_text("utf-8") == cli("fields", "module").stdout
    file.write_text("old", "utf-8")
    file.chmod(0o640)
    api.before = lambda what: 403 if "customfields" in what else None
    assert cli("fields", "module", "--output", file).exit_code == 3
    assert file.read_text("utf-8") == "old"
    api.before = lambda _: None
    assert cli("fields", "module", "--output", file).exit_code == 0
    assert file.read_text("utf-8").endswith('typed(MyFields)` returns."""\n')
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["my_fields.py"]


def test_check_says_what_has_changed(api: Api, cli: Any, tier: Any, tmp_path: Path) -> None:
    """Nothing, with code 0, while the company is the same; else each change, with code 1."""
    file = tmp_path / "my_fields.py"
    cli("fields", "module", "--output", file)
    before = file.read_bytes()
    same = cli("fields", "module", "--check", file)
    assert (same.exit_code, same.stdout, same.stderr) == (0, "", "")
    file.write_bytes(before.replace(b"\n", b"\r\n"))
    assert cli("fields", "module", "--check", file).exit_code == 0
    api.company.remove_field(tier)
    api.company.add_field(label="Loyalty tier", type="SELECT", select_options=("gold",))
    api.company.add_field(label="Shoe size", type="NUMBER")
    changed = cli("fields", "module", "--check", file)
    assert (changed.exit_code, changed.stderr) == (1, "")
    options, shoe, other_id = changed.stdout.splitlines()
    assert options == "changed 'Loyalty tier': selectOptions was ['gold', 'silver'], is ['gold']"
    assert shoe == "new 'Shoe size'"
    assert other_id.startswith(f"changed 'Loyalty tier': id was '{tier.id}', is '")
    assert file.read_bytes() == before.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("content", [None, b"{nonsense", b"x = 1", b"\xff\xfe\xff"])
def test_a_file_that_is_no_module_is_code_2(
    api: Api, cli: Any, tmp_path: Path, content: bytes | None
) -> None:
    """One that is missing, or another, is one line on stderr that names it."""
    file = tmp_path / "other.py"
    if content is not None:
        file.write_bytes(content)
    done = cli("fields", "module", "--check", file)
    assert (done.exit_code, done.stdout) == (2, "")
    assert str(file) in done.stderr
    assert done.stderr.count("\n") == 1
    assert api.company.customers == {}


def test_output_and_check_are_not_for_one_run(api: Api, cli: Any, tmp_path: Path) -> None:
    """Which of the two is meant is not guessed, and nothing is asked of the API."""
    done = cli("fields", "module", "--output", tmp_path / "a.py", "--check", tmp_path / "b.py")
    assert (done.exit_code, done.stderr) == (2, "error: give --output or --check, not both\n")
    assert not list(api.sandbox.requests)
