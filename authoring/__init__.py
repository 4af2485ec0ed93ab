"""How plates are made: scenes for Blender's Cycles, rendered offline. The product imports nothing of it."""

import os

os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")  # OpenCV looks once, when it is first imported
