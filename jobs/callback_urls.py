"""Which addresses a callback may go to. Nothing is looked up here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import quote, urlsplit

LONGEST_URL: Final = 2000
PORTS: Final = {"http": 80, "https": 443}
FIRST_FREE_PORT: Final = 1024
OTHER_SERVICES: Final = frozenset({
    1433, 1521, 1719, 1720, 1723, 2049, 2375, 2379, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 5900,
    6000, 6379, 6380, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 7000, 9042, 9092, 9200, 10080, 11211, 27017,
})  # fmt: skip
"""Ports from 1024 on where mail, chat, files or databases listen, not programs that wait for a POST: the bad ports of
the Fetch standard (2.9), and the databases' own."""
NAT64: Final = IPv6Network("64:ff9b::/96")
"""Well-known prefix under which a network without IPv4 reaches IPv4 addresses (RFC 6052)."""
_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[a-z0-9._:-]{1,253}")
_KEPT = "/%:@!$&'()*+,;=~-._?"


@dataclass(frozen=True, slots=True)
class Target:
    """A callback's URL, taken apart. ``host`` is ASCII (IDNA), an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def secure(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """For the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """Raises ``ValueError`` for what is no plain http or https URL: without a host, with a sign-in, with spaces."""
    if len(url) > LONGEST_URL or _NOT_IN_A_URL.search(url):
        raise ValueError("not a URL")
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("http and https without a sign-in only")
    host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode()
    if not _HOST.fullmatch(host):
        raise ValueError("not a host")
    port = PORTS[parts.scheme] if parts.port is None else parts.port
    if port == 0:
        raise ValueError("not a port")
    path = quote(parts.path or "/", safe=_KEPT) + (
        f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    )
    return Target(parts.scheme, host, port, path)


def literal_address(host: str) -> str | None:
    """The host where it is an IP address itself."""
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def is_web_port(port: int) -> bool:
    """Whether a web server may be expected there, so that nobody has us talk to a mail server or a database."""
    return port in PORTS.values() or (port >= FIRST_FREE_PORT and port not in OTHER_SERVICES)


def is_public(address: str) -> bool:
    """Whether the IP address belongs to the open internet: not private, shared, loopback, link-local, multicast or
    reserved, also not by way of an IPv6 address that stands for such an IPv4 one."""
    ip = _meant(ip_address(address))
    if isinstance(ip, IPv6Address) and (ip.is_site_local or ip.sixtofour or ip.teredo):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def _meant(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside of a mapped or NAT64 one, else the address itself."""
    if not isinstance(ip, IPv6Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in NAT64 else ip
