"""Product photos where no free one could be had: ``python -m authoring.products bottle --out DIR``.

They are rendered, and every sheet that shows them says so. A plain seamless ground, one window and a reflector:
what a shop owner's telephone would see.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from authoring.kit import cameras, lights, sets, surfaces
from authoring.kit.cameras import View
from authoring.kit.goods import GOODS
from authoring.kit.stage import reset, use_gpu
from authoring.pack import _bytes as as_bytes
from authoring.pack import read_pass
from authoring.passes import render, wire
from authoring.tone import agx

GROUND = "#d9d4cc"


def photograph(name: str, side: int, samples: int, gpu: bool, out: Path) -> None:
    """Render one product to ``out/<name>.jpg``."""
    build, elevation, height = GOODS[name]
    reset(side, samples)
    if gpu:
        use_gpu()
    sets.sweep(6.0, 2.0, surfaces.plain(GROUND, 0.8))
    build()
    lights.sky("#ffffff", 0.35)
    lights.window_key((-4.5, -1.5, 4.5), (0, 0, 0.8), (3, 3), 420, (1, 0.97, 0.92))
    lights.softbox((5, -4, 3), (0, 0, 0.8), (4, 4), 120, (0.95, 0.97, 1))
    cameras.set_up(View(elevation, 11, 118, 6, (0, 0, height)), (0, 0, height))
    folder = out / "raw" / name
    wire(folder, {"full": "Image"})
    render()
    picture = Image.fromarray(as_bytes(agx(read_pass(folder, "full"), 0.6)))
    picture.save(out / f"{name}.jpg", quality=92, subsampling=0)


def main() -> None:
    parser = argparse.ArgumentParser(description="Render product photos.")
    parser.add_argument(
        "products", nargs="*", default=list(GOODS), help=f"some of {', '.join(GOODS)}; all when left out"
    )
    parser.add_argument("--side", type=int, default=1200, help="pixels")
    parser.add_argument("--samples", type=int, default=128)
    parser.add_argument("--gpu", action="store_true", help="render on a CUDA card")
    parser.add_argument("--out", type=Path, required=True, help="folder the pictures go to")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.products:
        photograph(name, arguments.side, arguments.samples, arguments.gpu, arguments.out)


if __name__ == "__main__":
    main()
