"""The package as others get it: its README runs, its wheel is whole, and it stands on its own."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import get_args, get_type_hints

import adstudio_client
import pytest
from adstudio_client import AdFields, AdOptions, AdStudio, AsyncAdStudio
from adstudio_client.types import PictureKind
from PIL import Image
from pydantic import BaseModel

from jobs.api import api, schemas, schemas_words
from jobs.models import Artifact, Job
from jobs.params import AdParams
from tests.clients.conftest import token_of
from tests.conftest import ROOT, Stack
from tests.jobs.conftest import Client

PACKAGE = ROOT / "clients" / "python"
README = (PACKAGE / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
METHODS = {
    "generate": "generate",
    "generate_upload": "generate",
    "status": "status",
    "stop": "stop",
    "job_stop": "stop",
    "jobs": "overview",
    "job_page": "jobs",
    "job_detail": "job",
    "job_rerun": "rerun",
    "job_export": "export",
    "delete": "delete",
    "photo_upload": "upload_photo",
    "photo_detail": "photo",
    "photo_remove": "delete_photo",
    "matte_replace": "replace_matte",
    "cutout_again": "cut_out_again",
    "optimize_prompt": "optimize_prompt",
    "suggest_copy": "copy",
    "check_words": "check_words",
    "list_fonts": "fonts",
    "health": "health",
    "resources": "resources",
}
"""The client's method for each operation of the API, by the names that each has."""
ALLOWED = set(sys.stdlib_module_names) | {"adstudio_client", "httpx", "websockets"}


def run(code: str, folder: Path, environ: dict[str, str] | None = None, *flags: str) -> str:
    done = subprocess.run(
        [sys.executable, *flags, "-c", code],
        cwd=folder,
        env={
            "PYTHONPATH": str(PACKAGE / "src"),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            **(environ or {}),
        },
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(240)
def test_the_readmes_examples_run_as_they_stand(stack: Stack, client_shop: Client, tmp_path: Path) -> None:
    stack.start_worker()
    shutil.copy(ROOT / "static/img/samples/coffee.png", tmp_path)
    environ = {"ADSTUDIO_URL": stack.url, "ADSTUDIO_TOKEN": token_of(client_shop)}
    plain, on_asyncio, receiver = EXAMPLES
    assert "100" in run(plain, tmp_path, environ)
    run(on_asyncio, tmp_path, environ)
    run(receiver, tmp_path)
    sizes = {path.name: Image.open(path).size for path in tmp_path.glob("*.png") if path.name != "coffee.png"}
    assert sizes.pop("story.png") == (1080, 1920)
    assert sizes.pop("ad.png") == (1024, 1024)
    assert set(sizes) == {"ad-0.png", "ad-1.png", "ad-2.png"}
    assert Job.objects.count() == 4
    final = Artifact.objects.get(job=Job.objects.last(), kind="final_result")
    assert (tmp_path / "ad.png").read_bytes() == final.file.read()


def test_the_readme_names_every_method() -> None:
    for name in public(AdStudio):
        assert name == "close" or f"`{name}" in README, name


def test_every_operation_has_its_method() -> None:
    paths = api.get_openapi_schema()["paths"]
    operations = {each["operationId"] for verbs in paths.values() for each in verbs.values()}
    assert operations == METHODS.keys()
    assert set(METHODS.values()) | {"wait", "download", "brush_matte", "close"} == public(AdStudio).keys()


def public(client: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(member)
        for name, member in vars(client).items()
        if not name.startswith("_") and callable(member)
    }


def test_both_clients_have_the_same_methods() -> None:
    plain, on_asyncio = public(AdStudio), public(AsyncAdStudio)
    on_asyncio["close"] = on_asyncio.pop("aclose")
    assert plain.keys() == on_asyncio.keys()
    for name, signature in plain.items():
        here = (
            str(signature)
            .replace("Iterator", "AsyncIterator")
            .replace("'ProgressCallback", "'AsyncProgressCallback")
        )
        assert here == str(on_asyncio[name]), name
    assert inspect.signature(AdStudio) == inspect.signature(AsyncAdStudio)
    for name in public(AdStudio).keys() - {"close"}:
        member = vars(AsyncAdStudio)[name]
        assert inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member), name


def test_its_fields_are_the_servers() -> None:
    ours = set(get_type_hints(AdFields))
    assert ours == set(AdParams.model_fields) - {"text_content", "start_step"}
    assert set(get_type_hints(AdOptions)) == ours | {"start_step", *schemas.PICTURE_FIELDS} - {"input_image"}
    assert set(get_args(PictureKind)) <= set(Artifact.Kind.values)
    described = AdParams.model_json_schema()
    for name, hint in get_type_hints(AdFields).items():
        field = described["properties"][name]
        known = described["$defs"][field["$ref"].rsplit("/", 1)[1]] if "$ref" in field else field
        if get_args(hint):
            assert set(get_args(hint)) == set(known["enum"]), name


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (adstudio_client.Submitted, schemas.Submitted),
        (adstudio_client.Stopped, schemas.JobAnswer),
        (adstudio_client.Progress, schemas.JobProgress),
        (adstudio_client.JobStatus, schemas.StatusResponse),
        (adstudio_client.Job, schemas.JobDetail),
        (adstudio_client.Photo, schemas.PhotoOut),
        (adstudio_client.Font, schemas.FontOut),
        (adstudio_client.Health, schemas.Health),
        (adstudio_client.OptimizedPrompt, schemas.PromptOut),
        (adstudio_client.Headlines, schemas.CopyOut),
        (adstudio_client.Overview, schemas.JobList),
        (adstudio_client.Resources, schemas.SystemMetrics),
        (adstudio_client.Card, schemas.GpuInfo),
        (adstudio_client.ResidentModel, schemas.ResidentModel),
        (adstudio_client.WordHints, schemas_words.WordsOut),
        (adstudio_client.WordHint, schemas_words.WordHint),
    ],
)
def test_its_answers_are_the_servers(ours: type, theirs: type[BaseModel]) -> None:
    """It leaves out nothing that the server tells, expects nothing else, and wants nothing that may be left out. Of a
    job's way it takes what sockets and polling tell alike."""
    untold = theirs.model_fields.keys() - {field.name for field in dataclasses.fields(ours)}
    assert untold == ({"engine", "error"} if ours is adstudio_client.Progress else set())
    for field in dataclasses.fields(ours):
        assert field.name in theirs.model_fields, field.name
        needed = field.default is field.default_factory is dataclasses.MISSING
        assert not needed or theirs.model_fields[field.name].is_required(), field.name


def test_it_imports_nothing_of_the_server() -> None:
    files = list((PACKAGE / "src").rglob("*.py"))
    assert len(files) > 8
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= ALLOWED, file


def test_its_wheel_is_whole(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    subprocess.run([*build, "--wheel-dir", tmp_path, source], check=True, timeout=100)
    [wheel] = tmp_path.glob("adstudio_client-*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        file.extractall(tmp_path / "installed")
    assert "adstudio_client/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"adstudio_client"}
    code = (
        "import sys, adstudio_client\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('django', 'jobs', 'accounts')]\n"
        "print(adstudio_client.__file__, *adstudio_client.__all__)"
    )
    told = run(code, tmp_path, {"PYTHONPATH": str(tmp_path / "installed")})
    assert told.startswith(str(tmp_path / "installed"))
    assert set(told.split()[1:]) == set(adstudio_client.__all__)
