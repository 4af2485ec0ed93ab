"""The seam between product and ground: how much of each a pixel holds, and the product's own colour there."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.cutout.shades import FINEST, Shades, shades_of
from generation.types import Coverage, Picture

MODEL_SIDE: Final = 1024
"""Pixels: the scale at which the colours on both sides of the seam are told."""
BOTH_NEAR: Final = 8
"""Pixels at that scale: an edge has dense product and bare ground this near; what has not is glass or steam,
whose coverage is left as it is."""
CREST_REACH: Final = 3
"""Pixels at that scale: half the width of a stem or a wire."""
LEAST_CREST: Final = 0.4
"""Coverage that such a part has at least along its middle."""
DOUBT: Final = 0.1
"""Standard deviation of the matte's word about a pixel of an edge."""
NOISE: Final = 0.012
"""Standard deviation of a photo's own noise, of full scale."""
ROUNDS: Final = 2
STIFFNESS: Final = 0.03
"""How strongly a mixed pixel's product colour is held to that of its neighbourhood, against what its own colour
says once the ground's share is taken off."""


def shrink_of(height: int, width: int) -> float:
    return max(1.0, max(height, width) / MODEL_SIDE)


def resolved(
    photo: Picture, matte: Coverage, *, keep_coverage: bool = False
) -> tuple[Coverage, NDArray[np.float32], NDArray[np.bool_]]:
    """Coverage and product colours of the seam, told from the photo.

    ``photo`` is RGB ``uint8``, ``matte`` of its size; ``keep_coverage`` takes it at its word. Returns the
    coverage of every pixel, the colours (sRGB 0..1, ``(n, 3)``) of the seam's pixels, and which pixels these
    are: all that are neither wholly product nor far from it.

    Coverage after Chuang et al. 2001, "A Bayesian Approach to Digital Matting", in closed form for one round, with
    the matte as the prior; colours by the same least squares with the product's neighbourhood as the prior, as
    "blur fusion" (Forte and Pitié 2021) does. What both expect of product and ground varies slowly, so it is told at
    ``MODEL_SIDE`` and read at the seam's own pixels only.
    """
    shrink = shrink_of(*matte.shape)
    seam = _widened(matte > 0, int(np.ceil(2 * shrink)) + 1) & (matte < 1)
    if not seam.any():
        return matte, np.zeros((0, 3), np.float32), seam
    model = _Model(photo, matte, shrink)
    seen = photo[seam].astype(np.float32) / np.float32(255)
    prior = matte[seam]
    front, front_spread, behind, behind_spread, edge = model.read(seam)
    share = prior
    for _ in range(0 if keep_coverage else ROUNDS):
        share = _likely_share(seen, prior, share, (front, behind), (front_spread, behind_spread))
    share = prior + edge * (share - prior)
    coverage = matte.copy()
    coverage[seam] = share
    weight = share[:, None]
    rest = seen - weight * front - (1.0 - weight) * behind
    colours = np.clip(front + weight * rest / (weight * weight + STIFFNESS), 0.0, 1.0)
    return coverage, np.asarray(colours, np.float32), seam


def _likely_share(
    seen: NDArray[np.float32],
    prior: Coverage,
    share: Coverage,
    colours: tuple[NDArray[np.float32], NDArray[np.float32]],
    spreads: tuple[Coverage, Coverage],
) -> Coverage:
    """The product's most likely share of each pixel; ``share`` is the last guess, which weighs the two spreads."""
    front, behind = colours
    apart = front - behind
    noise = share**2 * spreads[0] + (1.0 - share) ** 2 * spreads[1] + np.float32(NOISE**2)
    evidence = np.einsum("ij,ij->i", apart, apart) / noise
    told = np.einsum("ij,ij->i", seen - behind, apart) / noise
    belief = 1.0 / (DOUBT**2 * 4.0 * prior * (1.0 - prior) + np.float32(1e-4))
    return np.asarray(np.clip((prior * belief + told) / (belief + evidence), 0.0, 1.0), np.float32)


class _Model:
    """What product and ground look like around each pixel, at a reduced size."""

    def __init__(self, photo: Picture, matte: Coverage, shrink: float) -> None:
        height, width = matte.shape
        size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
        small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
        share = np.asarray(cv2.resize(matte, size, interpolation=cv2.INTER_AREA), np.float32)
        solid, bare = share >= 0.97, share <= 0.01
        ground = _shrunk(bare)
        self._behind = shades_of(small, ground.astype(np.float32)) or _plain(small)
        # A thin part has no solid core: the crest of its coverage stands for it.
        densest = _highest(share, CREST_REACH)
        crest = (share >= 0.95 * densest) & (share > LEAST_CREST)
        weight = np.where(_shrunk(solid), 1.0, np.where(solid | crest, 0.2 * share**2, 0.0))
        self._front = shades_of(small, weight.astype(np.float32)) or self._behind
        dense = np.clip((_highest(share, BOTH_NEAR) - LEAST_CREST) / (0.8 - LEAST_CREST), 0.0, 1.0)
        self._edge = (dense * np.clip(2.0 - _distance(bare) / BOTH_NEAR, 0.0, 1.0)).astype(np.float32)

    def read(self, seam: NDArray[np.bool_]) -> tuple[NDArray[np.float32], ...]:
        """At the marked pixels: product's colour and variance, ground's, and how far this is an edge (0..1)."""
        maps = np.dstack([self._front.mean, self._front.variance, self._behind.mean, self._behind.variance])
        told = read_at(seam, maps)
        edge = read_at(seam, self._edge[..., None])[:, 0]
        return told[:, :3], told[:, 3], told[:, 4:7], told[:, 7], edge


def _plain(picture: NDArray[np.float32]) -> Shades:
    """Nothing known: mid grey that may be anything."""
    height, width = -(-picture.shape[0] // FINEST), -(-picture.shape[1] // FINEST)
    return Shades(np.full((height, width, 3), 0.5, np.float32), np.full((height, width), 0.25, np.float32))


def _distance(where: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.asarray(cv2.distanceTransform((~where).astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def _highest(share: Coverage, reach: int) -> Coverage:
    return np.asarray(cv2.dilate(share, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), np.float32)


def _shrunk(where: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(cv2.erode(where.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _widened(where: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(cv2.dilate(where.astype(np.uint8), kernel) > 0)


def read_at(where: NDArray[np.bool_], model: NDArray[np.float32]) -> NDArray[np.float32]:
    """A reduced image's values (k channels), between pixels, at the marked pixels of the full one: ``(n, k)``."""
    rows, columns = np.nonzero(where)
    y = np.clip((rows + 0.5) * (model.shape[0] / where.shape[0]) - 0.5, 0, model.shape[0] - 1)
    x = np.clip((columns + 0.5) * (model.shape[1] / where.shape[1]) - 0.5, 0, model.shape[1] - 1)
    top, left = y.astype(np.intp), x.astype(np.intp)
    below, beside = np.minimum(top + 1, model.shape[0] - 1), np.minimum(left + 1, model.shape[1] - 1)
    down, along = (y - top).astype(np.float32)[:, None], (x - left).astype(np.float32)[:, None]
    upper = model[top, left] * (1 - along) + model[top, beside] * along
    lower = model[below, left] * (1 - along) + model[below, beside] * along
    return np.asarray(upper * (1 - down) + lower * down, np.float32)
