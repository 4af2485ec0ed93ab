"""Materials: what things are made of, as Cycles shaders."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np

from authoring.kit.noise import Field, linear
from authoring.kit.textures import Texture


def image(name: str, pixels: Field) -> Any:
    """A packed float image, already linear; a grey field becomes three equal channels."""
    color = np.repeat(pixels[..., None], 3, 2) if pixels.ndim == 2 else pixels
    height, width = color.shape[:2]
    kept = bpy.data.images.new(name, width, height, float_buffer=True, is_data=True)
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = color[::-1]
    kept.pixels.foreach_set(rgba.ravel())
    kept.pack()
    return kept


def _new(name: str) -> tuple[Any, Any, Any]:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    return material, tree, tree.nodes["Principled BSDF"]


def plain(color: str, roughness: float = 0.5, coat: float = 0.0, gain: float = 1.0, **inputs: float) -> Any:
    """One colour. ``coat`` is a lacquer over it; ``inputs`` are further inputs of the Principled shader."""
    material, _, shader = _new(color)
    shader.inputs["Base Color"].default_value = (*(linear(color) * gain).tolist(), 1)
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Coat Weight"].default_value = coat
    shader.inputs["Coat Roughness"].default_value = 0.08
    for name, value in inputs.items():
        shader.inputs[name.replace("_", " ").title().replace("Ior", "IOR")].default_value = value
    return material


def metal(color: str, roughness: float = 0.2) -> Any:
    """A bare metal of that tint."""
    return plain(color, roughness, metallic=1.0)


def glaze(color: str, roughness: float = 0.35) -> Any:
    """Fired ceramic under a clear glaze, with a little light inside it."""
    return plain(color, roughness, coat=0.6, subsurface_weight=0.12, subsurface_scale=0.08)


def glass(tint: str = "#ffffff") -> Any:
    """Clear glass."""
    return plain(tint, 0.0, transmission_weight=1.0, ior=1.45)


def glow(color: str, strength: float, picture: Field | None = None) -> Any:
    """Something that shines: a bulb, a bright window, a backdrop card. ``picture`` is linear RGB."""
    material = bpy.data.materials.new("glow")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    output = nodes.new("ShaderNodeOutputMaterial")
    emission = nodes.new("ShaderNodeEmission")
    emission.inputs["Color"].default_value = (*linear(color).tolist(), 1)
    emission.inputs["Strength"].default_value = strength
    if picture is not None:
        texture = nodes.new("ShaderNodeTexImage")
        texture.image = image("glow", picture)
        texture.extension = "EXTEND"
        links.new(texture.outputs[0], emission.inputs["Color"])
    links.new(emission.outputs[0], output.inputs[0])
    return material


def textured(
    texture: Texture,
    span: float,
    *,
    turn: float = 0.0,
    upright: bool = False,
    offset: tuple[float, float] = (0.37, 0.52),
    relief: float = 0.005,
    shine: float = 0.5,
    coat: float = 0.0,
    coat_roughness: float = 0.15,
    sheen: float = 0.0,
    gain: float = 1.0,
    all_round: bool = False,
) -> Any:
    """A painted texture on an object's own coordinates.

    ``span`` is the texture's side in units, ``turn`` its rotation in radians, ``upright`` lays it on x and z
    (walls) instead of x and y, ``all_round`` on every side of a block. ``relief`` is the bump's depth in
    units, ``shine`` the specular level. The coat lies smooth over the relief, as lacquer does, so it mirrors.
    """
    material, tree, shader = _new("textured")
    nodes, links = tree.nodes, tree.links
    coordinates = nodes.new("ShaderNodeTexCoord")
    mapping = nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = (1 / span,) * 3
    mapping.inputs["Rotation"].default_value = (math.pi / 2 if upright else 0, 0, turn)
    mapping.inputs["Location"].default_value = (*offset, 0.45 if all_round else 0)
    links.new(coordinates.outputs["Object"], mapping.inputs[0])

    def sample(pixels: Field) -> Any:
        node = nodes.new("ShaderNodeTexImage")
        node.image = image("texture", pixels)
        node.extension = "MIRROR"
        node.interpolation = "Cubic"
        if all_round:
            node.projection, node.projection_blend = "BOX", 0.03
        links.new(mapping.outputs[0], node.inputs[0])
        return node.outputs[0]

    links.new(sample(np.clip(texture.albedo * np.float32(gain), 0, 0.95)), shader.inputs["Base Color"])
    links.new(sample(texture.roughness), shader.inputs["Roughness"])
    if relief:
        bump = nodes.new("ShaderNodeBump")
        bump.inputs["Distance"].default_value = relief
        links.new(sample(texture.height), bump.inputs["Height"])
        links.new(bump.outputs[0], shader.inputs["Normal"])
    shader.inputs["Specular IOR Level"].default_value = shine
    shader.inputs["Coat Weight"].default_value = coat
    shader.inputs["Coat Roughness"].default_value = coat_roughness
    shader.inputs["Sheen Weight"].default_value = sheen
    return material


def pictured(
    picture: Field, roughness: float = 0.5, *, coat: float = 0.0, translucent: float = 0.0, shine: float = 0.5
) -> Any:
    """A linear RGB picture on an object's own UVs, for shells, leaves, petals. ``translucent`` is the share of
    light that comes through from behind."""
    material, tree, shader = _new("pictured")
    nodes, links = tree.nodes, tree.links
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image("picture", np.clip(picture, 0, 0.95))
    texture.extension = "EXTEND"
    links.new(texture.outputs[0], shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Specular IOR Level"].default_value = shine
    shader.inputs["Coat Weight"].default_value = coat
    if translucent:
        through, mix = nodes.new("ShaderNodeBsdfTranslucent"), nodes.new("ShaderNodeMixShader")
        links.new(texture.outputs[0], through.inputs[0])
        mix.inputs[0].default_value = translucent
        links.new(shader.outputs[0], mix.inputs[1])
        links.new(through.outputs[0], mix.inputs[2])
        links.new(mix.outputs[0], nodes["Material Output"].inputs[0])
    return material


def backlit(texture: Texture, span: float, strength: float) -> Any:
    """Paper with the day behind it: it reflects as paper does and glows by ``strength``."""
    material = textured(texture, span, upright=True, relief=0.003, shine=0.1)
    shader = material.node_tree.nodes["Principled BSDF"]
    source = shader.inputs["Base Color"].links[0].from_socket
    material.node_tree.links.new(source, shader.inputs["Emission Color"])
    shader.inputs["Emission Strength"].default_value = strength
    return material
