"""The whole way: from an address to an adopted document, or to a reason why not with
everything untouched.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bounded
import fetch_spec
import pytest
from fetch import loopback
from fetch.documents import (
    FROZEN,
    a_document,
    an_object,
    as_bytes,
    operation,
    published,
    reconstruction,
    unmarked,
)
from fetch.loopback import Server, file, head, redirect, serving
from ruamel.yaml import YAML
from spec import redocly
from spec.adopt.notes import Note
from spec.document import build as documents
from spec.document import overlays
from spec.errors import DocumentError
from spec.fetch.download import Limits
from spec.fetch.take_over import Maker

Answers = dict[str, loopback.Answer]
MAIN = "/openapi.yaml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project of its own, with the frozen documents: the real ones are neither written
    to nor read.
    """
    shutil.copytree(FROZEN, tmp_path / "openapi")
    monkeypatch.setattr(overlays, "FOLDER", tmp_path / "openapi" / "overlays")
    return tmp_path


@pytest.fixture
def server() -> Iterator[Server]:
    with serving({}) as found:
        yield found


def built(scratch: Path, candidate: Path) -> list[Note]:
    """Stand in for the real build, where it is not what is tested: of the document alone."""
    return documents.build(FROZEN / "upstream.yaml", scratch / "customers.yaml", candidate)


def installed(root: Path) -> Callable[[Path], None]:
    return lambda scratch: (
        (scratch / "customers.yaml").replace(root / "openapi" / "customers.yaml") and None
    )


def making(root: Path, build: Callable[[Path, Path], list[Note]] = built) -> Maker:
    return Maker(build, installed(root))


def refusing(_: Path, __: Path) -> list[Note]:
    raise DocumentError("Redocly could not lint it:\nno such component")


def beside(root: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes() for path in (root / "openapi").rglob("*") if path.is_file()
    }


def scratch(root: Path) -> list[str]:
    return sorted(
        path.relative_to(root / ".work").as_posix() for path in (root / ".work").rglob("*")
    )


def page(root: Path) -> str:
    return (root / ".work" / "fetch-spec-page.md").read_text(encoding="utf-8")


def result(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (root / ".work" / "fetch-spec.json").read_text(encoding="utf-8")
    )
    return found


def report(root: Path) -> str:
    return (root / ".work" / "fetch-spec.md").read_text(encoding="utf-8")


REPORTS = ["fetch-spec-page.md", "fetch-spec.json", "fetch-spec.md"]


