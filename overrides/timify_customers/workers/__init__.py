"""What the processes of an app share by way of Redis or Valkey. Needs the extra ``workers``.

`SharedToken` is an access token, and `SharedLimit` a limit of requests, for any number of
processes; both are given to `TimifyCustomers`. Nothing here is loaded by ``import
timify_customers``, and nothing else in the package knows of it but the command line, which loads it
when asked. Start reading at `_server`.
"""

from ._limit import SharedLimit
from ._server import SharedServerError
from ._token import SharedToken

__all__ = ["SharedLimit", "SharedServerError", "SharedToken"]
