"""The list of words: what it finds, and above all what it leaves alone."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from generation.content import listed

REFUSED = [
    ("씨발 대박 할인", "profanity"),
    ("와 시발 싸다", "profanity"),
    ("개새끼들아 사라", "profanity"),
    ("이런 병신 같은 가격", "profanity"),
    ("존나 맛있는 빵", "profanity"),
    ("개존나맛있음", "profanity"),
    ("What the FUCK sale", "profanity"),
    ("bullshit-free coffee", "profanity"),
    ("섹스 어필 란제리 섹스", "sexual"),
    ("야동 무료 보기", "sexual"),
    ("몰카 영상 팝니다", "sexual"),
    ("조건만남 주선", "sexual"),
    ("free PORN inside", "sexual"),
    ("best sex videos", "sexual"),
    ("아동포르노 판매", "minors"),
    ("child porn", "minors"),
    ("짱깨 출입 금지", "hate"),
    ("김치녀는 안 팔아요", "hate"),
    ("no niggers here", "hate"),
    ("청부살인 의뢰", "violence"),
    ("사제폭탄 만드는 법", "violence"),
    ("how to make a bomb at home", "violence"),
    ("동반자살 모집", "self-harm"),
    ("just kill yourself", "self-harm"),
    ("필로폰 팝니다", "drugs"),
    ("마약 판매 텔레그램", "drugs"),
    ("cheap cocaine delivery", "drugs"),
    ("사설토토 가입 코드", "gambling"),
    ("온라인카지노 첫충 20%", "gambling"),
    ("대포통장 삽니다", "fraud"),
    ("명품 짝퉁 최저가", "fraud"),
    ("fake passports", "fraud"),
]
INNOCENT = [
    # what an ad says every day
    "오늘만 반값",
    "즉시발송! 당일 출발",
    "5시발매 시작",
    "출시발표 기념 할인",
    "다시발견한 고향의 맛",
    "여행의 시발점, 서울역 카페",
    "시발역 앞 우동",
    "씨발라낸 자두, 씨 없는 포도",
    "씨발아율 98% 텃밭 씨앗",
    "날씨발표보다 빠른 우산 배송",
    "솜씨발휘한 수제 케이크",
    "어디서도 보지 못한 맛",
    "잠도 자지 못하게 하는 매운맛",
    "자지러지게 맛있는 떡볶이",
    "마약김밥 한 줄 3,000원",
    "마약옥수수, 마약계란장",
    "짬뽕 한 그릇, 뽕잎차",
    "게이샤 원두 입고",
    "게이밍 의자 특가",
    "홍어 삼합 한 접시",
    "바카라 루쥬 향, 크리스탈 잔",
    "미친 맛! 미친 가격!",
    "새끼손가락만 한 멸치",
    "새끼 돼지 저금통",
    "유리병신상 입고",
    "물병신제품 출시",
    "섹스텟 재즈 공연이 있는 카페",
    "에섹스 지방의 치즈",
    "야동동 맛집",
    "몰카 방지 화장실 안심 카페",
    "몰카 탐지기 대여",
    "토토로 인형 케이크",
    "스포츠토토 판매점 옆 분식",
    "헤로인의 드레스",
    "대마도 여행 도시락",
    "졸라맨 스티커",
    "살인미소 사장님의 핫도그",
    "자살골 넣은 날도 치킨",
    "짝퉁 아님, 정품만 팝니다",
    "성매매 예방 캠페인",
    "참수리 초콜릿",
    "병신년에 태어난 고객님 할인",
    # English
    "Scunthorpe bakery",
    "a classic assortment, glass of bass",
    "grape juice on linen drapes",
    "rapeseed oil and rape flowers of Jeju",
    "oilseed rape honey",
    "Essex, Sussex, unisex T-shirts",
    "shiitake mushrooms, mishits",
    "nude lipstick, nude tone",
    "cocktail hour with a peacock",
    "Hitchcock and Dickens, Moby Dick night",
    "pussy willow bouquet",
    "therapist, analysis, buttercup",
    "heroine of the day",
    "chinked glass, crackers, hash browns",
    "flame-retardant apron",
    "snigger, niggardly",
    "fuchsia pink",
    "counterfeit-proof banknotes detector",
    "",
]


@pytest.mark.parametrize(("text", "category"), REFUSED, ids=[text for text, _ in REFUSED])
def test_a_listed_word_is_found(text: str, category: str) -> None:
    found = listed.find(text)
    assert found is not None and found.category == category


@pytest.mark.parametrize("text", INNOCENT, ids=range(len(INNOCENT)))
def test_innocent_words_pass(text: str) -> None:
    assert listed.find(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("ＦＵＣＫ", "fu\u00adck", "씨\u200b발", "Fuck!", "씨발이", "child  \n porn"),
        *("씨\u3164발", "씨\u202e발", "f\u034fu\u2062c\ufe0fk"),
    ],
)
def test_other_spellings_of_the_same_are_found(text: str) -> None:
    assert listed.find(text) is not None


def test_an_innocent_word_does_not_excuse_another() -> None:
    found = listed.find("시발점 따위 시발")
    assert found is not None and found.word == "시발"


def test_none_of_our_own_headlines_and_scenes_is_listed() -> None:
    headlines = Path(__file__).parents[1] / "typography" / "headlines.txt"
    for line in headlines.read_text(encoding="utf-8").splitlines():
        assert listed.find(line) is None, line


def test_every_entry_is_found_unless_it_is_innocent() -> None:
    read = tomllib.loads(listed.LIST.read_text(encoding="utf-8"))
    for category, entry in read.items():
        assert set(entry) == {"ko", "en", "innocent"}, category
        for word in (*entry["ko"], *entry["en"]):
            plain = word.removeprefix(listed.ANYWHERE)
            assert listed.find(plain) is not None, plain
            assert plain == plain.casefold() and not re.search(r"\s\s", plain)
        for phrase in entry["innocent"]:
            found = listed.find(phrase)
            assert found is None or found.category != category, phrase
