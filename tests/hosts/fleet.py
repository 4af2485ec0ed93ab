"""The processes on the hosts: two web processes behind one address, reconcile, and a worker on each worker host."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from adstudio.processes import Child, ProcessSpec, stop_together
from adstudio.supervisor import WEB_SERVER
from tests.conftest import ROOT, free_port
from tests.hosts.network import Host

WEB_PROCESSES = 2
HIDDEN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SITE_URL", "DEBUG", "ADSTUDIO_RUN_DIR")


class Fleet:
    """``environ`` is what all hosts are told; each has a run folder of its own in ``folder``."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = {name: value for name, value in os.environ.items() if name not in HIDDEN} | dict(
            environ
        )
        self.children: list[Child] = []
        self.webs: list[Child] = []
        self.ports: list[int] = []
        self.url = ""

    def run_dir(self, host: Host) -> Path:
        return self.folder / host.name

    def child(self, host: Host, name: str, *arguments: str) -> Child:
        """A Python process of that host, not started."""
        child = Child(
            ProcessSpec(
                name=f"{host.name} {name}",
                argv=[*host.wrap, sys.executable, *arguments],
                log=self.folder / "logs" / f"{host.name}-{name}.log",
                env={**self.environ, "ADSTUDIO_RUN_DIR": str(self.run_dir(host))},
                cwd=ROOT,
                stop_steps=((signal.SIGTERM, 10.0),),
            )
        )
        self.children.append(child)
        return child

    def start_web(self, host: Host, beside: tuple[int, ...] = ()) -> None:
        """Two web processes, with those that are there already, and the one address before them."""
        new = [free_port() for _ in range(WEB_PROCESSES - len(beside))]
        self.ports = [*beside, *new]
        for number, port in enumerate(new, 1):
            serve = (*WEB_SERVER, "-b", host.address, "-p", str(port), "adstudio.asgi:application")
            web = self.child(host, f"web-{number}", *serve)
            web.start()
            self.webs.append(web)
        front, ports = free_port(), map(str, self.ports)
        balancer = self.child(
            host, "balancer", "-m", "tests.hosts.balancer", host.address, str(front), *ports
        )
        balancer.start()
        self.url = f"http://{host.address}:{front}"

    def direct(self, number: int) -> str:
        """The address of one web process, past the balancer."""
        return f"{self.url.rpartition(':')[0]}:{self.ports[number]}"

    def host_of(self, worker: str) -> str:
        """The host of a worker by its name, which ends with its process id."""
        pid = int(worker.rpartition("-")[2])
        [child] = [child for child in self.children if child.process is not None and child.process.pid == pid]
        return child.name.partition(" ")[0]

    def stop(self) -> None:
        stop_together(self.children)

    def left_behind(self, hosts: Iterable[Host]) -> list[str]:
        """Files in the hosts' own run folders, where nothing belongs."""
        folders = [self.run_dir(host) for host in hosts]
        return [str(path) for folder in folders for path in folder.rglob("*") if path.is_file()]