def test_the_first_document_is_adopted(
    root: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """A first document becomes published.yaml byte for byte, with the document that it makes
    and a report.
    """
    content = as_bytes(published())
    server.answers[MAIN] = file(content)
    before = beside(root)
    assert fetch_spec.main([server.url()], root=root, make=making(root)) == 0
    after = beside(root)
    changed = sorted(Path(path).name for path in after if after[path] != before.get(path))
    assert changed == ["customers.yaml", "published.yaml"]
    assert (root / "openapi" / "published.yaml").read_bytes() == content
    assert scratch(root) == REPORTS
    assert page(root).startswith("# Rating: major\n")
    assert "The first published document is adopted" in page(root)
    assert "`POST /v1/auth/token` is not published" in page(root)
    assert "## What stays a guess" in page(root)
    assert len(page(root).splitlines()) < 70
    assert report(root).startswith(page(root).rstrip())
    assert "- `GET /v1/customers answer 200 $.data[].email` (documented): `string`" in report(root)
    assert result(root) == {"result": "adopted", "rating": "major", "reason": ""}
    assert capsys.readouterr().out.strip() == report(root).strip()


def test_a_second_fetch_is_unchanged(root: Path, server: Server) -> None:
    """The same document again is not compared, built or written; report and result say so."""
    server.answers[MAIN] = file(as_bytes(published()))
    assert fetch_spec.main([server.url()], root=root, make=making(root)) == 0
    before = beside(root)
    there = (root / "openapi" / "published.yaml").stat()
    assert fetch_spec.main([server.url()], root=root, make=making(root, refusing)) == 0
    assert beside(root) == before
    assert (root / "openapi" / "published.yaml").stat().st_mtime_ns == there.st_mtime_ns
    assert report(root).startswith("# Unchanged\n")
    assert result(root) == {"result": "unchanged", "rating": "none", "reason": ""}


def as_yaml(content: dict[str, Any], path: Path) -> bytes:
    YAML(typ="safe", pure=True).dump(content, path)
    return path.read_bytes()


def test_a_later_document_is_rated(root: Path, server: Server, tmp_path: Path) -> None:
    """After the first document, the next one is rated: Redocly says patch, our rule says
    major; in YAML too.
    """
    first, following = published(), published()
    for each, key in ((first, "externalId"), (following, "external_id")):
        each["components"]["schemas"]["CustomerUpdate"]["properties"][key] = {"type": "string"}
    (root / "openapi" / "published.yaml").write_bytes(as_bytes(first))
    del following["paths"]["/v1/others/1"]
    content = as_yaml(following, tmp_path / "next.yaml")
    server.answers[MAIN] = file(content)
    assert fetch_spec.main([server.url()], root=root, make=making(root)) == 0
    assert (root / "openapi" / "published.yaml").read_bytes() == content
    assert report(root).startswith("# Rating: major\n")
    assert "Redocly alone says patch, our rules say major." in report(root)
    where = "PATCH /v1/customers/{customerId} body $.externalId"
    assert (
        f"- `{where}` `was removed (sent, optional); it looks renamed to 'external_id'` (renamed)"
        in report(root)
    )
    assert "others" not in report(root)


@pytest.mark.parametrize(
    ("rating", "edit"),
    [
        (
            "minor",
            lambda found: found["components"]["schemas"]["Customer"]["properties"].update(
                vip={"type": "boolean"}
            ),
        ),
        (
            "patch",
            lambda found: found["paths"]["/v1/customers"]["get"].update(description="All of them"),
        ),
        ("none", lambda found: found["paths"].pop("/v1/others/1")),
    ],
)
def test_harmless_changes_are_rated_so(
    rating: str, edit: Callable[[Any], object], root: Path, server: Server
) -> None:
    """Something new is minor, other words are a patch, and what the client does not use is
    nothing.
    """
    (root / "openapi" / "published.yaml").write_bytes(as_bytes(published()))
    following = published()
    edit(following)
    server.answers[MAIN] = file(as_bytes(following))
    assert fetch_spec.main([server.url()], root=root, make=making(root)) == 0
    assert report(root).startswith(f"# Rating: {rating}\n")
    assert (root / "openapi" / "published.yaml").read_bytes() == as_bytes(following)


def padded(size: int) -> bytes:
    return b"openapi: 3.1.0\n" + b"#" * size


def cut(count: int) -> dict[str, Any]:
    """Give a document with some of our operations alone."""
    found = unmarked(reconstruction())
    kept = [(path, method) for path, item in found["paths"].items() for method in item][:count]
    found["paths"] = {
        path: {method: each for method, each in item.items() if (path, method) in kept}
        for path, item in found["paths"].items()
    }
    return found


def test_half_of_the_operations_is_enough(root: Path, server: Server) -> None:
    """With nine of our 17 operations it is this API: it is adopted, and what is missing is told."""
    server.answers[MAIN] = file(as_bytes(cut(9)))
    assert fetch_spec.main([server.url()], root=root, make=making(root)) == 0
    assert "`GET /v1/customers/{customerId}` is not published" in report(root)


CHAIN = {MAIN: redirect("/a0")} | {f"/a{n}": redirect(f"/a{n + 1}") for n in range(9)}
FAILURES: dict[str, tuple[Answers, int, str]] = {
    "web page": ({MAIN: file(b"<!doctype html><p>Log in</p>", "text/html")}, 4, "got a web page"),
    "web page that lies": (
        {MAIN: file(b"\n<html></html>")},
        4,
        "got a web page, not an OpenAPI document",
    ),
    "no document": ({MAIN: file(b"hello: world\n")}, 4, "not an OpenAPI 3 document"),
    "another API": (
        {MAIN: file(as_bytes(a_document(x=operation(tags=["Pets"]))))},
        4,
        "0 of our 17",
    ),
    "less than half": ({MAIN: file(as_bytes(cut(8)))}, 4, "8 of our 17 operations"),
    "cut in the middle, unseen": (
        {MAIN: lambda talk: talk.say(head() + as_bytes(published())[:5000])},
        4,
        "not valid",
    ),
    "other files": (
        {MAIN: file(as_bytes(a_document(x=operation(body={"$ref": "x.yaml"}))))},
        4,
        "another file",
    ),
    "bomb": (
        {MAIN: file(b"a: &a [x, x]\n" + b"".join(b"b%d: &a [*a, *a]\n" % n for n in range(40)))},
        4,
        "unfolds to",
    ),
    "404": ({}, 3, "status 404"),
    "503": ({MAIN: loopback.status(503)}, 3, "status 503"),
    "cut off": (
        {MAIN: lambda talk: talk.say(head(Content_Length=9999) + as_bytes(published())[:5000])},
        3,
        "cut off",
    ),
    "cut chunks": ({MAIN: loopback.chunked(as_bytes(published()), ended=False)}, 3, "cut off"),
    "too large": ({MAIN: file(padded(20_000_000))}, 3, "more than 20 MB"),
    "too large, unsaid": (
        {MAIN: lambda talk: talk.say(head() + padded(20_000_000))},
        3,
        "more than 20 MB",
    ),
    "too many redirects": (CHAIN, 3, "more than 5"),
    "redirect elsewhere": ({MAIN: redirect("http://example.invalid/")}, 3, "which is not followed"),
    "silent": ({MAIN: lambda talk: talk.wait(20)}, 3, "fell silent"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_named_and_leaves_all_as_it_was(
    failure: str, root: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong has its exit code and its words; the old file is untouched, and
    nothing is left beside it.
    """
    answers, code, reason = FAILURES[failure]
    server.answers.update(answers)
    before = beside(root)
    assert (
        fetch_spec.main(
            [server.url()], root=root, make=making(root, refusing), limits=Limits(silence=1)
        )
        == code
    )
    said = capsys.readouterr()
    assert said.err.startswith("fetch-spec: ")
    assert reason in said.err
    assert server.url("")[:-1] in said.err
    assert said.out == ""
    assert beside(root) == before
    assert scratch(root) == REPORTS
    assert result(root)["result"] == "refused"
    assert reason in result(root)["reason"]
    assert page(root).startswith("# Not taken over\n")


@pytest.mark.parametrize("content", [as_bytes(published()), as_bytes(unmarked(reconstruction()))])
def test_a_refused_build_is_told_in_full(
    content: bytes, root: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """When the client's document cannot be built, the old file stays; report and download are
    kept to go on from.
    """
    server.answers[MAIN] = file(content)
    before = beside(root)
    assert fetch_spec.main([server.url()], root=root, make=making(root, refusing)) == 5
    assert "no such component" in capsys.readouterr().err
    assert beside(root) == before
    assert scratch(root) == [*REPORTS, "published.yaml"]
    assert (root / ".work" / "published.yaml").read_bytes() == content
    assert report(root).startswith("# Not taken over\n")
    assert "no such component" in report(root)
    assert (
        fetch_spec.main(
            ["--file", str(root / ".work" / "published.yaml")], root=root, make=making(root)
        )
        == 0
    )
    assert (root / "openapi" / "published.yaml").read_bytes() == content


def crashing(_: Path, __: Path) -> list[Note]:
    raise KeyError("responses")


def unlinked(_: Path, __: Path) -> list[Note]:
    raise redocly.NodeError("npm is offline")


@pytest.mark.parametrize(
    ("build", "reason"), [(crashing, "KeyError: 'responses'"), (unlinked, "npm is offline")]
)
def test_a_build_that_breaks_is_a_refusal(
    build: Any, reason: str, root: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a foreign document makes the build trip over is told like any other reason."""
    server.answers[MAIN] = file(as_bytes(published()))
    before = beside(root)
    assert fetch_spec.main([server.url()], root=root, make=making(root, build)) == 5
    assert reason in capsys.readouterr().err
    assert beside(root) == before


def slow(_: Path, __: Path) -> list[Note]:
    time.sleep(30)
    raise AssertionError("nothing ended it")


def hungry(_: Path, __: Path) -> list[Note]:
    raise AssertionError(len(bytearray(200 * 2**20)))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have not both limits")
@pytest.mark.parametrize(
    ("build", "bound", "most", "reason"),
    [
        (slow, "LONGEST", 0.5, "all steps together took longer than 0.5 seconds"),
        (hungry, "MOST_MEMORY", 64, "it needed more than 64 MiB of memory"),
    ],
)
def test_a_document_that_takes_too_much_is_refused(
    build: Any,
    bound: str,
    most: float,
    reason: str,
    *,
    root: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Adoption as a whole has a bound of time and one of memory; then nothing is replaced."""
    monkeypatch.setattr(bounded, bound, most)
    server.answers[MAIN] = file(as_bytes(published()))
    before = beside(root)
    assert fetch_spec.main([server.url()], root=root, make=making(root, build)) == 5
    assert f"It cannot be adopted: {reason}." in capsys.readouterr().err
    assert beside(root) == before
    assert (root / ".work" / "published.yaml").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no alarms")
def test_installing_tools_takes_none_of_the_time(root: Path, server: Server) -> None:
    """They are installed before the time begins, and a failure is told like any other."""
    alarms: dict[str, bool] = {}

    def prepare() -> None:
        alarms["prepare"] = signal.getitimer(signal.ITIMER_REAL)[0] > 0

    def build(scratch: Path, candidate: Path) -> list[Note]:
        alarms["build"] = signal.getitimer(signal.ITIMER_REAL)[0] > 0
        return built(scratch, candidate)

    def offline() -> None:
        raise redocly.NodeError("npm is offline")

    server.answers[MAIN] = file(as_bytes(published()))
    failing = Maker(build, installed(root), offline)
    assert fetch_spec.main([server.url()], root=root, make=failing) == 5
    assert (
        fetch_spec.main([server.url()], root=root, make=Maker(build, installed(root), prepare)) == 0
    )
    assert alarms == {"prepare": False, "build": True}


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_an_interruption_leaves_the_old_file(
    stop: type[BaseException], root: Path, server: Server
) -> None:
    """Stopped in the middle of the build, nothing is replaced and nothing is left over."""

    def stopping(made: Path, _: Path) -> list[Note]:
        (made / "customers.yaml").write_text("half", encoding="utf-8")
        raise stop

    server.answers[MAIN] = file(as_bytes(published()))
    before = beside(root)
    with pytest.raises(stop):
        fetch_spec.main([server.url()], root=root, make=making(root, stopping))
    assert beside(root) == before
    assert scratch(root) == []


def test_an_interrupted_replacement_leaves_the_old_file(
    root: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new file is complete on the disk before it takes the old one's place."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    server.answers[MAIN] = file(as_bytes(published()))
    before = beside(root)
    with pytest.raises(OSError, match="No space left"):
        fetch_spec.main([server.url()], root=root, make=making(root))
    assert beside(root) == before
    assert scratch(root) == []


def test_a_failed_installation_brings_the_old_document_back(root: Path, server: Server) -> None:
    """When the client cannot be put into place, the published document is the old one too, or
    none.
    """

    def failing(_: Path) -> None:
        raise OSError(28, "No space left on device")

    server.answers[MAIN] = file(as_bytes(published()))
    for old in (None, as_bytes(unmarked(reconstruction()))):
        if old:
            (root / "openapi" / "published.yaml").write_bytes(old)
        before = beside(root)
        with pytest.raises(OSError, match="No space left"):
            fetch_spec.main([server.url()], root=root, make=Maker(built, failing))
        assert beside(root) == before


def test_a_report_goes_where_it_is_wanted(root: Path, server: Server, tmp_path: Path) -> None:
    """`--report` names its place; a failure is told there too."""
    server.answers[MAIN] = file(as_bytes(published()))
    target = tmp_path / "reports" / "new.md"
    assert (
        fetch_spec.main([server.url(), "--report", str(target)], root=root, make=making(root)) == 0
    )
    assert target.read_text(encoding="utf-8").startswith("# Rating: major")
    server.answers.clear()
    assert (
        fetch_spec.main([server.url(), "--report", str(target)], root=root, make=making(root)) == 3
    )
    assert target.read_text(encoding="utf-8").startswith("# Not taken over\n")


def test_a_file_that_may_be_cut_is_said_to(root: Path, server: Server) -> None:
    """When the server named no length, the report says that a cut would not have been seen."""
    server.answers[MAIN] = lambda talk: talk.say(head() + as_bytes(published()))
    assert fetch_spec.main([server.url()], root=root, make=making(root)) == 0
    assert "a cut at its end would not be seen" in report(root)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["http://example.invalid/openapi.yaml"], "plain http is for this machine alone"),
        (["--file", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["--rate", "nowhere.yaml", "elsewhere.yaml"], "nowhere.yaml cannot be read"),
    ],
)
def test_wrong_usage_has_its_own_code(
    arguments: list[str], reason: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot even be tried ends with 2 and says why."""
    assert fetch_spec.main(arguments, root=root) == 2
    assert reason in capsys.readouterr().err


def test_a_large_file_is_not_read(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bound of 20 MB is the same for a file."""
    (tmp_path / "large.yaml").write_bytes(padded(20_000_000))
    assert fetch_spec.main(["--file", str(tmp_path / "large.yaml")], root=root) == 2
    assert "larger than 20 MB" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"openapi: [", b"title: nothing\n"])
def test_a_broken_project_is_not_made_worse(
    content: bytes | None, root: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a readable `upstream.yaml` of our own there is nothing to compare with, and
    nothing is replaced.
    """
    upstream = root / "openapi" / "upstream.yaml"
    upstream.unlink() if content is None else upstream.write_bytes(content)
    server.answers[MAIN] = file(as_bytes(published()))
    before = beside(root)
    assert fetch_spec.main([server.url()], root=root, make=making(root)) == 2
    assert str(upstream) in capsys.readouterr().err
    assert beside(root) == before


def test_a_failure_of_the_default_address_says_that_it_is_a_guess(
    root: Path, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The default address is inferred, and whoever it fails is told so; with an address of
    one's own it is not said.
    """
    monkeypatch.setattr(fetch_spec, "DEFAULT_ADDRESS", server.url())
    assert fetch_spec.main([], root=root) == 3
    assert "is inferred" in capsys.readouterr().err
    assert fetch_spec.main([server.url()], root=root) == 3
    assert "is inferred" not in capsys.readouterr().err


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, redocly.ROOT / "tools" / "fetch_spec.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_help_says_what_one_must_know() -> None:
    """`--help` documents every exit code, and says that the default address is inferred."""
    said = " ".join(run("--help").stdout.split())
    assert all(f" {code} " in said for code in range(6))
    assert "https://docs2.timify.com/_spec/apis/openapi.yaml?download" in said
    assert "inferred" in said


def test_two_files_are_rated_without_a_network(tmp_path: Path) -> None:
    """`--rate OLD NEW` tells what a change means, and changes nothing."""
    sent = {"a": {"type": "string"}, "b": {"type": "string"}}
    (tmp_path / "old.json").write_text(
        json.dumps(a_document(x=operation(body=an_object(**sent)))), encoding="utf-8"
    )
    del sent["b"]
    (tmp_path / "new.json").write_text(
        json.dumps(a_document(x=operation(body=an_object(**sent)))), encoding="utf-8"
    )
    answer = run("--rate", tmp_path / "old.json", tmp_path / "new.json")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("# Rating: major\n")
    assert "`POST /v1/x body $.b`" in answer.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.json", "old.json"]
