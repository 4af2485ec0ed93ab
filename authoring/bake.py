"""Bake scenes into plates: ``python -m authoring.bake cafe-wood --view eye`` (see README.md).

Each plate takes four renders: the beauty with its glossy share, the key light alone and direct (what a
cast shadow takes away), the geometry without lens blur, and a panorama at the product's place without
the key.
They land in ``authoring/raw/`` as scene-linear float EXR; ``authoring.pack`` turns them into a plate.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

from authoring.kit import cameras
from authoring.kit.stage import SceneCard, Setting, reset, use_gpu
from authoring.pack import pack_plate, preview, write_card

HERE = Path(__file__).resolve().parent
RAW = HERE / "raw"
PLATES = HERE.parent / "generation" / "studio" / "plates"
SCENES = HERE / "scenes"
PANORAMA = (256, 128)
PANORAMA_HEIGHT = 0.5
"""How far above the product's foot its surroundings are seen from, in units."""

PASSES = {
    "DiffDir": "Diffuse Direct",
    "GlossDir": "Glossy Direct",
    "GlossInd": "Glossy Indirect",
    "GlossCol": "Glossy Color",
}
GLOSSY = ("GlossDir", "GlossInd", "GlossCol")


def scene_keys() -> list[str]:
    """Every scene there is a module for."""
    return sorted(p.stem.replace("_", "-") for p in SCENES.glob("[a-z]*.py"))


def load(key: str) -> Any:
    """The scene's module, with its ``CARD`` and ``build``."""
    return importlib.import_module(f"authoring.scenes.{key.replace('-', '_')}")


def _wire(
    folder: Path, wanted: dict[str, str | tuple[str, str, str]], denoised: tuple[str, ...] = ()
) -> None:
    """Let the next render write passes as EXR; a tuple ``(a, b, c)`` is written as ``(a + b) * c``."""
    scene = bpy.context.scene
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers = tree.nodes.new("CompositorNodeRLayers")
    files = tree.nodes.new("CompositorNodeOutputFile")
    files.base_path = str(folder)
    files.format.file_format, files.format.color_mode, files.format.color_depth = "OPEN_EXR", "RGB", "32"
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
        else:
            out = mix("ADD", socket(source), None)
        if name in denoised:
            denoise = tree.nodes.new("CompositorNodeDenoise")
            tree.links.new(out, denoise.inputs[0])
            tree.links.new(socket("Denoising Normal"), denoise.inputs["Normal"])
            tree.links.new(socket("Denoising Albedo"), denoise.inputs["Albedo"])
            out = denoise.outputs[0]
        tree.links.new(out, files.inputs[len(files.inputs) - 1])
    composite = tree.nodes.new("CompositorNodeComposite")
    tree.links.new(layers.outputs["Image"], composite.inputs[0])


def _render() -> float:
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
def _only(key: Any) -> Iterator[None]:
    """Every light out but ``key``, and no bounces."""
    scene = bpy.context.scene
    lights = [o for o in scene.objects if o.type == "LIGHT" and o != key]
    sockets = list(_glowing())
    strengths = [s.default_value for s in sockets]
    bounces = scene.cycles.max_bounces
    for light in lights:
        light.hide_render = True
    for socket in sockets:
        socket.default_value = 0
    scene.cycles.max_bounces = 0
    yield
    scene.cycles.max_bounces = bounces
    for light in lights:
        light.hide_render = False
    for socket, strength in zip(sockets, strengths, strict=True):
        socket.default_value = strength


def _render_geometry(folder: Path) -> float:
    """Position and normal at half size, sharp everywhere."""
    scene = bpy.context.scene
    layer, cycles = scene.view_layers[0], scene.cycles
    layer.use_pass_position = layer.use_pass_normal = True
    scene.camera.data.dof.use_dof = False
    scene.render.resolution_percentage = 50
    samples, bounces = cycles.samples, cycles.max_bounces
    cycles.samples, cycles.use_denoising, cycles.max_bounces = 8, False, 0
    _wire(folder, {"pos": "Position", "nor": "Normal"})
    seconds = _render()
    cycles.samples, cycles.use_denoising, cycles.max_bounces = samples, True, bounces
    scene.render.resolution_percentage = 100
    return seconds


def _render_panorama(folder: Path, setting: Setting, samples: int) -> float:
    """What the product sees around it; the centre looks along +y, away from the camera."""
    scene = bpy.context.scene
    data = bpy.data.cameras.new("panorama")
    data.type, data.panorama_type = "PANO", "EQUIRECTANGULAR"
    camera = bpy.data.objects.new("panorama", data)
    bpy.context.collection.objects.link(camera)
    x, y, z = setting.base
    camera.location, camera.rotation_euler = (x, y, z + PANORAMA_HEIGHT), (math.pi / 2, 0, 0)
    for light in (o for o in scene.objects if o.type == "LIGHT" and o != setting.key):
        light.visible_camera = True
    scene.camera = camera
    scene.render.resolution_x, scene.render.resolution_y = PANORAMA
    scene.cycles.samples = samples
    setting.key.hide_render = True
    _wire(folder, {"env": "Image"})
    return _render()


