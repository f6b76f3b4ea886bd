"""Names that would break the generated code are refused, before there is any."""

import copy
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest
from openapi_python_client.strings import RESERVED_WORDS
from spec import names
from spec.document import checks
from timify_customers_client import api, models, types

PROVEN = {"x-evidence": "inferred"}


def _property(content: dict[str, Any], name: str) -> None:
    content["components"]["schemas"]["Customer"]["properties"][name] = PROVEN | {"type": "string"}


def _parameter(content: dict[str, Any], name: str) -> None:
    content["components"]["parameters"]["Page"]["name"] = name


def _schema(content: dict[str, Any], name: str) -> None:
    content["components"]["schemas"][name] = PROVEN | {"type": "object"}


def _operation(content: dict[str, Any], name: str) -> None:
    operation = content["paths"]["/v1/customers"]["get"]
    operation.pop("operationId")
    operation.update({"operationId": name} if name else {})


@pytest.mark.parametrize(
    ("spoil", "name", "message"),
    [
        (
            _property,
            "to_dict",
            "schema Customer: the name 'to_dict' is 'to_dict' in Python, which the generated code",
        ),
        (
            _property,
            "toDict",
            "schema Customer: the name 'toDict' is 'to_dict' in Python, which the generated code",
        ),
        (_property, "from_dict", "schema Customer: the name 'from_dict' is 'from_dict' in Python"),
        (_property, "raw", "schema Customer: the name 'raw' is 'raw' in Python"),
        (
            _property,
            "external_id",
            "schema Customer: the names 'externalId' and 'external_id' are both 'external_id'",
        ),
        (_parameter, "body", "GET /v1/customers: the name 'body' is 'body' in Python"),
        (_parameter, "client", "GET /v1/customers: the name 'client' is 'client' in Python"),
        (
            _parameter,
            "company_id",
            "GET /v1/customers: the names 'company-id' and 'company_id' are both 'company_id'",
        ),
        (_schema, "any", "schemas: the name 'any' is 'Any' in Python"),
        (
            _schema,
            "customer",
            "schemas: the names 'Customer' and 'customer' are both 'Customer' in Python",
        ),
        (
            _operation,
            "createCustomer",
            "operations: the names 'createCustomer' and 'create_customer' are both",
        ),
        (_operation, "", "GET /v1/customers has no operationId"),
    ],
)
def test_a_name_that_breaks_the_client_is_a_fault(
    customers: dict[str, Any], spoil: Callable[[dict[str, Any], str], None], name: str, message: str
) -> None:
    """A name that the generated code uses itself, or that two share in Python, is named with
    where it stands.
    """
    spoiled = copy.deepcopy(customers)
    spoil(spoiled, name)
    assert any(fault.startswith(message) for fault in checks.faults(spoiled)), checks.faults(
        spoiled
    )


def test_all_that_models_have_is_reserved() -> None:
    """Whatever a generated model has besides its properties is refused as the name of one."""
    assert {
        name for name in dir(types.Model) if not name.startswith("_")
    } == names.RESERVED_PROPERTIES


def test_all_that_operations_use_is_reserved() -> None:
    """Whatever an operation's functions take and call besides its own parameters is refused as
    a name of one.
    """
    module = api.customers.update_customer
    taken = inspect.signature(module.asyncio).parameters.keys() - {
        "customer_id",
        "external",
        "company_id",
    }
    called = {
        name for name in vars(module) if name.islower() and not name.startswith(("_", "@"))
    }  # @: pytest's own
    assert taken | called <= names.RESERVED_PARAMETERS | RESERVED_WORDS | {"annotations"}


def test_all_classes_that_modules_import_are_reserved() -> None:
    """A schema cannot have the name of a class that its module, or an operation's, imports
    from elsewhere.
    """
    packages = [*pkgutil.walk_packages(models.__path__, "timify_customers_client.models.")]
    packages += pkgutil.walk_packages(api.__path__, "timify_customers_client.api.")
    modules = [importlib.import_module(package.name) for package in packages]
    imported = {
        name
        for module in modules
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) != module.__name__  # `Filters` is made where it is
    }
    classes = {name for name in imported if name[0].isupper() and not name.isupper()}
    assert classes - set(models.__all__) <= names.RESERVED_SCHEMAS
