"""Rendering passes: what the next render writes, and what it leaves out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from authoring.kit.stage import FOREGROUND

PASSES = {
    "DiffDir": "Diffuse Direct",
    "GlossDir": "Glossy Direct",
    "GlossInd": "Glossy Indirect",
    "GlossCol": "Glossy Color",
}
GLOSSY = ("GlossDir", "GlossInd", "GlossCol")

Source = str | tuple[str, str, str]
"""A pass, or ``(a, b, c)`` for ``(a + b) * c``."""


def wire(folder: Path, wanted: dict[str, Source], denoised: tuple[str, ...] = (), mode: str = "RGB") -> None:
    """Let the next render write passes as 32-bit EXR, ``<name>_0001.exr``; ``mode`` is RGB or RGBA."""
    scene = bpy.context.scene
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers = tree.nodes.new("CompositorNodeRLayers")
    files = tree.nodes.new("CompositorNodeOutputFile")
    files.base_path = str(folder)
    files.format.file_format, files.format.color_mode, files.format.color_depth = "OPEN_EXR", mode, "32"
    files.file_slots.clear()

    def mix(kind: str, a: Any, b: Any) -> Any:
        node = tree.nodes.new("CompositorNodeMixRGB")
        node.blend_type = kind
        tree.links.new(a, node.inputs[1])
        if b is None:
            node.inputs[2].default_value = (0, 0, 0, 1)
        else:
            tree.links.new(b, node.inputs[2])
        return node.outputs[0]

    def socket(name: str) -> Any:
        return layers.outputs[name if name in layers.outputs else PASSES[name]]

    for name, source in wanted.items():
        files.file_slots.new(f"{name}_")
        if isinstance(source, tuple):
            out = mix("MULTIPLY", mix("ADD", socket(source[0]), socket(source[1])), socket(source[2]))
        elif mode == "RGBA":
            out = socket(source)
        else:
            out = mix("ADD", socket(source), None)
        if name in denoised:
            denoise = tree.nodes.new("CompositorNodeDenoise")
            denoise.quality = denoise.prefilter = "FAST"  # what it cleans is kept at half size
            tree.links.new(out, denoise.inputs[0])
            tree.links.new(socket("Denoising Normal"), denoise.inputs["Normal"])
            tree.links.new(socket("Denoising Albedo"), denoise.inputs["Albedo"])
            out = denoise.outputs[0]
        tree.links.new(out, files.inputs[len(files.inputs) - 1])
    composite = tree.nodes.new("CompositorNodeComposite")
    tree.links.new(layers.outputs["Image"], composite.inputs[0])


def render() -> float:
    """Render; returns the seconds it took."""
    start = time.time()
    bpy.ops.render.render()
    return time.time() - start


def _glowing() -> Iterator[Any]:
    """The strength sockets of everything that shines but is not a light: sky, cards, bulbs, lit paper."""
    trees = [bpy.context.scene.world.node_tree, *(m.node_tree for m in bpy.data.materials if m.use_nodes)]
    for tree in trees:
        for node in tree.nodes:
            if node.type in ("EMISSION", "BACKGROUND"):
                yield node.inputs["Strength"]
            elif node.type == "BSDF_PRINCIPLED":
                yield node.inputs["Emission Strength"]


@contextmanager
def only(key: Any) -> Iterator[None]:
    """Every light out but ``key``, and no bounces."""
    scene = bpy.context.scene
    lights = [o for o in scene.objects if o.type == "LIGHT" and o != key]
    sockets = list(_glowing())
    links = [(socket, socket.links[0].from_socket) for socket in sockets if socket.is_linked]
    strengths = [s.default_value for s in sockets]
    bounces = scene.cycles.max_bounces
    for light in lights:
        light.hide_render = True
    for socket, _ in links:
        socket.id_data.links.remove(socket.links[0])
    for socket in sockets:
        socket.default_value = 0
    scene.cycles.max_bounces = 0
    yield
    scene.cycles.max_bounces = bounces
    for light in lights:
        light.hide_render = False
    for socket, strength in zip(sockets, strengths, strict=True):
        socket.default_value = strength
    for socket, source in links:
        socket.id_data.links.new(source, socket)


def foreground() -> list[Any]:
    """The things marked by ``stage.in_front``, and whatever hangs on them."""

    def marked(thing: Any) -> bool:
        return thing is not None and (bool(thing.get(FOREGROUND)) or marked(thing.parent))

    return [thing for thing in bpy.context.scene.objects if marked(thing)]


@contextmanager
def unseen(things: list[Any]) -> Iterator[None]:
    """Things hidden from the camera that still cast light and shadow."""
    visible = [thing.visible_camera for thing in things]
    for thing in things:
        thing.visible_camera = False
    yield
    for thing, was in zip(things, visible, strict=True):
        thing.visible_camera = was
