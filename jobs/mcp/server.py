"""The server that a language model's host starts: lists the tools, calls one, tells errors that can be acted on."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import anyio
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.utils.translation import override
from mcp import types as protocol
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from ninja.errors import ValidationError
from pydantic import BaseModel

from generation.errors import GenerationError
from jobs.api import api
from jobs.api.errors import (
    error_response,
    generation_response,
    refused_response,
    status_response,
    validation_response,
)
from jobs.api.schemas import CopyIn, CopyOut, PromptIn, PromptOut
from jobs.api.schemas_words import WordsIn, WordsOut
from jobs.errors import Refused
from jobs.mcp import schemas, tools
from jobs.mcp.access import Access
from jobs.mcp.tools import LANGUAGE, Call, Outcome

logger = logging.getLogger(__name__)
INSTRUCTIONS = """\
AdStudio turns one product photo and a short headline (usually Korean) into an advertisement in some seconds.
1. generate_ad with the photo and text_content; it answers a job_id at once.
2. check_status with wait_seconds=30 until the status is completed; it shows the finished picture.
list_scenes and list_fonts tell what to choose from; optimize_prompt turns a wish into a scene, a style and prompts;
suggest_copy writes headlines for a product, and what is posted beside the picture;
check_words gives hints on words before an ad is made of them.
An error names its code, the argument it is about and what to do next."""


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    title: str
    description: str
    takes: dict[str, Any]
    """JSON schema of the arguments."""
    answers: type[BaseModel]
    run: Callable[[Call], Awaitable[Outcome]]
    read_only: bool = True

    def listed(self) -> protocol.Tool:
        return protocol.Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=self.takes,
            output_schema=self.answers.model_json_schema(),
            annotations=protocol.ToolAnnotations(
                title=self.title,
                read_only_hint=self.read_only,
                destructive_hint=self.name == "stop_job",
                idempotent_hint=self.name != "generate_ad",
                open_world_hint=False,
            ),
        )


def all_tools() -> dict[str, Tool]:
    found = (
        Tool(
            "generate_ad",
            "Make an ad",
            "Start making an advertisement of a product photo and a headline. Answers a job_id at once; the picture "
            "comes from check_status. Every argument may be left out.",
            schemas.generate_schema(),
            schemas.Ordered,
            tools.generate_ad,
            read_only=False,
        ),
        Tool(
            "check_status",
            "Look after a job",
            "How far a job is, and once it is completed its finished picture. May wait for the end.",
            schemas.StatusArguments.model_json_schema(),
            schemas.Standing,
            tools.check_status,
            read_only=False,
        ),
        Tool(
            "stop_job",
            "Stop a job",
            "Stop a job that waits or runs. Asking again changes nothing.",
            schemas.JobArguments.model_json_schema(),
            schemas.Stopped,
            tools.stop_job,
            read_only=False,
        ),
        Tool(
            "list_fonts",
            "Fonts",
            "The Korean fonts a headline may take.",
            schemas.NoArguments.model_json_schema(),
            schemas.Fonts,
            tools.list_fonts,
        ),
        Tool(
            "list_scenes",
            "Scenes, lettering and formats",
            "The scenes with their moods, the lettering styles, the channels' formats and the other choices.",
            schemas.NoArguments.model_json_schema(),
            schemas.Choices,
            tools.list_scenes,
        ),
        Tool(
            "optimize_prompt",
            "Better prompts",
            "Turn a wish in Korean or English into a scene, a lettering style and English prompts for generate_ad.",
            PromptIn.model_json_schema(),
            PromptOut,
            tools.optimize_prompt,
        ),
        Tool(
            "suggest_copy",
            "Headlines and captions",
            "Five short Korean headlines for a product, a small line, hashtags, alt text and a caption for each "
            "channel, in the shop's tone. Pass the ad's own text_content and prices to have captions speak of them; "
            "the next seed gives other words.",
            CopyIn.model_json_schema(),
            CopyOut,
            tools.suggest_copy,
        ),
        Tool(
            "check_words",
            "Check words",
            "Hints on the words before generate_ad: spelling, length in the format, and claims that Korean advertising "
            "law has something to say about. They refuse nothing.",
            WordsIn.model_json_schema(),
            WordsOut,
            tools.check_words,
        ),
    )
    return {tool.name: tool for tool in found}


def open_server(access: Access) -> Server[dict[str, Any]]:
    """The server for one shop, not running yet."""
    known = all_tools()

    async def list_tools(
        context: ServerRequestContext[dict[str, Any]], params: protocol.PaginatedRequestParams | None
    ) -> protocol.ListToolsResult:
        return protocol.ListToolsResult(tools=[tool.listed() for tool in known.values()])

    async def call_tool(
        context: ServerRequestContext[dict[str, Any]], params: protocol.CallToolRequestParams
    ) -> protocol.CallToolResult:
        async def report(percent: int, message: str) -> None:
            await context.session.report_progress(percent, 100, message)

        try:
            if params.name not in known:
                raise Refused("mcp.tool_unknown", status=404, allowed=", ".join(known))
            call = Call(access, params.arguments or {}, report)
            await call.admit()
            outcome = await known[params.name].run(call)
        except Exception as error:
            return failed(error)
        return succeeded(outcome)

    return Server(
        "adstudio",
        version=api.version,
        title="AdStudio",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def serve(access: Access) -> None:
    """Answer on standard input and output until the host closes them."""
    anyio.run(_serve, access)


async def _serve(access: Access) -> None:
    server = open_server(access)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def succeeded(outcome: Outcome) -> protocol.CallToolResult:
    answer = outcome.answer.model_dump(mode="json")
    shown = [
        protocol.ImageContent(type="image", data=base64.b64encode(picture).decode(), mime_type="image/jpeg")
        for picture in outcome.pictures
    ]
    text = protocol.TextContent(type="text", text=json.dumps(answer, ensure_ascii=False))
    return protocol.CallToolResult(content=[text, *shown], structured_content=answer)


def failed(error: Exception) -> protocol.CallToolResult:
    """The error as the REST API tells it: its code, the argument it is about, what to do next."""
    with override(LANGUAGE):
        response = _response(error)
    told = json.loads(response.content)["error"]
    if "Retry-After" in response:
        told["retry_after"] = int(response["Retry-After"])
    at = f" (argument {told['field']})" if told["field"] else ""
    text = protocol.TextContent(type="text", text=f"{told['code']}{at}: {told['message']}")
    return protocol.CallToolResult(content=[text], structured_content={"error": told}, is_error=True)


def _response(error: Exception) -> HttpResponse:
    match error:
        case Refused():
            return refused_response(error)
        case ValidationError():
            return validation_response(error.errors)
        case GenerationError():
            return generation_response(error)
        case OperationalError() | InterfaceError():
            logger.warning("the database does not answer: %s", error)
            return error_response("mcp.not_running", status=503)
    logger.error("a tool failed", exc_info=error)
    return status_response(500)
