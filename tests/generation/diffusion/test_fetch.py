from __future__ import annotations

import errno
import hashlib
import os
from collections import namedtuple
from pathlib import Path

import pytest

from generation.diffusion import fetch
from generation.diffusion.fetch import HubFile, HubModel, check_room, look_up, require_acceptance, use_folder
from generation.diffusion.lock import LOCAL, Locked, diffusion_dir, find, read_lock
from generation.diffusion.registry import BY_KEY, Model, chosen
from generation.errors import WeightsCorrupt, WeightsMissing

VAE = BY_KEY["sdxl-vae"]
CONTENT = {
    "config.json": b"{}",
    "diffusion_pytorch_model.safetensors": b"w" * 1000,
    "README.md": b"not wanted",
}


class FakeHub:
    """A hub with one repository, at two revisions."""

    def __init__(self) -> None:
        self.newest = "a" * 40
        self.downloads: list[str] = []
        self.sent: dict[str, bytes] = dict(CONTENT)
        self.told: dict[str, bytes] = dict(CONTENT)

    def describe(self, repo: str, revision: str | None) -> HubModel:
        files = []
        for path, data in self.told.items():
            large = path.endswith(".safetensors")
            sha256 = hashlib.sha256(data).hexdigest() if large else None
            git_sha1 = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            files.append(HubFile(path, len(data), sha256, git_sha1))
        return HubModel(revision or self.newest, tuple(files))

    def download(self, repo: str, revision: str, file: HubFile, folder: Path) -> None:
        self.downloads.append(file.path)
        (folder / file.path).write_bytes(self.sent[file.path])


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ADSTUDIO_MODELS_DIR", str(tmp_path))
    return tmp_path / "diffusion"


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


def quiet(what: str, done: int, total: int) -> None:
    assert 0 <= done <= total


def fetch_model(model: Model, hub: FakeHub, on_fetch: fetch.OnFetch, *, update: bool = False) -> Locked:
    """As the command does it for one model."""
    told = look_up(model, hub, on_fetch, update=update)
    if told is not None:
        check_room({model.key: told})
        fetch.fetch_model(model, told, hub, on_fetch)
    return read_lock()[model.key]


def test_what_is_wanted_is_fetched_and_locked(hub: FakeHub, models: Path) -> None:
    made = fetch_model(VAE, hub, quiet)
    assert sorted(hub.downloads) == ["config.json", "diffusion_pytorch_model.safetensors"]
    assert made.revision == "a" * 40 and read_lock()["sdxl-vae"] == made
    assert made.files["config.json"].sha256 == hashlib.sha256(b"{}").hexdigest()
    assert find(VAE).folder == models / "sdxl-vae"


def test_a_second_fetch_downloads_nothing_and_asks_nobody(hub: FakeHub) -> None:
    fetch_model(VAE, hub, quiet)
    hub.downloads.clear()
    hub.told = {}
    fetch_model(VAE, hub, quiet)
    assert hub.downloads == []


def test_a_file_that_was_lost_is_fetched_again_at_the_locked_revision(hub: FakeHub, models: Path) -> None:
    fetch_model(VAE, hub, quiet)
    hub.newest = "b" * 40
    (models / "sdxl-vae" / "config.json").unlink()
    hub.downloads.clear()
    assert fetch_model(VAE, hub, quiet).revision == "a" * 40
    assert hub.downloads == ["config.json"]


def test_only_an_update_moves_to_a_newer_revision(hub: FakeHub) -> None:
    fetch_model(VAE, hub, quiet)
    hub.newest = "b" * 40
    assert fetch_model(VAE, hub, quiet).revision == "a" * 40
    assert fetch_model(VAE, hub, quiet, update=True).revision == "b" * 40


def test_a_file_cut_short_or_changed_is_refused_and_not_locked(hub: FakeHub) -> None:
    hub.sent["diffusion_pytorch_model.safetensors"] = b"w" * 900
    with pytest.raises(WeightsCorrupt, match="900 bytes came, 1000"):
        fetch_model(VAE, hub, quiet)
    hub.sent["diffusion_pytorch_model.safetensors"] = b"v" * 1000
    with pytest.raises(WeightsCorrupt, match="checksum"):
        fetch_model(VAE, hub, quiet)
    (diffusion_dir() / "sdxl-vae/config.json").unlink()
    hub.sent = {**CONTENT, "config.json": b"[]"}
    with pytest.raises(WeightsCorrupt, match=r"config\.json.*checksum"):
        fetch_model(VAE, hub, quiet)
    assert read_lock() == {}


WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.mark.parametrize(
    ("name", "damage"), [(WEIGHTS, b"v" * 1000), (WEIGHTS, b"w" * 9), ("config.json", b"[]")]
)
def test_the_command_that_broken_files_name_mends_them(
    hub: FakeHub, models: Path, name: str, damage: bytes
) -> None:
    fetch_model(VAE, hub, quiet)
    path = models / "sdxl-vae" / name
    path.write_bytes(damage)
    os.utime(path, ns=(1, 1))
    hub.downloads.clear()
    fetch_model(VAE, hub, quiet)
    assert hub.downloads == [name] and path.read_bytes() == CONTENT[name]


def test_a_file_that_was_only_touched_is_read_through_once(hub: FakeHub, models: Path) -> None:
    fetch_model(VAE, hub, quiet)
    (models / "sdxl-vae" / WEIGHTS).touch()
    hub.downloads.clear()
    read: list[str] = []
    for _ in range(2):
        fetch_model(VAE, hub, lambda what, done, total: read.append(what))
    assert read == [WEIGHTS] and hub.downloads == []


def test_room_is_wanted_for_all_models_together_less_what_has_come(
    hub: FakeHub, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = look_up(VAE, hub, quiet)
    assert told is not None
    usage = namedtuple("usage", "free")
    room = fetch.MARGIN_BYTES + 2 * 1002
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda folder: usage(room))
    check_room({"a": told, "b": told})
    room -= 1
    with pytest.raises(WeightsMissing, match="ADSTUDIO_MODELS_DIR"):
        check_room({"a": told, "b": told})
    begun = told.files[1].partial(models / "a")
    begun.parent.mkdir(parents=True)
    begun.write_bytes(b"w")
    check_room({"a": told, "b": told})


def test_a_disk_without_room_is_told_before_anything_is_fetched(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda folder: usage(10**9))
    with pytest.raises(WeightsMissing, match=r"1\.0 GB free.*ADSTUDIO_MODELS_DIR"):
        fetch_model(VAE, hub, quiet)
    assert hub.downloads == []


def test_a_licence_that_forbids_some_uses_has_to_be_accepted(hub: FakeHub) -> None:
    for model in chosen("flux-schnell"):
        require_acceptance(model)
    with pytest.raises(fetch.LicenceNotAccepted, match=r"Non-Commercial.*--accept-license.*schnell"):
        require_acceptance(BY_KEY["flux-dev"])


def test_a_local_folder_stands_for_a_repository(tmp_path: Path, hub: FakeHub) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.json").write_text("{}")
    (own / "code.py").write_text("x = 1")
    assert use_folder(VAE, own).revision == LOCAL
    assert find(VAE).folder == own and read_lock()["sdxl-vae"].files["code.py"].sha256 != "unknown"
    assert fetch_model(VAE, hub, quiet).revision == LOCAL and hub.downloads == []
    with pytest.raises(WeightsMissing, match="no folder"):
        use_folder(VAE, tmp_path / "nowhere")


def test_a_full_disk_is_not_taken_for_an_unreachable_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_download = pytest.importorskip("huggingface_hub.file_download")
    from generation.diffusion.hub import HuggingFaceHub

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(file_download, "http_get", fail)
    with pytest.raises(WeightsMissing, match="the disk is full: some/model"):
        HuggingFaceHub().download("some/model", "a" * 40, HubFile("x.json", 3), tmp_path)


def test_an_unreachable_hub_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    from generation.diffusion.hub import HuggingFaceHub

    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", fail)
    with pytest.raises(WeightsMissing, match=r"could not be reached for some/model: no route"):
        HuggingFaceHub().describe("some/model", None)


def test_a_gated_model_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    import httpx
    from huggingface_hub.errors import GatedRepoError

    from generation.diffusion.hub import HuggingFaceHub

    def refuse(*_: object, **__: object) -> None:
        raise GatedRepoError(
            "gated", response=httpx.Response(403, request=httpx.Request("GET", "http://hub"))
        )

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", refuse)
    with pytest.raises(WeightsMissing, match=r"accept its conditions.*HF_TOKEN"):
        HuggingFaceHub().describe("some/model", None)
