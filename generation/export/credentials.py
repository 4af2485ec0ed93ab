"""A file's signed history: C2PA Content Credentials, by the operator's certificate.

``c2pa-python`` is imported only where something is signed. A credential has no thumbnails, no words and no names: the
product photo and a supplied background are in it by their SHA-256 alone.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

from PIL import Image

from generation.errors import SigningFailed
from generation.provenance import PRODUCT, VERSION, SourceType

PHOTO, BACKGROUND, ORIGINAL = "product-photo", "supplied-background", "original"
SETTINGS: Final = {
    "builder": {
        "thumbnail": {"enabled": False},
        "actions": {
            "auto_created_action": {"enabled": False},
            "auto_opened_action": {"enabled": False},
            "auto_placed_action": {"enabled": False},
        },
    },
    # Whether others trust the certificate is theirs to decide, and nothing is fetched while an ad is made.
    "verify": {
        "verify_after_sign": True,
        "verify_trust": False,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
    },
}


@dataclass(frozen=True, slots=True, repr=False)
class Certificate:
    """PEM texts: ``chain`` begins with the certificate that signs, ``key`` is its PKCS #8 key. ``algorithm`` as C2PA
    names it; ``time_stamps`` the address of an RFC 3161 server, or empty."""

    chain: str
    key: str
    algorithm: str = "es256"
    time_stamps: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """What a picture was made from: the photo's SHA-256 (hexadecimal) and that of a background that came with the
    request; ``original`` is the file, and its media type, that it was merely written anew from."""

    photo: str = ""
    background: str = ""
    original: tuple[bytes, str] | None = None


def signed(
    file: bytes, media_type: str, source: SourceType, history: History, certificate: Certificate
) -> bytes:
    """The file, PNG or JPEG, with its history signed into it. Raises ``SigningFailed``."""
    if find_spec("c2pa") is None:
        raise SigningFailed("c2pa-python is not installed: pip install -r requirements/c2pa.txt")
    import c2pa

    try:
        info = c2pa.C2paSignerInfo(
            alg=certificate.algorithm,
            sign_cert=certificate.chain.encode(),
            private_key=certificate.key.encode(),
            ta_url=certificate.time_stamps or None,
        )
        out = io.BytesIO()
        with (
            c2pa.Context.from_dict(SETTINGS) as context,
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(_manifest(media_type, source, history), context=context) as builder,
        ):
            if history.original is not None:
                data, its_type = history.original
                builder.add_ingredient(
                    _ingredient(ORIGINAL, "parentOf", "AdStudio original"), its_type, io.BytesIO(data)
                )
            builder.sign(signer, media_type, io.BytesIO(file), out)
    except (c2pa.C2paError, ValueError, TypeError) as error:
        raise SigningFailed(str(error)) from error
    return out.getvalue()


def prove(certificate: Certificate) -> None:
    """Sign a small picture, without a time stamp. Raises ``SigningFailed``, which says what is wrong."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    offline = Certificate(certificate.chain, certificate.key, certificate.algorithm)
    signed(out.getvalue(), "image/png", SourceType.DIGITAL_CREATION, History(), offline)


def _manifest(media_type: str, source: SourceType, history: History) -> dict[str, Any]:
    ingredients = []
    if history.original is None and history.background:
        ingredients.append(_ingredient(BACKGROUND, "parentOf", "Supplied background", history.background))
    if history.original is None and history.photo:
        ingredients.append(_ingredient(PHOTO, "componentOf", "Product photo", history.photo))
    return {
        "claim_generator_info": [{"name": PRODUCT, "version": VERSION}],
        "title": f"{PRODUCT} ad",
        "format": media_type,
        "ingredients": ingredients,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": _actions(source, history)}, "created": True}
        ],
    }


def _ingredient(label: str, relationship: str, title: str, digest: str = "") -> dict[str, str]:
    named = {"label": label, "relationship": relationship, "title": title}
    return {**named, "instance_id": f"urn:sha256:{digest}"} if digest else named


def _actions(source: SourceType, history: History) -> list[dict[str, Any]]:
    """Written anew, the file is that of its original; begun with somebody's background, it is an edit of that; else it
    was created here. The photo was placed in it."""
    if history.original is not None:
        return [_action("c2pa.opened", ORIGINAL), _action("c2pa.transcoded")]
    if history.background:
        actions = [_action("c2pa.opened", BACKGROUND), _action("c2pa.edited", source=source)]
    else:
        actions = [_action("c2pa.created", source=source)]
    return [*actions, _action("c2pa.placed", PHOTO)] if history.photo else actions


def _action(name: str, ingredient: str = "", source: SourceType = SourceType.UNKNOWN) -> dict[str, Any]:
    action: dict[str, Any] = {"action": name}
    if ingredient:
        action["parameters"] = {"ingredientIds": [ingredient]}
    if source.uri:
        action["digitalSourceType"] = source.uri
    return action
