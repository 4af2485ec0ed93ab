"""Does the finished picture keep its promises?"""

from __future__ import annotations

from generation.verify.fidelity import Fidelity, fidelity

__all__ = ["Fidelity", "fidelity"]
