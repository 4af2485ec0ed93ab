"""A request refused: a stable code, the HTTP status it answers with, the field it is about."""

from __future__ import annotations


class Refused(Exception):
    """Base of every refusal. The sentence people read comes from ``jobs.messages`` by ``code``."""

    def __init__(
        self,
        code: str,
        *,
        status: int = 400,
        field: str | None = None,
        retry_after: int | None = None,
        **context: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.field = field
        self.retry_after = retry_after
        """Seconds, for the Retry-After header."""
        self.context = context


class NotFound(Refused):
    def __init__(self, code: str = "job.not_found") -> None:
        super().__init__(code, status=404)


class Busy(Refused):
    """Too many waiting jobs or exports."""

    RETRY_SECONDS = 30

    def __init__(self) -> None:
        super().__init__("queue.full", status=503, retry_after=self.RETRY_SECONDS)


class OverQuota(Refused):
    def __init__(self, retry_after: int, limit: int) -> None:
        super().__init__("shop.over_quota", status=429, retry_after=retry_after, limit=limit)


class TooManyPhotos(Refused):
    def __init__(self, retry_after: int, limit: int) -> None:
        super().__init__("photo.too_many", status=429, retry_after=retry_after, limit=limit)


class EngineUnavailable(Refused):
    def __init__(self) -> None:
        super().__init__("engine.unavailable", status=503, retry_after=60)


class StorageUnavailable(Refused):
    """The storage of pictures does not answer."""

    RETRY_SECONDS = 30

    def __init__(self) -> None:
        super().__init__("storage.away", status=503, retry_after=self.RETRY_SECONDS)
