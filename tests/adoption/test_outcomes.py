"""What is done where two documents meet: each rule by itself."""

from typing import Any

import pytest
from spec.adopt.components import usable
from spec.adopt.operations import operation_name, path_names, renamed_path
from spec.adopt.outcomes import (
    enum_values,
    is_dropped,
    is_must,
    pairs,
    parameter_outcome,
    property_outcome,
    stays_required,
)
from spec.compare.scope import Operation

NONE: frozenset[str] = frozenset()
TEXT, WHOLE, BOTH = frozenset({"string"}), frozenset({"integer"}), frozenset({"integer", "string"})
NUMBER, FLAG, MANY, THING = (frozenset({each}) for each in ("number", "boolean", "array", "object"))


@pytest.mark.parametrize(
    ("ours", "theirs", "evidence", "expected"),
    [
        (TEXT, TEXT, "inferred", "same"),
        (TEXT, NONE, "inferred", "silent"),
        (NONE, TEXT, "observed", "published"),
        (BOTH, TEXT, "observed", "same"),
        (NUMBER, WHOLE, "observed", "same"),
        (TEXT, WHOLE, "observed", "ours"),
        (TEXT, WHOLE, "documented", "ours"),
        (TEXT, WHOLE, "inferred", "both"),
        (TEXT, THING, "third-party", "both"),
        (TEXT, WHOLE, "sibling", "both"),
    ],
)
def test_an_answer_keeps_what_was_seen(
    ours: Any, theirs: Any, evidence: str, expected: str
) -> None:
    """In an answer what was recorded stays, a guess and what is published stand side by side."""
    assert property_outcome(ours, theirs, "answer", evidence) == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (TEXT, TEXT, "same"),
        (TEXT, BOTH, "same"),
        (BOTH, TEXT, "published"),
        (TEXT, WHOLE, "published"),
        (WHOLE, NUMBER, "same"),
        (TEXT, NONE, "silent"),
        (NONE, MANY, "published"),
    ],
)
def test_a_body_is_as_published(ours: Any, theirs: Any, expected: str) -> None:
    """In a body the published types stand, unless they take all that ours are."""
    assert property_outcome(ours, theirs, "body", "observed") == expected


def test_a_must_is_never_retyped() -> None:
    """What the client cannot do without stays ours, whatever is published."""
    assert property_outcome(MANY, TEXT, "body", "third-party", must=True) == "ours"
    assert property_outcome(MANY, MANY, "body", "third-party", must=True) == "same"
    assert property_outcome(MANY, NONE, "body", "third-party", must=True) == "silent"


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("POST /v1/customers", ("customfields",)),
        ("POST /v1/customers", ("customfields", "[]", "id")),
        ("PATCH /v1/customers/{}", ("customfields", "[]", "value")),
        ("POST /v1/customers", ("external_id",)),
        ("PATCH /v1/customers/{}", ("external_id",)),
        ("POST /v1/customers/import", ("customers",)),
        ("POST /v1/customers/import", ("customers", "[]", "import_customer_id")),
        ("POST /v1/customers/import", ("customers", "[]", "customfields", "[]", "value")),
        ("POST /v1/auth/token", ("appid",)),
        ("POST /v1/auth/token", ("appsecret",)),
    ],
)
def test_musts(operation: str, path: tuple[str, ...]) -> None:
    """Custom fields with id and value, the external id, the import's wrapper and key, the
    app's id and secret.
    """
    assert is_must(operation, path)
    assert not is_must("POST /v1/customers/customfields", path)


