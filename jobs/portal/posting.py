"""What a merchant posts with a finished ad: captions by channel, hashtags and alt text, each to be copied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.prompts.copy import Copy
from generation.prompts.copy.sheets import channels
from jobs.models import Job
from jobs.params import MAX_PRODUCT, MAX_SEED
from jobs.portal import choices
from jobs.versions import request_of
from jobs.words.copywriting import copy_from_templates, copy_write, words_of

CHARACTERS_A_LINE = 34
"""Roughly, in the narrowest panel."""
MOST_ROWS = 9
AT_ONCE = 3
"""Channels whose captions are shown at once."""
SAME_TEXT = {
    "coupang": "smartstore",
    "gmarket": "smartstore",
    "11st": "smartstore",
    "kakao-store": "smartstore",
}
"""Malls whose captions the page does not repeat."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text to be copied."""

    key: str
    name: str
    text: str
    hint: str = ""

    @property
    def rows(self) -> int:
        """Lines that it fills, so that it can be read without scrolling."""
        lines = self.text.splitlines()
        return min(MOST_ROWS, sum(1 + len(line) // CHARACTERS_A_LINE for line in lines))


class PostForm(forms.Form):
    product = forms.CharField(label=gettext_lazy("무엇을 파나요?"), max_length=MAX_PRODUCT)
    seed = forms.IntegerField(required=False, min_value=0, max_value=MAX_SEED)


class Post:
    """The panel's words: those of the templates until the merchant asks for some."""

    def __init__(self, job: Job, form: PostForm | None = None) -> None:
        self.job = job
        self.form = form or PostForm(initial={"product": request_of(job).get("product", "")})

    @property
    def is_open(self) -> bool:
        return self.form.is_bound

    @property
    def seed(self) -> int:
        return (self.form.cleaned_data.get("seed") or 0) if self._is_asked else 0

    @property
    def next_seed(self) -> int:
        return (self.seed + 1) % MAX_SEED

    @property
    def _is_asked(self) -> bool:
        return self.form.is_bound and self.form.is_valid()

    @property
    def product(self) -> str:
        """What is sold, as the merchant named it now or when the ad was ordered; nothing is guessed."""
        return str(
            self.form.cleaned_data["product"] if self._is_asked else request_of(self.job).get("product", "")
        )

    @cached_property
    def copy(self) -> Copy:
        if not self._is_asked:
            return copy_from_templates(shop=self.job.shop, ad=words_of(self.job))
        ad = words_of(self.job, product=self.product, seed=self.seed)
        return copy_write(shop=self.job.shop, ad=ad)

    @property
    def texts(self) -> list[Text]:
        """The channels that come first, then hashtags and alt text, which alone needs no product."""
        alt_hint = _("사진 설명 칸에 넣으면 화면 낭독기가 읽어 줘요.")
        alt = Text("alt", _("대체 텍스트"), self.copy.alt_text, alt_hint)
        if not self.product:
            return [alt]
        return [*self._captions[:AT_ONCE], Text("hashtags", _("해시태그"), " ".join(self.copy.hashtags)), alt]

    @property
    def others(self) -> list[Text]:
        """The other channels, folded away."""
        return self._captions[AT_ONCE:] if self.product else []

    @cached_property
    def _captions(self) -> list[Text]:
        """Those of the shop's own channels first."""
        named = {channel.key: channel for channel in channels() if channel.key not in SAME_TEXT}
        of_format = {key: channel.key for channel in named.values() for key in channel.formats}
        preferred = (SAME_TEXT.get(key, key) for key in self.job.shop.default_formats)
        keys = dict.fromkeys((*(of_format[key] for key in preferred if key in of_format), *named))
        names, hints = _names(), _hints()
        return [Text(key, names[key], self.copy.captions[key], hints.get(key, "")) for key in keys]


def _names() -> dict[str, str]:
    return {
        **choices.channel_names(),
        "instagram-feed": _("인스타그램 피드"),
        "smartstore": _("스마트스토어·쇼핑몰"),
    }


def _hints() -> dict[str, str]:
    return {
        "smartstore": _("첫 줄은 상품명, 다음 줄은 소개예요."),
        "mms": _("수신거부 번호를 적어 보내 주세요. 광고 문자에는 꼭 있어야 해요."),
    }
