"""Every template of every trade in every tone, with names short and long, Latin and numbered: all may be used."""

from __future__ import annotations

import re
from datetime import date

import pytest

from accounts.models import Industry, Tone
from generation.export.formats import FORMATS
from generation.prompts.copy import CopyBrief, suggest, write
from generation.prompts.copy.captions import FEWEST_HASHTAGS, MOST_HASHTAGS
from generation.prompts.copy.headlines import fitting, five
from generation.prompts.copy.sheets import Trade, channels, house, trade, trades
from generation.prompts.copy.wording import (
    MOST_SYLLABLES,
    filled,
    forbidden_words,
    names,
    syllables,
)
from generation.seasons import seasons_on
from generation.studio.scenes import scenes
from generation.typography.fonts import fonts, missing_characters

PRODUCTS = (
    "빵",
    "차",
    "크루아상",
    "딸기라떼",
    "생일 케이크",
    "연필",
    "Latte",
    "Handmade Soap",
    "BBQ",
    "비타민 500",
    "사과 5kg",
    "햇감자 (특) 10kg",
    "제주 한라봉 선물세트 5kg",
    "수제딸기생크림초코케이크세트특대",
)
"""Ending in a consonant, a vowel, ㄹ, Latin letters and numbers; with amounts and brackets; far too long."""
SEASONS = ((), ("spring",), ("christmas", "winter"), ("seollal", "winter"), ("chuseok", "summer"))
TONES = ("", *Tone.values)


def drawn_texts(of: Trade) -> list[str]:
    """What of a trade may be set in a picture, unfilled."""
    kinds = [line for kind in of.kinds for line in kind.lines]
    return [*(line for group in of.lines.values() for line in group), *kinds, *of.sublines]


def all_texts(of: Trade) -> list[str]:
    return [*drawn_texts(of), *of.polite, *of.formal, *of.tags]


def of_house() -> list[str]:
    common = house()
    groups = (common.lines, common.seasons, common.calls)
    return [line for group in groups for lines in group.values() for line in lines]


def test_every_industry_of_a_shop_has_its_words() -> None:
    assert set(trades()) == set(Industry.values)
    assert len(trades()) >= 21
    for of in trades().values():
        seasons = {"any", "without_product", *Tone.values, "spring", "summer", "autumn", "winter"}
        assert seasons <= set(of.lines) <= seasons | {"seollal", "chuseok", "christmas"}, of.key


def test_every_trade_is_at_home_in_a_scene() -> None:
    assert {key: of.scene for key, of in trades().items() if of.scene not in scenes()} == {}


@pytest.mark.parametrize("key", sorted(Industry.values))
def test_headlines_are_short_whole_and_say_nothing_forbidden(key: str) -> None:
    of = trade(key)
    for tone in TONES:
        for product in PRODUCTS:
            told = fitting(product, of, tone, SEASONS[len(product) % len(SEASONS)])
            assert len(told) == len(set(told)) >= 10, (tone, product)
            for line in told:
                assert 0 < syllables(line) <= MOST_SYLLABLES, line
                assert not re.search(r"[{}]|\w\(\w\)", line), line
                assert line == " ".join(line.split())


@pytest.mark.parametrize("key", sorted(Industry.values))
def test_the_next_seed_tells_five_others(key: str) -> None:
    of = trade(key)
    for tone in TONES:
        for product in PRODUCTS:
            told = [five(product, of, tone, ("winter",), seed) for seed in (0, 1, 2, 99, 100)]
            assert all(len(set(lines)) == 5 for lines in told)
            assert not any(set(one) & set(another) for one, another in (told[:2], told[1:3], told[3:]))
            assert five(product, of, tone, ("winter",), 0) == told[0], "the same seed tells the same"


