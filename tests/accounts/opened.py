"""What a token's plain text opens."""

from __future__ import annotations

from accounts.models import ApiToken
from accounts.tokens import TokenRefused, token_open


def token_find(plain: str) -> ApiToken | None:
    """The live token, its use noted, or None."""
    try:
        return token_open(plain)
    except TokenRefused:
        return None
