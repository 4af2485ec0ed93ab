"""Reads labels out of files, by means that share nothing with what writes them."""

from __future__ import annotations

import io
from xml.etree import ElementTree

from PIL import Image

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def properties(file: bytes) -> dict[str, str | None]:
    """The properties of the file's XMP packet by their full names; empty without a packet."""
    with Image.open(io.BytesIO(file)) as image:
        packet = image.info.get("xmp")
    if packet is None:
        return {}
    [described] = ElementTree.fromstring(packet).iter(f"{RDF}Description")
    return {node.tag: node.text for node in described}


def source_type(file: bytes) -> str | None:
    """IPTC's term for where the picture comes from; None where the file makes no claim."""
    uri = properties(file).get(f"{EXT}DigitalSourceType")
    if uri is None:
        return None
    assert uri.startswith(TERMS)
    return uri.removeprefix(TERMS)
