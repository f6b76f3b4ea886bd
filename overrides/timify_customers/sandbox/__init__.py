"""A stateful stand-in of the TIMIFY API for customers: for tests and trials without TIMIFY.

It answers the token endpoint and the 17 operations on customers, custom fields and categories from
memory, in the shapes that were observed in answers of the real API. Needs the extra ``sandbox``::

    sandbox = Sandbox()
    httpx.AsyncClient(transport=httpx.ASGITransport(app=sandbox.app), base_url="http://sandbox")  #
    in process with sandbox.serve() as url:  # or on a loopback socket
        ...

or ``python -m timify_customers.sandbox --port 8089``. ``sandbox.client()`` is a client of it in the
same process.

Each request is held against the document that the client is generated from: see
`Sandbox.violations`. ``fail`` lets requests go wrong, ``add_customers`` fills it, ``clock.advance``
moves its time; other processes do the same by HTTP at ``/_sandbox/...``. docs/sandbox.md in the
repository describes all of it.

Where the behaviour of the real API is not known, the sandbox makes a choice. No choice is a
statement about TIMIFY:

* External ids are unique: a second customer with the same one is refused with 409. With
  ``Sandbox(unique_external_ids=False)`` they may repeat, and a lookup finds the oldest.
* What is created, fields and categories too, is answered with status 201 and all that a read shows
  of it; a delete with a plain ``{"status": 1}``. These, the shape of lists, the spelling of
  external ids, the body of failures and the answer to an import have switches:
  ``Sandbox(behaviour=Behaviour(...))``.
* A create without a field that `Company.make_mandatory` names is a 400, unless it is told to ignore
  that. Updates and imports are not checked.
* Filters of the list of customers do what their names say (they are documented on a sibling
  operation); ``booker_id`` has no effect. ``tags`` shows ids.
* ``ts`` is the moment of the last change. First names are compared by code point.
* Values are strings, not checked against the type of their field. Several are stored and given as
  they were sent in ``values`` (inferred), beside the one in ``value``. ``phone`` shows
  ``mobilePhone`` or else ``landlinePhone``, with ``""`` for a key that the value lacks, and ``{}``
  when the value is not a JSON object.
* ``defaultId`` of a company's own field is null. Options of a SELECT are strings, or objects as
  they were sent.
* Lists of fields, categories and events honour ``page`` and ``limit`` as the list of customers
  does.
* Default fields and the default category can neither be changed nor deleted (403), nor a category
  deleted that still has fields (409). A company's own field is deleted together with its values.
* An import is done when it is answered, with ``{"status": 1}``, and all or nothing: a row that
  cannot be taken fails the request with 422 and a message that names the row. A row with an unknown
  ``id`` cannot be taken, unless its ``importCustomerId`` is known.
* The events of an unknown global customer are a 404; of a known one without events, an empty list.
* A company that the sandbox does not know is a 403, an unknown field id in ``customfields`` a 400.
  The refresh token is of no use: sources disagree on its route.
* ``import``, ``customfields`` and ``global`` are names of routes, and never found as customers.
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
