"""The long form: every host a process tree of its own, cables pulled, workers of two releases."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from adstudio.processes import Child, stop_together
from jobs import services, versions
from jobs.models import Artifact, Job, JobEvent, WorkerState
from jobs.params import AdParams
from tests.conftest import until
from tests.hosts import promises
from tests.hosts.data import DataHost
from tests.hosts.fleet import Fleet
from tests.hosts.network import Host, Network
from tests.hosts.promises import SHORT, Merchant, Say, ended, hosts_of, jobs_spread, whole

HELD_AT = "step2"
START_SECONDS = 90.0


class Drill:
    def __init__(self, network: Network, data: DataHost, folder: Path, say: Say) -> None:
        self.network = network
        self.data = data
        self.say = say
        self.folder = folder
        self.fleet = Fleet(folder, {**data.environ, "SECRET_KEY": settings.SECRET_KEY})
        self.web = network.hosts["web"]
        self.hosts = [network.hosts["worker-a"], network.hosts["worker-b"]]
        self.workers: dict[str, Child] = {}

    def start(self) -> None:
        call_command("migrate", verbosity=0)
        self.fleet.start_web(self.web)
        self.fleet.child(self.web, "reconcile", "manage.py", "reconcile_jobs", "--loop").start()
        for host in self.hosts:
            self._start_worker(host)
        until(lambda: promises.serves(self.fleet.url), START_SECONDS, "the web host")
        until(lambda: WorkerState.objects.count() == 2, START_SECONDS, "both workers")
        self.say(
            "two web processes behind one address, reconcile, and a worker on each of two hosts are there"
        )

    def stop(self) -> None:
        self.fleet.stop()
        connection.close()

    def run(self) -> bool:
        """Whether every promise held."""
        held = True
        for promise in self._promises():
            name = promise.__name__.strip("_").replace("_", " ")
            try:
                promise()
            except Exception:
                held = False
                self.say(f"BROKEN  {name}\n{traceback.format_exc()}")
            else:
                self.say(f"holds   {name}")
        return held

    def _promises(self) -> list[Callable[[], None]]:
        return [
            self._jobs_spread_over_both_hosts_and_leave_nothing_there,
            self._web_processes_share_sessions_and_limits,
            self._sockets_at_either_web_process_hear_everything,
            self._a_host_cut_off_in_the_midst_of_a_job_loses_it_to_the_other,
            self._restarted_web_processes_take_sockets_up_again,
            self._workers_of_two_releases_share_the_queue,
        ]

    def _jobs_spread_over_both_hosts_and_leave_nothing_there(self) -> None:
        jobs_spread(self.fleet, self.say, orders=8)
        left = self.fleet.left_behind([self.web, *self.hosts])
        assert left == [], left

    def _web_processes_share_sessions_and_limits(self) -> None:
        promises.one_address(self.fleet, self.say)

    def _sockets_at_either_web_process_hear_everything(self) -> None:
        promises.both_webs_tell(self.fleet, self.say)

    def _a_host_cut_off_in_the_midst_of_a_job_loses_it_to_the_other(self) -> None:
        merchant = Merchant(self.fleet)
        self._hold(*self.hosts)
        job = merchant.order(seed=3)
        cut = self._wait_held()
        other = next(host for host in self.hosts if host is not cut)
        self._release(other)
        holder = self._hold_row(cut, job)
        began = time.monotonic()
        self._cut(cut)
        ended([job])
        after = time.monotonic() - began
        whole([job])
        claims = list(JobEvent.objects.filter(job=job, to_status="running").values_list("worker", flat=True))
        hosts = [self.fleet.host_of(worker) for worker in claims]
        assert (job.attempts, hosts) == (2, [cut.name, other.name])
        row, pictures = self._state(job)
        holder.kill()
        self._release(cut)
        self._mend(cut)
        again = [merchant.order(seed=number) for number in range(4, 10)]
        ended(again)
        until(lambda: self._works_again(cut), 60, "the host that was cut off")
        assert self._state(job) == (row, pictures)
        self.say(
            f"{'cut off' if self.network.is_real else 'froze'} {cut.name} at {HELD_AT}; {other.name} ended the job"
            f" {after:.1f} s later; {cut.name} came back, wrote nothing into it and works again"
        )

    def _hold_row(self, host: Host, job: Job) -> Child:
        """The worst moment: in the midst of a transaction, the job's row locked. A frozen process holds it for two
        minutes, so where hosts are but processes this is left out."""
        flag = self.folder / "row-held"
        holder = self.fleet.child(host, "holder", "-m", "tests.hosts.row_holder", str(job.pk), str(flag))
        if self.network.is_real:
            holder.start()
            until(flag.exists, 30, "the row's lock")
        return holder

    def _restarted_web_processes_take_sockets_up_again(self) -> None:
        self._hold(*self.hosts)
        promises.webs_restart_one_by_one(
            self.fleet, self.say, held=self._wait_held, release=lambda: self._release(*self.hosts)
        )

    def _workers_of_two_releases_share_the_queue(self) -> None:
        """Host B gets the new release; requests that say something new go there alone, all others to both."""
        b = self.hosts[1]
        stop_together([self.workers[b.name]])
        newer = self.fleet.child(b, "newer", "-m", "tests.jobs.newer_worker", "2")
        newer.start()
        until(
            lambda: WorkerState.objects.filter(request_version=2).exists(), START_SECONDS, "the newer worker"
        )
        merchant = Merchant(self.fleet)
        plain = [merchant.order(seed=number) for number in range(20, 26)]
        versions.REQUEST_VERSION = versions.SINCE["text_style=neon"] = (
            2  # as a web process of the new release has it
        )
        params = AdParams.model_validate({**SHORT, "text_style": "neon"})
        new = [
            services.job_submit(shop=merchant.shop, params=params, photo=merchant.photo).job for _ in range(3)
        ]
        ended([*plain, *new])
        assert {job.request_version for job in new} == {2}
        assert set(hosts_of(new, self.fleet)) == {b.name} and len(hosts_of(plain, self.fleet)) == 2
        taken = [dict(hosts_of(jobs, self.fleet)) for jobs in (new, plain)]
        self.say(f"new requests went to {taken[0]}, plain ones to {taken[1]}")

    def _start_worker(self, host: Host) -> None:
        flags = self._flags(host)
        flags.mkdir(parents=True)
        worker = self.fleet.child(host, "worker", "-m", "tests.jobs.lab_worker", str(flags))
        worker.start()
        self.workers[host.name] = worker

    def _flags(self, host: Host) -> Path:
        return self.folder / "flags" / host.name

    def _hold(self, *hosts: Host) -> None:
        for host in hosts:
            (self._flags(host) / f"at-{HELD_AT}").unlink(missing_ok=True)
            (self._flags(host) / f"pause-{HELD_AT}").touch()

    def _release(self, *hosts: Host) -> None:
        for host in hosts:
            (self._flags(host) / f"pause-{HELD_AT}").unlink()

    def _wait_held(self) -> Host:
        """The host whose worker stands still in the midst of a job."""
        there: list[Host] = []

        def stands() -> bool:
            there[:] = [host for host in self.hosts if (self._flags(host) / f"at-{HELD_AT}").exists()]
            return bool(there)

        until(stands, 60, "a worker in the midst of a job")
        return there[0]

    def _cut(self, host: Host) -> None:
        if self.network.is_real:
            self.network.sever(host)
        else:
            self.workers[host.name].send(signal.SIGSTOP)

    def _mend(self, host: Host) -> None:
        if self.network.is_real:
            self.network.rejoin(host)
        else:
            self.workers[host.name].send(signal.SIGCONT)

    def _works_again(self, host: Host) -> bool:
        assert self.workers[host.name].alive, self.workers[host.name].log_tail()
        merchant = Merchant(self.fleet)
        job = merchant.order(seed=11)
        ended([job])
        return host.name in hosts_of([job], self.fleet)

    def _state(self, job: Job) -> tuple[object, set[object]]:
        pictures = set(Artifact.objects.filter(job=job).values_list("pk", flat=True))
        return Job.objects.values().get(pk=job.pk), pictures
