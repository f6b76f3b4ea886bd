"""The state of one company, and the rules by which it changes."""

import copy
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from . import _render
from ._keys import CustomerKeys
from ._model import (
    DEFAULT_FIELDS,
    SALUTATIONS,
    Clock,
    CustomerInput,
    ObjectIds,
    Refusal,
    StoredCategory,
    StoredCustomer,
    StoredField,
)


class Company:
    """What one company holds: customers, fields, categories, events, each by id.

    Each request is handled under `lock`. Another thread, such as a test beside a served sandbox,
    may read and call methods. It should hold the lock (``with company.lock:``) if it iterates or
    takes several steps while requests may come in. Customers, fields and categories are immutable:
    change them by the methods, not in the dictionaries, because rendered answers and the order are
    cached. `events` may be set freely, by global id.
    """

    def __init__(self, company_id: str, now: Clock, *, unique_external_ids: bool = True) -> None:
        self.id = company_id
        self.lock: threading.RLock = threading.RLock()
        self.customers: dict[str, StoredCustomer] = {}
        self.fields: dict[str, StoredField] = {}
        self.categories: dict[str, StoredCategory] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self._now = now
        self._new_id = ObjectIds(now)
        self._unique_external_ids = unique_external_ids
        self._keys = CustomerKeys()
        self._rendered: dict[str, bytes] = {}
        self._order: list[StoredCustomer] | None = None
        self._past: list[tuple[float, Company]] = []
        self._default_category = self.add_category("General", is_default=True)
        for default_id, type_ in DEFAULT_FIELDS.items():
            options = SALUTATIONS if default_id == "salutation" else ()
            self.add_field(default_id=default_id, type=type_, select_options=options)

    def lag(self, seconds: float) -> None:
        """Let reads see the present state for this many seconds."""
        snapshot = copy.copy(self)
        snapshot.customers = dict(self.customers)
        snapshot.fields = dict(self.fields)
        snapshot.categories = dict(self.categories)
        snapshot.events = dict(self.events)
        snapshot._keys = CustomerKeys(self.customers.values())  # noqa: SLF001 - a copy of this
        snapshot._rendered = dict(self._rendered)  # noqa: SLF001
        self._past.append((self._now() + seconds, snapshot))

    def seen(self) -> "Company":
        """Return the state that reads see: this one, or an older one while a write is late."""
        self._past = [snapshot for snapshot in self._past if self._now() < snapshot[0]]
        return self._past[0][1] if self._past else self

    def default_field(self, default_id: str) -> StoredField:
        """Return the definition with this default id. Raises KeyError if there is none."""
        return self._defaults[default_id]

    @property
    def _defaults(self) -> dict[str, StoredField]:
        return {field.default_id: field for field in self.fields.values() if field.default_id}

    # Customers

    def in_order(self) -> list[StoredCustomer]:
        """Return the customers, ascending by first name (observed), then by id."""
        if self._order is None:
            first_name = self.default_field("firstName").id
            self._order = sorted(
                self.customers.values(),
                key=lambda customer: (customer.values.get(first_name, ""), customer.id),
            )
        return self._order

    def rendered(self, customer: StoredCustomer) -> bytes:
        """Return the JSON of a customer, which is cached until the customer or a field changes."""
        if (content := self._rendered.get(customer.id)) is None:
            content = self._rendered[customer.id] = _render.customer(customer, self.fields.values())
        return content

    def value(self, customer: StoredCustomer, default_id: str) -> str:
        """Return a customer's value of a default field; empty if it was never written."""
        return customer.values.get(self.default_field(default_id).id, "")

    def find(self, customer_id: str, *, external: bool = False) -> StoredCustomer:
        """Return the customer with this id or external id, or raise a Refusal with 404."""
        found_id = self._keys.oldest(customer_id) if external else customer_id
        customer = self.customers.get(found_id or "")
        if customer is None:
            raise Refusal(
                404, f"no customer has the {'externalId' if external else 'id'} {customer_id!r}"
            )
        return customer

    def find_imported(self, key: str) -> StoredCustomer | None:
        """Return the customer that was created with this import key, if there is one."""
        return self.customers.get(self._keys.oldest_imported(key) or "")

    def create(self, values: Mapping[str, str], **attributes: Any) -> StoredCustomer:
        """Add a customer with values by field id, and with other attributes of `StoredCustomer`."""
        now = self._now()
        return self.put(
            StoredCustomer(
                **{
                    "id": self._new_id(),
                    "values": dict(values),
                    "created_at": now,
                    "updated_at": now,
                    **attributes,
                }
            )
        )

    def check_mandatory(self, customer: CustomerInput) -> None:
        """Refuse a create that lacks mandatory fields, with 400 and details with their ids.

        ``ignore_mandatory_validation``, documented on a sibling operation, implies that fields may
        be mandatory. It is not known how a create without them is refused.
        """
        if customer.ignore_mandatory:
            return
        mandatory = [field for field in self.fields.values() if field.is_mandatory]
        missing = [
            field
            for field in mandatory
            if not (customer.values.get(field.id) or customer.lists.get(field.id))
        ]
        if missing:
            names = ", ".join(field.default_id or field.label for field in missing)
            details = {"body": {f"customfields.{field.id}": "missing" for field in missing}}
            raise Refusal(400, f"mandatory fields are missing: {names}", details)

    def make_mandatory(self, *names: str) -> None:
        """Refuse creates without these fields, named by default id, label or id, from now on.

        Raises:
            ValueError: There is no such field.
        """
        for name in names:
            self.put_field(replace(self.named_field(name), is_mandatory=True))

    def add(self, customer: CustomerInput) -> StoredCustomer:
        """Add the customer of a request."""
        keys = {
            "external_id": customer.external_id or "",
            "import_customer_id": customer.import_customer_id or "",
        }
        return self.create(customer.values, lists=customer.lists, **keys)

    def update(self, customer: StoredCustomer, changed: CustomerInput) -> StoredCustomer:
        """Change the values and keys of a customer that a request sets; others stay."""
        keys = {
            "external_id": changed.external_id,
            "import_customer_id": changed.import_customer_id,
        }
        changes: dict[str, Any] = {name: value for name, value in keys.items() if value is not None}
        values = {**customer.values, **changed.values}
        lists = {**customer.lists, **changed.lists}
        return self.put(
            replace(customer, values=values, lists=lists, updated_at=self._now(), **changes)
        )

    def put(self, customer: StoredCustomer) -> StoredCustomer:
        """Store a customer, replacing the one with its id.

        Raises:
            Refusal: its external id is in use (409).
        """
        holders = self._keys.holders(customer.external_id) - {customer.id}
        if holders and self._unique_external_ids:
            raise Refusal(
                409, f"externalId {customer.external_id!r} is taken by customer {min(holders)}"
            )
        if replaced := self.customers.get(customer.id):
            self._forget(replaced)
        self.customers[customer.id] = customer
        self._keys.add(customer)
        self._order = None
        return customer

    def remove(self, customer: StoredCustomer) -> None:
        """Delete a customer."""
        del self.customers[customer.id]
        self._forget(customer)

    def restore_point(self) -> Callable[[], None]:
        """Return a function that undoes all later changes of customers."""
        customers = dict(self.customers)

        def undo() -> None:
            self.customers.clear()
            self.customers.update(customers)
            self._keys = CustomerKeys(customers.values())
            self._rendered.clear()
            self._order = None

        return undo

    def _forget(self, customer: StoredCustomer) -> None:
        self._order = None
        self._rendered.pop(customer.id, None)
        self._keys.remove(customer)

    # Fields and categories

    def field(self, field_id: str) -> StoredField:
        """Return the definition with this id. Raises a Refusal with 404 if there is none."""
        if field_id not in self.fields:
            raise Refusal(404, f"no custom field has the id {field_id!r}")
        return self.fields[field_id]

    def named_field(self, name: object) -> StoredField:
        """Return the definition with this default id, id or label, or raise ValueError."""
        for field in self.fields.values():
            if isinstance(name, str) and name and name in {field.default_id, field.id, field.label}:
                return field
        existing = ", ".join(
            definition.default_id or definition.label for definition in self.fields.values()
        )
        raise ValueError(f"no custom field is called {name!r}; known: {existing}")

    def own_field(self, field_id: str) -> StoredField:
        """Return the same as `field`. Raises a Refusal with 403 for a default field."""
        field = self.field(field_id)
        if field.default_id:
            raise Refusal(
                403, f"{field.default_id} is a default field: it cannot be changed or deleted"
            )
        return field

    def add_field(self, **attributes: Any) -> StoredField:
        """Add a definition after the others, by default in the default category."""
        index = max((field.order_index for field in self.fields.values()), default=-1) + 1
        attributes.setdefault("category_id", self._default_category.id)
        return self.put_field(
            StoredField(**{"id": self._new_id(), "order_index": index, **attributes})
        )

    def put_field(self, field: StoredField) -> StoredField:
        """Store a definition, replacing the one with its id."""
        if field.category_id not in self.categories:
            raise Refusal(400, f"no category has the id {field.category_id!r}")
        self.fields[field.id] = field
        self._rendered.clear()
        return field

    def remove_field(self, field: StoredField) -> None:
        """Delete a definition and its values in all customers."""
        del self.fields[field.id]
        for customer in list(self.customers.values()):
            if field.id in customer.values:
                values = {key: value for key, value in customer.values.items() if key != field.id}
                lists = {key: several for key, several in customer.lists.items() if key != field.id}
                self.put(replace(customer, values=values, lists=lists))

    def category(self, category_id: str) -> StoredCategory:
        """Return the category with this id. Raises a Refusal with 404 if there is none."""
        if category_id not in self.categories:
            raise Refusal(404, f"no category has the id {category_id!r}")
        return self.categories[category_id]

    def own_category(self, category_id: str) -> StoredCategory:
        """Return the same as `category`. Raises a Refusal with 403 for the default category."""
        category = self.category(category_id)
        if category.is_default:
            raise Refusal(
                403, f"{category.name} is the default category: it cannot be changed or deleted"
            )
        return category

    def add_category(self, name: str, *, is_default: bool = False) -> StoredCategory:
        """Add a category after the others."""
        index = max((category.order_index for category in self.categories.values()), default=-1) + 1
        added = StoredCategory(
            id=self._new_id(), name=name, order_index=index, is_default=is_default
        )
        self.categories[added.id] = added
        return added

    def remove_category(self, category: StoredCategory) -> None:
        """Delete a category. Raises a Refusal with 409 while it has fields."""
        if any(field.category_id == category.id for field in self.fields.values()):
            raise Refusal(409, f"category {category.name!r} still has custom fields")
        del self.categories[category.id]
