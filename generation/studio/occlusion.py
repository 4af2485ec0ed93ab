"""What the product takes from the scene's light and what it gives back.

One primitive serves all: a receiving pixel, the point of its plane, the ray from there to a light, the point
where that ray meets a slice, the cut-out's pixel seen there, is a single homography. So "is this pixel hidden
from that light" is one ``warpPerspective`` at low resolution (differential rendering after Debevec 1998).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.studio.irradiance import Irradiance
from generation.studio.optics import Matrix, Optics, Vector, thrown
from generation.studio.plate import Key
from generation.studio.proxy import Proxy, Slice
from generation.types import Box, Coverage, Linear, Size

GOLDEN_ANGLE = 2.399963
PLASTIC = (0.7548776662, 0.5698402910)
"""Steps of an evenly spread sequence in the unit square (Roberts' R2)."""
BRIGHTEST_AMBIENT = 1.5
"""Bounce may lift the floor's ambient light this far above the bare plate's."""
UPRIGHT = 0.5
"""A plane whose normal rises less than this is a wall."""
TAIL = 0.93
"""Where the reflection's lobe (GGX) is cut off."""


@dataclass(frozen=True)
class Raster:
    """Receiving pixels: a part of the frame, sampled at ``scale`` (below 1)."""

    part: Box
    scale: float

    @property
    def width(self) -> int:
        return max(1, int(np.ceil(self.part.width * self.scale)))

    @property
    def height(self) -> int:
        return max(1, int(np.ceil(self.part.height * self.scale)))

    @cached_property
    def to_frame(self) -> Matrix:
        step_x, step_y = self.part.width / self.width, self.part.height / self.height
        return np.array(
            [
                [step_x, 0, self.part.x + step_x / 2],
                [0, step_y, self.part.y + step_y / 2],
                [0, 0, 1.0],
            ]
        )

    def enlarged(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values of the raster at the frame's resolution, the size of ``part``."""
        size = (self.part.width, self.part.height)
        return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR), np.float32)


@dataclass(frozen=True)
class Receiver:
    """A raster whose pixels lie on one plane, as one camera sees them."""

    raster: Raster
    plane: Vector
    optics: Optics

    @cached_property
    def points(self) -> Matrix:
        """4x3: from a raster position to its point on the plane."""
        return self.optics.onto(self.plane) @ self.raster.to_frame

    def behind(self, cut: Slice, light: Vector) -> bool:
        """Whether a slice can stand between the plane and a light: the ground, which ends every slice, needs no
        test, but a wall's rays would also be followed backwards."""
        if self.plane[2] >= UPRIGHT:
            return True
        middle = self.points @ [self.raster.width / 2, self.raster.height / 2, 1.0]
        return float(cut.plane @ middle / middle[3]) * float(cut.plane @ light) < 0


