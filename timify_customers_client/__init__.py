"""The raw layer of the customers part of TIMIFY Developer API GraphQL Proxy 0.0.4. Import `timify_customers`.

Generated from `openapi/customers.yaml`, never edited: one module per operation in `api`, one per schema in `models`.
"""

from .client import Client

__all__ = ("Client",)
