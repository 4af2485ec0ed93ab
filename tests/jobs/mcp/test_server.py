"""What a language model reads before it asks, and what it is told when it asks wrongly."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mcp import Client as McpClient
from mcp import StdioServerParameters, stdio_client

from accounts.models import ApiToken
from accounts.tokens import token_revoke
from generation.export.formats import FORMATS
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.typography.fonts import fonts
from jobs.errors import Refused
from jobs.mcp.access import Access
from jobs.models import Job
from tests.conftest import ROOT
from tests.jobs import factories
from tests.jobs.mcp.conftest import Host, converse, empty_environ, error_of, told

pytestmark = pytest.mark.timeout(300)


def test_it_lists_its_tools_with_every_choice_named(host: Host) -> None:
    async def talk() -> None:
        async with host.open() as model:
            listed = (await model.list_tools()).tools
            names = [
                "generate_ad",
                "check_status",
                "stop_job",
                "list_fonts",
                "list_scenes",
                "optimize_prompt",
                "suggest_copy",
                "check_words",
            ]
            assert [tool.name for tool in listed] == names
            for tool in listed:
                jsonschema.Draft202012Validator.check_schema(tool.input_schema)
                described = tool.input_schema.get("properties", {}).values()
                assert tool.name == "optimize_prompt" or all(each["description"] for each in described)
            fields = listed[0].input_schema["properties"]
            assert fields["scene"]["enum"] == list(scenes())
            assert fields["text_style"]["enum"] == list(styles())
            assert set(fields["format"]["enum"]) == {
                key for key, each in FORMATS.items() if not each.packshot
            }
            assert fields["text_position"]["enum"] == ["top", "center", "bottom", "auto"]

            choices = told(await model.call_tool("list_scenes", {}))
            assert [entry["scene"] for entry in choices["scenes"]] == list(scenes())
            paths = [entry["path"] for entry in told(await model.call_tool("list_fonts"))["fonts"]]
            assert paths == [font.path for font in fonts()]
            checked = told(await model.call_tool("check_words", {"text_content": "국내 최고, 놓치면 안되요"}))
            assert [hint["kind"] for hint in checked["hints"]] == ["spelling", "law"]
            assert "not legal advice" in checked["notice"]
            found = told(await model.call_tool("optimize_prompt", {"prompt": "대리석 주방, 금색 글자"}))
            assert (found["scene"], found["text_style"], found["source"]) == (
                "marble-kitchen",
                "gold",
                "rules",
            )
            assert found["bg_prompt"].isascii()
            words = told(await model.call_tool("suggest_copy", {"product": "크루아상", "industry": "bakery"}))
            assert len(words["headlines"]) == 5 and "크루아상" in words["captions"]["mms"]

    converse(talk)


def test_wrong_arguments_are_told_by_code_and_name(host: Host, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a picture")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "huge.png").touch()
    os.truncate(tmp_path / "huge.png", 33 * 1024 * 1024)
    foreign = factories.job(factories.shop())
    foreign_photo = factories.photo(foreign.shop)
    cases: list[tuple[str, dict[str, Any], str, str | None]] = [
        ("generate_ad", {"scene": "moon"}, "scene.unknown", "scene"),
        ("generate_ad", {"text_style": "lava"}, "style.unknown", "text_style"),
        ("generate_ad", {"format": "poster"}, "format.unknown", "format"),
        ("generate_ad", {"text_position": "left"}, "request.field_invalid", "text_position"),
        ("generate_ad", {"text_content": "가" * 81}, "request.field_invalid", "text_content"),
        ("generate_ad", {"seed": "seven"}, "request.field_invalid", "seed"),
        ("generate_ad", {"font_name": "Arial.ttf"}, "font.unknown", "font_name"),
        ("generate_ad", {"logo": "auto"}, "logo.missing", "logo"),
        ("generate_ad", {"photo_path": 7}, "request.field_invalid", "photo_path"),
        ("generate_ad", {"photo_path": "coffee.png"}, "request.field_invalid", "photo_path"),
        ("generate_ad", {"photo_path": str(tmp_path / "no.png")}, "file.not_readable", "photo_path"),
        ("generate_ad", {"photo_path": str(tmp_path)}, "file.not_readable", "photo_path"),
        ("generate_ad", {"photo_path": str(tmp_path / "pipe.png")}, "file.not_readable", "photo_path"),
        ("generate_ad", {"photo_path": "/dev/zero"}, "file.not_readable", "photo_path"),
        ("generate_ad", {"photo_path": str(tmp_path / "huge.png")}, "photo.too_large", "photo_path"),
        (
            "generate_ad",
            {"photo_path": str(tmp_path / "notes.txt")},
            "photo.format_unsupported",
            "photo_path",
        ),
        ("generate_ad", {"photo_base64": "?"}, "request.not_base64", "photo_base64"),
        ("generate_ad", {"photo_base64": "bm90IGEgcGljdHVyZQ=="}, "photo.format_unsupported", "photo_base64"),
        ("generate_ad", {"photo_base64": "AAAA", "photo_id": "x"}, "request.field_invalid", "photo_id"),
        ("generate_ad", {"photo_id": str(foreign_photo.pk)}, "photo.not_found", None),
        ("generate_ad", {"engine": "diffusion"}, "engine.unavailable", None),
        ("check_status", {"job_id": str(foreign.pk)}, "job.not_found", None),
        ("stop_job", {"job_id": str(foreign.pk)}, "job.not_found", None),
        ("check_status", {}, "request.field_invalid", "job_id"),
        ("check_status", {"job_id": "x", "wait_seconds": 61}, "request.field_invalid", "wait_seconds"),
        ("check_status", {"job_id": "x", "save_to": "/tmp/ad.sh"}, "request.field_invalid", "save_to"),
        ("check_status", {"job_id": "x", "save_to": "ad.png"}, "request.field_invalid", "save_to"),
        ("check_status", {"job_id": "x", "save_to": str(tmp_path / "pipe.png")}, "file.exists", "save_to"),
        ("check_status", {"job_id": "x", "save_to": "/no/such/ad.png"}, "file.not_writable", "save_to"),
        ("optimize_prompt", {"prompt": ""}, "request.field_invalid", "prompt"),
        ("suggest_copy", {"product": " "}, "request.field_invalid", "product"),
        ("paint", {}, "mcp.tool_unknown", None),
    ]

    async def talk() -> None:
        async with host.open() as model:
            for tool, arguments, code, field in cases:
                error = error_of(await model.call_tool(tool, arguments))
                assert (error["code"], error["field"]) == (code, field), (tool, arguments)

    converse(talk)
    assert not Job.objects.exclude(pk=foreign.pk).exists()


def test_the_token_decides_and_is_asked_each_time(host: Host) -> None:
    other = factories.shop()

    async def talk() -> None:
        async with host.open(ADSTUDIO_TOKEN="ads_wrong") as model:
            error = error_of(await model.call_tool("list_fonts"))
            assert error["code"] == "auth.token_invalid"
        async with host.open("--shop", other.slug) as model:
            told(await model.call_tool("generate_ad", {"text_content": "토큰의 가게"}))
            token_revoke(token=ApiToken.objects.get(name="mcp"))
            assert error_of(await model.call_tool("list_scenes"))["code"] == "token.revoked"
        async with host.open("--shop", other.slug, ADSTUDIO_TOKEN="") as model:
            told(await model.call_tool("generate_ad", {"text_content": "이름의 가게"}))
        async with host.open("--shop", "no-such-shop", ADSTUDIO_TOKEN="") as model:
            assert error_of(await model.call_tool("list_fonts"))["code"] == "mcp.shop_unknown"

    converse(talk)
    assert {(job.title, job.shop_id == other.pk) for job in Job.objects.all()} == {
        ("토큰의 가게", False),
        ("이름의 가게", True),
    }


def test_a_token_that_may_only_read_changes_nothing(host: Host) -> None:
    token = ApiToken.objects.get(name="mcp")
    ApiToken.objects.filter(pk=token.pk).update(scope=ApiToken.Scope.READ)
    waiting = factories.job(token.shop)

    async def talk() -> None:
        async with host.open() as model:
            for tool, arguments in (
                ("generate_ad", {"text_content": "새 광고"}),
                ("stop_job", {"job_id": str(waiting.pk)}),
            ):
                assert error_of(await model.call_tool(tool, arguments))["code"] == "token.read_only"
            standing = told(await model.call_tool("check_status", {"job_id": str(waiting.pk)}))
            assert standing["status"] == "pending"

    converse(talk)
    assert list(Job.objects.all()) == [waiting]


def test_without_servers_it_says_that_adstudio_is_not_running(host: Host, tmp_path: Path) -> None:
    """Also: on the embedded servers no shop need be named."""
    environ = empty_environ(ADSTUDIO_RUN_DIR=str(tmp_path / "run"), ADSTUDIO_TOKEN="")

    async def talk() -> None:
        async with host.open(**environ) as model:
            assert error_of(await model.call_tool("list_fonts"))["code"] == "mcp.not_running"

    converse(talk)


def test_on_other_servers_a_shop_has_to_be_named(host: Host) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "mcp"],
        cwd=ROOT,
        env={**host.environ, "ADSTUDIO_TOKEN": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "ADSTUDIO_TOKEN" in done.stderr
    assert "--shop" in done.stderr


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_readmes_configuration_starts_it_from_anywhere(host: Host, name: str, tmp_path: Path) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    [snippet] = [part for part in re.findall(r"```json\n(.*?)```", text, re.DOTALL) if "mcpServers" in part]
    entry = json.loads(snippet.replace("/path/to/adstudio", str(ROOT)))["mcpServers"]["adstudio"]
    assert set(entry["env"]) == {"ADSTUDIO_TOKEN"}
    environ = {**host.environ, **entry["env"], "ADSTUDIO_TOKEN": host.token}
    started = StdioServerParameters(command=entry["command"], args=entry["args"], env=environ, cwd=tmp_path)

    async def talk() -> None:
        async with McpClient(stdio_client(started, errlog=host.log.open("a"))) as model:
            assert len(told(await model.call_tool("list_fonts"))["fonts"]) == len(fonts())

    converse(talk)


def _message(number: int, method: str, params: dict[str, Any]) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_nothing_but_protocol_comes_out(host: Host, level: str) -> None:
    lines = [
        _message(1, "initialize", HELLO),
        json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        _message(2, "tools/list", {}),
        _message(3, "tools/call", {"name": "generate_ad", "arguments": {"text_content": "반값"}}),
        _message(4, "tools/call", {"name": "generate_ad", "arguments": {"scene": "moon"}}),
        "this is no message",
    ]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "mcp"],
        cwd=ROOT,
        env={**host.environ, "ADSTUDIO_TOKEN": host.token, "LOG_LEVEL": level},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n".join(lines) + "\n")
    process.stdin.flush()
    answered: set[int] = set()
    read: list[dict[str, Any]] = []
    while answered < {1, 2, 3, 4}:
        read.append(json.loads(process.stdout.readline()))
        answered.add(read[-1].get("id"))
    rest, _errors = process.communicate(timeout=20)
    read += [json.loads(line) for line in rest.splitlines()]
    assert all(message["jsonrpc"] == "2.0" for message in read)
    assert process.returncode == 0
    assert Job.objects.count() == 1


def test_its_calls_count_as_the_token_s_requests(host: Host) -> None:
    ApiToken.objects.update(rate_per_minute=2)

    async def talk() -> None:
        async with host.open() as model:
            for _ in range(2):
                told(await model.call_tool("list_fonts"))
            error = error_of(await model.call_tool("list_fonts"))
            assert (error["code"], 0 < error["retry_after"] <= 60) == ("token.rate_limited", True)

    converse(talk)


@pytest.mark.django_db
def test_a_shop_named_without_a_token_has_the_service_s_limit(settings: Any) -> None:
    settings.API_TOKEN_RATE = 1
    shop, other = factories.shop(), factories.shop()
    access = Access(slug=shop.slug)
    access.admit()
    with pytest.raises(Refused) as refused:
        access.admit()
    assert (refused.value.code, refused.value.status) == ("request.too_many", 429)
    Access(slug=other.slug).admit()
