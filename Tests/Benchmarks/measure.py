"""What the kernel says about a process and the machine; all from /proc."""

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

TICK = 1.0 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class CPU:
    """Seconds a process spent, all its threads together; user as the kernel's tick accounting splits it."""
    total: float
    user: float

    def __sub__(self, earlier):
        return CPU(self.total - earlier.total, self.user - earlier.user)


def cpu(pid):
    ticks = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    user, system = int(ticks[11]) * TICK, int(ticks[12]) * TICK
    exact = scheduled(pid)
    return CPU(exact if exact is not None else user + system, user)


def scheduled(pid):
    """Run time in seconds to the nanosecond, where this kernel keeps it: the clock ticks are 10 ms."""
    try:
        tasks = [task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    except OSError:
        return None
    total = sum(int(text.split()[0]) for text in tasks if text.strip())
    return total / 1e9 if total else None


@dataclass(frozen=True)
class Memory:
    """Bytes resident, and the part that is neither file nor shared memory."""
    resident: int
    anonymous: int


def memory(pid):
    return Memory(*_status(pid, "VmRSS", "RssAnon"))


def peak(pid):
    """Bytes that were resident at most since the process began."""
    return _status(pid, "VmHWM")[0]


def _status(pid, *names):
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return [int(fields[name].split()[0]) * 1024 for name in names]


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def machine():
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown")
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cores": os.cpu_count(),
        "processor": model,
        "kernel": os.uname().release,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load": [round(value, 2) for value in os.getloadavg()],
    }
