"""What a headline mirrors: photo-studio environments, with some of the scene's own light for colour.

Directions are unit vectors in the camera's frame (x right, y up, z towards the viewer); light is linear.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from generation.studio.materials import Material, Studio
from generation.types import KeyLight, Linear

Floats = NDArray[np.float32]

SCENE_SHARE = 0.35
"""A studio reads better than the scene's soft light; more of the scene than this turns metal to mud."""
SCENE_MEAN = 0.45
"""The scene's panorama is brought to this mean radiance, about the studio's own."""
SCENE_PEAK = 6.0
ORB_SIZE_PX = 384
DEFAULT_KEY = (-0.45, 0.70, 0.60)


def headline_key(key: KeyLight | None) -> Floats:
    """The unit direction of the light on the lettering: the scene's, kept in front of and above it, as a
    photographer would flag a light that comes from behind."""
    x, y, z = key.direction if key else DEFAULT_KEY
    towards = np.array([x, max(y, 0.45), max(z, 0.5)], np.float32)
    return np.asarray(towards / np.linalg.norm(towards), np.float32)


def floats(values: ArrayLike) -> Floats:
    """``values`` as float32, copied only where they are not yet: OpenCV's results carry no element type."""
    return np.asarray(values, np.float32)


def smoothstep(low: float, high: float, x: ArrayLike) -> Floats:
    """Hermite step from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((floats(x) - low) / (high - low), 0, 1)
    return floats(t * t * (3 - 2 * t))


def studio_light(studio: Studio, directions: Floats, roughness: float) -> Floats:
    """Radiance, shape ``(h, w, 3)``, that a studio sends from ``directions`` (same shape)."""
    if studio == "chrome":
        return _open_country(directions, roughness)
    return floats(np.repeat(_softboxes(studio, directions, roughness)[..., None], 3, axis=2))


def _open_country(directions: Floats, roughness: float) -> Floats:
    """The airbrushed chrome of show cars: blue sky, glare over a hard horizon, dark earth, a light foot."""
    x, y = directions[..., 0], directions[..., 1]
    edge = 0.015 + roughness
    sky = smoothstep(0.0, 0.85, y)[..., None]
    blue, haze = np.array([0.05, 0.13, 0.34], np.float32), np.array([1.05, 1.12, 1.22], np.float32)
    above = haze + (blue - haze) * sky
    near, far = np.array([0.012, 0.013, 0.020], np.float32), np.array([0.62, 0.60, 0.62], np.float32)
    below = near + (far - near) * smoothstep(-0.10, -0.72, y)[..., None]
    horizon = 0.02 + 0.035 * np.sin(3.1 * x + 0.6)
    light = below + (above - below) * smoothstep(-edge, edge, y - horizon)[..., None]
    glint = smoothstep(-0.05, 0.05, 0.20 - np.abs(y - 0.80)) * smoothstep(
        -0.05, 0.05, 0.36 - np.abs(x + 0.30)
    )
    strip = smoothstep(-0.04, 0.04, 0.05 - np.abs(x - 0.80)) * smoothstep(-0.1, 0.1, 0.6 - np.abs(y - 0.2))
    return floats(light + (2.4 * glint + 1.6 * strip)[..., None])


def _softboxes(studio: Studio, directions: Floats, roughness: float) -> Floats:
    """Radiance, shape ``(h, w)``, of a room of white panels and dark cards."""
    x, y = directions[..., 0], directions[..., 1]
    soft = 0.03 + roughness

    def panel(
        center_x: float, center_y: float, half_width: float, half_height: float, power: float
    ) -> Floats:
        across = smoothstep(-soft, soft, half_width - np.abs(x - center_x))
        return floats(power * across * smoothstep(-soft, soft, half_height - np.abs(y - center_y)))

    if studio == "metal":
        bend = 0.05 * np.sin(3.2 * x + 0.4)
        light = 0.16 + 0.86 * smoothstep(-0.06, 0.50, y + bend) + 0.62 * smoothstep(-0.22, -0.80, y)
        light -= 0.12 * smoothstep(0.0, 0.10, 0.16 - np.abs(y + 0.14 + bend))
        light += panel(-0.40, 0.64, 0.34, 0.16, 3.4) + panel(0.62, 0.36, 0.08, 0.46, 2.4)
        light += panel(0.1, -0.74, 0.62, 0.07, 1.8) + panel(-0.90, -0.05, 0.05, 0.5, 1.8)
        light += 0.35 * np.exp(-(((y - 0.16 - 0.10 * x) / 0.09) ** 2))
        return np.maximum(light, 0.07).astype(np.float32)
    if studio == "foil":
        bend = 0.06 * np.sin(4 * x)
        light = 0.22 + 0.80 * smoothstep(-0.02, 0.75, y + bend) + 0.42 * smoothstep(-0.34, -0.92, y)
        light -= 0.17 * smoothstep(0.0, 0.2, 0.30 - np.abs(y + 0.20 + bend))
        light += panel(-0.38, 0.60, 0.30, 0.17, 3.2) + panel(0.58, 0.35, 0.07, 0.42, 2.2)
        light += panel(0.1, -0.72, 0.6, 0.06, 1.5) + panel(-0.88, -0.05, 0.05, 0.5, 1.6)
        return np.maximum(light, 0.04).astype(np.float32)
    light = 0.10 + 0.30 * smoothstep(-0.2, 0.9, y) + 0.20 * smoothstep(-0.3, -1.0, y)
    light += panel(-0.45, 0.62, 0.28, 0.22, 2.6) + panel(0.55, 0.45, 0.12, 0.40, 1.5)
    light += panel(0.0, -0.78, 0.9, 0.07, 0.9) + panel(-0.92, -0.1, 0.05, 0.5, 1.1)
    return np.maximum(light, 0.015).astype(np.float32)


def scene_light(environment: Linear, directions: Floats, roughness: float) -> Floats:
    """Radiance ``(h, w, 3)`` of a scene's panorama from ``directions``, blurred for ``roughness``."""
    height, width = environment.shape[:2]
    limited = np.minimum(environment.astype(np.float32), SCENE_PEAK)
    rows = np.cos((np.arange(height) + 0.5) / height * np.pi - np.pi / 2)
    mean = float((limited.mean(axis=(1, 2)) * rows).sum() / rows.sum())
    margin = width // 4
    wrapped = cv2.copyMakeBorder(
        limited * (SCENE_MEAN / max(mean, 1e-4)), 0, 0, margin, margin, cv2.BORDER_WRAP
    )
    blurred = cv2.GaussianBlur(wrapped, (0, 0), max(1.0, roughness * width / 6))
    x, y, z = (directions[..., axis] for axis in range(3))
    u = (np.arctan2(x, -z) / (2 * np.pi) + 0.5) * width + margin - 0.5
    v = (0.5 - np.arcsin(np.clip(y, -1, 1)) / np.pi) * height - 0.5
    looked_up = cv2.remap(
        blurred, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(looked_up, np.float32)


def light_orb(material: Material, key: KeyLight | None, environment: Linear | None) -> tuple[Floats, Floats]:
    """The light that leaves a ball of the material towards the viewer: (mirrored, diffuse), each
    ``(ORB_SIZE_PX, ORB_SIZE_PX, 3)`` linear, indexed by the normal's x (right) and y (up, top row = 1).

    Seen from straight ahead, what a surface sends back depends on its normal alone, so one small ball holds
    every shade of a headline (Sloan et al. 2001, "The lit sphere"). Fresnel after Schlick.
    """
    axis = np.linspace(-1, 1, ORB_SIZE_PX, dtype=np.float32)
    x, y = (floats(each) for each in np.meshgrid(axis, -axis))
    radius = np.sqrt(x * x + y * y)
    shrink = 1 / np.maximum(radius, 1)
    x, y = floats(x * shrink), floats(y * shrink)
    z = np.sqrt(np.maximum(1 - x * x - y * y, 0))
    normal = np.dstack([x, y, z])
    mirrored_from = np.dstack([2 * z * x, 2 * z * y, 2 * z * z - 1])

    light = studio_light(material.studio, mirrored_from, material.roughness)
    if environment is not None:
        scene = scene_light(environment, mirrored_from, material.roughness)
        light = floats((1 - SCENE_SHARE) * light + SCENE_SHARE * scene)
    reflectance = np.array(material.reflectance, np.float32)
    fresnel = reflectance + (1 - reflectance) * ((1 - z) ** 5)[..., None]
    mirrored = light * fresnel ** (1 + material.depth_of_tint * (1 - np.clip(light, 0, 1)))

    towards = headline_key(key)
    color = _key_color(key)
    halfway = floats(towards + floats([0, 0, 1]))
    sharpness = 0.5 / (material.roughness + 0.02) ** 2
    glint = np.clip(normal @ (halfway / np.linalg.norm(halfway)), 0, 1) ** sharpness * material.highlight
    mirrored = floats(mirrored + glint[..., None] * np.sqrt(fresnel) * color)

    creeping = np.float32(material.softness)
    facing = np.clip((normal @ towards + creeping) / (1 + creeping), 0, 1)[..., None]
    sky = (0.38 + 0.32 * y)[..., None]
    diffuse = np.array(material.albedo, np.float32) * (sky + 0.95 * facing * color)
    return mirrored.astype(np.float32), (diffuse * (1 - fresnel)).astype(np.float32)


def _key_color(key: KeyLight | None) -> Floats:
    """The key's hue at unit brightness, halfway to white: its strength belongs to the scene."""
    if key is None:
        return np.ones(3, np.float32)
    color = np.maximum(np.array(key.color, np.float32), 1e-3)
    return np.asarray(0.5 + 0.5 * color / color.max(), np.float32)
