"""Where a picture comes from, in the words of IPTC's Digital Source Type, and how its file says so.

Definitions: https://cv.iptc.org/newscodes/digitalsourcetype/. Why which value stands for what: ``docs/labelling.md``.
"""

from __future__ import annotations

import io
import re
from enum import StrEnum
from typing import Final

from PIL import Image

from generation.types import EngineName

PRODUCT: Final = "AdStudio"
VERSION: Final = "0.1.0"
"""As ``pyproject.toml`` has it."""
NEWSCODES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_DECLARED: Final = re.compile(rb"cv\.iptc\.org/newscodes/digitalsourcetype/(\w+)")
_PACKET: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" \
xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">{properties}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


class SourceType(StrEnum):
    """A term of IPTC's vocabulary; empty where the origin of a part is not known, so that no term would be true."""

    UNKNOWN = ""
    COMPOSITE = "composite"
    """A product's photo in a scene that people made: studio engine, packshots."""
    DIGITAL_CREATION = "digitalCreation"
    """Made by people with non-generative tools: the studio engine's scenes and headlines."""
    AI = "trainedAlgorithmicMedia"
    """Painted by a model, without a photo in it."""
    AI_COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
    """A photo, or what people made, with parts that a model painted."""

    @property
    def is_ai(self) -> bool:
        """Whether a generative model painted any of it, as far as is known."""
        return self in (SourceType.AI, SourceType.AI_COMPOSITE)

    @property
    def uri(self) -> str:
        return NEWSCODES + self.value if self.value else ""


def of_background(engine: EngineName, *, has_product: bool) -> SourceType:
    """What step 1 of that engine makes."""
    if engine is EngineName.DIFFUSION:
        return SourceType.AI_COMPOSITE if has_product else SourceType.AI
    return SourceType.COMPOSITE if has_product else SourceType.DIGITAL_CREATION


def of_headline(origin: str) -> SourceType:
    """A headline ``sculpted`` from the font, or ``painted`` by a model on the sculpted one."""
    return SourceType.AI_COMPOSITE if origin == "painted" else SourceType.DIGITAL_CREATION


def of_ad(background: SourceType, headline: SourceType, *, refined: bool) -> SourceType:
    """The finished ad. A generative part makes it one, a part of unknown origin makes it unknown, else words change
    nothing: they are typed. ``refined``: a model went over the whole picture."""
    if background is SourceType.AI:
        return background
    if refined or background.is_ai or headline.is_ai:
        return SourceType.AI_COMPOSITE
    return SourceType.UNKNOWN if headline is SourceType.UNKNOWN else background


def declared(data: bytes) -> SourceType:
    """What an encoded picture of somebody else says of itself in its XMP. Only what says that it is AI-generated is
    believed: nobody gains by claiming that, while anything could claim not to be."""
    with Image.open(io.BytesIO(data)) as image:
        packet = image.info.get("xmp", b"")
    terms = {term.decode() for term in _DECLARED.findall(packet)}
    if SourceType.AI in terms:
        return SourceType.AI
    return (
        SourceType.AI_COMPOSITE
        if terms & {SourceType.AI_COMPOSITE, "compositeSynthetic"}
        else SourceType.UNKNOWN
    )


def xmp(source: SourceType) -> bytes:
    """The XMP packet for a file of that source: the program that made it, and the source type where one is known.

    ISO 16684-1; ``Iptc4xmpExt:DigitalSourceType`` of the IPTC Photo Metadata Standard. Nothing in it changes from one
    time to the next.
    """
    properties = f"<xmp:CreatorTool>{PRODUCT} {VERSION}</xmp:CreatorTool>"
    if source.uri:
        properties += f"<Iptc4xmpExt:DigitalSourceType>{source.uri}</Iptc4xmpExt:DigitalSourceType>"
    return _PACKET.format(properties=properties).encode()
