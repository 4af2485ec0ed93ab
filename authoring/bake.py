"""Bake scenes into plates: ``python -m authoring.bake cafe-wood --view eye`` (see README.md).

Each plate takes four renders: the beauty with its glossy share, the key light alone and direct (what a
cast shadow takes away), the geometry without lens blur, and a panorama at the product's place without
the key. A coated ground takes a small fifth one without its coat, things in front of the product one more.
They land in ``authoring/raw/`` as scene-linear float EXR; ``authoring.pack`` turns them into a plate.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

from authoring import ground, passes
from authoring.kit import cameras
from authoring.kit.stage import SceneCard, Setting, reset, use_gpu
from authoring.pack import pack_plate, preview, write_card
from authoring.passes import GLOSSY, render, wire

HERE = Path(__file__).resolve().parent
RAW = HERE / "raw"
PLATES = HERE.parent / "generation" / "studio" / "plates"
SCENES = HERE / "scenes"
PANORAMA = (256, 128)
PANORAMA_HEIGHT = 0.5
"""How far above the product's foot its surroundings are seen from, in units."""

COAT_SCALE = 25
"""Per cent of the master's side at which the coat's share of the gloss is measured."""
FRONT_SAMPLES = 4
"""Times the usual samples for what stands in front: its soft edge is alpha, which no denoiser smooths."""


def scene_keys() -> list[str]:
    """Every scene there is a module for."""
    return sorted(p.stem.replace("_", "-") for p in SCENES.glob("[a-z]*.py"))


def load(key: str) -> Any:
    """The scene's module, with its ``CARD`` and ``build``."""
    return importlib.import_module(f"authoring.scenes.{key.replace('-', '_')}")


def _render_geometry(folder: Path) -> float:
    """Position and normal at half size, sharp everywhere."""
    scene = bpy.context.scene
    layer, cycles = scene.view_layers[0], scene.cycles
    layer.use_pass_position = layer.use_pass_normal = True
    scene.camera.data.dof.use_dof = False
    scene.render.resolution_percentage = 50
    samples, bounces = cycles.samples, cycles.max_bounces
    cycles.samples, cycles.use_denoising, cycles.max_bounces = 8, False, 0
    wire(folder, {"pos": "Position", "nor": "Normal"})
    seconds = render()
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
    wire(folder, {"env": "Image"})
    return render()


def _render_coat(folder: Path, under: ground.Ground) -> float:
    """The glossy albedo without the ground's coat, small: what is missing of it is the coat's share."""
    scene = bpy.context.scene
    samples = scene.cycles.samples
    scene.render.resolution_percentage, scene.cycles.samples = COAT_SCALE, 16
    with ground.uncoated(under):
        wire(folder, {"uncoated": "GlossCol"})
        seconds = render()
    scene.render.resolution_percentage, scene.cycles.samples = 100, samples
    return seconds


def _render_front(folder: Path, things: list[Any]) -> float:
    """What stands in front of the product, alone, with alpha, at half size."""
    scene = bpy.context.scene
    rest = [thing for thing in scene.objects if thing not in things]
    samples = scene.cycles.samples
    scene.render.film_transparent, scene.render.resolution_percentage = True, 50
    scene.cycles.samples = samples * FRONT_SAMPLES
    with passes.unseen(rest):
        wire(folder, {"front": "Image"}, mode="RGBA")
        seconds = render()
    scene.render.film_transparent, scene.render.resolution_percentage = False, 100
    scene.cycles.samples = samples
    return seconds


def _light(key: Any, base: tuple[float, float, float]) -> dict[str, Any]:
    """The key light: a sun's direction and disc, or a rectangle's centre and half axes."""
    turn = key.matrix_world.to_quaternion()
    light = {"color": list(key.data.color), "energy": key.data.energy}
    if key.data.type == "SUN":
        towards = turn @ Vector((0, 0, 1))
        return light | {"kind": "sun", "dir": list(towards), "angle": key.data.angle}
    if key.data.type != "AREA":
        raise ValueError(f"a key light is a sun or an area, not {key.data.type}")
    place, data = key.matrix_world.translation, key.data
    across, up = (
        turn @ Vector((data.size / 2, 0, 0)),
        turn @ Vector((0, (data.size_y if data.shape == "RECTANGLE" else data.size) / 2, 0)),
    )
    reach = place - Vector(base)
    return light | {
        "kind": "area",
        "dir": list(reach.normalized()),
        "angle": 2 * math.atan(math.sqrt(across.length * up.length) / reach.length),
        "place": list(place),
        "axes": [list(across), list(up)],
    }


