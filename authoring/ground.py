"""What the product stands on: how rough its gloss is, read off the material under its foot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

ABOVE, BELOW = 0.3, 0.2
"""How far above the foot the ray to the ground begins, and how far below it ends, in units."""
LEAST_COAT = 0.02


@dataclass(frozen=True)
class Ground:
    """The shader under the product. ``roughness`` is ``None`` where it cannot be told from the shader,
    ``coat_roughness`` where there is no coat."""

    shader: Any
    roughness: float | None
    coat_roughness: float | None


def under(base: tuple[float, float, float]) -> Ground | None:
    """The Principled material right under the product's foot; ``None`` for anything else."""
    scene, graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    hit, _, _, face, thing, _ = scene.ray_cast(
        graph, Vector(base) + Vector((0, 0, ABOVE)), Vector((0, 0, -1)), distance=ABOVE + BELOW
    )
    if not hit or not thing.material_slots:
        return None
    slot = thing.evaluated_get(graph).data.polygons[face].material_index
    material = thing.material_slots[slot].material
    nodes = material.node_tree.nodes if material is not None and material.use_nodes else ()
    shaders = [node for node in nodes if node.type == "BSDF_PRINCIPLED"]
    if len(shaders) != 1:
        return None
    inputs = shaders[0].inputs
    coated = inputs["Coat Weight"].is_linked or inputs["Coat Weight"].default_value > LEAST_COAT
    return Ground(shaders[0], _mean(inputs["Roughness"]), _mean(inputs["Coat Roughness"]) if coated else None)


def _mean(socket: Any) -> float | None:
    """A socket's value, or the mean of the picture that feeds it."""
    if not socket.is_linked:
        return float(socket.default_value)
    image = getattr(socket.links[0].from_node, "image", None)
    if image is None:
        return None
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    return float(pixels.reshape(-1, 4)[:, 0].mean())


@contextmanager
def uncoated(ground: Ground) -> Iterator[None]:
    """The ground without its coat."""
    weight = ground.shader.inputs["Coat Weight"]
    source = weight.links[0].from_socket if weight.is_linked else None
    if source is not None:
        weight.id_data.links.remove(weight.links[0])
    value = weight.default_value
    weight.default_value = 0
    yield
    weight.default_value = value
    if source is not None:
        weight.id_data.links.new(source, weight)
