"""What can go wrong while a picture is made, in two families.

``MerchantError``: whoever uploaded the photo or wrote the words can fix it. ``EngineError``: ours to fix.
Each class has a stable ``code``; the sentences people read live in ``jobs.messages``, keyed by that code.
``detail`` is for logs and never shown.
"""

from __future__ import annotations


class GenerationError(Exception):
    """Base of both families."""

    code = "generation.failed"

    def __init__(self, detail: str = "", **context: str) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.context = context
        """Values for the placeholders of the sentence in the message catalogue."""


class MerchantError(GenerationError):
    """The request or the photo is the cause; trying the same again gives the same error."""


class EngineError(GenerationError):
    """The machine, its weights or our code is the cause."""


class Cancelled(Exception):
    """Raised by a progress callback to stop the work; neither an error nor caught as one."""


class PhotoUnreadable(MerchantError):
    code = "photo.unreadable"


class PhotoTooSmall(MerchantError):
    code = "photo.too_small"


class PhotoTooLarge(MerchantError):
    code = "photo.too_large"


class PhotoEmpty(MerchantError):
    code = "photo.empty"


class PhotoFormatUnsupported(MerchantError):
    code = "photo.format_unsupported"


class ProductNotFound(MerchantError):
    code = "photo.no_product"


class GlyphMissing(MerchantError):
    """``context``: ``characters``, ``font``."""

    code = "text.glyph_missing"


class HeadlineTooLong(MerchantError):
    code = "text.too_long"


class FontUnknown(MerchantError):
    code = "font.unknown"


class SceneUnknown(MerchantError):
    code = "scene.unknown"


class StyleUnknown(MerchantError):
    code = "style.unknown"


class FormatUnknown(MerchantError):
    code = "format.unknown"


class StepImageMissing(MerchantError):
    code = "step.image_missing"


class OutOfMemory(EngineError):
    code = "engine.out_of_memory"


class FileTooLarge(EngineError):
    """``context``: ``format``."""

    code = "export.file_too_large"


class WeightsMissing(EngineError):
    code = "engine.weights_missing"


class WeightsCorrupt(EngineError):
    code = "engine.weights_corrupt"


class EngineUnavailable(EngineError):
    code = "engine.unavailable"


class ReaderMissing(EngineError):
    """Tesseract or its Korean model is not installed; ``detail`` says what to install."""

    code = "verify.reader_missing"


class SigningFailed(EngineError):
    """A configured certificate cannot sign; ``detail`` says why."""

    code = "signing.failed"