@pytest.mark.parametrize(
    ("evidence", "dropped"),
    [
        ("inferred", True),
        ("third-party", True),
        ("sibling", False),
        ("observed", False),
        ("documented", False),
    ],
)
def test_a_guess_is_dropped_from_a_body_that_has_it_not(evidence: str, *, dropped: bool) -> None:
    """Only what is inferred or from a third party is dropped, and no must."""
    assert is_dropped(evidence, must=False) is dropped
    assert not is_dropped(evidence, must=True)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (WHOLE, TEXT, "same"),
        (TEXT, WHOLE, "same"),
        (WHOLE, BOTH, "same"),
        (WHOLE, FLAG, "published"),
        (TEXT, MANY, "published"),
        (MANY, TEXT, "same"),
        (MANY, FLAG, "published"),
        (NONE, TEXT, "published"),
        (TEXT, NONE, "silent"),
    ],
)
def test_a_parameter_is_text(ours: Any, theirs: Any, expected: str) -> None:
    """Where 1 and "1" are the same on the wire ours stays, and a list of ours is a text
    too; a flag is something else, and so is a published list.
    """
    assert parameter_outcome(ours, theirs) == expected


def test_external_is_always_one() -> None:
    """The flag `external` is sent as 1 whether it is published as a number, a text or a flag."""
    assert {
        parameter_outcome(WHOLE, theirs, must=True) for theirs in (WHOLE, TEXT, FLAG, MANY)
    } == {"same"}


@pytest.mark.parametrize(
    ("ours", "theirs", "role", "must", "expected"),
    [
        (False, True, "answer", False, False),
        (True, False, "answer", False, True),
        (False, True, "body", False, True),
        (True, False, "body", False, False),
        (True, False, "body", True, True),
    ],
)
def test_who_says_what_is_required(
    ours: bool, theirs: bool, role: Any, must: bool, *, expected: bool
) -> None:
    """Answers keep what was seen to be left out optional; bodies follow what is published,
    musts aside.
    """
    assert stays_required(ours=ours, theirs=theirs, role=role, must=must) is expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (["externalId"], ["external_id"], {"externalId": "external_id"}),
        (["externalId"], ["external_id", "externalId"], {"externalId": "externalId"}),
        (["externalId"], ["External-Id", "external_id"], {"externalId": "External-Id"}),
        (["a", "b"], ["b", "c"], {"b": "b"}),
    ],
)
def test_names_are_pairs(ours: list[str], theirs: list[str], expected: dict[str, str]) -> None:
    """The same name is the same; else one that is the same in Python; where both are published
    ours is ours.
    """
    assert pairs(ours, theirs) == expected
    assert pairs(ours, reversed(theirs)) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("b", "a", "b"), ["a", "b"]),
        ((2, 1), [1, 2]),
        (("a", None), ["a"]),
        (("a", 1), None),
        ((True, False), None),
        ((1.5,), None),
        ((), None),
        (None, None),
        (tuple(map(str, range(501))), None),
    ],
)
def test_which_values_are_an_enumeration(values: Any, expected: Any) -> None:
    """Texts or whole numbers, not too many, without null."""
    assert enum_values(values) == expected


def test_a_name_that_is_taken_in_python_gets_a_number() -> None:
    """Two names that are one in Python, and what models have already, each get a name of their
    own; names of absurd length are left out.
    """
    assert usable(["foo_bar", "fooBar", "foo-bar", "to_dict", "raw", "x" * 500, "b"], ["b"]) == {
        "b": "b_2",
        "foo-bar": "foo_bar",
        "fooBar": "foo_bar_2",
        "foo_bar": "foo_bar_3",
        "raw": "raw_2",
        "to_dict": "to_dict_2",
    }
    assert usable(["external_id", "external_id_2"], ["externalId"]) == {
        "external_id": "external_id_2",
        "external_id_2": "external_id_2_2",
    }


@pytest.mark.parametrize(
    ("path", "names", "operation"),
    [
        (
            "/v1/customers/{x}/notes/{y}/",
            ["customerId", "noteId"],
            "get_customers_by_customer_id_notes_by_note_id",
        ),
        (
            "/v1/customers/{x}/{y}",
            ["customerId", "customerId2"],
            "get_customers_by_customer_id_by_customer_id_2",
        ),
        ("/v1/customers", [], "get_customers"),
    ],
)
def test_new_operations_are_named_by_rule(path: str, names: list[str], operation: str) -> None:
    """Names come from the path alone, so they do not change with what the document calls its
    parameters.
    """
    assert path_names(path) == names
    assert operation_name(Operation("get", path, {}, {})) == operation
    assert renamed_path(path).count("{") == len(names)
