"""Records what a client and the API say to each other.

``make spec-drift`` holds the recording against the document. Either one client is recorded, by its
transport::

    async with TimifyCustomers.from_env(transport=Recorder("traffic.har")) as timify: ...

or every client that takes its address from ``TIMIFY_BASE_URL``, in any process and language, by a
proxy on loopback::

    with recording_proxy("traffic.har") as url:  # of timify_customers.recording.proxy
        subprocess.run(command, env={**os.environ, "TIMIFY_BASE_URL": url})

The file is HAR 1.2, complete after each exchange. Nothing is in it that was not looked at: all
values that are not known to be harmless are replaced by look-alikes of the same type, length and
form; see `Lookalikes`. What shows are the names of keys, the routes, how long values are and where
they hold a dot or a blank, and which of them are equal.
"""

from ._lookalikes import Lookalikes
from ._recorder import Recorder

__all__ = ["Lookalikes", "Recorder"]
