"""The only module that imports the generated package. Vendoring rewrites this one import."""

from timify_customers_client import api, errors, models as models, types  # noqa: I001, PLC0414 - one line to rewrite

UNSET = types.UNSET
DecodeError = errors.DecodeError
Request = types.Request
TimifyError = errors.TimifyError
create_token = api.auth.create_token
endpoints = api.customers
"""One module for each operation of the customers module, named by its operationId."""

ListCustomersFilters = endpoints.list_customers.Filters
"""The filters of the list of customers, as the document has them."""

LIST_SEPARATORS = endpoints.list_customers.SEPARATORS
"""What separates the entries of each filter that is a list; "&" if each entry is sent by itself."""

Category = models.Category
CustomerField = models.CustomerField
CustomerPhone = models.CustomerPhone
Customfield = models.Customfield
Event = models.Event

_ANY = "any"
_update = models.CustomerUpdate(customfields=[], external_id=_ANY).raw
EXTERNAL_ID_KEY = next(key for key, value in _update.items() if value == _ANY)
"""How bodies spell the external id, as the built document has it."""

_row = models.CustomerImportRow(
    import_customer_id="importCustomerId", id="id", external_id="externalId"
).raw
IMPORT_ROW_KEYS = {str(column): key for key, column in _row.items()}
"""How rows of an import spell the columns that are not custom fields, as the document has it."""
