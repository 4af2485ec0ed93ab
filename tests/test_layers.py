"""Imports go one way, and a web process stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FORBIDDEN = {
    "generation": {"django", "rq", "django_rq", "channels", "ninja", "jobs", "accounts", "adstudio"},
    "accounts": {"jobs", "generation"},
}

NOT_IN_A_WEB_PROCESS = (
    *("torch", "onnxruntime", "diffusers", "transformers", "cv2", "c2pa"),
    *("generation.pipeline", "generation.compose", "generation.export.files", "jobs.worker"),
)


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_imports_go_one_way(layer: str) -> None:
    files = list((ROOT / layer).rglob("*.py"))
    assert len(files) > 3
    for file in files:
        assert not _imports(file) & FORBIDDEN[layer], file


def test_a_web_process_imports_no_model_runtime_and_no_picture_code() -> None:
    code = (
        "import sys, adstudio.asgi, adstudio.urls; "
        f"print(','.join(m for m in {NOT_IN_A_WEB_PROCESS!r} if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
