"""A real SLURM of one node on this machine, for tests: its own munged, slurmctld and slurmd, stopped by their pids.

No systemd, cgroups, accounting or database; memory limits are therefore not enforced. GPUs are counted, not real: SLURM
wants a device file for each, and gets ones that nothing opens. Needs root, and what envs/install-slurm.sh installs.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol")
SYSTEM_CONF = Path("/etc/slurm/slurm.conf")
DEVICES = ("/dev/null", "/dev/zero")

CONF = """
ClusterName=regssl
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmdPort={slurmd_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
GresTypes=gpu
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ReturnToService=2
MinJobAge=86400
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:a100:{gpus} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=1-00:00:00 State=UP
PartitionName=gpu Nodes={host} MaxTime=1-00:00:00 State=UP
"""


class Cluster:
    """One node with `cpus`, `memory` MB (as promised to SLURM, whatever the machine has) and up to two counted GPUs."""

    def __init__(self, folder: Path, cpus: int = 2, memory: int = 64_000, gpus: int = 2) -> None:
        self.folder, self.host = folder, socket.gethostname().split(".")[0]
        for name in ("state", "spool"):
            (folder / name).mkdir(parents=True)
        folder.chmod(0o755)
        self.conf = folder / "slurm.conf"
        ctld_port, slurmd_port = _free_ports(2)
        self.conf.write_text(CONF.format(**locals(), host=self.host))
        devices = "".join(f"Name=gpu Type=a100 File={device}\n" for device in DEVICES[:gpus])
        (folder / "gres.conf").write_text(devices)
        (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SLURM_CONF": str(self.conf)}

    def start(self) -> None:
        """Start the three daemons and wait until the node takes jobs."""
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        options = {"key-file": key, "socket": self.folder / "munge.socket", "pid-file": self.folder / "munged.pid"}
        options |= {"log-file": self.folder / "munged.log", "seed-file": self.folder / "munged.seed"}
        # --force: munged otherwise refuses folders that others may write to, such as /tmp
        self._call("munged", "--force", *[f"--{name}={value}" for name, value in options.items()])
        # the plugin drops SLURM_CONF from a job's environment: srun inside a job finds the configuration here alone
        SYSTEM_CONF.parent.mkdir(exist_ok=True)
        SYSTEM_CONF.symlink_to(self.conf)
        self._call("slurmctld", "-f", str(self.conf))
        wait_for(lambda: "UP" in self.ask("scontrol", "ping"), "slurmctld answers")
        self._call("slurmd", "-f", str(self.conf), "-N", self.host)
        wait_for(lambda: self.ask("sinfo", "-h", "-o", "%T", "-p", "main").strip() == "idle", "the node is idle")

    def stop(self) -> None:
        """End the jobs and the daemons, these and no others."""
        if (self.folder / "slurmd.pid").exists():
            self.ask("scancel", "--user", "root")
            wait_for(lambda: not self.ask("squeue", "-h", "-t", "R,CG,PD", "-o", "%i").strip(), "jobs have ended", 15)
        for daemon in ("slurmd", "slurmctld", "munged"):
            _end(self.folder / f"{daemon}.pid")
        if SYSTEM_CONF.is_symlink() and SYSTEM_CONF.readlink() == self.conf:
            SYSTEM_CONF.unlink()

    def ask(self, *command: str) -> str:
        """Output of a SLURM command; empty if it fails."""
        return subprocess.run(command, capture_output=True, text=True, env=self.environment).stdout

    def jobs(self) -> list[dict[str, str]]:
        """All jobs since the start as `scontrol show job` describes them, oldest first."""
        records = self.ask("scontrol", "show", "job", "--oneliner").splitlines()
        found = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in records if line.startswith("JobId=")]
        return sorted(found, key=lambda job: int(job["JobId"]))

    def _call(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment)
        assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


def reason_to_skip() -> str:
    """Why no cluster can be started here; empty if it can."""
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        return f"no {', '.join(missing)}: `make test-slurm` installs them"
    if os.geteuid() != 0:
        return "a one-node SLURM is started as root"
    if SYSTEM_CONF.exists() or SYSTEM_CONF.is_symlink():
        return f"{SYSTEM_CONF} exists: this machine has a SLURM of its own, or another test runs"
    return ""


def wait_for(true: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Ask until the answer is yes."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s in vain until {what}"
        time.sleep(0.2)


def _end(pid_file: Path) -> None:
    try:
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return
    try:
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), f"{pid_file.stem} has ended", 10)
    except AssertionError:
        os.kill(pid, signal.SIGKILL)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