def test_templates_have_no_word_that_a_font_lacks_and_none_that_is_forbidden() -> None:
    texts = [*of_house(), *(text for of in trades().values() for text in all_texts(of))]
    assert len(texts) > 1200
    drawn = [*of_house(), *(line for of in trades().values() for line in drawn_texts(of))]
    characters = "".join(sorted(set("".join(re.sub(r"\{[^}]*\}", "", text) for text in drawn))))
    for font in fonts():
        assert missing_characters(font.path, characters) == "", font.path
    for text in texts:
        assert forbidden_words(text) == [], text


def test_templates_are_written_once_and_take_the_product() -> None:
    for of in trades().values():
        for group in (*of.lines.values(), *(kind.lines for kind in of.kinds)):
            assert len(group) == len(set(group)), of.key
        for name, group in of.lines.items():
            for line in group:
                assert ("{p}" in line) is (name != "without_product"), (of.key, line)
                assert re.sub(r"\{p\}(\{[^{}/]+/[^{}/]+\})?", "", line).isprintable()
                assert not re.search(
                    r"[{}]", re.sub(r"\{p\}(\{(을/를|이/가|은/는|과/와|으로/로)\})?", "", line)
                )
        assert all("{p}" in sentence for sentence in (*of.polite, *of.formal))
        assert all(not re.search(r"[{}]", text) and len(text) <= 24 for text in of.sublines), of.key


@pytest.mark.parametrize(
    ("product", "wanted"),
    [
        ("빵", "빵을 빵이 빵은 빵과 빵으로"),
        ("라떼", "라떼를 라떼가 라떼는 라떼와 라떼로"),
        ("연필", "연필을 연필이 연필은 연필과 연필로"),
        ("Latte", "Latte를 Latte가 Latte는 Latte와 Latte로"),
        ("비타민 500", "비타민 500을 비타민 500이 비타민 500은 비타민 500과 비타민 500으로"),
        ("사과 5kg", "사과 5kg을 사과 5kg이 사과 5kg은 사과 5kg과 사과 5kg으로"),
        ("BBQ", "BBQ를 BBQ가 BBQ는 BBQ와 BBQ로"),
    ],
)
def test_particles_fit_the_product(product: str, wanted: str) -> None:
    pairs = ("을/를", "이/가", "은/는", "과/와", "으로/로")
    template = " ".join("{p}{" + pair + "}" for pair in pairs)
    assert filled(template, product) == wanted


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("갓 구운 소금빵", 6),
        ("오늘은 12개", 6),
        ("Latte 한 잔", 5),
        ("BBQ!", 3),
        ("☕", 1),
        ("…, !?", 0),
        ("café", 2),
    ],
)
def test_syllables_are_counted_as_they_are_read(text: str, count: int) -> None:
    assert syllables(text) == count


@pytest.mark.parametrize(
    ("product", "wanted"),
    [
        ("소금빵", ("소금빵",)),
        ("소금빵 (3개입)", ("소금빵",)),
        ("[신상] 울 코트", ("울 코트", "코트")),
        ("제주 한라봉 선물세트 5kg", ("제주 한라봉 선물세트", "한라봉 선물세트")),
        ("아메리카노 ICE", ("아메리카노",)),
        ("PT 10회", ("PT 10회", "PT")),
        ("5kg", ("5kg",)),
    ],
)
def test_a_long_name_is_told_shorter_by_whole_words(product: str, wanted: tuple[str, ...]) -> None:
    assert names(product) == wanted


def test_a_name_that_is_too_long_is_left_out_rather_than_cut() -> None:
    told = suggest("수제딸기생크림초코케이크세트특대", "bakery")
    assert not any("수제" in line for line in told)
    known = (*trade("bakery").lines["without_product"], *house().lines["without_product"])
    assert set(told) <= set(known)
    assert any("한라봉 선물세트" in line for line in suggest("제주 한라봉 선물세트 5kg", "fruit"))


def test_words_fit_the_kind_of_product() -> None:
    drinks = fitting("아메리카노", trade("cafe"), "", ())
    cakes = fitting("치즈케이크", trade("cafe"), "", ())
    assert "갓 내린 아메리카노" in drinks and not any("갓 내린" in line or "한 잔" in line for line in cakes)
    assert "달콤한 치즈케이크" in cakes and "달콤한 아메리카노" not in drinks
    assert "싱싱한 고등어" in fitting("고등어", trade("fish"), "", ())
    assert "싱싱한 멸치" not in fitting("볶음 멸치", trade("fish"), "", ())


