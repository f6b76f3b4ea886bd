"""Reports as the text of a pull request."""

from spec.compare import report
from spec.compare.rules import Change


def test_foreign_words_do_nothing_in_markdown() -> None:
    """What a document says stands in code spans, on one line, and is cut where it is long."""
    for hostile in (
        "`</code>` @everyone",
        "a\n# Heading\n\n- item",
        "[x](https://example.invalid)",
        "x" * 1000,
    ):
        shown = report.code(hostile)
        assert shown.startswith("`")
        assert shown.endswith("`")
        assert "`" not in shown[1:-1]
        assert "\n" not in shown
        assert len(shown) <= report.LONGEST + 2


def test_a_long_report_fits_a_pull_request() -> None:
    """However much has changed, the text is shorter than a pull request's may be."""
    many = [
        Change(impact, f"POST /v1/things body $.{'a' * 300}{number}", "m" * 300, "removed")
        for impact in ("major", "minor", "patch")
        for number in range(1000)
    ]
    text = report.rating(many, many)
    short = report.bounded(text)
    assert len(text) > 65_536 > len(short)
    assert text.startswith(
        short.removesuffix("\n\nCut here. `make fetch-spec` prints all of it.\n")
    )
    assert report.bounded("short\n") == "short\n"


def test_the_heaviest_reason_comes_first() -> None:
    """The rating is the heaviest verdict, and its reasons stand before the others, with their
    places and rules.
    """
    ours = [Change("major", "POST /v1/things body $.a", "was removed", "removed")]
    theirs = [Change("patch", "#/paths/x", "`key` was modified", "redocly: modified")]
    text = report.rating(ours, theirs)
    assert text.startswith("# Rating: major\n")
    assert "Redocly alone says patch, our rules say major." in text
    assert "- `POST /v1/things body $.a` `was removed` (removed)" in text
    assert text.index("## Major (1)") < text.index("## Patch (1)")


def test_nothing_is_called_nothing() -> None:
    """No change at all is `none`, with no sections."""
    text = report.rating([], [])
    assert text.startswith("# Rating: none\n")
    assert "##" not in text
