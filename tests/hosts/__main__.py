"""``python -m tests.hosts``: see the package. Exits with 1 when a promise breaks."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.hosts.data import DataHost
from tests.hosts.network import Network

NAMES = ("data", "web", "worker-a", "worker-b")


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="adstudio-hosts-"))
    folder.chmod(0o711)  # as root, Postgres runs as an account that must be able to pass through
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - began:6.1f} s] {text}", flush=True)

    with Network(*NAMES) as network:
        kind = (
            "network namespaces"
            if network.is_real
            else "run folders and ports of this host (no namespaces here)"
        )
        hosts = ", ".join(f"{host.name} {host.address}" for host in network.hosts.values())
        say(f"Hosts are {kind}: {hosts}")
        data = DataHost(network.hosts["data"], folder / "data")
        try:
            data.start()
            return 0 if _drill(network, data, folder, say) else 1
        finally:
            data.stop()
            shutil.rmtree(folder, ignore_errors=True)


def _drill(network: Network, data: DataHost, folder: Path, say: object) -> bool:
    os.environ |= {
        **data.environ,
        "DJANGO_SETTINGS_MODULE": "adstudio.settings",
        "ADSTUDIO_RUN_DIR": str(folder / "driver"),
        "ADSTUDIO_DEMO": "1",
        "ADSTUDIO_TEST": "1",
        "ALLOWED_HOSTS": "*",
        "API_TOKEN_RATE": "0",
        "JOB_STALE_SECONDS": "5",
        "LOG_LEVEL": "WARNING",
        "OMP_NUM_THREADS": "1",
        "SECRET_KEY": secrets.token_urlsafe(50),
    }
    import django

    django.setup()
    from tests.hosts.drill import Drill

    logging.disable(logging.WARNING)
    drill = Drill(network, data, folder, say)  # type: ignore[arg-type]
    try:
        drill.start()
        return drill.run()
    except BaseException:
        traceback.print_exc()
        return False
    finally:
        drill.stop()


if __name__ == "__main__":
    sys.exit(main())
