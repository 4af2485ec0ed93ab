"""Whose shop a tool works for."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Shop
from accounts.tokens import token_find
from jobs.api.auth import Caller
from jobs.errors import Refused


@dataclass(frozen=True, slots=True)
class Access:
    """The shop of an API token, which alone decides when there is one; else the shop of that slug."""

    token: str = ""
    slug: str = ""

    def caller(self) -> Caller:
        """Asked anew at every call, so that a token revoked meanwhile opens nothing. Raises ``Refused``."""
        if self.token:
            found = token_find(self.token)
            if found is None:
                raise Refused("auth.token_invalid", status=401)
            return Caller(found.shop)
        shop = Shop.objects.filter(slug=self.slug).first()
        if shop is None:
            raise Refused("mcp.shop_unknown", status=404, shop=self.slug)
        return Caller(shop)
