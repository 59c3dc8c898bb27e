"""Everything that can go wrong with a request, as one tree.

    MedsiftError
    ├── RequestInvalid                 the call itself makes no sense
    ├── BodyTimeout                    the request does not arrive in time
    ├── RouteUnknown                   no such address
    ├── JobUnknown                     no such job
    ├── JobsUnavailable                no bucket is configured
    ├── AnswerTooLarge                 more than this way out can carry
    ├── CloudRefused                   the bucket or the queue cannot be used
    ├── OutputFailed                   a file cannot be written
    ├── Unexpected                     a fault of medsift's own
    ├── SourceError                    what was handed in cannot be read; trying again will not help
    │   ├── SourceNotFound
    │   ├── SourceEmpty
    │   ├── SourceUnsupported          neither a PDF nor a page nor an image
    │   ├── SourceTooLarge
    │   ├── SourceNotReached           the sources before it took all the time of the call
    │   ├── ImageUndecodable           takes its code from handler.preprocess.UndecodableImage
    │   └── PdfError
    │       ├── PdfEncrypted           needs a password and none was given
    │       ├── PdfPasswordWrong
    │       ├── PdfCorrupt
    │       ├── PdfNoPages
    │       └── PdfCrashed             the child process died before it could say anything
    ├── FetchError                     an address gave nothing
    │   ├── AddressInvalid
    │   ├── AddressForbidden           leads to somewhere that is not the public internet
    │   ├── AddressUnreachable         (retryable)
    │   ├── AddressTimeout             (retryable)
    │   └── AddressStatus              answered with an HTTP error
    └── InferenceError
        ├── InferenceUnavailable       asleep, full or not running (retryable)
        └── InferenceRejected          answered, but not with predictions

Each class carries a stable ``code`` for programs, the HTTP ``status`` it becomes, and whether trying again can help.
``detail`` is one sentence for people and never holds a document's content.
"""

from __future__ import annotations

from typing import Any


class MedsiftError(Exception):
    """The root: ``except MedsiftError`` catches all that a caller may be told about."""

    code: str = "error"
    status: int = 500
    retryable: bool = False
    title: str = "Something went wrong"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def problem(self) -> dict[str, Any]:
        """The error as a problem document (RFC 9457)."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }


class RequestInvalid(MedsiftError):
    """The call itself makes no sense."""

    code, status, title = "request_invalid", 400, "The request cannot be understood"


class JobUnknown(MedsiftError):
    """No job has this id."""

    code, status, title = "job_unknown", 404, "There is no such job"


class BodyTimeout(MedsiftError):
    """The request does not arrive in time."""

    code, status, title, retryable = "body_timeout", 408, "The request does not arrive in time", True


class RouteUnknown(MedsiftError):
    """The gateway has nothing at this address."""

    code, status, title = "route_unknown", 404, "There is nothing here"


class JobsUnavailable(MedsiftError):
    """Uploads need a bucket, and none is configured."""

    code, status, title = "jobs_unavailable", 501, "There are no jobs here"


class AnswerTooLarge(MedsiftError):
    """More than this way out can carry."""

    code, status, title = "answer_too_large", 413, "The answer is too large"


class CloudRefused(MedsiftError):
    """The bucket or the queue cannot be used: no credentials, no permission, no such thing."""

    code, status, title = "cloud_refused", 502, "The bucket or the queue cannot be used"


class OutputFailed(MedsiftError):
    """A file, or a directory, cannot be written."""

    code, title = "output_failed", "The result cannot be written"


class Unexpected(MedsiftError):
    """A fault of medsift's own; the log has it under the request's id."""

    code, status, title = "internal_error", 500, "Something went wrong"


class SourceError(MedsiftError):
    """What was handed in cannot be read."""

    code, status, title = "source_invalid", 422, "The source cannot be read"


class SourceNotFound(SourceError):
    """No file of this name."""

    code, status, title = "source_not_found", 404, "The file does not exist"


class SourceEmpty(SourceError):
    """No bytes at all."""

    code, status, title = "source_empty", 422, "The source is empty"


class SourceUnsupported(SourceError):
    """Neither a PDF nor a page nor an image."""

    code, status, title = "source_unsupported", 415, "Neither a PDF nor a web page nor an image"


class SourceTooLarge(SourceError):
    """More bytes than this way in accepts."""

    code, status, title = "source_too_large", 413, "The source is too large"


class SourceNotReached(SourceError):
    """One of several, and the time of the call was over before its turn."""

    code, title = "source_not_reached", "There was no time left for the source"


class ImageUndecodable(SourceError):
    """The source is an image, and cannot be decoded."""

    status, title = 422, "The image cannot be decoded"

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class PdfError(SourceError):
    """The source is a PDF, and cannot be read."""

    code, title = "pdf_invalid", "The PDF cannot be read"


class PdfEncrypted(PdfError):
    """A password is needed, and none was given."""

    code, title = "pdf_encrypted", "The PDF needs a password"


class PdfPasswordWrong(PdfError):
    """The password that was given does not open it."""

    code, title = "pdf_password_wrong", "The password does not open the PDF"


class PdfCorrupt(PdfError):
    """Not a PDF, or one damaged beyond repair."""

    code, title = "pdf_corrupt", "The PDF is damaged"


class PdfNoPages(PdfError):
    """A PDF without a page opens without complaint; to its reader that is an error all the same."""

    code, title = "pdf_no_pages", "The PDF has no pages"


class PdfCrashed(PdfError):
    """The child process that reads PDFs died before it could say anything."""

    code, title = "pdf_crashed", "Reading the PDF failed"


class FetchError(MedsiftError):
    """An address gave nothing."""

    code, status, title = "fetch_failed", 502, "The address cannot be fetched"


class AddressInvalid(FetchError):
    """Not an http or https address."""

    code, status, title = "address_invalid", 400, "The address is not valid"


class AddressForbidden(FetchError):
    """The address, or one that it redirects to, leads to somewhere that is not the public internet."""

    code, status, title = "address_forbidden", 403, "The address may not be fetched"


class AddressUnreachable(FetchError):
    """No such host, no connection, or a broken answer."""

    code, title, retryable = "address_unreachable", "The address cannot be reached", True


class AddressTimeout(FetchError):
    """The answer took too long."""

    code, status, title, retryable = "address_timeout", 504, "The address does not answer in time", True


class AddressStatus(FetchError):
    """The address answered with an HTTP error."""

    code, title = "address_status", "The address answers with an error"

    def __init__(self, detail: str, http_status: int) -> None:
        super().__init__(detail)
        self.http_status = http_status
        self.retryable = http_status in (408, 425, 429) or http_status >= 500


class InferenceError(MedsiftError):
    """The networks gave no answer."""

    code, status, title = "inference_failed", 502, "The classifier failed"


class InferenceUnavailable(InferenceError):
    """The classifier is asleep, full or not running; ``retry_after_s`` says when to ask again."""

    code, status, title, retryable = "inference_unavailable", 503, "The classifier is not available", True

    def __init__(self, detail: str, retry_after_s: int = 5) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class InferenceRejected(InferenceError):
    """The classifier answered, but not with predictions."""

    code, title = "inference_rejected", "The classifier refused the request"
