"""The examples for a cluster, applied as their heads say, in the eyes of `weir check` and `weir explain`."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import yaml

DEPLOY = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(DEPLOY))
import render  # noqa: E402

EXAMPLES = DEPLOY / "examples"
QUICKSTART = "quickstart"
ROUTE = ("HTTPRoute", "shop", "catalog")
# What each example takes over of the quickstart; a new example has to be named here.
REPLACES = {"canary": {ROUTE}, "timeouts": {ROUTE}, "three-teams": set(), "external-backend": set()}
# `make test` names the first.
BINARY = os.environ.get("WEIR_BINARY") or str(DEPLOY.parent / ".build" / "release" / "weir")


def documents(name):
    text = (EXAMPLES / "kubernetes" / f"{name}.yaml").read_text()
    return [document for document in yaml.safe_load_all(text) if document]


def key(document):
    return document["kind"], document["metadata"].get("namespace"), document["metadata"]["name"]


def pods(document):
    """The template of a workload's pods, or nothing."""
    return document["spec"]["template"] if document["kind"] == "Deployment" else None


class World:
    """A cluster with Weir's class, after `kubectl apply` of some examples, with the endpoints that its workloads give it."""

    def __init__(self, *names):
        classes = [
            document
            for text in render.manifests().values()
            for document in yaml.safe_load_all(text)
            if document and document["kind"] == "GatewayClass"
        ]
        # An object of the same name is changed in place, its lists replaced.
        applied = {key(document): document for document in classes}
        for name in names:
            applied |= {key(document): document for document in documents(name)}
        self.objects = applied
        self.folder = tempfile.TemporaryDirectory()
        written = list(applied.values())
        services = [document for document in written if document["kind"] == "Service"]
        for number, service in enumerate(services, 1):
            written += [self.placed(service, number), self.slice(service, number)]
        written = [document for document in written if document not in services]
        (pathlib.Path(self.folder.name) / "cluster.yaml").write_text(yaml.safe_dump_all(written))

    def placed(self, service, number):
        return service | {"spec": service["spec"] | {"clusterIP": f"10.96.1.{number}"}}

    def slice(self, service, number):
        """The endpoints of the pods that the Service selects: none, when no workload has its labels or its port."""
        namespace = service["metadata"]["namespace"]
        wanted = service["spec"]["selector"].items()
        selected = [
            document
            for document in self.objects.values()
            if pods(document)
            and document["metadata"]["namespace"] == namespace
            and wanted <= pods(document)["metadata"]["labels"].items()
        ]
        (port,) = service["spec"]["ports"]
        ports = [
            {"name": port["name"], "port": number_of(port["targetPort"], container)}
            for document in selected
            for container in pods(document)["spec"]["containers"]
        ]
        replicas = sum(document["spec"].get("replicas", 1) for document in selected)
        return {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{service['metadata']['name']}-1",
                "namespace": namespace,
                "labels": {"kubernetes.io/service-name": service["metadata"]["name"]},
            },
            "addressType": "IPv4",
            "ports": ports[:1],
            "endpoints": [{"addresses": [f"10.77.{number}.{pod + 1}"]} for pod in range(replicas)],
        }

    def weir(self, *words):
        command = [BINARY, *words, "--manifests", self.folder.name, "--output", "json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if not done.stdout:
            raise AssertionError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def problems(self):
        return self.weir("check")["problems"]

    def service(self, name, path):
        return answer(self.weir("explain", "--service", f"{name}:80", "GET", path))

    def gateway(self, name, path, host="198.51.100.7"):
        return answer(self.weir("explain", "--gateway", name, "GET", f"http://{host}{path}"))


def number_of(port, container):
    if isinstance(port, int):
        return port
    (number,) = [p["containerPort"] for p in container.get("ports", []) if p["name"] == port]
    return number


def answer(explained):
    """What of an explanation an example promises: the status, or the shares that have endpoints, and the time."""
    if not explained["backends"]:
        return explained["status"]
    shares = {
        share["backend"]: share["percent"] if share["outcome"] == "forwarded" else share["reason"]
        for share in explained["backends"]
    }
    return shares, explained["rule"]["timeouts"]["request"]


CATALOG, NEXT = "Service shop/catalog:80", "Service shop/catalog-next:80"


class Case(unittest.TestCase):
    def world(self, *names):
        world = World(*names)
        self.addCleanup(world.folder.cleanup)
        return world


class EveryExample(Case):
    def test_each_is_known_here(self):
        names = {file.stem for file in (EXAMPLES / "kubernetes").iterdir()}
        self.assertEqual(names, {QUICKSTART, *REPLACES})

    def test_no_problem_is_found_in_any_folder(self):
        for folder in sorted(EXAMPLES.iterdir()):
            if folder.is_dir() and folder.name != "kubernetes":
                with self.subTest(folder.name):
                    done = subprocess.run([BINARY, "check", "--manifests", folder], capture_output=True, text=True, timeout=60)
                    self.assertEqual(done.stdout, "0 errors, 0 warnings\n", done.stderr)

    def test_no_problem_is_found_after_the_quickstart(self):
        for name in REPLACES:
            with self.subTest(name):
                self.assertEqual(self.world(QUICKSTART, name).problems(), [])

    def test_each_takes_over_what_it_says_and_nothing_else(self):
        quickstart = {key(document) for document in documents(QUICKSTART)}
        for name, replaced in REPLACES.items():
            with self.subTest(name):
                self.assertEqual(quickstart & {key(document) for document in documents(name)}, replaced)

    def test_a_route_that_is_taken_over_keeps_its_doors(self):
        (before,) = [document for document in documents(QUICKSTART) if key(document) == ROUTE]
        for name, replaced in REPLACES.items():
            for document in documents(name):
                if key(document) in replaced:
                    self.assertEqual(document["spec"]["parentRefs"], before["spec"]["parentRefs"], name)

    def test_the_guard_of_the_quickstart_stays(self):
        for name in REPLACES:
            world = self.world(QUICKSTART, name)
            for path in ("/", "/admin", "/hello", "/productsx"):
                with self.subTest(name, path=path):
                    self.assertEqual(world.service("shop/catalog", path), 404)
                    self.assertEqual(world.gateway("shop/public", path), 404)

    def test_an_example_that_takes_nothing_over_leaves_products_alone(self):
        before = self.world(QUICKSTART)
        for name in (name for name, replaced in REPLACES.items() if not replaced):
            after = self.world(QUICKSTART, name)
            with self.subTest(name):
                for path in ("/products/7", "/reports/today"):
                    self.assertEqual(after.service("shop/catalog", path), before.service("shop/catalog", path))
                    self.assertEqual(after.gateway("shop/public", path), before.gateway("shop/public", path))

    def test_every_namespace_is_brought(self):
        brought = {document["metadata"]["name"] for document in documents(QUICKSTART) if document["kind"] == "Namespace"}
        for name in REPLACES:
            own = {document["metadata"]["name"] for document in documents(name) if document["kind"] == "Namespace"}
            for document in documents(name):
                if document["kind"] != "Namespace":
                    self.assertIn(document["metadata"]["namespace"], brought | own, name)

    def test_there_is_one_image_to_pull(self):
        images = {
            container["image"]
            for name in (QUICKSTART, *REPLACES)
            for document in documents(name)
            if pods(document)
            for container in pods(document)["spec"]["containers"]
        }
        self.assertEqual(len(images), 1, images)


class EachExample(Case):
    def test_the_quickstart_lets_products_in_at_both_doors(self):
        world = self.world(QUICKSTART)
        self.assertEqual(world.problems(), [])
        products = {CATALOG: "100%"}, "2s"
        self.assertEqual(world.service("shop/catalog", "/products/7"), products)
        self.assertEqual(world.gateway("shop/public", "/products/7"), products)

    def test_the_canary_gets_a_tenth_of_the_products_at_both_doors(self):
        world = self.world(QUICKSTART, "canary")
        shared = {CATALOG: "90%", NEXT: "10%"}, "2s"
        self.assertEqual(world.service("shop/catalog", "/products/7"), shared)
        self.assertEqual(world.gateway("shop/public", "/products/7"), shared)

    def test_the_canary_is_guarded_under_its_own_name(self):
        world = self.world(QUICKSTART, "canary")
        self.assertEqual(world.service("shop/catalog-next", "/products/7"), ({NEXT: "100%"}, "2s"))
        self.assertEqual(world.service("shop/catalog-next", "/admin"), 404)

    def test_the_canarys_label_is_on_all_but_the_route_it_takes_over(self):
        unlabelled = {
            key(document)
            for document in documents("canary")
            if document["metadata"].get("labels", {}).get("app") != "catalog-next"
        }
        self.assertEqual(unlabelled, {ROUTE})

    def test_the_timeouts_are_those_of_the_example_at_both_doors(self):
        world = self.world(QUICKSTART, "timeouts")
        for path, time in (("/products/7", "500ms"), ("/reports/today", "10s")):
            self.assertEqual(world.service("shop/catalog", path), ({CATALOG: "100%"}, time))
            self.assertEqual(world.gateway("shop/public", path), ({CATALOG: "100%"}, time))

    def test_no_try_ends_before_the_time_of_its_request(self):
        # There are no retries: a shorter time of one try would be the time of the request.
        (route,) = [document for document in documents("timeouts") if key(document) == ROUTE]
        for rule in route["spec"]["rules"]:
            self.assertEqual(list(rule["timeouts"]), ["request"])

    def test_the_outside_host_has_a_path_of_its_own(self):
        world = self.world(QUICKSTART, "external-backend")
        explained = world.weir("explain", "--gateway", "shop/public", "GET", "http://198.51.100.7/outside")
        (share,) = explained["backends"]
        self.assertEqual(
            (share["backend"], share["outcome"], share["host"], share["target"], explained["rule"]["timeouts"]["request"]),
            ("Backend shop/outside", "forwarded", "example.com", "/", "3s"),
        )
        self.assertEqual(world.service("shop/catalog", "/outside"), 404)

    def test_the_teams_have_their_prefixes_with_the_quickstart_or_without(self):
        for names in (["three-teams"], [QUICKSTART, "three-teams"]):
            world = self.world(*names)
            with self.subTest(names):
                self.assertEqual(world.problems(), [])
                for path, expected in (
                    ("/banking/accounts", ({"Service banking/accounts:80": "100%"}, None)),
                    ("/insurance/quotes", ({"Service insurance/quotes:80": "100%"}, "1s")),
                    ("/banking/cards", 404),
                    ("/products/7", 404),
                ):
                    self.assertEqual(world.gateway("infra/public", path, "api.example.test"), expected, path)
                self.assertEqual(world.gateway("infra/public", "/banking/accounts", "other.example.test"), 404)


if __name__ == "__main__":
    unittest.main()
