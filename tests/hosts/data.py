"""The data host: Postgres and Valkey over TCP with passwords, and a server that speaks S3. Started before Django is."""

from __future__ import annotations

import dataclasses
import secrets
import signal
from pathlib import Path

import psycopg

from adstudio import embedded, postgres
from adstudio.layout import layout_of
from adstudio.processes import Child, ProcessSpec, stop_together, wait_until
from tests.conftest import free_port
from tests.hosts.network import Host
from tests.s3 import ObjectServer

READY_SECONDS = 60.0


class DataHost:
    """All there is of state; every other host reaches it by address and password alone."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host = host
        self.layout = layout_of(folder)
        self.password = secrets.token_urlsafe(16)
        self.ports = {name: free_port() for name in ("postgres", "valkey", "s3")}
        self.objects = ObjectServer(self.layout.logs, host.address, self.ports["s3"], host.wrap)
        self.postgres = Child(self._postgres())
        self.valkey = Child(self._valkey())

    @property
    def environ(self) -> dict[str, str]:
        at = self.host.address
        return {
            "DATABASE_URL": f"postgresql://adstudio:{self.password}@{at}:{self.ports['postgres']}/adstudio",
            "REDIS_URL": f"redis://:{self.password}@{at}:{self.ports['valkey']}/0",
            **self.objects.environ,
        }

    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()
        self.objects.start()
        assert wait_until(
            lambda: postgres.is_ready(self.layout), READY_SECONDS, lambda: not self.postgres.alive
        ), self.postgres.log_tail()
        inside = {"host": str(self.layout.sockets), "port": self.ports["postgres"]}
        who = {"user": postgres.USER, "dbname": postgres.DATABASE}
        with psycopg.connect(**inside, **who, autocommit=True) as database:  # type: ignore[arg-type]
            database.execute(f"ALTER USER adstudio PASSWORD '{self.password}'")  # type: ignore[arg-type]

    def stop(self) -> None:
        self.objects.stop()
        stop_together([self.valkey, self.postgres])
        embedded.remove_state(self.layout.run_dir)

    def _postgres(self) -> ProcessSpec:
        """As the embedded one, but on its host, open to the network for those who know the password."""
        programs = postgres.prepare(self.layout, durable=False, interrupted=lambda: False)
        rules = self.layout.state / "pg_hba.conf"
        rules.write_text("local all all trust\nhost all all all scram-sha-256\n")
        rules.chmod(0o644)
        spec = postgres.server(self.layout, programs, False, ())
        options = {
            "listen_addresses": self.host.address,
            "port": str(self.ports["postgres"]),
            "hba_file": str(rules),
        }
        # The account is taken inside: only root enters a network namespace.
        become: tuple[str, ...] = ()
        if spec.account is not None:
            ids = (f"--reuid={spec.account.uid}", f"--regid={spec.account.gid}", "--clear-groups")
            become = ("setpriv", *ids, "--pdeathsig=INT")
        told = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        argv = [*self.host.wrap, *become, *spec.argv, *told]
        return dataclasses.replace(spec, argv=argv, account=None)

    def _valkey(self) -> ProcessSpec:
        options = {"bind": self.host.address, "port": str(self.ports["valkey"]), "requirepass": self.password}
        told = [part for name, value in {**options, "save": ""}.items() for part in (f"--{name}", value)]
        return ProcessSpec(
            name="valkey",
            argv=[*self.host.wrap, embedded._valkey_binary(), *told],
            log=self.layout.logs / "valkey.log",
            stop_steps=((signal.SIGTERM, 2.0),),
        )
