"""Every way a call can fail, in one tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adstudio_client.types import Job, Progress


class AdStudioError(Exception):
    """Base of all. ``code`` is stable and made for programs, ``message`` for people."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        field: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
        """The field that the error is about."""
        self.status = status
        """The HTTP status; None when no answer came."""
        self.retry_after = retry_after
        """Seconds after which the server says it is worth asking again."""

    def __str__(self) -> str:
        at = f" ({self.field})" if self.field else ""
        return f"{self.code}{at}: {self.message}"


class ApiError(AdStudioError):
    """The server answered with an error."""


class InvalidRequest(ApiError):
    """400, 413, 422: something about the request is wrong; the same again gives the same error."""


class NotSignedIn(ApiError):
    """401: the token is missing, wrong or revoked."""


class NotAllowed(ApiError):
    """403."""


class NotFound(ApiError):
    """404: there is no such thing, or it belongs to another shop."""


class Conflict(ApiError):
    """409: the job is not finished yet, or the idempotency key names another request."""


class TooMany(ApiError):
    """429: over the shop's quota or too many requests."""


class Unavailable(ApiError):
    """502, 503, 504: too many jobs wait, no worker has the engine, or the server is being restarted."""


class ServerFailed(ApiError):
    """Any other 5xx."""


class UnexpectedAnswer(AdStudioError):
    """What answered does not speak AdStudio's API, or another version of it."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message, code="client.unexpected_answer", status=status)


class ConnectionFailed(AdStudioError):
    """No answer came."""

    def __init__(self, message: str, *, may_pass: bool) -> None:
        super().__init__(message, code="client.connection_failed")
        self.may_pass = may_pass
        """Whether asking again may help: it does not for an address that no one could connect to."""


class WaitTimeout(AdStudioError, TimeoutError):
    """The time to wait is over. The job or export itself goes on: wait again, or stop the job."""

    def __init__(self, message: str, *, progress: Progress | None = None) -> None:
        super().__init__(message, code="client.wait_timeout")
        self.progress = progress
        """The last that was heard of the job."""


class NoPicture(AdStudioError):
    """The job has no picture of that kind."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="client.no_picture")


class JobEnded(AdStudioError):
    """A job that was waited for ended without a finished picture."""

    def __init__(self, message: str, *, code: str, job: Job) -> None:
        super().__init__(message, code=code)
        self.job = job


class JobFailed(JobEnded):
    """``code`` and ``message`` say why."""


class JobStopped(JobEnded):
    """Someone stopped it."""


class SignatureInvalid(AdStudioError):
    """A callback that was not signed with this secret, or too long ago: do not believe it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="client.signature_invalid")


BY_STATUS: dict[int, type[ApiError]] = {
    400: InvalidRequest,
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    413: InvalidRequest,
    422: InvalidRequest,
    429: TooMany,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}
