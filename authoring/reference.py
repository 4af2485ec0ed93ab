"""How true seating is: Cycles renders a scene with the product's stand-in, and ours is held against it.

Three steps. ``dump`` (the product's own environment) writes the stand-in of a plate: the same slices that cast the
shadow when a picture is made. ``render`` (Blender's environment) hangs them into the scene as textured planes and
renders it with and without. ``measure`` tells how much of the product's effect on the scene ours reproduces:

    python -m authoring.reference dump cafe-wood eye --out proxies
    python -m authoring.reference render proxies/*.npz --samples 1024 --out references
    python -m authoring.reference measure references/*.npz

The stand-in is hidden from the camera, so that the scene is seen everywhere; its pixels are excluded all the same.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Linear = NDArray[np.float32]

SIDE = 512
"""Side of the rendered picture, which shows the whole master, in pixels."""
MATTES = Path(__file__).resolve().parent.parent / "tests" / "generation" / "studio" / "mattes"
USUAL = {"eye": "jar", "angle": "coffee", "top": "pizza"}
"""The silhouette seated in each view, of ``MATTES``."""
COLOR = (190, 40, 30)
"""The product's colour, 8-bit sRGB."""
GRID = 40
"""Cells along each side of a slice's mesh: its texture is seen in perspective, which only points tell."""
OTHER_SEED = 8
KEPT_SIDE = 128
"""Side of a reference that is kept for a test, in pixels."""
NOISE_FACTOR = 3.0
LEAST_EFFECT = 0.004
"""The product's effect counts where it exceeds that many deviations of the noise, and this much light."""


def seated(scene: str, view: str, name: str) -> Any:
    """The stage, the proxy and the pasted product of a plate's whole master, as a picture is made."""
    from PIL import Image

    from generation.studio import background
    from generation.types import BackgroundBrief, Camera, Cutout, Size

    with Image.open(MATTES / f"{name}.png") as matte:
        alpha = np.array(matte.convert("L"))
    picture = np.zeros((*alpha.shape, 4), np.uint8)
    picture[..., :3], picture[..., 3] = COLOR, alpha
    brief = BackgroundBrief(
        Size(SIDE, SIDE), scene, Cutout(picture, "brush", 1.0), camera=Camera(view), headline=False
    )
    return background.seated_in_master(brief)


def dump(scene: str, view: str, name: str, folder: Path) -> Path:
    """Write the stand-in's slices: planes, coverages, one straight colour picture, and its camera."""
    _, proxy, _ = seated(scene, view, name)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{scene}_{view}.npz"
    np.savez_compressed(
        path,
        scene=scene,
        view=view,
        name=name,
        planes=np.stack([cut.plane for cut in proxy.slices]),
        coverage=np.stack([(cut.coverage * 255 + 0.5).astype(np.uint8) for cut in proxy.slices]),
        color=proxy.texture.astype(np.float16),
        projection=proxy.optics.projection,
        eye=proxy.optics.eye,
    )
    return path


def _slice_points(stored: Any, plane: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
    """Where a grid over the slice's picture lies in the scene, ``((GRID + 1)², 3)``, row by row."""
    height, width = shape
    x, y = np.meshgrid(np.linspace(-0.5, width - 0.5, GRID + 1), np.linspace(-0.5, height - 0.5, GRID + 1))
    seen = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    eye = stored["eye"]
    onto = (plane @ eye) * np.eye(4) - np.outer(eye, plane)
    points = onto @ np.linalg.pinv(stored["projection"]) @ seen
    return np.asarray((points[:3] / points[3]).T)


def _material(color: Linear, coverage: NDArray[np.uint8]) -> Any:
    """A diffuse cut-out: the slice's colour where it covers, nothing elsewhere."""
    import bpy

    from authoring.kit.surfaces import image

    material = bpy.data.materials.new("slice")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    output, mix = nodes.new("ShaderNodeOutputMaterial"), nodes.new("ShaderNodeMixShader")
    diffuse, clear = nodes.new("ShaderNodeBsdfDiffuse"), nodes.new("ShaderNodeBsdfTransparent")
    for pixels, target in (
        (color, diffuse.inputs["Color"]),
        (coverage.astype(np.float32) / 255, mix.inputs[0]),
    ):
        texture = nodes.new("ShaderNodeTexImage")
        texture.image, texture.extension = image("slice", pixels), "EXTEND"
        links.new(texture.outputs[0], target)
    links.new(clear.outputs[0], mix.inputs[1])
    links.new(diffuse.outputs[0], mix.inputs[2])
    links.new(mix.outputs[0], output.inputs[0])
    return material


def hang(stored: Any) -> None:
    """Put the stand-in's slices into the open scene, hidden from the camera."""
    import bpy

    across = np.arange(GRID)
    corners = [
        (r * (GRID + 1) + c, r * (GRID + 1) + c + 1, (r + 1) * (GRID + 1) + c + 1, (r + 1) * (GRID + 1) + c)
        for r in across
        for c in across
    ]
    row, column = np.divmod(np.arange((GRID + 1) ** 2), GRID + 1)
    for plane, coverage in zip(stored["planes"], stored["coverage"], strict=True):
        mesh = bpy.data.meshes.new("slice")
        mesh.from_pydata(_slice_points(stored, plane, coverage.shape).tolist(), [], corners)
        layer = mesh.uv_layers.new()
        for corner, loop in zip(layer.data, mesh.loops, strict=True):
            corner.uv = (column[loop.vertex_index] / GRID, 1 - row[loop.vertex_index] / GRID)
        mesh.materials.append(_material(stored["color"].astype(np.float32), coverage))
        thing = bpy.data.objects.new("slice", mesh)
        bpy.context.collection.objects.link(thing)
        thing.visible_camera = False


def render(path: Path, side: int, samples: int, folder: Path, gpu: bool) -> Path:
    """Render a dumped stand-in's scene without it (twice, for the noise) and with it."""
    import tempfile

    import bpy

    from authoring import bake, passes
    from authoring.kit.stage import SEED
    from authoring.pack import read_pass

    stored = np.load(path)
    start = time.time()
    bake.stage(str(stored["scene"]), str(stored["view"]), side, samples, gpu)
    cycles = bpy.context.scene.cycles
    cycles.samples, cycles.use_denoising, cycles.use_adaptive_sampling = samples, False, False
    cycles.transparent_max_bounces = 64
    shots = {}
    with tempfile.TemporaryDirectory() as rendered, passes.unseen(passes.foreground()):
        for name in ("other", "bare", "with"):
            cycles.seed = OTHER_SEED if name == "other" else SEED
            if name == "with":
                hang(stored)
            passes.wire(Path(rendered), {name: "Image"})
            passes.render()
            shots[name] = read_pass(Path(rendered), name)
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"scene": stored["scene"], "view": stored["view"], "name": stored["name"]}
    pictures = {name: np.clip(shot, 0, 6e4).astype(np.float16) for name, shot in shots.items()}
    np.savez_compressed(folder / path.name, **kept, **pictures)
    print(f"reference {path.stem} {side}px {samples} samples {time.time() - start:.0f} s", flush=True)
    return folder / path.name


