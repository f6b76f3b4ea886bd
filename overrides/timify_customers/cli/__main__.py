"""``python -m timify_customers.cli``."""

import sys

from . import main

sys.exit(main())
