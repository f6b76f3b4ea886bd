"""Our rules of what a change means: pure functions of two documents."""

from typing import Any

import pytest
from fetch.documents import a_document, an_object, inlined, operation, published, query, renamed
from hypothesis import given
from hypothesis import strategies as st
from spec.compare import rules, walk
from spec.compare.rules import Impact, highest
from spec.errors import RejectedError

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def rated(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[Impact, str, str]]:
    found = rules.changes(a_document(things=old), a_document(things=new))
    return [
        (each.impact, each.rule, each.where.removeprefix("POST /v1/things").strip())
        for each in found
    ]


def sending(**properties: Any) -> dict[str, Any]:
    return operation(body=an_object(**properties))


def giving(*required: str, **properties: Any) -> dict[str, Any]:
    return operation(answer=an_object(*required, **properties))


def asking(*parameters: Any) -> dict[str, Any]:
    return operation(parameters=parameters)


BODY, ANSWER = "body $.a", "answer 200 $.a"
CASES = {
    # What is sent
    "removed, optional": (sending(a=TEXT), sending(), ("major", "removed", BODY)),
    "removed, inside": (
        sending(a=an_object(b=TEXT)),
        sending(a=an_object()),
        ("major", "removed", "body $.a.b"),
    ),
    "removed, in entries": (
        sending(a={"type": "array", "items": an_object(b=TEXT)}),
        sending(a={"type": "array", "items": an_object()}),
        ("major", "removed", "body $.a[].b"),
    ),
    "renamed": (sending(aB=TEXT), sending(a_b=TEXT), ("major", "renamed", "body $.aB")),
    "new and required": (
        operation(body=an_object()),
        operation(body=an_object("a", a=TEXT)),
        ("major", "added", BODY),
    ),
    "became required": (
        sending(a=TEXT),
        operation(body=an_object("a", a=TEXT)),
        ("major", "required", BODY),
    ),
    "another type": (sending(a=TEXT), sending(a=NUMBER), ("major", "types", BODY)),
    "fewer types": (
        sending(a={"type": ["string", "null"]}),
        sending(a=TEXT),
        ("major", "types", BODY),
    ),
    "a type at all": (sending(a={}), sending(a=TEXT), ("major", "types", BODY)),
    "not nullable": (
        sending(a=TEXT | {"nullable": True}),
        sending(a=TEXT),
        ("major", "types", BODY),
    ),
    "format": (sending(a=TEXT), sending(a=TEXT | {"format": "date"}), ("major", "formats", BODY)),
    "fewer values": (
        sending(a={"enum": ["x", "y"]}),
        sending(a={"enum": ["x"]}),
        ("major", "values", BODY),
    ),
    "values at all": (
        sending(a=TEXT),
        sending(a=TEXT | {"enum": ["x"]}),
        ("major", "values", BODY),
    ),
    "body gone": (sending(a=TEXT), operation(), ("major", "removed", "body")),
    "parameter gone": (asking(query("p")), asking(), ("major", "removed", "query parameter p")),
    "parameter renamed": (
        asking(query("aB")),
        asking(query("a_b")),
        ("major", "renamed", "query parameter aB"),
    ),
    "parameter required": (
        asking(query("p")),
        asking(query("p", required=True)),
        ("major", "required", "query parameter p"),
    ),
    "parameter new and required": (
        asking(),
        asking(query("p", required=True)),
        ("major", "added", "query parameter p"),
    ),
    "parameter type": (
        asking(query("p")),
        asking(query("p", "integer")),
        ("major", "types", "query parameter p $"),
    ),
    "parameter moved": (
        asking(query("p")),
        asking(query("p") | {"in": "header"}),
        ("major", "removed", "query parameter p"),
    ),
    "one more type": (
        sending(a=TEXT),
        sending(a={"type": ["string", "integer"]}),
        ("minor", "types", BODY),
    ),
    "any number": (sending(a=NUMBER), sending(a={"type": "number"}), ("minor", "types", BODY)),
    "more values": (
        sending(a={"enum": ["x"]}),
        sending(a={"enum": ["x", "y"]}),
        ("minor", "values", BODY),
    ),
    "any value": (sending(a=TEXT | {"enum": ["x"]}), sending(a=TEXT), ("minor", "values", BODY)),
    "another constant": (
        sending(a={"const": "x"}),
        sending(a={"const": "y"}),
        ("major", "values", BODY),
    ),
    "values of both": (
        sending(a={"enum": ["x", "y"]}),
        sending(a={"allOf": [{"enum": ["x", "y"]}, {"enum": ["y"]}]}),
        ("major", "values", BODY),
    ),
    "entries of another type": (
        sending(a={"items": TEXT}),
        sending(a={"type": "array", "items": NUMBER}),
        ("major", "types", "body $.a[]"),
    ),
    "values by another name": (
        sending(a={"additionalProperties": TEXT}),
        sending(a={"additionalProperties": NUMBER}),
        ("major", "types", "body $.a.*"),
    ),
    "new, optional": (sending(), sending(a=TEXT), ("minor", "added", BODY)),
    "became optional": (
        operation(body=an_object("a", a=TEXT)),
        sending(a=TEXT),
        ("minor", "required", BODY),
    ),
    "new parameter": (asking(), asking(query("p")), ("minor", "added", "query parameter p")),
    # What is received
    "answer without it": (giving("a", a=TEXT), giving(), ("major", "removed", ANSWER)),
    "answer without an optional one": (giving(a=TEXT), giving(), ("major", "removed", ANSWER)),
    "no longer sure": (giving("a", a=TEXT), giving(a=TEXT), ("major", "required", ANSWER)),
    "another type received": (giving(a=TEXT), giving(a=NUMBER), ("major", "types", ANSWER)),
    "one more type received": (
        giving(a=TEXT),
        giving(a={"type": ["string", "integer"]}),
        ("major", "types", ANSWER),
    ),
    "null where it is sure": (
        giving("a", a=TEXT),
        giving("a", a={"type": ["string", "null"]}),
        ("major", "types", ANSWER),
    ),
    "anything received": (giving(a=TEXT), giving(a={}), ("major", "types", ANSWER)),
    "format received": (
        giving(a=TEXT | {"format": "date-time"}),
        giving(a=TEXT),
        ("major", "formats", ANSWER),
    ),
    "another status": (
        operation(responses={"200": {"description": "ok"}}),
        operation(responses={"201": {"description": "ok"}}),
        ("major", "moved", "answer 200"),
    ),
    "no success": (
        operation(responses={"200": {"description": "ok"}, "404": {"description": "no"}}),
        operation(responses={"404": {"description": "no"}}),
        ("major", "removed", "answer 200"),
    ),
    "null where it may be absent": (
        giving(a=TEXT),
        giving(a={"type": ["string", "null"]}),
        ("minor", "types", ANSWER),
    ),
    "fewer types received": (
        giving(a={"type": ["string", "integer"]}),
        giving(a=TEXT),
        ("minor", "types", ANSWER),
    ),
    "new in the answer": (giving(), giving(a=TEXT), ("minor", "added", ANSWER)),
    "new and sure in the answer": (giving(), giving("a", a=TEXT), ("minor", "added", ANSWER)),
    "now sure": (giving(a=TEXT), giving("a", a=TEXT), ("minor", "required", ANSWER)),
    "a new failure": (
        operation(responses={"200": {"description": "ok"}}),
        operation(responses={"200": {"description": "ok"}, "409": {"description": "no"}}),
        ("minor", "added", "answer 409"),
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES.keys())
def test_each_change_has_its_rating(
    old: dict[str, Any], new: dict[str, Any], expected: tuple[Impact, str, str]
) -> None:
    """A change is rated by what it does to who sends or reads, with its place; and it decides
    the whole rating.
    """
    found = rated(old, new)
    assert expected in found
    assert highest(each[0] for each in found) == expected[0]


def test_an_operation_that_is_gone_is_major() -> None:
    """Removing an operation, or taking its tag, takes it from the client, which is built from
    the tag's operations.
    """
    both = a_document(things=operation(), others=operation())
    for gone in (
        a_document(things=operation()),
        a_document(things=operation(), others=operation(tags=["Moved"])),
    ):
        found = rules.changes(both, gone)
        assert [(each.impact, each.where) for each in found] == [("major", "POST /v1/others")]
    assert [each.impact for each in rules.changes(gone, both)] == ["minor"]


def test_what_the_client_does_not_use_does_not_count() -> None:
    """Operations of other tags, their schemas, and ignored headers change as they like."""
    header = {"name": "Authorization", "in": "header", "required": True, "schema": TEXT}
    old = a_document(
        things=operation(), others=operation(body=an_object(a=TEXT), tags=["Bookings"])
    )
    new = a_document(things=operation(parameters=(header,)), more=operation(tags=["Bookings"]))
    assert rules.changes(old, new) == []


def test_the_token_counts_whatever_its_tag() -> None:
    """The operation that gives a token is one of the client's, with any tag."""

    def documented(body: dict[str, Any]) -> dict[str, Any]:
        document = a_document(things=operation())
        document["paths"]["/v1/auth/token"] = {"post": operation(body=body, tags=["Auth"])}
        return document

    found = rules.changes(documented(an_object(appid=TEXT)), documented(an_object(appId=TEXT)))
    assert ("major", "renamed") in [(each.impact, each.rule) for each in found]


def test_how_a_document_is_written_does_not_count() -> None:
    """Other names of schemas, and schemas written out in place, are no change at all."""
    document = published()
    assert rules.changes(document, renamed(document)) == []
    assert rules.changes(document, inlined(document)) == []
    assert rules.changes(inlined(document), document) == []


def test_the_name_of_a_path_parameter_is_a_patch() -> None:
    """It is not sent, so the operation is still the same one."""
    old, new = a_document(), a_document()
    for document, name in ((old, "thingId"), (new, "id")):
        parameter = {"name": name, "in": "path", "required": True, "schema": TEXT}
        document["paths"][f"/v1/things/{{{name}}}"] = {"get": operation(parameters=(parameter,))}
    found = rules.changes(old, new)
    assert {each.impact for each in found} == {"patch"}
    assert any("/v1/things/{id}" in each.message for each in found)


@pytest.mark.parametrize("key", ["allOf", "oneOf", "anyOf"])
def test_composed_schemas_are_looked_into(key: str) -> None:
    """What stands in allOf, oneOf or anyOf is found there."""
    old, new = ({key: [an_object(a=TEXT), part]} for part in (an_object(b=TEXT), an_object(c=TEXT)))
    found = rated(operation(body=old), operation(body=new))
    assert ("major", "removed", "body $.b") in found
    assert ("minor", "added", "body $.c") in found


def test_null_as_an_alternative_is_nullable() -> None:
    """The three ways to say that something may be null are one."""
    ways = [
        {"type": ["string", "null"]},
        {"type": "string", "nullable": True},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
    ]
    for old in ways:
        for new in ways:
            assert rated(sending(a=old), sending(a=new)) == []


def endless(name: str, other: str) -> dict[str, Any]:
    """Give a document whose schemas contain each other, down to a property `a` that is a
    `name` or an `other`.
    """
    document = a_document(things=operation(body={"$ref": "#/components/schemas/A"}))
    schemas = {
        "A": an_object(b={"$ref": "#/components/schemas/B"}, a={"$ref": "#/components/schemas/A"}),
        "B": an_object(
            a={"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]},
            **{name: {"type": other}},
        ),
        "C": {"allOf": [{"$ref": "#/components/schemas/C"}]},
        "D": {"$ref": "#/components/schemas/D"},
    }
    schemas["A"]["properties"] |= {
        "c": {"$ref": "#/components/schemas/C"},
        "d": {"$ref": "#/components/schemas/D"},
    }
    return document | {"components": {"schemas": schemas}}


def test_schemas_that_contain_each_other_come_to_an_end() -> None:
    """A change in a circle of schemas is found once, where it is met first."""
    found = rules.changes(endless("x", "string"), endless("x", "integer"))
    assert [(each.impact, each.where) for each in found] == [
        ("major", "POST /v1/things body $.b.x")
    ]


def test_references_that_double_at_each_step_come_to_an_end() -> None:
    """Sixty schemas that each refer twice to the next are sixty to compare, and not two to the
    power of sixty.
    """
    document = a_document(things=operation(body={"$ref": "#/components/schemas/S0"}))
    following = [{"$ref": f"#/components/schemas/S{number + 1}"} for number in range(60)]
    schemas = {
        f"S{number}": {**an_object(a=each, b=each), "allOf": [each, each]}
        for number, each in enumerate(following)
    }
    document["components"] = {"schemas": {**schemas, "S60": an_object(z=TEXT)}}
    assert rules.changes(document, document) == []


def test_what_is_too_deep_to_compare_is_refused() -> None:
    """A chain of references that no interpreter could follow is an error of its own, not a
    traceback.
    """
    document = a_document(things=operation(body={"$ref": "#/components/schemas/S0"}))
    chain = {
        f"S{number}": {"allOf": [{"$ref": f"#/components/schemas/S{number + 1}"}]}
        for number in range(5000)
    }
    document["components"] = {"schemas": chain}
    with pytest.raises(RejectedError, match="nested too deep"):
        rules.changes(document, document)


def test_what_is_too_large_to_compare_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of elements is bounded."""
    monkeypatch.setattr(walk, "MOST_PAIRS", 3)
    with pytest.raises(RejectedError, match="more than 3 elements"):
        rated(sending(a=TEXT), sending(a=TEXT, b=TEXT))


@pytest.mark.parametrize(
    "odd",
    [
        {"parameters": {}},
        {
            "parameters": [
                1,
                {"in": "query"},
                {"$ref": "#/nowhere"},
                {"$ref": "#/paths/~1v1~1things/post/parameters/2"},
            ]
        },
        {"requestBody": []},
        {"requestBody": {"content": {"application/json": None}}},
        {"responses": []},
        {"responses": {"200": None, "default": {"content": 1}}},
        {"requestBody": {"content": {"application/json": {"schema": True}}}},
        {
            "requestBody": {
                "content": {
                    "application/json": {"schema": {"type": 1, "properties": [], "required": "a"}}
                }
            }
        },
        {
            "requestBody": {
                "content": {"application/json": {"schema": {"allOf": {}, "anyOf": [1], "enum": 3}}}
            }
        },
        {"tags": 1},
    ],
)
def test_odd_documents_are_compared_all_the_same(odd: dict[str, Any]) -> None:
    """What is not as OpenAPI says is passed over: Redocly's lint is there to refuse it."""
    for one, other in ((odd, {}), ({}, odd), (odd, odd)):
        old, new = (
            a_document(things=operation() | each, more=operation()) for each in (one, other)
        )
        assert all(each.impact in rules.IMPACTS for each in rules.changes(old, new))


names = st.sampled_from("abcd")
schemas = st.recursive(
    st.sampled_from(
        [
            TEXT,
            NUMBER,
            {},
            {"type": ["string", "null"]},
            {"enum": ["x", 1]},
            TEXT | {"format": "date"},
        ]
    ),
    lambda inner: st.one_of(
        st.dictionaries(names, inner, max_size=3).map(lambda found: an_object(**found)),
        st.dictionaries(names, inner, min_size=1, max_size=3).map(
            lambda found: an_object(*found, **found)
        ),
        inner.map(lambda each: {"type": "array", "items": each}),
        st.lists(inner, min_size=1, max_size=2).flatmap(
            lambda each: st.sampled_from([{"anyOf": each}, {"allOf": each}])
        ),
    ),
    max_leaves=8,
)


@given(schemas, schemas)
def test_rating_is_sane_on_any_schemas(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Nothing changes from a document to itself; where something changes, something changes
    the other way round.
    """
    old, new = (a_document(things=operation(body=each, answer=each)) for each in (one, other))
    assert rules.changes(old, old) == []
    assert bool(rules.changes(old, new)) == bool(rules.changes(new, old))


@given(st.dictionaries(names, schemas, min_size=1, max_size=4), st.data())
def test_no_sent_property_goes_unnoticed(properties: dict[str, Any], data: st.DataObject) -> None:
    """Whichever property of a body is taken away, whatever it was, that is major and named."""
    gone = data.draw(st.sampled_from(sorted(properties)))
    left = {name: each for name, each in properties.items() if name != gone}
    found = rated(sending(**properties), sending(**left))
    assert ("major", "removed", f"body $.{gone}") in found
