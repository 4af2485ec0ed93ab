"""Hosts on one machine: network namespaces on a bridge, each with its own address, host name and nothing in common with
the others but the bridge. Where the machine lets nobody make them, all are this host under separate ports and folders.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

BRIDGE = f"ads{os.getpid() % 100_000}"
NETWORK = f"10.213.{os.getpid() % 254 + 1}"
DRIVER = f"{NETWORK}.1"
"""The drill's own address, outside all hosts: where people and programs are."""


@dataclass(frozen=True)
class Host:
    name: str
    address: str
    namespace: str = ""

    @property
    def wrap(self) -> tuple[str, ...]:
        """What to put before a command so that it runs there. Everything execs: the process id stays."""
        if not self.namespace:
            return ()
        named = 'hostname "$0" && exec "$@"'
        return ("ip", "netns", "exec", self.namespace, "unshare", "--uts", "sh", "-c", named, self.name)


class Network:
    """The hosts by name. Use it as a context: what it made of the machine's network is taken away again."""

    def __init__(self, *names: str) -> None:
        self.is_real = _run("ip", "link", "add", BRIDGE, "type", "bridge", check=False)
        self.hosts: dict[str, Host] = {}
        if self.is_real:
            _run("ip", "addr", "add", f"{DRIVER}/24", "dev", BRIDGE)
            _run("ip", "link", "set", BRIDGE, "up")
        for number, name in enumerate(names, 10):
            self.hosts[name] = self._joined(name, number) if self.is_real else Host(name, "127.0.0.1")

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.is_real:
            return
        for host in self.hosts.values():
            _run("ip", "netns", "del", host.namespace, check=False)
        _run("ip", "link", "del", BRIDGE, check=False)

    def sever(self, host: Host) -> None:
        """Pull the cable: nobody is told, packets just stop."""
        _run("ip", "link", "set", _port(host), "down")

    def rejoin(self, host: Host) -> None:
        _run("ip", "link", "set", _port(host), "up")

    def _joined(self, name: str, number: int) -> Host:
        host = Host(name, f"{NETWORK}.{number}", f"{BRIDGE}-{name}")
        inside = ("ip", "-n", host.namespace)
        _run("ip", "netns", "add", host.namespace)
        _run("ip", "link", "add", _port(host), "type", "veth", "peer", "eth0", "netns", host.namespace)
        _run("ip", "link", "set", _port(host), "master", BRIDGE, "up")
        _run(*inside, "addr", "add", f"{host.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _run(*inside, "link", "set", device, "up")
        return host


def _port(host: Host) -> str:
    """The host's end of the cable at the bridge."""
    return f"{BRIDGE}p{host.address.rpartition('.')[2]}"


def _run(*command: str, check: bool = True) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return False
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.returncode == 0
