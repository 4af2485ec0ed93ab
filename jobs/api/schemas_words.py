"""What ``/api/check-words`` takes and answers."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import BaseModel, Field

from jobs.api.request_schemas import catalogue_enums
from jobs.api.schemas import FontOut, Industry
from jobs.fields import PlainText
from jobs.params import MAX_HEADLINE, MAX_SUBLINE, Name, Price


class WordsIn(BaseModel):
    model_config = {"json_schema_extra": catalogue_enums("font_name", "format")}

    text_content: Annotated[str, PlainText(MAX_HEADLINE)] = Field(
        "", description="헤드라인.", examples=["오늘만 할인중, 놓치면 안되요"]
    )
    subline: Annotated[str, PlainText(MAX_SUBLINE)] = Field("", description="헤드라인 아래 작은 문구.")
    price_before: Price = Field("", description="할인 전 가격.", examples=["12,000원"])
    price_now: Price = Field("", description="지금 가격.", examples=["6,000원"])
    font_name: Name = Field("", description="`/fonts`가 알려 주는 path. 비우면 가게의 기본 글꼴.")
    format: Name = Field("", description="채널 규격. 비우면 1024×1024입니다.")
    industry: Industry = Field("", description="업종. 비우면 가게의 업종.", examples=["cafe"])


class WordHint(Schema):
    kind: Literal["spelling", "spacing", "loan", "price", "length", "glyphs", "law"] = Field(
        description="맞춤법, 띄어쓰기, 외래어, 가격, 길이, 글꼴에 없는 글자, 광고 표현."
    )
    level: Literal["check", "note"] = Field(
        description="check는 고치는 편이 좋은 것, note는 알아 두면 좋은 것. 어느 쪽도 주문을 막지 않습니다."
    )
    field: Literal["text_content", "subline", "price_before", "price_now"] = Field(
        description="어느 문구인지."
    )
    start: int = Field(
        ge=0, description="시작하는 글자의 자리. 앞뒤 공백을 뺀 NFC 문구의 유니코드 글자 수로 셉니다."
    )
    end: int = Field(ge=0, description="끝나는 글자의 다음 자리.")
    text: str = Field(description="그 부분의 글자.")
    suggestions: list[str] = Field(description="그 자리에 바꿔 넣을 말, 알맞은 것부터. 없으면 빈 목록.")
    why: str = Field(description="까닭 한 문장, 읽는 사람의 언어로.")
    rule: str | None = Field(None, description="광고 표현의 규칙 이름. 다른 종류면 null.", examples=["best"])
    law: str | None = Field(None, description="관련 법과 조항. 광고 표현이 아니면 null.")
    safer: str | None = Field(None, description="더 안전하게 말하는 법. 광고 표현이 아니면 null.")
    fonts: list[FontOut] = Field(description="글꼴에 없는 글자일 때, 문구를 다 쓸 수 있는 글꼴들.")


class WordsOut(Schema):
    hints: list[WordHint] = Field(description="살펴볼 것들. 없으면 빈 목록.")
    notice: str | None = Field(
        None, description="광고 표현 안내가 법률 자문이 아니라는 한 문장. 그런 안내가 없으면 null."
    )
