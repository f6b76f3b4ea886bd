"""``python -m timify_customers``: the command line, also of a vendored copy."""

import sys

from .cli import main

sys.exit(main())
