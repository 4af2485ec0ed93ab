"""Texts nobody types but somebody sends: marks without letters, both directions, joiners, halves of surrogate pairs."""

from __future__ import annotations

from hypothesis import strategies as st

PIECES = (
    *(
        "오늘만",
        "반값",
        "1+1",
        "₩12,000",
        "50 %",
        "3 개",
        "아메리카노",
        "우드테이블",
        "크리스마스",
        "말고",
        "없이",
    ),
    *("커피", "no", "without", "café", "Super Sale", "ﬁ", "ß", "İ", "ǰ", "①", "㎏", "Ⅷ", "½"),
    *("\u1112\u1161\u11ab", "\u1100" * 3, "\u11a8", "ㅤ", "ᅠ", "ㄱ", "힣"),
    *("e\u0301", "\u0301", "\u0300" * 20, "\u20dd", "\u0e33", "क्षि", "ཀྵ", "\ufdfa"),
    *("👩‍👩‍👧‍👦", "🇰🇷", "👍🏽", "\u200d", "\ufe0f", "\u20e3", "🏴\U000e0067\U000e007f"),
    *("\u202e", "\u2066", "\u2069", "\u200f", "مرحبا", "שלום", "\u061c"),
    *("\ud800", "\udfff", "\ud83d", "\ufeff", "\ufffe", "\U0010ffff", "\ue000"),
    *("\x00", "\x07", "\x1b[31m", "\r\n", "\n", "\v", "\x85", "\u2028", "\t", "\u3000", "\u00a0", "\u00ad"),
    *("{p}", "{", "}", "%s", "\\", "<b>", "&amp;", "'", '"', "|", ";", ",", "·", "=" * 8),
)
LONGEST = 1200
"""A wish is a thousand at most."""
_ANY = st.text(st.characters(codec=None), max_size=20)
_PARTS = st.sampled_from(PIECES) | _ANY


def wild_texts(most_parts: int = 12) -> st.SearchStrategy[str]:
    """Pieces of every kind, with and without spaces between them."""
    return st.builds(
        lambda parts, between: between.join(parts),
        st.lists(_PARTS, max_size=most_parts),
        st.sampled_from(["", " ", " ", "\n"]),
    )


def long_texts() -> st.SearchStrategy[str]:
    """A piece over and over, as long as requests may be and beyond."""
    return st.builds(
        lambda piece, times: (piece * times)[:LONGEST], st.sampled_from(PIECES), st.integers(1, LONGEST)
    )


def json_values() -> st.SearchStrategy[object]:
    """What JSON can hold, and the numbers Python makes of what is too large for it."""
    leaves = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.sampled_from([2**53, 2**63, 2**64, 10**400, -(10**400)])
        | st.floats()
        | wild_texts(4)
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(wild_texts(2), inner, max_size=4),
        max_leaves=6,
    )
