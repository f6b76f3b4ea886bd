"""The engine of `Customers.import_many`, loaded by its first call: what never imports pays nothing for it."""

from ._run import start as start
