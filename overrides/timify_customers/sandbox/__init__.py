"""A stateful stand-in for the customers part of the TIMIFY API, for tests and trials.

It answers the token endpoint and the 17 operations on customers, custom fields and categories from
memory, in the shapes that were observed in answers of the real API. It needs the extra
``sandbox``::

    sandbox = Sandbox()
    transport = httpx.ASGITransport(app=sandbox.app)  # in process
    httpx.AsyncClient(transport=transport, base_url="http://sandbox")
    with sandbox.serve() as url:  # or on a loopback socket
        ...

or ``python -m timify_customers.sandbox --port 8089``. ``sandbox.client()`` returns a client of the
sandbox in the same process.

Each request is checked against the document from which the client is generated: see
`Sandbox.violations`. ``fail`` makes requests go wrong, ``add_customers`` adds customers, and
``clock.advance`` moves the clock; other processes do the same by HTTP at ``/_sandbox/...``.
docs/sandbox.md in the repository describes all of it.

Where the behaviour of the real API is not known, the sandbox makes a choice. No choice is a
statement about TIMIFY:

* External ids are unique: a second customer with the same one is refused with 409. With
  ``Sandbox(unique_external_ids=False)`` they may repeat, and a lookup finds the oldest.
* A create, of fields and categories too, is answered with status 201 and everything that a read
  would show; a delete with a plain ``{"status": 1}``. These, the shape of lists, the spelling of
  external ids, the body of failures and the answer to an import have switches:
  ``Sandbox(behaviour=Behaviour(...))``.
* A create without a field that `Company.make_mandatory` names is answered with 400, unless it asks
  to ignore mandatory fields. Updates and imports are not checked.
* Filters of the list of customers do what their names say (they are documented on a sibling
  operation); ``booker_id`` has no effect. ``tags`` shows ids.
* ``ts`` is the moment of the last change. First names are compared by code point.
* Values are strings, and are not checked against the type of their field. Several values are stored
  and returned as they were sent in ``values`` (inferred), beside the one in ``value``. ``phone``
  shows ``mobilePhone`` or else ``landlinePhone``, with ``""`` for a key that the value lacks, and
  ``{}`` if the value is not a JSON object.
* ``defaultId`` of a company's own field is null. Options of a SELECT are strings, or objects as
  they were sent.
* Lists of fields, categories and events honour ``page`` and ``limit``, as the list of customers
  does.
* Default fields and the default category cannot be changed or deleted (403), and a category that
  still has fields cannot be deleted (409). A company's own field is deleted with its values.
* An import is complete when it is answered, with ``{"status": 1}``, and is all or nothing: an
  unacceptable row fails the request with 422 and a message that names the row. A row with an
  unknown ``id`` is unacceptable, unless its ``importCustomerId`` is known.
* A request for the events of an unknown global customer is answered with 404; if the customer is
  known but has no events, with an empty list.
* An unknown company is answered with 403, an unknown field id in ``customfields`` with 400. The
  refresh token has no use, as sources disagree on its route.
* ``import``, ``customfields`` and ``global`` are names of routes, and never ids of customers.
"""

from ._behaviour import (
    Behaviour,
    CreateAnswer,
    ExternalIdKey,
    FailureBody,
    FilterName,
    ImportAnswer,
)
from ._company import Company
from ._faults import Fault, FaultKind, OperationName
from ._model import (
    ConnectionCut,
    CustomerInput,
    ReceivedRequest,
    Refusal,
    StoredCategory,
    StoredCustomer,
    StoredField,
    Violation,
)
from ._sandbox import Sandbox

__all__ = [
    "Behaviour",
    "Company",
    "ConnectionCut",
    "CreateAnswer",
    "CustomerInput",
    "ExternalIdKey",
    "FailureBody",
    "Fault",
    "FaultKind",
    "FilterName",
    "ImportAnswer",
    "OperationName",
    "ReceivedRequest",
    "Refusal",
    "Sandbox",
    "StoredCategory",
    "StoredCustomer",
    "StoredField",
    "Violation",
]
