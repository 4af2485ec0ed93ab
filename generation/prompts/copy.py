"""Headline suggestions from templates, by industry."""

from __future__ import annotations

from typing import Final

LONGEST_PRODUCT: Final = 12
_ANYWHERE: Final = (
    "오늘만 {p} 반값",
    "{p}, 지금 만나요",
    "새로 나온 {p}",
    "{p} 한정 수량",
    "단골이 추천하는 {p}",
)
_BY_INDUSTRY: Final = {
    "cafe": ("{p} 한 잔의 여유", "갓 내린 {p}", "오늘의 {p}", "나른한 오후엔 {p}", "{p} 1+1"),
    "bakery": ("갓 구운 {p}", "오늘 아침 구운 {p}", "겉바속촉 {p}", "따끈한 {p} 나왔어요", "{p} 오늘만 반값"),
    "restaurant": ("오늘 점심은 {p}", "푸짐한 {p} 한 상", "집밥처럼, {p}", "{p} 개시", "둘이 먹는 {p}"),
    "fruit": ("오늘 들어온 {p}", "꿀맛 {p}", "제철 {p}", "산지에서 온 {p}", "{p} 한 상자 특가"),
    "fish": ("오늘 잡은 {p}", "바다 그대로 {p}", "싱싱한 {p}", "제철 {p}", "{p} 산지 직송"),
    "side-dishes": ("엄마 손맛 {p}", "오늘 만든 {p}", "밥도둑 {p}", "{p} 세트 할인", "든든한 {p}"),
    "cosmetics": ("매일 쓰는 {p}", "촉촉한 하루, {p}", "새로운 {p}", "{p} 첫 만남가", "나를 위한 {p}"),
    "fashion": ("이번 주 신상 {p}", "데일리 {p}", "가볍게, {p}", "{p} 시즌 오프", "요즘 입는 {p}"),
    "florist": ("오늘의 꽃, {p}", "마음을 담은 {p}", "계절의 {p}", "{p} 한 다발", "기억에 남는 {p}"),
    "pet": ("우리 아이 {p}", "꼬리가 먼저 아는 {p}", "건강한 {p}", "{p} 체험가", "산책길 {p}"),
}


_BY_TONE: Final = {
    "warm": ("오늘도 고마워요, {p}", "당신을 위한 {p}", "마음까지 채우는 {p}"),
    "refined": ("{p}, 그 깊이", "오롯이 {p}", "고요한 품격, {p}"),
    "lively": ("지금이야, {p}!", "{p} 나왔다!", "오늘은 {p} 데이!"),
    "plain": ("{p}", "그냥, {p}", "{p}. 잘 만들었습니다"),
}
SUGGESTIONS: Final = 5


def suggest(product: str, industry: str = "", tone: str = "") -> list[str]:
    """Five headlines for a product; an unknown industry gets the general ones. A ``tone`` brings three of its own,
    before the trade's."""
    name = " ".join(product.split())[:LONGEST_PRODUCT].strip() or "신메뉴"
    templates = (*_BY_TONE.get(tone, ()), *_BY_INDUSTRY.get(industry, _ANYWHERE))
    return [template.format(p=name) for template in templates[:SUGGESTIONS]]