def every(slices: Sequence[Slice], step: int) -> Sequence[Slice]:
    """One slice in ``step``, counted from the middle of the first group."""
    return slices[step // 2 :: step]


def hidden(
    receiver: Receiver,
    proxy: Proxy,
    slices: Iterable[Slice],
    light: Vector,
    colored: bool,
) -> NDArray[np.float32]:
    """The product as seen from the receiver towards ``light`` (direction or point): its coverage, or
    premultiplied RGB and coverage. The largest of all slices."""
    size = (receiver.raster.width, receiver.raster.height)
    seen = np.zeros((size[1], size[0], 4) if colored else (size[1], size[0]), np.float32)
    for cut in slices:
        if not receiver.behind(cut, light):
            continue
        change = proxy.optics.projection @ thrown(light, cut.plane) @ receiver.points
        change /= np.abs(change).max()
        picture = cut.picture if colored else cut.coverage
        one = cv2.warpPerspective(picture, change, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        cv2.max(seen, one, dst=seen)
    return seen


def _disc(count: int) -> tuple[Vector, Vector]:
    """Even samples of the unit disc: squared radii and angles (Vogel's spiral)."""
    index: Vector = np.arange(count, dtype=np.float64) + 0.5
    return np.asarray(index / count), np.asarray(index * GOLDEN_ANGLE)


def key_samples(key: Key, count: int) -> list[Vector]:
    """Places spread evenly over the key light, homogeneous: directions of a sun's disc, points of a rectangle."""
    if key.place is not None and key.axes is not None:
        index = np.arange(count) + 0.5
        across, up = ((index * step) % 1 * 2 - 1 for step in PLASTIC)
        return [
            np.append(key.place + key.axes[0] * x + key.axes[1] * y, 1.0)
            for x, y in zip(across, up, strict=True)
        ]
    across = np.cross(key.direction, [0, 0, 1])
    across /= np.linalg.norm(across)
    along = np.cross(key.direction, across)
    squared, angle = _disc(count)
    radius = np.sqrt(squared) * np.tan(key.angle / 2)
    return [
        np.append(key.direction + across * x + along * y, 0)
        for x, y in zip(radius * np.cos(angle), radius * np.sin(angle), strict=True)
    ]


def shadow_part(
    receiver_plane: Vector,
    proxy: Proxy,
    optics: Optics,
    lights: Sequence[Vector],
    size: Size,
    pad: int,
) -> Box | None:
    """The part of the frame that the stack's shadow can reach on a plane; ``None`` when outside."""
    height, width = proxy.slices[0].coverage.shape
    corners = np.array([[x, y, 1] for x in (0, width) for y in (0, height)]).T
    across, down = [], []
    for light in lights:
        for cut in (proxy.slices[0], proxy.slices[-1]):
            solid = proxy.optics.onto(cut.plane) @ corners
            solid /= solid[3]
            cast = thrown(light, receiver_plane) @ solid
            if (cast[3] * (receiver_plane @ light) <= 0).any() and light[3]:
                return Box(0, 0, size.width, size.height)  # as high as the light: its shadow has no end
            x, y, depth = optics.projection @ cast
            across += [x / depth]
            down += [y / depth]
    x, y = np.concatenate(across), np.concatenate(down)
    left, top = max(0, int(x.min()) - pad), max(0, int(y.min()) - pad)
    right, bottom = min(size.width, int(x.max()) + pad), min(size.height, int(y.max()) + pad)
    return Box(left, top, right - left, bottom - top) if right - left > pad and bottom - top > pad else None


def key_shadow(receiver: Receiver, proxy: Proxy, lights: Sequence[Vector], step: int) -> Coverage:
    """The share of the key light's samples that the product hides."""
    total = np.zeros((receiver.raster.height, receiver.raster.width), np.float32)
    for light in lights:
        total += hidden(receiver, proxy, every(proxy.slices, step), light, colored=False)
    return np.asarray(cv2.GaussianBlur(total / len(lights), (0, 0), 0.8), np.float32)


@dataclass(frozen=True, slots=True)
class SkyCell:
    """A cell of a surface's hemisphere: direction, cosine-weighted solid angle (all sum to 1), linear radiance."""

    direction: Vector
    weight: float
    radiance: NDArray[np.float32]


def sky_cells(environment: Linear, normal: Vector, around: int, rings: int) -> Iterator[SkyCell]:
    """What a surface with that normal faces, in ``around`` x ``rings`` cells of a panorama whose centre looks
    along +y; every second ring is turned by half a cell."""
    coarse = np.asarray(
        cv2.resize(environment, (around, 2 * rings), interpolation=cv2.INTER_AREA), np.float32
    )
    side = np.cross(normal, [0.0, 1.0, 0.0] if abs(normal[1]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    ahead = np.cross(normal, side)
    for ring in range(rings):
        low, high = (np.sin(np.pi / 2 * (1 - edge / rings)) ** 2 for edge in (ring + 1, ring))
        sine = np.sqrt((low + high) / 2)
        level = np.sqrt(1 - sine**2)
        for cell in range(around):
            heading = ((cell + 0.5 + 0.5 * (ring % 2)) / around - 0.5) * 2 * np.pi
            direction = (side * np.sin(heading) + ahead * np.cos(heading)) * level + normal * sine
            yield SkyCell(
                np.append(direction, 0), float((high - low) / around), panorama_at(coarse, direction)
            )


def panorama_at(panorama: Linear, direction: Vector) -> NDArray[np.float32]:
    """The light that comes from a direction, mixed from the four nearest pixels."""
    height, width = panorama.shape[:2]
    x = (np.arctan2(direction[0], direction[1]) / (2 * np.pi) + 0.5) * width - 0.5
    y = np.arccos(np.clip(direction[2], -1, 1)) / np.pi * height - 0.5
    left, top = int(np.floor(x)), int(np.floor(y))
    columns = [left % width, (left + 1) % width]
    rows = np.clip([top, top + 1], 0, height - 1)
    shares = np.outer([1 - (y - top), y - top], [1 - (x - left), x - left])
    return np.asarray((panorama[rows][:, columns] * shares[..., None]).sum(axis=(0, 1)), np.float32)


def ambient(
    receiver: Receiver, proxy: Proxy, cells: Sequence[SkyCell], light: Irradiance, step: int
) -> Linear:
    """The share of the surroundings' light that still arrives, per channel, with the product's own bounce from the
    part of it that each cell meets; ``light`` tells how bright the side is that the receiver sees."""
    slices = every(proxy.slices, step * proxy.fine)
    lost = np.zeros((receiver.raster.height, receiver.raster.width, 3), np.float32)
    for cell in cells:
        seen = hidden(receiver, proxy, slices, cell.direction, colored=True)
        back = light.on(proxy.facing(cell.direction[:3]))
        lost += np.float32(cell.weight) * (cell.radiance * seen[..., 3:] - back * seen[..., :3])
    arriving = sum((cell.weight * cell.radiance for cell in cells), np.zeros(3, np.float32))
    kept = 1 - cv2.GaussianBlur(lost, (0, 0), 0.9) / arriving.astype(np.float32)
    return np.minimum(kept, np.float32(BRIGHTEST_AMBIENT))


def mirror_eyes(
    optics: Optics, foot: Vector, ground: float, roughness: float, count: int
) -> Iterator[Vector]:
    """Places the camera has in the floor's mirror, jittered as a rough floor does: a tilt of the surface
    turns the mirrored ray by twice as much along the view and by ``2 sin(elevation)`` across it."""
    eye = optics.eye[:3].copy()
    reach = float(np.linalg.norm(eye - foot))
    elevation = np.arcsin((eye[2] - ground) / reach)
    eye[2] = 2 * ground - eye[2]
    squared, angle = _disc(count)
    tilt = 0.9 * roughness**2 * np.sqrt(squared / (1 - squared * TAIL))
    for x, y in zip(tilt * np.cos(angle), tilt * np.sin(angle), strict=True):
        jitter = np.array([2 * x * np.sin(elevation) * reach, 0, 2 * y * np.cos(elevation) * reach])
        if (eye + jitter)[2] < ground - 0.02 * reach:
            yield np.append(eye + jitter, 1.0)


def reflection(
    receiver: Receiver, proxy: Proxy, roughness: float, count: int, step: int
) -> NDArray[np.float32]:
    """The product's mirror image in the floor: premultiplied linear RGB and coverage, blurred with distance."""
    slices = every(proxy.slices, step * proxy.fine)
    total = np.zeros((receiver.raster.height, receiver.raster.width, 4), np.float32)
    ground = -float(receiver.plane[3])
    eyes = list(mirror_eyes(receiver.optics, proxy.place.foot, ground, roughness, count))
    for eye in eyes:
        total += hidden(receiver, proxy, slices, eye, colored=True)
    return np.asarray(cv2.GaussianBlur(total / len(eyes), (0, 0), 1 + 6 * roughness**2), np.float32)
