"""Draws the icons that phones keep of the portal, from ``static/img/mark.svg``: ``python -m authoring.icons``.

The mark is made of rectangles, circles and stroked paths (M, L, H, V, C and their small letters), which Pillow draws;
no SVG renderer is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
MARK = ROOT / "static/img/mark.svg"
FOLDER = ROOT / "static/img/icons"
OVERSAMPLING = 8
CURVE_POINTS = 24

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Icon:
    name: str
    side: int
    is_full: bool
    """Filled to the corners, which the phone cuts: iOS's icon and Android's maskable one."""


ICONS = (
    Icon("icon-192.png", 192, False),
    Icon("icon-512.png", 512, False),
    Icon("maskable-192.png", 192, True),
    Icon("maskable-512.png", 512, True),
    Icon("apple-touch-icon.png", 180, True),
)


def draw(icon: Icon) -> Image.Image:
    """The icon as it is stored, with transparent corners unless it is full."""
    svg = ElementTree.parse(MARK).getroot()  # noqa: S314  (our own file)
    units = float(svg.attrib["viewBox"].split()[2])
    big = Image.new("RGBA", (icon.side * OVERSAMPLING,) * 2)
    scale = icon.side * OVERSAMPLING / units
    for element in svg:
        _draw_element(ImageDraw.Draw(big), element, scale, is_full=icon.is_full)
    small = big.resize((icon.side,) * 2, Image.Resampling.LANCZOS)
    return small.convert("RGB") if icon.is_full else small


def _draw_element(
    canvas: ImageDraw.ImageDraw, element: ElementTree.Element, scale: float, *, is_full: bool
) -> None:
    kind = element.tag.rpartition("}")[2]
    number = {name: float(value) * scale for name, value in element.attrib.items() if _is_number(value)}
    if kind == "rect":
        box = (0, 0, number["width"] - 1, number["height"] - 1)
        canvas.rounded_rectangle(box, 0 if is_full else number["rx"], fill=element.attrib["fill"])
    elif kind == "circle":
        _disc(canvas, (number["cx"], number["cy"]), number["r"], element.attrib["fill"])
    elif kind == "path":
        points = [(x * scale, y * scale) for x, y in _points(element.attrib["d"])]
        _stroke(canvas, points, number["stroke-width"], element.attrib["stroke"])
    else:
        raise ValueError(f"mark.svg has a <{kind}>, which is not drawn here")


def _stroke(canvas: ImageDraw.ImageDraw, points: list[Point], width: float, colour: str) -> None:
    """Round caps and joins: a disc at every point."""
    canvas.line(points, fill=colour, width=round(width))
    for point in points:
        _disc(canvas, point, width / 2, colour)


def _disc(canvas: ImageDraw.ImageDraw, centre: Point, radius: float, colour: str) -> None:
    x, y = centre
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _is_number(value: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+", value) is not None


def _points(path: str) -> Iterator[Point]:
    """The points of one stroke; curves as ``CURVE_POINTS`` of theirs."""
    x = y = 0.0
    for command, numbers in re.findall(r"([MLHVCmlhvc])([^A-Za-z]*)", path):
        values = [float(value) for value in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
        base_x, base_y = (x, y) if command.islower() else (0.0, 0.0)
        if command in "Cc":
            curve = [(base_x + a, base_y + b) for a, b in zip(values[::2], values[1::2], strict=True)]
            yield from _bezier((x, y), *curve)
            x, y = curve[-1]
            continue
        if command in "Hh":
            x = base_x + values[0]
        elif command in "Vv":
            y = base_y + values[0]
        else:
            x, y = base_x + values[0], base_y + values[1]
        yield x, y


def _bezier(start: Point, first: Point, second: Point, end: Point) -> Iterator[Point]:
    for number in range(1, CURVE_POINTS + 1):
        t = number / CURVE_POINTS
        weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        corners = (start, first, second, end)
        yield (
            sum(weight * corner[0] for weight, corner in zip(weights, corners, strict=True)),
            sum(weight * corner[1] for weight, corner in zip(weights, corners, strict=True)),
        )


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for icon in ICONS:
        draw(icon).save(FOLDER / icon.name, optimize=True)


if __name__ == "__main__":
    main()