def _record(card: SceneCard, name: str, setting: Setting, projection: Any) -> dict[str, Any]:
    """What the baker knows and the packer needs, as JSON."""
    view, under = card.views[name], ground.under(setting.base)
    return {
        "P": projection.tolist(),
        "eye": list(view.eye),
        "key": _light(setting.key, setting.base),
        "base": list(setting.base),
        "receivers": [asdict(r) for r in setting.receivers],
        "roughness": (under.roughness if under else None) or setting.roughness,
        "coat_roughness": under.coat_roughness if under else None,
        "lobes": [list(lobe) for lobe in setting.lobes],
        "exposure": setting.exposure,
        "product_height": setting.product_height,
        "product_width": setting.product_width,
        "mirrored": setting.mirrored,
        "recolor": card.recolor,
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
    setting: Setting = module.build(name)
    if gpu:  # not before: taking a far room's picture starts from an empty stage again
        use_gpu()
    bpy.context.scene.cycles.samples = round(samples * setting.samples)
    cameras.set_up(card.views[name], setting.base)
    return card, setting


def bake(key: str, name: str, side: int, samples: int, raw: Path, gpu: bool = False) -> None:
    """Render every pass of one plate into ``raw/<scene>/<view>``."""
    folder = raw / key / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    card, setting = stage(key, name, side, samples, gpu)
    in_front = passes.foreground()
    with passes.unseen(in_front):
        seconds, record = _render_scene(folder, card, name, setting)
    if in_front:
        seconds["front"] = _render_front(folder, in_front)
    seconds["panorama"] = _render_panorama(folder, setting, max(8, samples * 3))
    record["seconds"] = {k: round(v, 1) for k, v in seconds.items()}
    (folder / "record.json").write_text(json.dumps(record))
    print(f"baked {key}/{name} {side}px {record['seconds']} total {sum(seconds.values()):.0f} s", flush=True)


def _render_scene(
    folder: Path, card: SceneCard, name: str, setting: Setting
) -> tuple[dict[str, float], dict[str, Any]]:
    """The scene behind the product: its light, its key light, its geometry. Returns seconds and the record."""
    layer, cycles = bpy.context.scene.view_layers[0], bpy.context.scene.cycles
    layer.use_pass_glossy_direct = layer.use_pass_glossy_indirect = layer.use_pass_glossy_color = True
    layer.cycles.denoising_store_passes = True
    record = _record(card, name, setting, cameras.projection())
    wire(folder, {"full": "Image", "gloss": GLOSSY, "glcol": "GlossCol"}, ("gloss",))
    seconds = {"beauty": render()}
    under = ground.under(setting.base)
    if under and under.coat_roughness is not None and not setting.lobes:
        seconds["coat"] = _render_coat(folder, under)
    samples = cycles.samples
    with passes.only(setting.key):
        cycles.samples = max(4, samples // 3)
        wire(folder, {"key": "Image", "keyg": GLOSSY}, ("keyg",))
        seconds["key"] = render()
    cycles.samples = samples
    seconds["geometry"] = _render_geometry(folder)
    return seconds, record


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
    parser.add_argument("--keep", action="store_true", help="keep the rendered passes, for --repack")
    arguments = parser.parse_args()
    for key in [arguments.scene] if arguments.scene else scene_keys():
        card: SceneCard = load(key).CARD
        for name in [arguments.view] if arguments.view else card.views:
            if arguments.preview:
                _, setting = stage(key, name, arguments.side, arguments.samples, arguments.gpu)
                folder = arguments.raw / "preview" / key / name
                wire(folder, {"full": "Image"})
                print(f"{key}/{name} {render():.1f} s")
                preview(folder, arguments.preview, card.views[name], cameras.projection(), setting)
                continue
            if not arguments.repack:
                bake(key, name, arguments.side, arguments.samples, arguments.raw, arguments.gpu)
            pack_plate(arguments.raw / key / name, arguments.out / key / name)
            if not (arguments.keep or arguments.repack):
                shutil.rmtree(arguments.raw / key / name)
        if not arguments.preview:
            write_card(card, arguments.out)


if __name__ == "__main__":
    main()
