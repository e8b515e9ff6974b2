"""What runs in the pods: applications, sidecars, the gateway. Starts them, waits for them, ends them by their ids."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import client
import manifests
import topology

HERE = Path(__file__).resolve().parent
STATE = Path("/run/weir-demo")
LOGS = STATE / "logs"
GATEWAY = "infra/public"
PARTNER_NAME = "rates.partner.test"
MESHED = ("ana", "meshed")

READY_SECONDS = 15
STOP_SECONDS = 5


class Cluster:
    def __init__(self, weir):
        self.weir = str(weir)
        self.folder = manifests.Folder(STATE / "manifests")
        self.started = []

    def start(self):
        """Everything up and answering, or an error that says what is not and where its log is."""
        LOGS.mkdir(parents=True)
        # The proxies run as another user and must be able to read the folder.
        STATE.chmod(0o755)
        self.folder.fill()
        topology.build()
        self._start_applications()
        self._start_proxies()
        self._wait_for_applications()
        self._wait_for_proxies()

    def run_weir(self, *arguments):
        """A command of Weir's on the demo's folder, to its end."""
        command = [self.weir, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30)

    def _start_applications(self):
        for pod in topology.PODS.values():
            for name, port in pod.apps:
                self._spawn(pod, name, [sys.executable, str(HERE / "backends.py"), name, pod.address, str(port)])
        partner = topology.PODS["partner"]
        self._spawn(partner, "nameserver",
                    [sys.executable, str(HERE / "nameserver.py"), partner.address, PARTNER_NAME, partner.address])

    def _start_proxies(self):
        source = ["--manifests", str(self.folder.path)]
        for name in MESHED:
            pod = topology.PODS[name]
            # As the init container of a pod would: first the redirection, then the proxy.
            topology.run_in(pod, [self.weir, "intercept", "install"])
            self._spawn(pod, f"{name}-sidecar",
                        [self.weir, "sidecar", "--pod", pod.pod, "--pod-ip", pod.address, *source])
        pod = topology.PODS["gateway"]
        self._spawn(pod, "gateway", [self.weir, "gateway", "--gateway", GATEWAY, *source])

    def _spawn(self, pod, name, command):
        with open(LOGS / f"{name}.log", "wb") as log:
            # A session of its own: Ctrl-C reaches the demo only, which then ends everything in order.
            process = subprocess.Popen(topology.command_in(pod, command), stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        self.started.append((name, process))

    def _wait_for_applications(self):
        for pod in topology.PODS.values():
            for name, port in pod.apps:
                self._wait(pod, name, f"http://{pod.address}:{port}/")

    def _wait_for_proxies(self):
        for name, log in [(name, f"{name}-sidecar") for name in MESHED] + [("gateway", "gateway")]:
            self._wait(topology.PODS[name], log, "http://127.0.0.1:15020/healthz/ready")

    def _wait(self, pod, name, url):
        last = client.Answer(0, 0)

        def answers():
            nonlocal last
            last = client.get(pod, url)
            return last.status == 200 or self._exited(name)

        client.until(answers, READY_SECONDS, pause=0.05)
        if last.status == 200:
            return
        code = self._exited(name)
        reason = f"ended with exit code {code[0]}" if code else f"said {last.status} {last.body!r} to {url}"
        raise RuntimeError(f"{name} in {pod.namespace} is not ready after {READY_SECONDS} s at most: it {reason}\n"
                           f"its log:\n{self.log(name)}")

    def _exited(self, name):
        """The exit code of what was started under that name, in a tuple; empty while it runs."""
        codes = [process.poll() for started, process in self.started if started == name]
        return tuple(code for code in codes if code is not None)

    @staticmethod
    def log(name, lines=30):
        try:
            return "\n".join((LOGS / f"{name}.log").read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return "(none)"


def remove():
    """Ends the demo's processes and removes its namespaces and files, whichever run made them."""
    _end(signal.SIGTERM)
    if not client.until(lambda: not _living(), STOP_SECONDS, pause=0.05)[0]:
        _end(signal.SIGKILL)
        client.until(lambda: not _living(), STOP_SECONDS, pause=0.05)
    topology.remove()
    shutil.rmtree(STATE, ignore_errors=True)


def _living():
    """Ids of all processes in the demo's namespaces that still run; what has ended but was not collected is not."""
    found = [process for space in topology.existing() for process in topology.processes(space)]
    return [process for process in found if not _is_zombie(process)]


def _is_zombie(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return True


def _end(with_signal):
    for process in _living():
        try:
            os.kill(process, with_signal)
        except ProcessLookupError:
            pass