def _record(card: SceneCard, name: str, setting: Setting, projection: Any) -> dict[str, Any]:
    """What the baker knows and the packer needs, as JSON."""
    view, key = card.views[name], setting.key
    towards = key.matrix_world.to_quaternion() @ Vector((0, 0, 1))
    light = {
        "dir": [float(v) for v in towards],
        "angle": key.data.angle,
        "color": list(key.data.color),
        "energy": key.data.energy,
    }
    return {
        "P": projection.tolist(),
        "eye": list(view.eye),
        "key": light,
        "base": list(setting.base),
        "receivers": [asdict(r) for r in setting.receivers],
        "roughness": setting.roughness,
        "exposure": setting.exposure,
        "product_height": setting.product_height,
        "product_width": setting.product_width,
        "elevation": view.elevation,
        "crop": view.crop,
        "foot": view.foot,
        "headline": list(view.headline),
    }


def stage(key: str, name: str, side: int, samples: int, gpu: bool = False) -> tuple[SceneCard, Setting]:
    """Build one view of a scene, ready to render."""
    module = load(key)
    card: SceneCard = module.CARD
    reset(side, samples)
    if gpu:
        use_gpu()
    setting: Setting = module.build(name)
    bpy.context.scene.cycles.samples = round(samples * setting.samples)
    cameras.set_up(card.views[name], setting.base)
    return card, setting


def bake(key: str, name: str, side: int, samples: int, raw: Path, gpu: bool = False) -> None:
    """Render every pass of one plate into ``raw/<scene>/<view>``."""
    folder = raw / key / name
    folder.mkdir(parents=True, exist_ok=True)
    card, setting = stage(key, name, side, samples, gpu)
    layer = bpy.context.scene.view_layers[0]
    layer.use_pass_glossy_direct = layer.use_pass_glossy_indirect = layer.use_pass_glossy_color = True
    layer.cycles.denoising_store_passes = True
    seconds = {}
    _wire(folder, {"full": "Image", "gloss": GLOSSY, "glcol": "GlossCol"}, ("gloss",))
    seconds["beauty"] = _render()
    with _only(setting.key):
        bpy.context.scene.cycles.samples = max(4, samples // 3)
        _wire(folder, {"key": "Image", "keyg": GLOSSY}, ("keyg",))
        seconds["key"] = _render()
    record = _record(card, name, setting, cameras.projection())
    seconds["geometry"] = _render_geometry(folder)
    seconds["panorama"] = _render_panorama(folder, setting, max(8, samples * 3))
    record["seconds"] = {k: round(v, 1) for k, v in seconds.items()}
    (folder / "record.json").write_text(json.dumps(record))
    print(f"baked {key}/{name} {side}px {record['seconds']} total {sum(seconds.values()):.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Bake scenes into plates.")
    parser.add_argument("scene", nargs="?", help=f"one of {', '.join(scene_keys())}; all when left out")
    parser.add_argument("--view", help="one camera of the scene; all when left out")
    parser.add_argument("--side", type=int, default=1792, help="side of the square master in pixels")
    parser.add_argument("--samples", type=int, default=32)
    parser.add_argument("--gpu", action="store_true", help="render on a CUDA card")
    parser.add_argument("--preview", type=Path, metavar="PNG", help="only render a small picture to look at")
    parser.add_argument("--repack", action="store_true", help="render nothing, pack what was rendered before")
    parser.add_argument("--out", type=Path, default=PLATES, help="where the plates go")
    parser.add_argument("--raw", type=Path, default=RAW, help="where the rendered passes go")
    arguments = parser.parse_args()
    for key in [arguments.scene] if arguments.scene else scene_keys():
        card: SceneCard = load(key).CARD
        for name in [arguments.view] if arguments.view else card.views:
            if arguments.preview:
                _, setting = stage(key, name, arguments.side, arguments.samples, arguments.gpu)
                folder = arguments.raw / "preview" / key / name
                _wire(folder, {"full": "Image"})
                print(f"{key}/{name} {_render():.1f} s")
                preview(folder, arguments.preview, card.views[name], cameras.projection(), setting)
                continue
            if not arguments.repack:
                bake(key, name, arguments.side, arguments.samples, arguments.raw, arguments.gpu)
            pack_plate(arguments.raw / key / name, arguments.out / key / name)
        if not arguments.preview:
            write_card(card, arguments.out)


if __name__ == "__main__":
    main()
