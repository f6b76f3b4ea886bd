"""Why a document could not be built, or a published one not taken over, each with its exit code."""


class DocumentError(Exception):
    """The document could not be built; the message says what is wrong with which part of it."""


class SpecError(Exception):
    """The document was not taken over. The message says what was wrong, where, and what to do."""

    code = 1


class UsageError(SpecError):
    """What was asked for cannot be done.

    The address is bad, a file is missing, or the folder is not that of this project.
    """

    code = 2


class DownloadError(SpecError):
    """The server could not be reached, or what it sent is not a whole file of a bearable size."""

    code = 3


class NotADocumentError(SpecError):
    """What came is not the OpenAPI document of this API."""

    code = 4


class RejectedError(SpecError):
    """It is an OpenAPI document, but it could not be compared, rated or built."""

    code = 5
