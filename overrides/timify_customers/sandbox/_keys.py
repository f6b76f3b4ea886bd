"""The keys by which customers are found, besides their ids."""

from collections.abc import Iterable

from ._model import StoredCustomer


class CustomerKeys:
    """Which customers have an external id or an import key. Several may share one.

    Each index has the ids of customers by key, for example ``{"crm-1815": {"6919...01"}}``.
    """

    def __init__(self, customers: Iterable[StoredCustomer] = ()) -> None:
        self._by_external_id: dict[str, set[str]] = {}
        self._by_import_id: dict[str, set[str]] = {}
        for customer in customers:
            self.add(customer)

    def add(self, customer: StoredCustomer) -> None:
        """Add the keys of a customer."""
        if customer.external_id:
            self._by_external_id.setdefault(customer.external_id, set()).add(customer.id)
        if customer.import_customer_id:
            self._by_import_id.setdefault(customer.import_customer_id, set()).add(customer.id)

    def remove(self, customer: StoredCustomer) -> None:
        """Forget the keys of a customer."""
        self._by_external_id.get(customer.external_id, set[str]()).discard(customer.id)
        self._by_import_id.get(customer.import_customer_id, set[str]()).discard(customer.id)

    def holders(self, external_id: str) -> set[str]:
        """Return the ids of the customers that have an external id."""
        return set(self._by_external_id.get(external_id, ()))

    def oldest(self, external_id: str) -> str | None:
        """Return the id of the oldest customer with an external id; ids ascend with time."""
        return min(self._by_external_id.get(external_id, ()), default=None)

    def oldest_imported(self, import_customer_id: str) -> str | None:
        """Return the id of the oldest customer with an import key."""
        return min(self._by_import_id.get(import_customer_id, ()), default=None)