def test_the_season_is_the_days() -> None:
    brief = CopyBrief("소금빵", "bakery", seasons=seasons_on(date(2026, 12, 1)))
    found = write(brief)
    assert any("크리스마스" in line or "겨울" in line or "연말" in line for line in found.headlines)
    assert "#크리스마스" in found.hashtags
    summer = write(CopyBrief("소금빵", "bakery", seasons=seasons_on(date(2026, 6, 20))))
    assert "#여름" in summer.hashtags and not any("겨울" in line for line in summer.headlines)


# What is posted -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(Industry.values))
def test_captions_fit_every_channel(key: str) -> None:
    for tone in TONES:
        for product in PRODUCTS:
            for shop in ("봄날 가게", ""):
                brief = CopyBrief(product, key, tone, ("winter",), shop, seed=len(product))
                found = write(brief)
                assert FEWEST_HASHTAGS <= len(found.hashtags) <= MOST_HASHTAGS
                assert all(re.fullmatch(r"#\w+", tag) for tag in found.hashtags)
                assert len(set(found.hashtags)) == len(found.hashtags)
                for channel in channels():
                    text = found.captions[channel.key]
                    assert text and channel.measure(text) <= channel.most, (channel.key, text)
                    assert not re.search(r"[{}]|\n\n\n", text), text
                    assert not forbidden_words(text, product=product), text


def test_captions_are_for_the_channels_of_the_formats() -> None:
    told = [key for channel in channels() for key in channel.formats]
    assert set(told) <= set(FORMATS) and len(told) == len(set(told))
    assert set(FORMATS) - set(told) == {"naver-timeboard"}, "a banner has no caption"


def test_what_stands_on_the_ad_is_told_and_prices_only_where_given() -> None:
    plain = write(CopyBrief("소금빵", "bakery", shop="봄날 빵집"))
    assert not any("원" in text.replace("원하", "") and "→" in text for text in plain.captions.values())
    priced = CopyBrief(
        "소금빵",
        "bakery",
        shop="봄날 빵집",
        headline="갓 구운\n소금빵",
        price_before="3,500원",
        price_now="2,800원",
    )
    found = write(priced)
    assert found.captions["instagram-feed"].startswith("갓 구운 소금빵\n")
    assert "3,500원 → 2,800원" in found.captions["mms"]
    assert found.alt_text == "소금빵 광고. 문구: 갓 구운 소금빵. 가격: 3,500원에서 2,800원."


def test_a_text_message_is_marked_as_advertising_and_can_be_refused() -> None:
    text = write(CopyBrief("소금빵 🥐", "bakery", shop="봄날 빵집 ☕")).captions["mms"]
    assert text.startswith("(광고) 봄날 빵집") and text.splitlines()[-1].startswith("무료수신거부")
    assert len(text.encode("cp949")) <= 2000


def test_a_long_headline_gives_way_where_a_channel_has_no_room() -> None:
    long = "아주 길어서 짧은 칸에는 들어가지 않는 문구입니다 정말로요"
    found = write(CopyBrief("소금빵", "bakery", headline=long))
    assert long in found.captions["instagram-feed"]
    assert len(found.captions["kakao-display"]) <= 25 and "소금빵" in found.captions["kakao-display"]


@pytest.mark.parametrize("word", ["반값", "1위", "최고", "면역", "1+1"])
def test_forbidden_words_are_found(word: str) -> None:
    assert word in forbidden_words(f"오늘은 {word} 소금빵")
    assert forbidden_words(f"오늘은 {word} 소금빵", product=f"{word} 소금빵") == []


def test_an_offer_may_be_spoken_of_once_both_prices_are_there() -> None:
    assert forbidden_words("할인 소금빵") and not forbidden_words("할인 소금빵", priced=True)
