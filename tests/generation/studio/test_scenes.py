from __future__ import annotations

import subprocess
import sys

import pytest
from PIL import Image

from generation.errors import SceneUnknown
from generation.studio import scenes


def test_it_lists_every_scene_with_both_names_words_and_baked_cameras() -> None:
    folders = {card.parent.name for card in scenes.SHIPPED_PLATES.glob("*/scene.json")}
    assert set(scenes.scenes()) == folders >= {"cafe-wood", "pastel-podium", "hanok-window"}
    for key, scene in scenes.scenes().items():
        assert scene.key == key
        assert scene.name_ko
        assert scene.name_en
        assert len(scene.words) >= 4
        for camera in scene.cameras:
            assert (scenes.SHIPPED_PLATES / key / camera.value / "full.webp").exists()


def test_it_names_the_scene_that_is_unknown() -> None:
    with pytest.raises(SceneUnknown) as raised:
        scenes.scene("../cafe-wood")
    assert raised.value.context == {"scene": "../cafe-wood"}
    with pytest.raises(SceneUnknown):
        scenes.thumbnail_path("no-such-scene")


@pytest.mark.parametrize("key", scenes.scenes())
def test_it_has_a_square_thumbnail_for_every_scene(key: str) -> None:
    with Image.open(scenes.thumbnail_path(key)) as picture:
        assert picture.format == "WEBP"
        assert picture.width == picture.height >= 200


def test_it_offers_a_default_scene_of_the_catalogue() -> None:
    assert scenes.default_scene() is scenes.scene(scenes.DEFAULT_SCENE)


def test_it_costs_a_web_process_no_opencv() -> None:
    probe = "import sys, generation.studio.scenes as s; s.scenes(); print('cv2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
