"""Serves AdStudio to a language model's host over standard input and output (Model Context Protocol)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from adstudio.environment import env_str
from jobs.demo import DEMO_SLUG
from jobs.mcp.access import Access
from jobs.mcp.server import serve

TOKEN_VARIABLE = "ADSTUDIO_TOKEN"  # noqa: S105  (a variable's name)


class Command(BaseCommand):
    help = (
        "Serve AdStudio's tools to a language model's host over standard input and output. The shop is the one of "
        f"the API token in {TOKEN_VARIABLE}; without a token --shop names it, and on the embedded servers it is the "
        "demo shop where neither does."
    )
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--shop", metavar="SLUG", help=f"the shop's slug; {TOKEN_VARIABLE} goes before it"
        )

    def handle(self, *args: Any, shop: str | None, **options: Any) -> None:
        token = env_str(TOKEN_VARIABLE).strip()
        slug = shop or (DEMO_SLUG if settings.EMBEDDED else "")
        if not token and not slug:
            raise CommandError(
                f"Which shop? Put its API token into {TOKEN_VARIABLE} (manage.py api_token SHOP prints one), "
                "or name it with --shop SLUG."
            )
        serve(Access(token=token, slug=slug))
