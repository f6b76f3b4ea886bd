"""``python -m timify_customers``: the command line, which a vendored copy has as well."""

import sys

from .cli import main

sys.exit(main())
