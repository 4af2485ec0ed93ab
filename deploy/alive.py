"""The health check of containers that answer no requests: whether the process went on within the seconds given.

It touches the file ``ADSTUDIO_ALIVE_FILE`` itself, so one that is frozen, hangs or waits for ever is found out.
"""

from __future__ import annotations

import os
import sys
import time

try:
    age = time.time() - os.stat(os.environ["ADSTUDIO_ALIVE_FILE"]).st_mtime
except FileNotFoundError:
    raise SystemExit("no sign of life yet") from None
raise SystemExit(f"no sign of life for {age:.0f} s" if age > float(sys.argv[1]) else 0)
