"""The product, cut out of its photo."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation import weights
from generation.errors import ProductNotFound, WeightsMissing
from generation.types import Coverage, Cutout, Picture, Report

LEAST_AREA: Final = 0.003
"""Of the frame: below this, nothing was found that could be a product."""
LEAST_TRANSPARENCY: Final = 0.002
"""Of the frame: this much clear area means that the photo was cut out before."""
GRABCUT_TRUST: Final = 0.7
"""GrabCut's outline is crisp even where it is wrong, so its crispness is believed only this far."""
ROUGH_SIDE: Final = 512
"""Pixels of a rough cut-out's longer side."""
ROUGH_MATTE_SIDE: Final = 256
METHODS: Final = ("auto", "isnet", "grabcut", "alpha")


def cut_out(photo: Picture, report: Report, method: str = "auto") -> Cutout:
    """Cut the product out of an RGB or RGBA photo (``uint8``, sRGB) and say how, and how surely.

    ``auto`` takes the photo's own alpha where it has one, else ISNet, else GrabCut when ISNet's weights
    were never fetched; ``alpha``, ``isnet`` and ``grabcut`` insist. Raises ``ProductNotFound``,
    ``WeightsMissing`` (only when ISNet is insisted on) and ``WeightsCorrupt``.
    """
    if method not in METHODS:
        raise ValueError(f"no cut-out method {method!r}")
    report("cutout", 0.0, None)
    cutout = _cut_out_by(photo, report, _chosen(photo) if method == "auto" else method)
    report("cutout", 1.0, None)
    return cutout


def rough_cut_out(photo: Picture) -> Cutout:
    """A small first guess for a preview, in a fifth of a second: RGBA, longer side at most ``ROUGH_SIDE`` px.

    Takes the photo's own alpha where it has one, else GrabCut. Raises ``ProductNotFound``.
    """
    from generation.cutout import edges, grabcut
    from generation.intake import thumbnail

    small = thumbnail(photo, ROUGH_SIDE)
    if _chosen(small) == "alpha":
        return _by_own_alpha(small)
    rgb = _rgb(small)
    parts = edges.sort_parts(grabcut.matte_of(rgb, ROUGH_MATTE_SIDE), rgb)
    require_product(parts.area)
    return Cutout(edges.layered(rgb, parts.coverage), "grabcut", round(GRABCUT_TRUST * parts.confidence, 3))


def apply_matte(photo: Picture, matte: Coverage) -> Cutout:
    """Cut out with the merchant's own matte, of the photo's size; only its edge colours are worked on.

    Raises ``ProductNotFound`` when the matte is as good as empty.
    """
    from generation.cutout import edges
    from generation.cutout.inside import CORE

    if matte.shape != photo.shape[:2]:
        raise ValueError(f"the matte is {matte.shape}, the photo {photo.shape[:2]}")
    require_product(float((matte >= CORE).mean()))
    return Cutout(edges.layered(_rgb(photo), np.asarray(matte, np.float32), keep_coverage=True), "brush", 1.0)


def warm_up() -> None:
    """Load the network, when its weights are there, so that the first cut-out is as fast as the second."""
    path = weights.isnet_path()
    if path is not None:
        from generation.cutout import isnet

        isnet.open_session(path)


def has_own_alpha(photo: Picture) -> bool:
    """Whether the photo was cut out before: an RGBA one with clear parts."""
    return photo.shape[2] == 4 and float((photo[..., 3] < 128).mean()) >= LEAST_TRANSPARENCY


def _chosen(photo: Picture) -> str:
    if has_own_alpha(photo):
        return "alpha"
    return "isnet" if weights.isnet_path() is not None else "grabcut"


def _cut_out_by(photo: Picture, report: Report, method: str) -> Cutout:
    if method == "alpha":
        return _by_own_alpha(photo)
    from generation.cutout import edges

    rgb = _rgb(photo)
    parts = edges.sort_parts(_raw_matte(rgb, method), rgb)
    require_product(parts.area)
    report("cutout", 0.8, None)
    picture = edges.layered(rgb, parts.coverage)
    trust = GRABCUT_TRUST if method == "grabcut" else 1.0
    return Cutout(picture, method, round(trust * parts.confidence, 3))


def _raw_matte(rgb: Picture, method: str) -> Coverage:
    from generation.cutout import grabcut, isnet

    if method == "grabcut":
        return grabcut.matte_of(rgb)
    path = weights.isnet_path()
    if path is None:
        raise WeightsMissing(f"ISNet was never fetched; run {weights.FETCH_COMMAND}")
    return isnet.matte_of(rgb, path)


def _by_own_alpha(photo: Picture) -> Cutout:
    """The photo came cut out: its alpha is taken at its word, and so are its colours."""
    from generation.cutout import edges

    if photo.shape[2] != 4:
        raise ValueError("the photo has no alpha")
    require_product(float((photo[..., 3] >= 128).mean()))
    picture = photo.copy()
    picture[..., 3] = edges.snapped(photo[..., 3])
    return Cutout(picture, "alpha", 1.0)


def require_product(area: float) -> None:
    """Raise ``ProductNotFound`` where that share of the photo is too small to be a product."""
    if area < LEAST_AREA:
        raise ProductNotFound(f"{area:.2%} of the photo looks like a product")


def _rgb(photo: Picture) -> Picture:
    return np.ascontiguousarray(photo[..., :3])
