"""What TLS costs a request: one gateway, the same requests through its plain and its HTTPS listener."""

import base64
import shutil
import subprocess

import load
import manifests
import processes
import scenarios
import weir
import workspace
from targets import LOOPBACK, Target, Unavailable, item_path

SECRET = "certificate"


def run(options, notes):
    if "weir" not in options.peers:
        return None
    with scenarios.backend() as responder, scenarios.running(["weir"], notes, {"weir": lambda: start(responder)}) as proxies:
        if "weir" not in proxies:
            return None
        proxy = proxies["weir"]
        plain = proxy.target
        targets = {"plain": plain, "tls": Target(port=proxy.extra["https"], path=plain.path, scheme="https")}
        scenarios.say("HTTP and HTTPS, CPU per request")
        results = scenarios.interleave(targets, options.rounds, lambda target: load.wrk(
            target, proxy.pid, options.seconds, scenarios.CONNECTIONS))
    return {name: scenarios.summarise(rounds, results["plain"]) for name, rounds in results.items()}


def start(responder):
    weir.require()
    folder = workspace.fresh_folder(f"weir-https-{responder.target.port}")
    weir.write_gateway(folder, responder, scenarios.ROUTES)
    plain, secure = processes.free_port(), processes.free_port()
    listener = {"name": "https", "protocol": "HTTPS", "port": 80 + secure - plain, "tls": {"certificateRefs": [{"name": SECRET}]}}
    manifests.write(folder, "gateway", manifests.gateway(weir.NAMESPACE, weir.GATEWAY, more=[listener]))
    manifests.write(folder, "secret", [manifests.secret(weir.NAMESPACE, SECRET, *certificate(folder.parent))])
    proxy = weir.start_on(folder, item_path(scenarios.ROUTES), plain)
    proxy.extra["https"] = secure
    return proxy


def certificate(folder):
    """A self-signed certificate and its key on P-256, both PEM."""
    if not shutil.which("openssl"):
        raise Unavailable("openssl is not installed")
    paths = [folder / "https.crt", folder / "https.key"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", f"/CN={LOOPBACK}", "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return [base64.b64encode(path.read_bytes()).decode() for path in paths]
