"""What the processes of an app share by way of Redis or Valkey. Needs the extra ``workers``.

`SharedToken` is an access token, and `SharedLimit` a limit of requests, for any number of
processes; both are given to `TimifyCustomers`. `Jobs` hands imports and exports over to workers,
which are processes of `run_worker`; it rests on taskiq. Nothing here is loaded by ``import
timify_customers``, and nothing else in the package knows of it but the command line, which loads it
when asked. Start reading at `_server` for what is shared, and at `_worker` for the tasks.
"""

from ._job import Job
from ._jobs import HANDED_OVER_LIMIT, Jobs
from ._limit import SharedLimit
from ._records import JobKind, JobState, JobStatus
from ._server import SharedServerError
from ._token import SharedToken
from ._worker import run_worker

__all__ = [
    "HANDED_OVER_LIMIT",
    "Job",
    "JobKind",
    "JobState",
    "JobStatus",
    "Jobs",
    "SharedLimit",
    "SharedServerError",
    "SharedToken",
    "run_worker",
]
