"""Models and the customer's view as fields of pydantic's models."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from support.strategies import json_values, texts
from timify_customers import Customer, CustomerFields, Customfield, FieldRegistry
from timify_customers._customfields.reading import SettledCustomer, customer_view
from timify_customers.sandbox._contract import document
from timify_customers_client import models
from timify_customers_client.errors import DecodeError
from timify_customers_client.types import Model

WIRE: dict[str, Any] = {
    "id": "624af9cbed7a899e0f233400",
    "firstName": "Jane",
    "globalId": None,
    "phone": {"phone": "+32470000000", "code": "BE"},
    "fields": [{"id": "f1", "type": "DATE", "value": "1990-01-31", "defaultId": "birthday"}],
    "unknown": {"to": ["the", "document"]},
}
MODELS = [
    value
    for name in models.__all__
    if isinstance(value := getattr(models, name), type) and issubclass(value, Model)
]
CLASSES: list[type[Model]] = [*MODELS, Customer, SettledCustomer]


class Visit(BaseModel):
    """What a service has of its own beside a customer."""

    customer: Customer
    earlier: list[Customer] = []
    field: Customfield | None = None


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from ([part["$ref"]] if "$ref" in part else [])
    for item in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from references(item)


def test_the_json_of_an_answer_becomes_a_customer() -> None:
    """A mapping is viewed as the model, with all that an answer's view has."""
    visit = Visit.model_validate({"customer": WIRE, "earlier": [WIRE], "field": {"id": "f1"}})
    assert type(visit.customer) is Customer
    assert visit.customer.first_name == "Jane"
    assert visit.customer.customfields["birthday"].year == 1990
    assert (len(visit.earlier), type(visit.field)) == (1, Customfield)


def test_a_model_stays_the_one_that_it_is() -> None:
    """An instance is taken as it is, a subclass too; a generated customer becomes the view."""
    ada, settled = Customer.from_dict(WIRE), SettledCustomer.from_dict(WIRE)
    assert Visit(customer=ada).customer is ada
    assert Visit(customer=settled).customer is settled
    viewed = Visit.model_validate({"customer": models.Customer.from_dict(WIRE)}).customer
    assert (type(viewed), viewed) == (Customer, ada)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("value", [None, 5, "x", [], [WIRE], b"{}", object()])
def test_anything_else_is_a_validation_error_that_names_the_type(
    cls: type[Model], value: object
) -> None:
    """What is neither the model nor an object is refused by name, without a word of the value."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(cls).validate_python(value)
    (error,) = caught.value.errors()
    assert f"expected a {cls.__name__} or its JSON object, found " in error["msg"]


def test_another_model_is_refused() -> None:
    """A category is no customer, although both are objects."""
    with pytest.raises(ValidationError, match="found Category"):
        TypeAdapter(Customer).validate_python(models.Category.from_dict(WIRE))


@pytest.mark.parametrize("cls", CLASSES)
def test_a_model_is_dumped_as_to_dict(cls: type[Model]) -> None:
    """In Python and in JSON, with the keys that the document does not know."""
    adapter = TypeAdapter(cls)
    view = adapter.validate_python(MappingProxyType(WIRE))
    dumped = adapter.dump_python(view)
    assert dumped == WIRE == adapter.dump_python(view, mode="json")
    assert dumped["phone"] is not WIRE["phone"]
    assert json.loads(adapter.dump_json(view)) == WIRE


KEYS = ("id", "firstName", "createdAt", "ts", "phone", "fields", "status", "data")
wire = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, json_values)) | st.dictionaries(
    texts, json_values, max_size=4
)


@given(content=wire, cls=st.sampled_from(CLASSES))
def test_what_was_dumped_is_read_as_the_same(content: dict[str, Any], cls: type[Model]) -> None:
    """Whatever an object holds, known or not, right or wrong: it comes through unchanged."""
    adapter: TypeAdapter[Model] = TypeAdapter(cls)
    view = adapter.validate_json(json.dumps(content))
    assert view.to_dict() == content
    assert adapter.validate_json(adapter.dump_json(view)) == view
    assert adapter.validate_python(adapter.dump_python(view)) == view


def test_models_around_it_go_through_json_too() -> None:
    """A model of pydantic's with customers in it equals the one that its JSON makes."""
    visit = Visit.model_validate({"customer": WIRE, "earlier": [WIRE]})
    assert Visit.model_validate_json(visit.model_dump_json()) == visit
    assert Visit.model_validate(visit.model_dump()) == visit
    assert pickle.loads(pickle.dumps(visit)) == visit
    assert visit.model_copy(deep=True) == visit


