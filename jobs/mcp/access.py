"""Whose shop a tool works for."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Shop
from accounts.tokens import TokenRefused, token_open
from jobs.api.auth import Caller
from jobs.errors import Refused


@dataclass(frozen=True, slots=True)
class Access:
    """The shop of an API token, which alone decides when there is one; else the shop of that slug."""

    token: str = ""
    slug: str = ""

    def caller(self, *, writing: bool = False) -> Caller:
        """Asked anew at every call, so that a token revoked meanwhile opens nothing. Raises ``Refused``, also where
        a token that may only read asks for a change (``writing``)."""
        if self.token:
            try:
                token = token_open(self.token)
            except TokenRefused as refusal:
                raise Refused(refusal.code, status=401) from refusal
            if writing and not token.can_write:
                raise Refused("token.read_only", status=403)
            return Caller(token.shop)
        shop = Shop.objects.filter(slug=self.slug).first()
        if shop is None:
            raise Refused("mcp.shop_unknown", status=404, shop=self.slug)
        return Caller(shop)
