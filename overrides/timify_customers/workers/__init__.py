"""What the processes of an app share through Redis or Valkey. It needs the extra ``workers``.

`SharedToken` is an access token, and `SharedLimit` a limit on requests, for any number of
processes; both are arguments of `TimifyCustomers`. `Jobs` hands imports and exports over to
workers, which are processes that run `run_worker`; it is based on taskiq. ``import
timify_customers`` loads none of this, and of the rest of the package only the command line uses it,
on demand. Start reading at `_shared_server` for what is shared, and at `_worker` for the tasks.
"""

from ._job import Job
from ._jobs import HANDED_OVER_LIMIT, Jobs
from ._limit import SharedLimit
from ._records import JobKind, JobState, JobStatus
from ._shared_server import SharedServerError
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
