"""Records the traffic between a client and the API.

``make spec-drift`` compares the recording with the document. A recording covers either one client,
by its transport::

    async with TimifyCustomers.from_env(transport=Recorder("traffic.har")) as timify: ...

or every client that takes its address from ``TIMIFY_BASE_URL``, in any process and language, by a
proxy on loopback::

    with recording_proxy("traffic.har") as url:  # of timify_customers.recording.proxy
        subprocess.run(command, env={**os.environ, "TIMIFY_BASE_URL": url})

The file is HAR 1.2, and complete after each exchange. All values that are not known to be harmless
are replaced by look-alikes of the same type, length and form; see `Lookalikes`. The file still
shows the names of keys, the routes, how long values are, where they have a dot or a blank, and
which of them are equal.
"""

from ._lookalikes import Lookalikes
from ._recorder import Recorder

__all__ = ["Lookalikes", "Recorder"]
