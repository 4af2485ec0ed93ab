"""Text as people mean it: nothing in it that cannot be seen."""

from __future__ import annotations

import re
from typing import Any

from django import forms

UNSEEN = r"\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""For a class of a regular expression, JavaScript's too: what turns the direction of the text after it, and spaces of
no width. In a name or a title they make it look like another. The joiners of emoji are none of them."""
_UNSEEN = re.compile(f"[{UNSEEN}]")


def seen(text: str) -> str:
    """The text without what cannot be seen."""
    return _UNSEEN.sub("", text)


class NameField(forms.CharField):
    """A name that others read: what is left of it when what cannot be seen is gone."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(seen(value) if isinstance(value, str) else value)
