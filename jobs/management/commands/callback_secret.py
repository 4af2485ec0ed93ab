"""Prints the key that signs a shop's callbacks, and nothing else."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Shop
from accounts.services import callback_secret_renew


class Command(BaseCommand):
    help = "Print the key that signs the shop's callbacks, and nothing else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("shop", help="the shop's slug; the demo shop's is demo")
        parser.add_argument("--new", action="store_true", help="make a new key; the old one is void")

    def handle(self, *args: Any, shop: str, new: bool, **options: Any) -> None:
        found = Shop.objects.filter(slug=shop).first()
        if found is None:
            raise CommandError(f"There is no shop {shop!r}.")
        self.stdout.write(callback_secret_renew(shop=found) if new else found.callback_secret)
