"""Every code block of README.md, docs/ and examples/ does what the page says."""

from __future__ import annotations

import ast
import datetime
import inspect
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from docs.blocks import FILES, LANGUAGES, PRELUDE, ROOT, Block, blocks, blocks_of, pages
from docs.console import check, commands
from timify_customers import TimifyCustomers
from timify_customers.sandbox import Sandbox

pytest_plugins = ("pytester",)
pytestmark = pytest.mark.timify(allow_unmet_faults=True)
ALL = {page.relative_to(ROOT).as_posix(): blocks(page) for page in pages()}


def pages_with(kind: str) -> list[str]:
    return [page for page, found in ALL.items() if any(it.kind == kind for it in found)]


def of_kind(page: str, *kinds: str) -> list[Block]:
    return [it for it in ALL[page] if it.kind in kinds]


@pytest.fixture
def folder(
    timify_sandbox: Sandbox, timify_env: dict[str, str], tmp_path: Path, monkeypatch: Any
) -> Path:
    """A folder with the files that pages speak of, as the current one, and a company with some
    customers.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    company = timify_sandbox.company()
    company.add_field(label="Loyalty tier", type="TEXT")
    timify_sandbox.add_customers(
        [{"firstName": "Bob", "externalId": "crm-77"}, {"firstName": "Cleo"}]
    )
    return tmp_path


def prelude(timify: TimifyCustomers, sandbox: Sandbox) -> dict[str, Any]:
    """What blocks have at hand."""
    rows = [{"crm_id": f"crm-{number}", "firstName": "Ada"} for number in (1, 2, 3)]
    day = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1)
    names = dict(zip(PRELUDE, (timify, sandbox, rows, day), strict=True))
    return names | {"__name__": "page"}


def compiled(block: Block) -> Any:
    """Compile a block so that errors name its page and line."""
    code = "\n" * (block.line - 1) + block.code
    return compile(code, block.page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("page", pages_with("python"))
async def test_python_runs(
    page: str, folder: Path, timify: TimifyCustomers, timify_sandbox: Sandbox
) -> None:
    """The Python of a page runs from its top to its end, as it is printed."""
    names = prelude(timify, timify_sandbox)
    for block in of_kind(page, "python"):
        names["timify"] = timify  # a block before may have closed one of its own
        running = eval(compiled(block), names)
        if inspect.iscoroutine(running):
            await running


@pytest.mark.parametrize("page", pages_with("program"))
def test_programs_run(page: str, folder: Path) -> None:
    """Each program of a page ends with 0 when it is started as a file of its own."""
    for block in of_kind(page, "program"):
        done = subprocess.run(
            [sys.executable, "-P", "-W", "error", "-c", block.code],
            cwd=folder,
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{page}:{block.line}\n{done.stderr}"


@pytest.mark.parametrize("page", pages_with("tests"))
def test_tests_pass(page: str, pytester: pytest.Pytester) -> None:
    """Tests that a page prints are found by pytest, and pass."""
    pytester.makeconftest('import pytest\n\n@pytest.fixture\ndef anyio_backend(): return "asyncio"')
    count = 0
    for number, block in enumerate(of_kind(page, "tests")):
        pytester.makepyfile(**{f"test_block_{number}": block.code})
        count += block.code.count("def test_")
    loop_scope = "asyncio_default_fixture_loop_scope=function"  # pytest-asyncio warns without it
    options = ("-p", "no:cacheprovider", "-W", "error", "-o", loop_scope)
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=count)


@pytest.mark.parametrize("page", pages_with("console"))
def test_commands_work(page: str, folder: Path) -> None:
    """The commands of a page end well against the sandbox, or what they name exists."""
    for block in of_kind(page, "console"):
        for command in commands(block):
            try:
                check(command, folder)
            except AssertionError as wrong:
                raise AssertionError(f"{page}:{block.line}: {command}: {wrong}") from None


@pytest.mark.parametrize("page", ALL)
def test_the_rest_is_well_formed(page: str) -> None:
    """Each block says its language; JSON and TOML can be read; what is not run says why."""
    for block in ALL[page]:
        where = f"{page}:{block.line}"
        assert block.language in LANGUAGES, f"{where}: language {block.language!r}"
        if block.reason is not None:
            assert len(block.reason.split()) >= 3, f"{where}: say in a sentence why it is not run"
        elif block.language in {"json", "toml"}:
            {"json": json, "toml": tomllib}[block.language].loads(block.code)


def test_blocks_are_found() -> None:
    """Languages, lines, hidden set-up and reasons are read as the rules say."""
    text = (
        "# Page\n\n<!-- set up\nx = 1\n-->\n```python\nprint(x)\n```\n\n"
        "<!-- not run: needs a printer -->\n```console\nlp page\n```\n\n"
        "```python\nasyncio.run(main())\n```\n\n"
        "```python\nasync def test_x(): ...\n```\n\n```{toctree}\nx\n```\n"
    )
    found = [(it.line, it.kind, it.reason) for it in blocks_of(text, "page.md")]
    assert found == [
        (4, "python", None),
        (7, "python", None),
        (12, "not run", "needs a printer"),
        (16, "program", None),
        (20, "tests", None),
    ]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("frobnicate", "not checked"),
        ("make nothing", "no target nothing"),
        ("pip install 'timify-customers-client[nothing]'", "nothing"),
        ("export TIMIFY_NOTHING=1", "TIMIFY_NOTHING"),
        ("python -m timify_customers.sandbox --nothing", "--nothing"),
        ("timify-customers sandbox --nothing", "--nothing"),
        ("timify-customers record --nothing -- program --else", "--nothing"),
        ("timify-customers export --nothing", "exit code 2"),
    ],
)
def test_a_wrong_command_is_noticed(command: str, reason: str, folder: Path) -> None:
    """A command that does not exist, or an option that is none, fails the page that prints it."""
    with pytest.raises(AssertionError, match=reason):
        check(command, folder)


async def test_a_wrong_block_is_noticed_by_page_and_line() -> None:
    """An error in a block names the line of the page."""
    block = Block("page.md", 12, "python", "x = 1\nawait nothing()\n")
    with pytest.raises(NameError) as caught:
        await eval(compiled(block), {})
    assert caught.traceback[-1].lineno == 12
