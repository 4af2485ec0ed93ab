"""Content that may not be published: looked at before a job is accepted, and once more when its picture is finished.

``settings.MODERATION`` says by whom. OpenAI sees photos only with the consent of the shop's owner. Where it does not
answer, the local list decides about words and nobody about pictures: nothing is held up because a service is away.
Never call this inside a transaction: an answer takes a moment, and what is refused would not be noted.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError

from accounts.consents import may_send_photo
from accounts.models import Shop
from generation.content import listed
from generation.content.model import moderate
from generation.errors import MerchantError
from generation.prompts.language_model import LanguageModelFailed, small_jpeg
from jobs.breaker import Breaker
from jobs.errors import Refused
from jobs.messages import SENTENCES, sentence
from jobs.models import Artifact, Job, ModerationDecision, Photo
from jobs.versions import request_of
from jobs.words import connection, shown_photo

logger = logging.getLogger(__name__)
WORDS: Final = (
    "text_content",
    "product",
    "subline",
    "price_before",
    "price_now",
    "bg_prompt",
    "text_model_prompt",
    "bg_composition_prompt",
    "composition_prompt",
)
"""Fields that are looked at. What is not wanted in a picture may well be named in its negative prompts."""
PHOTO: Final = "photo_id"
FINAL: Final = "final_result"
Judge = ModerationDecision.Judge
Stage = ModerationDecision.Stage
Verdict = ModerationDecision.Verdict


class PictureRefused(MerchantError):
    """The finished picture may not be shown."""

    code = "content.picture_refused"


@dataclass(frozen=True, slots=True)
class _Decision:
    judge: str
    about: str = ""
    """The field that was refused."""
    categories: list[str] = field(default_factory=list)
    listed_word: str = ""
    service_failed: str = ""
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        return Verdict.REFUSED if self.categories else Verdict.ALLOWED

    def note(self, *, shop: Shop, stage: str, job: Job | None = None) -> None:
        """Raises ``Refused`` where the shop was deleted meanwhile."""
        decision = ModerationDecision(
            shop=shop,
            job=job,
            stage=stage,
            verdict=self.verdict,
            judge=self.judge,
            service_failed=self.service_failed,
            field=self.about,
            categories=self.categories,
            listed_word=self.listed_word,
            seconds=round(self.seconds, 3),
        )
        try:
            decision.save(force_insert=True)
        except IntegrityError as error:
            raise Refused("shop.gone", status=404) from error
        if self.categories:
            told = ", ".join(self.categories)
            logger.info("content of shop %s refused at %s by %s: %s", shop.pk, stage, self.judge, told)


def content_check(*, shop: Shop, request: Mapping[str, Any], photo: Photo | None = None) -> None:
    """Let pass what an ad is to be made of, or raise ``Refused``; noted either way."""
    if settings.MODERATION == "off":
        return
    texts = {name: str(request[name]) for name in WORDS if request.get(name)}
    picture = shown_photo(shop, photo) if _asks_openai() else None
    if not texts and picture is None:
        return
    decision = _decide(texts, picture)
    decision.note(shop=shop, stage=Stage.INPUT)
    if not decision.categories:
        return
    if decision.about == PHOTO:
        raise Refused("content.photo_refused", status=422, field=PHOTO)
    raise Refused("content.refused", status=422, field=decision.about, reason=_reason(decision))


def changed_words(job: Job, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The words that a re-run of the job brings, without those that were looked at for the job itself."""
    before = request_of(job)
    return {name: changes[name] for name in WORDS if name in changes and changes[name] != before.get(name)}


def picture_check(*, job: Job, jpeg: bytes) -> None:
    """Let pass a finished picture (encoded), or raise ``PictureRefused``; noted either way where it is looked at."""
    if not _asks_openai() or not _may_show(job):
        return
    decision = _by_openai({}, small_jpeg(jpeg), FINAL)
    decision.note(shop=job.shop, stage=Stage.OUTPUT, job=job)
    if decision.categories:
        raise PictureRefused


def _asks_openai() -> bool:
    return settings.MODERATION == "openai" or (
        settings.MODERATION == "auto" and bool(settings.OPENAI_API_KEY)
    )


def _may_show(job: Job) -> bool:
    """Whether the picture may go to OpenAI: it holds nothing of the shop's own photos, or the owner agreed."""
    own = job.photo_id is not None or job.photo_gone or job.foreign_background
    has_logo = job.artifacts.filter(kind=Artifact.Kind.LOGO).exists()
    return may_send_photo(job.shop) or not (own or has_logo)


def _decide(texts: Mapping[str, str], picture: bytes | None) -> _Decision:
    if not _asks_openai():
        return _by_list(texts)
    decision = _by_openai(texts, picture)
    return decision if decision.judge == Judge.OPENAI else _by_list(texts, decision.service_failed)


def _by_list(texts: Mapping[str, str], service_failed: str = "") -> _Decision:
    for name, text in texts.items():
        found = listed.find(text)
        if found is not None:
            return _Decision(Judge.LOCAL, name, [found.category], found.word, service_failed)
    return _Decision(Judge.LOCAL, service_failed=service_failed)


def _by_openai(texts: Mapping[str, str], picture: bytes | None, picture_name: str = PHOTO) -> _Decision:
    """OpenAI's decision, or that nobody could decide."""
    breaker = Breaker("moderation", trial_seconds=2 * settings.MODERATION_SECONDS)
    if not breaker.lets_through():
        return _Decision(Judge.NOBODY, service_failed="paused")
    try:
        seconds = settings.MODERATION_SECONDS
        server = connection(settings.MODERATION_MODEL, seconds, seconds)
        verdict = moderate(server, list(texts.values()), picture)
    except LanguageModelFailed as failure:
        logger.warning("the moderation gave no answer: %s", failure.problem)
        breaker.failed()
        return _Decision(Judge.NOBODY, service_failed=failure.problem.value, seconds=failure.seconds)
    breaker.succeeded()
    told = {**dict(zip(texts, verdict.texts, strict=True)), picture_name: verdict.picture}
    refused = next((name for name, categories in told.items() if categories), "")
    return _Decision(Judge.OPENAI, refused, told.get(refused, []), seconds=verdict.seconds)


def _reason(decision: _Decision) -> str:
    if decision.listed_word:
        return sentence("reason.listed_word", {"word": decision.listed_word})
    code = f"reason.content.{decision.categories[0].partition('/')[0]}"
    return sentence(code if code in SENTENCES else "reason.content.other")