def test_one_of_several_types_is_dumped_by_its_own() -> None:
    """In a union with others, each value is read and dumped as what it is."""
    adapter: TypeAdapter[Any] = TypeAdapter(Customer | int | str | None)
    for value in (WIRE, 5, "x", None):
        assert adapter.dump_python(adapter.validate_python(value)) == value
        assert json.loads(adapter.dump_json(adapter.validate_python(value))) == value


def test_a_wrong_value_fails_where_it_is_read() -> None:
    """Validation looks at no property, as the API may differ from the document."""
    ada = TypeAdapter(Customer).validate_python({"createdAt": "soon"})
    with pytest.raises(DecodeError, match="createdAt"):
        _ = ada.created_at


def test_what_is_no_object_is_not_dumped() -> None:
    """A view of an entry that is no object cannot be dumped, and the error says why."""
    (entry,) = models.CustomerList.from_dict({"data": [5]}).data
    with pytest.raises(PydanticSerializationError, match="expected an object, found a number"):
        TypeAdapter(models.Customer).dump_python(entry)


def test_after_a_dump_custom_fields_are_read_from_the_answer_alone() -> None:
    """The company's definitions are no part of a customer's JSON, so a dump leaves them behind."""
    registry = FieldRegistry([Customfield.from_dict({"id": "f2", "label": "Tier"})])
    known = customer_view(WIRE, registry)
    assert known.customfields["Tier"] is None
    again = TypeAdapter(Customer).validate_python(TypeAdapter(Customer).dump_python(known))
    assert isinstance(again.customfields, CustomerFields)
    assert again.customfields["birthday"] == known.customfields["birthday"]
    assert "Tier" not in again.customfields
    with pytest.raises(KeyError):
        again.customfields["Tier"]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("cls", CLASSES)
def test_every_model_has_a_json_schema(cls: type[Model], mode: Any) -> None:
    """It is valid, every reference leads somewhere, and it is described where the document has
    words for it.
    """
    schema = TypeAdapter(cls).json_schema(mode=mode)
    jsonschema.Draft202012Validator.check_schema(schema)
    name = "Customer" if issubclass(cls, models.Customer) else cls.__name__
    own = schema  # of a model that holds itself, a reference leads to what it is
    if reference := schema.get("$ref"):
        own = schema["$defs"][reference.removeprefix("#/$defs/")]
    assert own["title"] == name
    if "description" in document()["components"]["schemas"].get(name, {"description": "ours"}):
        assert own["description"]
    assert "x-evidence" not in json.dumps(schema)
    for reference in references(schema):
        assert reference.removeprefix("#/$defs/") in schema["$defs"]


def test_the_schema_is_the_documents() -> None:
    """Properties, descriptions, formats and required keys are those of customers.yaml."""
    schema = TypeAdapter(Customer).json_schema()
    assert schema["required"] == ["id"]
    assert schema["properties"]["createdAt"]["format"] == "date-time"
    assert schema["properties"]["fields"]["items"] == {"$ref": "#/$defs/CustomerField"}
    assert schema["properties"]["id"]["description"] == "The id that TIMIFY assigned."
    jsonschema.validate(WIRE, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"firstName": 5}, schema)


def test_known_values_are_examples() -> None:
    """An unknown value is read as the string that it is, so no schema refuses it."""
    schema = TypeAdapter(Customfield).json_schema()
    jsonschema.validate({"type": "HOLOGRAM"}, schema)
    assert "SELECT" in schema["$defs"]["CustomfieldType"]["examples"]


def test_one_name_for_the_view_and_its_model() -> None:
    """The customer's view and the generated customer in one schema are one definition."""

    class Both(BaseModel):
        view: Customer
        page: models.CustomerList
        model: models.Customer

    schema = Both.model_json_schema()
    assert {"Customer", "CustomerList"} < schema["$defs"].keys()
    assert not [name for name in schema["$defs"] if "__" in name]


def test_models_of_a_user_with_one_name_stay_apart() -> None:
    """A subclass has its model's schema; a class that is only called so has its own."""
    mine = type("Customer", (BaseModel,), {"__annotations__": {"number": int}})
    both: Any = TypeAdapter(tuple[Customer, mine])  # type: ignore[valid-type]
    first, second = both.json_schema()["prefixItems"]
    assert first["$ref"] != second["$ref"]
    subclass = type("Category", (models.Customer,), {"__slots__": ()})
    assert "externalId" in TypeAdapter(subclass).json_schema()["properties"]


def test_nothing_of_pydantic_is_imported() -> None:
    """Without pydantic's own asking, neither it nor the schemas are loaded."""
    code = (
        "import sys, timify_customers; "
        "print([n for n in sys.modules if 'pydantic' in n or n.endswith('.schemas')])"
    )
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
