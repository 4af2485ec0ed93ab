"""The shop's brand kit: what its ads take without being told. Changed here, read by the portal and by submissions."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.base import ContentFile

from accounts.models import Shop
from adstudio.files import delete_on_commit
from generation import intake
from generation.errors import FontUnknown, MerchantError
from generation.export.formats import FORMATS
from generation.palette import colors_of
from generation.typography.fonts import font_file
from jobs.errors import Refused

LOGO_MAX_BYTES = 5 * 1000 * 1000
KIT = (
    "name",
    "industry",
    "tone",
    "brand_color",
    "accent_color",
    "default_font",
    "default_formats",
    "ai_label",
)
"""Fields of a shop that its brand kit sets."""


def brand_update(
    *,
    shop: Shop,
    name: str,
    industry: str,
    tone: str = "",
    brand_color: str = "",
    accent_color: str = "",
    default_font: str = "",
    default_formats: Sequence[str] = (),
    ai_label: bool = False,
) -> None:
    """Raises ``Refused`` for what no catalogue knows, ``ValidationError`` for what the fields themselves refuse."""
    unknown = [key for key in default_formats if key not in FORMATS]
    if unknown:
        raise Refused("format.unknown", status=422, field="default_formats", allowed=", ".join(FORMATS))
    try:
        if default_font:
            font_file(default_font)
    except FontUnknown as error:
        raise Refused(error.code, status=422, field="default_font") from error
    shop.name, shop.industry, shop.tone = name, industry, tone
    shop.brand_color, shop.accent_color = brand_color.lower(), accent_color.lower()
    shop.default_font, shop.default_formats = default_font, list(dict.fromkeys(default_formats))
    shop.ai_label = ai_label
    shop.clean_fields(exclude={field.name for field in Shop._meta.fields} - set(KIT))
    shop.save(update_fields=KIT)


def logo_store(*, shop: Shop, data: bytes) -> None:
    """Check an uploaded logo and keep it as a clean PNG; the one it replaces goes. Jobs that had that one have their
    own copy. Raises ``Refused``."""
    if len(data) > LOGO_MAX_BYTES:
        raise Refused("logo.too_large", status=413, field="logo")
    try:
        picture = intake.clean_logo(data)
    except MerchantError as error:
        _, _, what = error.code.partition(".")
        raise Refused(f"logo.{what}", status=413 if what == "too_large" else 422, field="logo") from error
    replaced = shop.logo.name
    shop.logo.save("logo.png", ContentFile(intake.encode_png(picture)), save=False)
    if not Shop.objects.filter(pk=shop.pk).update(logo=shop.logo.name):  # it was deleted meanwhile
        shop.logo.storage.delete(str(shop.logo.name))
        raise Refused("shop.gone", status=404)
    if replaced:
        delete_on_commit(shop.logo.storage, replaced)


def logo_remove(*, shop: Shop) -> None:
    """New ads have no logo any more; those that were made keep theirs."""
    if not shop.logo:
        return
    replaced, storage = str(shop.logo.name), shop.logo.storage
    shop.logo = ""
    shop.save(update_fields=["logo"])
    delete_on_commit(storage, replaced)


def logo_colors(shop: Shop) -> list[str]:
    """Colours of the logo, to be suggested as the brand's."""
    if not shop.logo:
        return []
    with shop.logo.open("rb") as file:
        return colors_of(intake.read_layer(file.read()))
