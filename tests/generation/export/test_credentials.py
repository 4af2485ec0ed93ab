"""Content Credentials, read back by the SDK's own reader: whole, honest, private, and broken by any change."""

from __future__ import annotations

import io
import json
from typing import Any

import c2pa
import numpy as np
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from PIL import Image

from generation import intake
from generation.errors import SigningFailed
from generation.export import credentials
from generation.export.credentials import Certificate, History, prove, signed
from generation.export.files import encode
from generation.export.formats import FORMATS
from generation.provenance import SourceType, xmp
from tests.certificates import Issued, issue
from tests.generation.export.test_files import LIMITED, detailed_picture
from tests.labels import TERMS, source_type

PHOTO = "ab" * 32
SOURCE = SourceType.AI_COMPOSITE


@pytest.fixture(scope="module")
def issued() -> Issued:
    return issue()


def written(kind: str) -> bytes:
    picture = detailed_picture(FORMATS["kakao-message"].default)
    return (
        intake.encode_png(picture, xmp=xmp(SOURCE))
        if kind == "png"
        else intake.encode_jpeg(picture, 90, xmp(SOURCE))
    )


def read(file: bytes, media_type: str, root: str) -> c2pa.Reader:
    trust = {"trust": {"trust_anchors": root}, "verify": {"verify_trust": True}}
    return c2pa.Reader(media_type, io.BytesIO(file), context=c2pa.Context.from_dict(trust))


def manifest(reader: c2pa.Reader) -> dict[str, Any]:
    found = reader.get_active_manifest()
    assert found is not None
    return found


def actions(reader: c2pa.Reader) -> list[dict[str, Any]]:
    [told] = [each for each in manifest(reader)["assertions"] if each["label"].startswith("c2pa.actions")]
    found: list[dict[str, Any]] = told["data"]["actions"]
    return found


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_signed_file_tells_its_history_and_its_pixels_stay(kind: str, issued: Issued) -> None:
    media_type, file = f"image/{kind}", written(kind)
    sealed = signed(file, media_type, SOURCE, History(photo=PHOTO), issued.certificate)
    reader = read(sealed, media_type, issued.root)
    assert reader.get_validation_state() == "Trusted"
    assert [each["action"] for each in actions(reader)] == ["c2pa.created", "c2pa.placed"]
    assert actions(reader)[0]["digitalSourceType"] == TERMS + SOURCE
    [photo] = manifest(reader)["ingredients"]
    assert photo["relationship"] == "componentOf" and photo["instance_id"] == f"urn:sha256:{PHOTO}"
    assert manifest(reader)["claim_generator_info"][0]["name"] == "AdStudio"
    assert source_type(sealed) == SOURCE
    with Image.open(io.BytesIO(file)) as before, Image.open(io.BytesIO(sealed)) as after:
        assert np.array_equal(np.asarray(before), np.asarray(after))
    assert len(sealed) - len(file) < 8_000


def test_nothing_private_is_in_it(issued: Issued) -> None:
    sealed = signed(written("png"), "image/png", SOURCE, History(photo=PHOTO), issued.certificate)
    told = json.loads(read(sealed, "image/png", issued.root).detailed_json())
    [found] = told["manifests"].values()
    assert set(found["assertion_store"]) == {"c2pa.actions.v2", "c2pa.hash.data", "c2pa.ingredient.v3"}
    assert set(found["assertion_store"]["c2pa.ingredient.v3"]) == {"relationship", "dc:title", "instanceID"}


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_any_change_is_found_out(kind: str, issued: Issued) -> None:
    sealed = signed(written(kind), f"image/{kind}", SOURCE, History(), issued.certificate)
    pixels, label = bytearray(sealed), sealed.replace(b"compositeWithTrained", b"compositeWithoutAny!")
    pixels[-2000] ^= 1
    assert len(label) == len(sealed) and label != sealed
    for changed in (bytes(pixels), label):
        reader = read(changed, f"image/{kind}", issued.root)
        assert reader.get_validation_state() == "Invalid"


def test_a_stranger_s_certificate_is_not_trusted(issued: Issued) -> None:
    sealed = signed(written("png"), "image/png", SOURCE, History(), issue().certificate)
    assert read(sealed, "image/png", issued.root).get_validation_state() != "Trusted"


def test_a_file_written_anew_names_its_original(issued: Issued) -> None:
    original = signed(written("png"), "image/png", SOURCE, History(photo=PHOTO), issued.certificate)
    fmt = FORMATS["kakao-message"]
    history = History(original=(original, "image/png"))
    file = encode(
        intake.read_layer(original)[..., :3],
        fmt,
        xmp(SOURCE),
        lambda data, media_type: signed(data, media_type, SOURCE, history, issued.certificate),
    )
    reader = read(file, "image/jpeg", issued.root)
    assert reader.get_validation_state() == "Trusted"
    assert [each["action"] for each in actions(reader)] == ["c2pa.opened", "c2pa.transcoded"]
    [parent] = manifest(reader)["ingredients"]
    assert parent["relationship"] == "parentOf"
    first = reader.get_manifest(parent["active_manifest"])
    assert first is not None and first["ingredients"][0]["instance_id"] == f"urn:sha256:{PHOTO}"
    assert source_type(file) == SOURCE


def test_an_ad_before_somebody_s_background_is_an_edit_of_it(issued: Issued) -> None:
    history = History(photo=PHOTO, background="cd" * 32)
    sealed = signed(written("png"), "image/png", SourceType.UNKNOWN, history, issued.certificate)
    reader = read(sealed, "image/png", issued.root)
    assert reader.get_validation_state() == "Trusted"
    assert [each["action"] for each in actions(reader)] == ["c2pa.opened", "c2pa.edited", "c2pa.placed"]
    assert not any("digitalSourceType" in each for each in actions(reader))
    relations = {each["relationship"]: each["instance_id"] for each in manifest(reader)["ingredients"]}
    assert relations["parentOf"] == f"urn:sha256:{'cd' * 32}"


@pytest.mark.parametrize("fmt", LIMITED, ids=lambda f: f.key)
def test_a_sealed_file_is_within_the_limit_too(fmt: Any, issued: Issued) -> None:
    def seal(data: bytes, media_type: str) -> bytes:
        return signed(data, media_type, SOURCE, History(photo=PHOTO), issued.certificate)

    file = encode(detailed_picture(fmt.default), fmt, xmp(SOURCE), seal)
    assert fmt.max_bytes is not None and len(file) <= fmt.max_bytes
    assert read(file, "image/jpeg", issued.root).get_validation_state() == "Trusted"


def test_what_cannot_sign_is_told_before_anything_is_made(
    issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove(issued.certificate)
    other = issue()
    for wrong in (
        Certificate(issued.chain, other.key),
        Certificate(issued.chain, "no key"),
        Certificate(issued.chain, issued.key, "es999"),
        issue(purpose=ExtendedKeyUsageOID.SERVER_AUTH).certificate,
    ):
        with pytest.raises(SigningFailed):
            prove(wrong)
    monkeypatch.setattr(credentials, "find_spec", lambda name: None)
    with pytest.raises(SigningFailed, match=r"requirements/c2pa\.txt"):
        prove(issued.certificate)


def test_without_its_time_server_nothing_is_signed(issued: Issued) -> None:
    closed = Certificate(issued.chain, issued.key, time_stamps="http://127.0.0.1:9/")
    with pytest.raises(SigningFailed):
        signed(written("jpeg"), "image/jpeg", SOURCE, History(), closed)
    prove(closed)  # a worker starts all the same: the server may be back for the first ad
