"""Stands in for the command `regssl` of a rehearsal: runs it, and notes what the kernel says that it took.

    timed.py NOTES PROGRAM ARGUMENTS…

Snakemake's benchmark files look at a job every 30 s, and so miss short peaks of memory and the end of the work; rules
that run beside Snakemake itself have none. Here the kernel counts: wall and processor seconds, the largest resident
memory (mapped pages count), and MB that came from the disk and went there. Notes are lines of JSON, added one by one.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time

MEGABYTE, SECTOR = 1e6, 512
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    notes, program, *arguments = sys.argv[1:]
    started = time.time()
    pid = os.posix_spawn(program, [program, *arguments], os.environ)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, frame: os.kill(pid, received))
    _, status, used = os.wait4(pid, 0)
    note = {
        "arguments": arguments,
        "wall": round(time.time() - started, 2),
        "cpu": round(used.ru_utime + used.ru_stime, 2),
        "memory": used.ru_maxrss * RSS_UNIT / MEGABYTE,
        "read": used.ru_inblock * SECTOR / MEGABYTE,
        "written": used.ru_oublock * SECTOR / MEGABYTE,
        "code": (code := os.waitstatus_to_exitcode(status)),
    }
    file = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(file, (json.dumps(note) + "\n").encode())
    if code < 0:  # as it died
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
