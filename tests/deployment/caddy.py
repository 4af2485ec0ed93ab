"""The proxy as it is delivered, but for the ports it listens on and whether it tells the system of its authority."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

from adstudio.processes import Child, ProcessSpec
from tests.conftest import ROOT, free_port, until

CADDY = Path(sys.executable).parent / "caddy"
CADDYFILE = ROOT / "deploy" / "Caddyfile"
PORTS = (80, 443, 8000, 8080)


class Proxy:
    """A real Caddy on free ports; ``port`` tells which one stands for one of ``PORTS``."""

    def __init__(self, folder: Path, site: str, web: str) -> None:
        self.folder = folder
        self.static = folder / "static"
        self.static.mkdir()
        self.port = {port: free_port() for port in PORTS}
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "SITE_ADDRESS": site,
            "STATIC_ROOT": str(self.static),
            "WEB_ADDRESS": web,
        }
        config = folder / "caddy.json"
        config.write_text(json.dumps(self._elsewhere(adapted(self.environ))))
        argv = [str(CADDY), "run", "--config", str(config)]
        log = folder / "caddy.log"
        self.child = Child(
            ProcessSpec(
                name="caddy", argv=argv, log=log, env=self.environ, stop_steps=((signal.SIGTERM, 5.0),)
            )
        )

    def start(self) -> None:
        self.child.start()
        secure = self.environ["SITE_ADDRESS"].startswith("https")
        last = "certificate obtained successfully" if secure else "serving initial configuration"
        until(lambda: last in self.child.spec.log.read_text(), 20, "caddy")

    @property
    def trust(self) -> ssl.SSLContext:
        """Believes its own authority, which signs for localhost."""
        root = self.folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        return ssl.create_default_context(cafile=str(root))

    def _elsewhere(self, config: dict[str, Any]) -> dict[str, Any]:
        http = config["apps"]["http"]
        http |= {"http_port": self.port[80], "https_port": self.port[443]}
        for server in http["servers"].values():
            port = int(server["listen"][0].rpartition(":")[2])
            server["listen"] = [f":{self.port[port]}"]
        config["apps"]["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
        return config


def adapted(environ: dict[str, str]) -> dict[str, Any]:
    """The Caddyfile as Caddy understands it."""
    argv = [str(CADDY), "adapt", "--config", str(CADDYFILE), "--adapter", "caddyfile", "--validate"]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told
