"""What the demo shows: requests, what is expected of each, what was seen."""

import client
import topology

LIVE_SECONDS = 1.0
# A change that does not show within this time counts as never.
GIVE_UP_SECONDS = 5.0
# Ana's route says 500 ms; the rest is curl, starting it, and a busy machine.
CUT_SECONDS = 1.5

CALLERS = {"meshed": "meshed pod", "unmeshed": "unmeshed pod", "gateway": "internet"}
API = "http://api.example.test"
CANARY_REQUESTS, CANARY_SHARE = 200, range(10, 81)


class Checks:
    def __init__(self, cluster, table):
        self.cluster = cluster
        self.folder = cluster.folder
        self.table = table

    def run(self):
        self.workload()
        self.gateway()
        self.mistakes()
        self.new_child()
        self.canary()
        self.explain()

    def workload(self):
        self.table.section("1. Ana's Service `catalog` is guarded by its HTTPRoute, whoever calls (deploy/examples/workload)")
        for caller in ("meshed", "unmeshed"):
            self.served(caller, "http://catalog.shop/products/7", "catalog")
            self.refused(caller, "http://catalog.shop/admin", 404)
            self.served(caller, "http://catalog.shop/reports/today", "catalog")
            self.cut_off(caller, "http://catalog.shop/reports/slow")
        # By the pod's address, with a Host that names nothing: closed all the same.
        self.refused("unmeshed", f"http://{topology.PODS['ana'].address}:8080/admin", 404)
        self.served("gateway", API + "/shop/products/7", "catalog", path="/products/7")
        self.refused("gateway", API + "/shop/admin", 404)

    def gateway(self):
        self.table.section("2. Three teams share one gateway (deploy/examples/three-teams, both-doors, external-backend)")
        self.served("gateway", API + "/banking/accounts", "banking")
        self.served("gateway", API + "/insurance/quotes/car", "insurance", header="x-team: insurance")
        self.served("gateway", API + "/payments/charge", "payments")
        self.refused("gateway", API + "/nobody", 404)
        self.served("gateway", API + "/search/weir", "search")
        self.served("meshed", "http://search.search/search/weir", "search")
        self.refused("meshed", "http://search.search/index", 404)
        self.served("gateway", API + "/rates/by-address/eur", "partner")
        # The first request may come before the name server's first answer.
        client.until(lambda: self.ask("gateway", API + "/rates/by-name/eur").status == 200, GIVE_UP_SECONDS)
        self.served("gateway", API + "/rates/by-name/eur", "partner", host="rates.partner.test")

    def mistakes(self):
        file = "three-teams/payments.yaml"
        self.table.section("3. A mistake of the payments team hurts the payments team alone")
        self.mistake("unknown backend", file, "backendRefs:\n        - name: charge",
                     "backendRefs:\n        - name: chrage")
        self.mistake("bad regex", file, "(/[0-9]+)?", "(/[0-9+?")
        self.mistake("no such child", file, "delegation.kgateway.dev/label: payments",
                     "delegation.kgateway.dev/label: payment")

    def mistake(self, what, file, old, new):
        self.folder.edit(file, old, new)
        self.becomes(what + ":", API + "/payments/charge", 500)
        self.served("gateway", API + "/banking/accounts", "banking")
        self.reported("payments")
        self.folder.restore(file)
        self.becomes("repaired:", API + "/payments/charge", 200)

    def new_child(self):
        self.table.section("4. Another team joins /payments by a label; nobody edits the platform's route")
        self.refused("gateway", API + "/payments/transfer", 404)
        self.folder.write("transfer.yaml", NEW_CHILD)
        self.becomes("file added:", API + "/payments/transfer", 200)
        self.served("gateway", API + "/payments/transfer", "banking")
        self.served("gateway", API + "/payments/charge", "payments")
        self.folder.delete("transfer.yaml")
        self.becomes("file removed:", API + "/payments/transfer", 404)

    def canary(self):
        self.table.section("5. A fifth of the callers meet version 2 (deploy/examples/canary)")
        answers = client.get_many(topology.PODS["meshed"], "http://offers.offers/", CANARY_REQUESTS)
        first, second = answers.count("offers-v1"), answers.count("offers-v2")
        self.table.line(CALLERS["meshed"], f"{CANARY_REQUESTS} x GET http://offers.offers/",
                        f"all answered, v2 {CANARY_SHARE[0]} to {CANARY_SHARE[-1]} times", f"v1 {first}, v2 {second}",
                        first + second == CANARY_REQUESTS and second in CANARY_SHARE)

    def explain(self):
        self.table.section("6. Weir says why")
        source = ("--manifests", str(self.folder.path))
        done = self.cluster.run_weir("check", *source)
        self.table.line("you", "weir check", "exit 0", f"exit {done.returncode}: {last_line(done)}", done.returncode == 0)
        done = self.cluster.run_weir("explain", *source, "--gateway", "infra/public", "GET", API + "/payments/charge")
        self.table.line("you", "weir explain ... GET /payments/charge", "exit 0, names payments/charge",
                        f"exit {done.returncode}", done.returncode == 0 and "payments/charge" in done.stdout)
        self.table.note("")
        for line in (done.stdout or done.stderr).splitlines():
            self.table.note("  " + line)

    # One kind of line each.

    def served(self, caller, url, app, path=None, host=None, header=None):
        """200 by that application; if told, it saw this path or Host, or the response carries this header."""
        answer = self.ask(caller, url)
        expected, seen = f"200 by {app}", describe(answer)
        good = answer.status == 200 and answer.app == app
        for name, value in (("path", path), ("host", host)):
            if value is not None:
                expected += f", {name} {value}"
                seen += f", {name} {answer.document.get(name) or '?'}"
                good = good and answer.document.get(name) == value
        if header is not None:
            present = header in answer.headers.split("\n")
            expected += f", {header}"
            seen += f", {header}" if present else f", no {header}"
            good = good and present
        self.table.line(CALLERS[caller], request(url), expected, seen, good)

    def refused(self, caller, url, status):
        """That status, made by Weir itself."""
        answer = self.ask(caller, url)
        self.table.line(CALLERS[caller], request(url), f"{status} by weir", describe(answer),
                        answer.status == status and answer.server == "weir")

    def cut_off(self, caller, url):
        """504 at the route's timeout, not when the application is done."""
        answer = self.ask(caller, url)
        self.table.line(CALLERS[caller], request(url), "504 by weir after 0.5 s", describe(answer, clock=True),
                        answer.status == 504 and answer.server == "weir" and 0.4 < answer.seconds < CUT_SECONDS)

    def becomes(self, what, url, status):
        """The status changes to this one soon enough after a change of the folder."""
        answer = None

        def changed():
            nonlocal answer
            answer = self.ask("gateway", url)
            return answer.status == status

        good, seconds = client.until(changed, GIVE_UP_SECONDS)
        self.table.line(CALLERS["gateway"], f"{what} GET {url.removeprefix(API)}", f"{status} within {LIVE_SECONDS:.0f} s",
                        f"{answer.status} after {seconds:.2f} s", good and seconds <= LIVE_SECONDS)

    def reported(self, words):
        """`weir check` fails and its errors name the culprit."""
        done = self.cluster.run_weir("check", "--manifests", str(self.folder.path))
        errors = [line for line in done.stdout.splitlines() if line.startswith("error") and words in line]
        seen = f"exit {done.returncode}, " + (f"names {words}" if errors else last_line(done))
        self.table.line("you", "weir check", f"exit 1, names {words}", seen, done.returncode == 1 and bool(errors))
        for line in errors:
            self.table.note("              " + line)

    @staticmethod
    def ask(caller, url):
        return client.get(topology.PODS[caller], url)


def request(url):
    return "GET " + url.removeprefix("http://")


def describe(answer, clock=False):
    """Who answered what; why, when it was nobody that could be expected."""
    if answer.status == 0:
        return "no response"
    text = f"{answer.status} by {answer.app or answer.server or 'nobody known'}"
    if clock:
        text += f" after {answer.seconds:.1f} s"
    return text


def last_line(done):
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[-1] if lines else "no output"


NEW_CHILD = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: transfer
  namespace: banking
  labels:
    delegation.kgateway.dev/label: payments
spec:
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: /payments/transfer
      backendRefs:
        - name: accounts
          port: 80
"""
