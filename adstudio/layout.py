"""Where a run folder's servers keep their cluster and sockets. Standard library only.

Usually inside the run folder. Elsewhere when that cannot work: Postgres refuses to run as root, and the account it
then gets may be kept out by a folder above; and a Unix socket's path must stay short.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from adstudio.processes import Account, StartFailed

SYSTEM_STATE = Path("/var/lib/adstudio")
"""Root's place for what an unprivileged account must reach."""
SERVER_ACCOUNTS = ("postgres", "nobody")
SOCKET_PATH_MAX_BYTES = 107
_LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Layout:
    run_dir: Path
    state: Path
    """Holds the cluster and the servers' lock."""
    sockets: Path

    @property
    def cluster(self) -> Path:
        return self.state / "postgres"

    @property
    def logs(self) -> Path:
        return self.run_dir / "logs"


def layout_of(run_dir: Path) -> Layout:
    """The run folder's layout, chosen once and from then on read from its ``servers.json``."""
    run_dir = run_dir.resolve()
    record = run_dir / "servers.json"
    if not record.exists():
        run_dir.mkdir(parents=True, exist_ok=True)
        _write_once(record, json.dumps(_choose(run_dir), indent=1))
    named = json.loads(record.read_text())
    # Absolute names stay as they are, "." follows the run folder when it is moved.
    return Layout(run_dir=run_dir, state=run_dir / named["state"], sockets=run_dir / named["sockets"])


def server_account(cluster: Path) -> Account | None:
    """Whom Postgres runs as: ourselves (None), or as root the cluster's owner or an existing unprivileged account."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (owner := cluster.stat().st_uid) != 0:
        return Account.of_uid(owner)
    for name in SERVER_ACCOUNTS:
        try:
            return Account.of_uid(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    raise StartFailed(f"Postgres does not run as root, and none of {', '.join(SERVER_ACCOUNTS)} exists here.")


def can_enter(account: Account | None, folder: Path) -> bool:
    if account is None:
        return True
    # Asking the kernel beats reading modes: it knows of ACLs and mounts.
    probe = subprocess.run(
        ["/usr/bin/test", "-x", str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return probe.returncode == 0


def _choose(run_dir: Path) -> dict[str, str]:
    short = _fits(run_dir / "sockets")
    account = server_account(run_dir / "postgres")
    mark = hashlib.sha256(str(run_dir).encode()).hexdigest()[:16]
    if account is not None and not (short and can_enter(account, run_dir)):
        return {"state": str(SYSTEM_STATE / mark), "sockets": str(SYSTEM_STATE / mark / "sockets")}
    if short:
        return {"state": ".", "sockets": "sockets"}
    return {"state": ".", "sockets": str(Path(tempfile.gettempdir()) / f"adstudio-{os.geteuid()}-{mark}")}


def _fits(sockets: Path) -> bool:
    path = sockets / _LONGEST_SOCKET_NAME
    return len(os.fsencode(path)) <= SOCKET_PATH_MAX_BYTES and "," not in str(
        path
    )  # libpq splits hosts at commas


def _write_once(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