def counted(bare: Linear, other: Linear, truth: Linear) -> NDArray[np.bool_]:
    """Where the stand-in's effect exceeds the noise, which the two bare renders tell."""
    import cv2

    noise = np.sqrt(cv2.GaussianBlur(((bare - other) ** 2).mean(2), (0, 0), 3) / 2)
    effect = cv2.GaussianBlur(np.abs(truth - bare).mean(2), (0, 0), 1)
    return np.asarray(effect > np.maximum(NOISE_FACTOR * noise, LEAST_EFFECT))


def keep(path: Path, folder: Path) -> Path:
    """Store a rendered reference small, for a test: the scene with the stand-in, and what counts of it."""
    import cv2

    stored = np.load(path)
    size = (KEPT_SIDE, KEPT_SIDE)
    bare, other, truth = (
        np.asarray(
            cv2.resize(stored[name].astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32
        )
        for name in ("bare", "other", "with")
    )
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: stored[name] for name in ("scene", "view", "name")}
    kept |= {"with": truth.astype(np.float16), "counted": np.packbits(counted(bare, other, truth))}
    np.savez_compressed(folder / path.name, **kept)
    return folder / path.name


def reproduced(path: Path) -> float:
    """Of the stand-in's effect on the scene in a reference, the share that ours reproduces:
    ``1 - sum |ours - reference| / sum |bare plate - reference|`` in linear light, the product left out."""
    import cv2

    from generation.studio import seating

    stored = np.load(path)
    set_up, proxy, product = seated(str(stored["scene"]), str(stored["view"]), str(stored["name"]))
    ours = seating.relit(set_up, proxy, product, seating.FINAL, lambda _: None)
    truth = stored["with"].astype(np.float32)
    size = truth.shape[1::-1]
    ours, plate = (cv2.resize(light, size, interpolation=cv2.INTER_AREA) for light in (ours, set_up.full))
    if "counted" in stored:
        used = np.unpackbits(stored["counted"], count=truth[..., 0].size).reshape(size) > 0
    else:
        used = counted(stored["bare"].astype(np.float32), stored["other"].astype(np.float32), truth)
    alpha = cv2.resize(product.layer(set_up.size)[..., 3], size, interpolation=cv2.INTER_AREA)
    used &= cv2.dilate(alpha, np.ones((3, 3))) == 0
    missed, whole = np.abs(ours - truth)[used].sum(), np.abs(plate - truth)[used].sum()
    return float(1 - missed / whole)


def main() -> None:
    parser = argparse.ArgumentParser(description="Hold seating against Cycles.")
    does = parser.add_subparsers(dest="does", required=True)
    one = does.add_parser("dump", help="write a plate's stand-in")
    one.add_argument("scene")
    one.add_argument("view")
    one.add_argument("--matte", help="a silhouette's name; the view's usual one when left out")
    one.add_argument("--out", type=Path, required=True)
    two = does.add_parser("render", help="render stand-ins with Blender")
    two.add_argument("proxies", type=Path, nargs="+")
    two.add_argument("--side", type=int, default=SIDE)
    two.add_argument("--samples", type=int, default=1024)
    two.add_argument("--gpu", action="store_true")
    two.add_argument("--out", type=Path, required=True)
    small = does.add_parser("keep", help="store references small, for the tests")
    small.add_argument("references", type=Path, nargs="+")
    small.add_argument("--out", type=Path, required=True)
    three = does.add_parser("measure", help="tell how much of the effect is reproduced")
    three.add_argument("references", type=Path, nargs="+")
    given = parser.parse_args()
    if given.does == "dump":
        print(dump(given.scene, given.view, given.matte or USUAL[given.view], given.out))
    elif given.does == "render":
        for path in given.proxies:
            render(path, given.side, given.samples, given.out, given.gpu)
    elif given.does == "keep":
        for path in given.references:
            print(keep(path, given.out))
    else:
        for path in given.references:
            print(f"{path.stem:32} {reproduced(path):.3f}")


if __name__ == "__main__":
    main()
