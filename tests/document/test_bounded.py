"""Programs that build the document and the client end in time, and take no more memory than is
allowed.
"""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bounded
import generate
import node
import pytest
from spec import redocly

HANGING = (
    "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(30)'])"
)
GREEDY = "held = [bytearray(2**20) for _ in range(512)]"


def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    """A child of its own would keep the output open, and the wait for it would go on."""
    began = time.monotonic()
    with pytest.raises(bounded.TooLongError, match=r"longer than 0\.5 seconds"):
        bounded.run([sys.executable, "-c", HANGING], cwd=tmp_path, env=os.environ, seconds=0.5)
    assert time.monotonic() - began < 20


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the data of a process")
def test_a_program_that_takes_too_much_memory_fails(tmp_path: Path) -> None:
    """With the same memory unlimited it succeeds."""
    command = [sys.executable, "-c", GREEDY]
    greedy = bounded.run(command, cwd=tmp_path, env=os.environ, memory=256)
    assert greedy.returncode != 0
    assert "MemoryError" in greedy.stderr
    assert bounded.run(command, cwd=tmp_path, env=os.environ).returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="Windows has no alarms")
def test_a_block_ends_in_time_with_the_programs_that_it_runs(tmp_path: Path) -> None:
    """All steps together have the time of one, whoever spends it, and no alarm is left behind."""
    for work in (
        lambda: time.sleep(30),
        lambda: bounded.run([sys.executable, "-c", HANGING], cwd=tmp_path, env=os.environ),
    ):
        began = time.monotonic()
        with (
            pytest.raises(bounded.TooLongError, match=r"together took longer than 0\.2 seconds"),
            bounded.limits(0.2),
        ):
            work()
        assert time.monotonic() - began < 20
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_another_thread_has_no_alarm() -> None:
    """Alarms belong to the main thread, so a block in another one has the bounds of its steps."""

    def work() -> str:
        with bounded.limits(0.01):
            time.sleep(0.1)
            return "done"

    with ThreadPoolExecutor() as threads:
        assert threads.submit(work).result() == "done"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the data of a process")
def test_a_block_that_takes_too_much_memory_fails() -> None:
    """It fails with the bound's name, and after it there is as much memory as before."""
    with pytest.raises(bounded.TooLargeError, match="more than 64 MiB"), bounded.limits(memory=64):
        bytearray(200 * 2**20)
    assert len(bytearray(200 * 2**20)) == 200 * 2**20


def test_the_memory_of_a_block_is_no_limit_of_node() -> None:
    """Node.js reserves far more than it uses, so it would not even start."""
    with bounded.limits(memory=16):
        assert redocly.run("--version").returncode == 0


def test_a_generator_that_hangs_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step is named, and how long it may take."""
    monkeypatch.setattr(bounded, "LONGEST", 0.5)
    with pytest.raises(generate.GenerateError, match=r"It hangs: .* longer than 0\.5 seconds"):
        generate._run("It hangs", "-c", HANGING, cwd=tmp_path)


def test_redocly_that_hangs_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it was doing."""
    monkeypatch.setattr(bounded, "LONGEST", 0.01)
    with pytest.raises(redocly.NodeError, match=r"Redocly lint: .* longer than 0\.01 seconds"):
        redocly.run("lint", "openapi/customers.yaml")


def test_redocly_has_a_bounded_heap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit reaches Node.js, whose own depends on the memory of the machine."""
    script = tmp_path / "limit.js"
    limit = "require('v8').getHeapStatistics().heap_size_limit / 2 ** 20"
    script.write_text(f"console.log({limit})", encoding="utf-8")
    monkeypatch.setattr(node, "_script", lambda _: script)
    heaps = []
    for memory in (400, 800):
        monkeypatch.setattr(bounded, "MOST_MEMORY", memory)
        heaps.append(float(redocly.run("--version").stdout))
    assert heaps[1] - heaps[0] == 0.75 * 400
