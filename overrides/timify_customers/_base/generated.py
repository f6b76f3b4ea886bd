"""The one place that knows the generated package. Vendoring rewrites its one import."""

from timify_customers_client import api, errors, models as models, types  # noqa: I001, PLC0414 - one line to rewrite

UNSET = types.UNSET
DecodeError = errors.DecodeError
Request = types.Request
TimifyError = errors.TimifyError
create_token = api.auth.create_token
endpoints = api.customers
"""One module for each operation of the customers module, named by its operationId."""

ListCustomersFilters = endpoints.list_customers.Filters
"""What narrows the list of customers, as the document has it."""

Category = models.Category
CustomerField = models.CustomerField
CustomerPhone = models.CustomerPhone
Customfield = models.Customfield
Event = models.Event

EXTERNAL_ID_KEY = next(iter(models.CustomerUpdate(external_id="any").raw))
"""How bodies spell the external id, as the built document has it."""
