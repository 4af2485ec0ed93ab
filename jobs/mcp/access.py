"""Whose shop a tool works for."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import ApiToken, Shop
from accounts.rates import local_call_count, request_count
from accounts.tokens import TokenRefused, token_open
from jobs.admission import keep_within
from jobs.api.auth import Caller
from jobs.errors import Refused


@dataclass(frozen=True, slots=True)
class Access:
    """The shop of an API token, which alone decides when there is one; else the shop of that slug."""

    token: str = ""
    slug: str = ""

    def admit(self) -> None:
        """Count one call of a tool. Raises ``Refused`` beyond the token's limit, which is that of its requests."""
        if self.token:
            keep_within(request_count(self._open_token()), "token.rate_limited")
        else:
            keep_within(local_call_count(self._named_shop()), "request.too_many")

    def caller(self, *, writing: bool = False) -> Caller:
        """Asked anew at every call, so that a token revoked meanwhile opens nothing. Raises ``Refused``, also where
        a token that may only read asks for a change (``writing``)."""
        if not self.token:
            return Caller.of_shop(self._named_shop())
        token = self._open_token()
        if writing and not token.can_write:
            raise Refused("token.read_only", status=403)
        return Caller.by_token(token)

    def _open_token(self) -> ApiToken:
        try:
            return token_open(self.token)
        except TokenRefused as refusal:
            raise Refused(refusal.code, status=401) from refusal

    def _named_shop(self) -> Shop:
        shop = Shop.objects.filter(slug=self.slug).first()
        if shop is None:
            raise Refused("mcp.shop_unknown", status=404, shop=self.slug)
        return shop
