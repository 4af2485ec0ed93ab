"""Prints a new API token of a shop, once, and nothing else."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from accounts.models import ApiToken, Shop
from accounts.tokens import token_create

NAME_LENGTH = ApiToken._meta.get_field("name").max_length or 0
MOST_DAYS = 3650


class Command(BaseCommand):
    help = "Print a new API token of the shop, once, and nothing else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("shop", help="the shop's slug; the demo shop's is demo")
        parser.add_argument("--name", default="manage.py", help="what the token is for, shown in the portal")

        parser.add_argument(
            "--scope",
            choices=ApiToken.Scope.values,
            default=ApiToken.Scope.WRITE.value,
            help="read: ask only; write: also make, stop and delete (the default)",
        )
        parser.add_argument("--days", type=int, help="how long the token is good for; without it, for good")

    def handle(self, *args: Any, shop: str, name: str, scope: str, days: int | None, **options: Any) -> None:
        try:
            found = Shop.objects.filter(slug=shop).first()
        except OperationalError as error:
            raise CommandError(
                "AdStudio does not run here. Start it with make run, or set ADSTUDIO_RUN_DIR as for that make run."
            ) from error
        if found is None:
            raise CommandError(f"There is no shop {shop!r}.")
        if not 0 < len(name) <= NAME_LENGTH:
            raise CommandError(f"--name takes 1 to {NAME_LENGTH} characters.")
        if days is not None and not 0 < days <= MOST_DAYS:
            raise CommandError(f"--days takes 1 to {MOST_DAYS}.")
        _token, plain = token_create(shop=found, name=name, scope=scope, days=days)
        self.stdout.write(plain)
