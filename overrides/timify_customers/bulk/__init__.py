"""The engine of `Customers.import_many`, loaded by its first call: what never imports pays nothing for it."""

from ._run import Engine as Engine
from ._run import ImportOptions as ImportOptions
from ._run import Rows as Rows
from ._run import start as start
