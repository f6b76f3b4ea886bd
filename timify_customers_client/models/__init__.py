"""The document's schemas: each object a view over decoded JSON, each enum an alias of its known values."""

from .category import Category
from .category_create import CategoryCreate
from .category_envelope import CategoryEnvelope
from .category_list import CategoryList
from .category_update import CategoryUpdate
from .customer import Customer
from .customer_create import CustomerCreate
from .customer_envelope import CustomerEnvelope
from .customer_field import CustomerField
from .customer_import import CustomerImport
from .customer_import_row import CustomerImportRow
from .customer_list import CustomerList
from .customer_phone import CustomerPhone
from .customer_update import CustomerUpdate
from .customfield import Customfield
from .customfield_create import CustomfieldCreate
from .customfield_envelope import CustomfieldEnvelope
from .customfield_list import CustomfieldList
from .customfield_option import CustomfieldOption
from .customfield_type import CustomfieldType
from .customfield_update import CustomfieldUpdate
from .customfield_value import CustomfieldValue
from .delete_answer import DeleteAnswer
from .event import Event
from .event_list import EventList
from .external_flag import ExternalFlag
from .failure import Failure
from .failure_details_type_0 import FailureDetailsType0
from .failure_extras_type_0 import FailureExtrasType0
from .import_answer import ImportAnswer
from .page_meta import PageMeta
from .token import Token
from .token_request import TokenRequest

__all__ = (
    "Category",
    "CategoryCreate",
    "CategoryEnvelope",
    "CategoryList",
    "CategoryUpdate",
    "Customer",
    "CustomerCreate",
    "CustomerEnvelope",
    "CustomerField",
    "CustomerImport",
    "CustomerImportRow",
    "CustomerList",
    "CustomerPhone",
    "CustomerUpdate",
    "Customfield",
    "CustomfieldCreate",
    "CustomfieldEnvelope",
    "CustomfieldList",
    "CustomfieldOption",
    "CustomfieldType",
    "CustomfieldUpdate",
    "CustomfieldValue",
    "DeleteAnswer",
    "Event",
    "EventList",
    "ExternalFlag",
    "Failure",
    "FailureDetailsType0",
    "FailureExtrasType0",
    "ImportAnswer",
    "PageMeta",
    "Token",
    "TokenRequest",
)
