"""How values lie in the cache: as JSON. Django's own way is pickle, which runs what whoever writes to Valkey wrote."""

from __future__ import annotations

import json
from typing import Any


class JsonSerializer:
    """Numbers as they are, so that Valkey can count them; the rest as JSON. Tuples come back as lists."""

    def dumps(self, value: Any) -> int | bytes:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)
