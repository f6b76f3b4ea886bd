from typing import Literal

ExternalFlag = Literal[1,]
"""With 1 the customer is looked up by its externalId and not by the id that TIMIFY assigned."""
