"""The chart as Helm's own engine renders it."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml
from helm_python.chart import Chart, lint
from helm_python.errors import HelmError

DEPLOY = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(DEPLOY))
import render  # noqa: E402

# As `make tools` installs it.
OWN_KUBECTL = DEPLOY.parent / ".tools" / "bin" / "kubectl"
KUBECTL = os.environ.get("KUBECTL") or (str(OWN_KUBECTL) if OWN_KUBECTL.exists() else "kubectl")


def objects(values=None):
    return [
        document
        for text in render.manifests(values).values()
        for document in yaml.safe_load_all(text)
        if document
    ]


def find(found, kind, name=None):
    return [o for o in found if o["kind"] == kind and name in (None, o["metadata"]["name"])]


class Rendering(unittest.TestCase):
    def test_the_plain_manifests_are_what_the_chart_renders(self):
        self.assertEqual(render.OUTPUT.read_text(), render.document())

    def test_lint_finds_nothing(self):
        result = lint(str(render.CHART))
        messages = result.get("messages", []) if isinstance(result, dict) else getattr(result, "messages", [])
        bad = [m for m in messages if "ERROR" in str(m) or "WARNING" in str(m)]
        self.assertEqual(bad, [])

    def test_every_value_is_in_the_schema_and_unknown_ones_are_refused(self):
        with Chart.load(str(render.CHART)) as chart:
            chart.validate_schema({})
            for wrong in (
                {"contoller": {}},
                {"controller": {"replicas": 0}},
                {"injection": {"failurePolicy": "Maybe"}},
                {"image": {"repository": "weir", "digest": "x"}},
                {"gatewayClass": {"name": "Not Valid"}},
                {"backends": {"clusterNetworks": ["10.0.0.1"]}},
                {"backends": {"clusterNetworks": "10.0.0.0/8"}},
                {"backends": {"allowNetworks": ["example.com/8"]}},
                {"backends": {"namespaces": []}},
                {"backends": {"namespaces": ["*", "shop"]}},
                {"backends": {"namespace": ["shop"]}},
            ):
                with self.subTest(wrong), self.assertRaises(HelmError):
                    chart.validate_schema(wrong)

    def test_values_have_defaults_for_all_of_the_schema(self):
        schema = json.loads((render.CHART / "values.schema.json").read_text())
        values = yaml.safe_load((render.CHART / "values.yaml").read_text())

        def missing(node, value, path):
            node = schema["definitions"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node
            for name, child in node.get("properties", {}).items():
                if name in ("global", "requests", "limits", "name", "namespace") and path != "gatewayClass":
                    continue
                if path == "gatewayClass.parameters":
                    continue
                if not isinstance(value, dict) or name not in value:
                    yield f"{path}.{name}".lstrip(".")
                else:
                    yield from missing(child, value[name], f"{path}.{name}".lstrip("."))

        self.assertEqual(list(missing(schema, values, "")), [])


class Kustomization(unittest.TestCase):
    def test_the_image_stands_in_one_place(self):
        with tempfile.TemporaryDirectory() as folder:
            for file in render.OUTPUT.parent.iterdir():
                shutil.copy(file, folder)
            path = pathlib.Path(folder) / "kustomization.yaml"
            text = path.read_text()
            self.assertIn("newName: weir", text)
            path.write_text(text.replace("newName: weir", "newName: registry.example.com/weir"))
            built = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, text=True, check=True).stdout
        (deployment,) = find([o for o in yaml.safe_load_all(built) if o], "Deployment")
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        (given,) = [e["value"] for e in container["env"] if e["name"] == "WEIR_PROXY_IMAGE"]
        self.assertEqual(container["image"], given)
        self.assertRegex(given, r"^registry\.example\.com/weir:\d")

    def test_its_version_is_the_charts(self):
        kustomization = yaml.safe_load((render.OUTPUT.parent / "kustomization.yaml").read_text())
        chart = yaml.safe_load((render.CHART / "Chart.yaml").read_text())
        self.assertEqual([chart["appVersion"]], [image["newTag"] for image in kustomization["images"]])


class Contents(unittest.TestCase):
    def test_parts_can_be_left_out(self):
        cases = [
            ({"injection": {"enabled": False}}, "MutatingWebhookConfiguration"),
            ({"gatewayClass": {"create": False}}, "GatewayClass"),
            ({"networkPolicy": {"enabled": False}}, "NetworkPolicy"),
            ({"podDisruptionBudget": {"enabled": False}}, "PodDisruptionBudget"),
            ({"controller": {"replicas": 1}}, "PodDisruptionBudget"),
        ]
        for values, kind in cases:
            with self.subTest(kind):
                self.assertNotEqual(find(objects(), kind), [])
                self.assertEqual(find(objects(values), kind), [])

    def test_the_controllers_pods_pass_the_restricted_level(self):
        (deployment,) = find(objects(), "Deployment")
        pod = deployment["spec"]["template"]["spec"]
        self.assertTrue(pod["securityContext"]["runAsNonRoot"])
        self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
        for container in pod["containers"]:
            context = container["securityContext"]
            self.assertFalse(context["allowPrivilegeEscalation"])
            self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
        self.assertEqual(deployment["spec"]["template"]["metadata"]["labels"]["weir.dev/inject"], "disabled")

    def test_nothing_is_served_without_the_fan_out(self):
        def text(values):
            found = objects(values)
            return json.dumps(find(found, "Deployment") + find(found, "Service") + find(found, "NetworkPolicy"))

        self.assertNotIn("15012", text({"fanOut": {"enabled": False}}))
        served = objects({"fanOut": {"enabled": True}})
        (container,) = find(served, "Deployment")[0]["spec"]["template"]["spec"]["containers"]
        self.assertIn("--serve=0.0.0.0:15012", container["args"])
        self.assertIn("--fan-out", container["args"])
        self.assertIn("fan-out", [p["name"] for p in container["ports"]])
        (service,) = find(served, "Service")
        self.assertIn(15012, [p["port"] for p in service["spec"]["ports"]])
        self.assertEqual("ClientIP", service["spec"]["sessionAffinity"], "a replica's versions mean nothing to another")
        leaving = objects({"fanOut": {"enabled": True, "inject": False}})
        (container,) = find(leaving, "Deployment")[0]["spec"]["template"]["spec"]["containers"]
        self.assertIn("--serve=0.0.0.0:15012", container["args"])
        self.assertNotIn("--fan-out", container["args"])
        (policy,) = find(served, "NetworkPolicy")
        self.assertIn(15012, [p["port"] for rule in policy["spec"]["ingress"] for p in rule["ports"]])

    def test_each_port_can_be_kept_to_whom_it_is_for(self):
        (policy,) = find(objects(), "NetworkPolicy")
        self.assertEqual([15017, 15020], [r["ports"][0]["port"] for r in policy["spec"]["ingress"]])
        self.assertFalse(any("from" in rule for rule in policy["spec"]["ingress"]))
        node = {"ipBlock": {"cidr": "192.0.2.0/24"}}
        scraper = {"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}
        values = {"fanOut": {"enabled": True}, "networkPolicy": {"webhookFrom": [node], "metricsFrom": [scraper]}}
        (policy,) = find(objects(values), "NetworkPolicy")
        admitted = {r["ports"][0]["port"]: r.get("from") for r in policy["spec"]["ingress"]}
        self.assertEqual({15017: [node], 15012: None, 15020: [scraper]}, admitted)

    def test_pods_may_name_images_of_allowed_repositories_only(self):
        def args(values):
            (found,) = find(objects(values), "Deployment")
            return found["spec"]["template"]["spec"]["containers"][0]["args"]

        self.assertFalse([a for a in args({}) if "allowed" in a])
        allowed = {"injection": {"proxy": {"allowedImages": ["registry.example.com/weir", "weir"]}}}
        self.assertIn("--allowed-proxy-images=registry.example.com/weir,weir", args(allowed))

    def test_the_operator_says_where_backends_may_lead_and_whose_are_used(self):
        def flags(backends):
            controller = find(objects({"backends": backends} if backends else None), "Deployment", "weir-controller")[0]
            args = controller["spec"]["template"]["spec"]["containers"][0]["args"]
            return [a for a in args if "backend" in a or "cluster-networks" in a]

        self.assertEqual(flags(None), [])
        self.assertEqual(flags({"namespaces": ["*"], "clusterNetworks": []}), [])
        self.assertEqual(
            flags({
                "clusterNetworks": ["10.244.0.0/16", "fd00::/48"],
                "allowNetworks": ["127.0.0.0/8"],
                "namespaces": ["platform", "shop"],
            }),
            [
                "--cluster-networks=10.244.0.0/16,fd00::/48",
                "--allow-backend-networks=127.0.0.0/8",
                "--backend-namespaces=platform,shop",
            ],
        )

    def test_a_client_authority_is_mounted_and_demanded(self):
        def deployment(values):
            (found,) = find(objects(values), "Deployment")
            return found["spec"]["template"]["spec"]

        self.assertNotIn("webhook-client-ca", json.dumps(deployment({})))
        pod = deployment({"injection": {"clientCA": "api-server-ca"}})
        (container,) = pod["containers"]
        (mount,) = container["volumeMounts"]
        self.assertIn(f"--webhook-client-ca={mount['mountPath']}/ca.crt", container["args"])
        self.assertEqual([{"name": mount["name"], "configMap": {"name": "api-server-ca"}}], pod["volumes"])

    def test_proxies_may_read_no_secret_and_write_nothing(self):
        (role,) = find(objects(), "ClusterRole", "weir-proxy")
        for rule in role["rules"]:
            self.assertEqual(rule["verbs"], ["get", "list", "watch"])
            self.assertNotIn("secrets", rule["resources"])
            self.assertNotIn("pods", rule["resources"])
            self.assertNotIn("*", rule["resources"] + rule["apiGroups"])

    def test_nobody_is_bound_to_the_proxies_role_but_by_the_controller(self):
        found = objects()
        (binding,) = find(found, "ClusterRoleBinding", "weir-proxy")
        self.assertNotIn("subjects", binding, "an upgrade must leave what the controller has written")
        (role,) = find(found, "ClusterRole", "weir-controller")
        rights = [r for r in role["rules"] if "weir-proxy" in r.get("resourceNames", [])]
        self.assertEqual({"get", "patch", "bind"}, {v for r in rights for v in r["verbs"]})
        for rule in role["rules"]:
            if "clusterrolebindings" in rule["resources"]:
                self.assertEqual(["weir-proxy"], rule.get("resourceNames"))
        more = objects({"injection": {"proxy": {"namespaces": ["jobs", "tools"]}}})
        (binding,) = find(more, "ClusterRoleBinding", "weir-proxy-more")
        groups = ["system:serviceaccounts:jobs", "system:serviceaccounts:tools"]
        self.assertEqual(groups, [s["name"] for s in binding["subjects"]])
        everybody = [
            s for o in found if o["kind"].endswith("Binding") for s in o.get("subjects", []) if s["name"] in ("system:serviceaccounts", "system:authenticated")
        ]
        self.assertEqual([], everybody)

    def test_no_role_grants_everything(self):
        for kind in ("ClusterRole", "Role"):
            for role in find(objects(), kind):
                for rule in role["rules"]:
                    self.assertNotIn("*", rule["resources"] + rule["verbs"] + rule["apiGroups"], role["metadata"]["name"])

    def test_the_controller_writes_no_spec_of_users(self):
        (role,) = find(objects(), "ClusterRole", "weir-controller")
        writes = {"create", "update", "patch", "delete"}
        for rule in role["rules"]:
            if "gateway.networking.k8s.io" in rule["apiGroups"] and writes & set(rule["verbs"]):
                for resource in rule["resources"]:
                    # A class's finalizers can be written at the class alone.
                    if (resource, rule["verbs"]) != ("gatewayclasses", ["patch"]):
                        self.assertIn("/", resource)

    def test_a_pod_is_asked_about_by_one_webhook_at_most(self):
        (configuration,) = find(objects(), "MutatingWebhookConfiguration")
        by_namespace, by_pod, _ = configuration["webhooks"]

        def selects(selector, labels):
            for e in selector["matchExpressions"]:
                inside = labels.get(e["key"]) in e["values"]
                if inside != (e["operator"] == "In"):
                    return False
            return True

        for namespace in (None, "enabled", "disabled"):
            for pod in (None, "enabled", "disabled"):
                n = {"kubernetes.io/metadata.name": "shop"} | ({"weir.dev/inject": namespace} if namespace else {})
                p = {"weir.dev/inject": pod} if pod else {}
                asked = [
                    w["name"]
                    for w in (by_namespace, by_pod)
                    if selects(w["namespaceSelector"], n) and selects(w["objectSelector"], p)
                ]
                wanted = pod == "enabled" or (namespace == "enabled" and pod is None)
                self.assertEqual(len(asked), 1 if wanted else 0, (namespace, pod, asked))
        self.assertFalse(selects(by_namespace["namespaceSelector"], {"kubernetes.io/metadata.name": "weir-system", "weir.dev/inject": "enabled"}))

    def test_updates_of_injected_pods_are_looked_at_and_never_held_up(self):
        (configuration,) = find(objects(), "MutatingWebhookConfiguration")
        (webhook,) = [w for w in configuration["webhooks"] if w["rules"][0]["operations"] == ["UPDATE"]]
        self.assertEqual("Ignore", webhook["failurePolicy"])
        self.assertEqual({"matchLabels": {"weir.dev/proxy": "sidecar"}}, webhook["objectSelector"])
        self.assertEqual(["pods"], webhook["rules"][0]["resources"])

    def test_an_upgrade_leaves_the_ca_bundle_alone(self):
        (configuration,) = find(objects(), "MutatingWebhookConfiguration")
        for webhook in configuration["webhooks"]:
            self.assertNotIn("caBundle", webhook["clientConfig"])

    def test_dashboard_and_rules_ask_for_metrics_that_exist(self):
        known = (DEPLOY.parent / "docs" / "metrics.md").read_text()
        texts = [(render.CHART / "files" / name).read_text() for name in ("dashboard.json", "rules.yaml")]
        import re

        for name in set(re.findall(r"weir_[a-z_]+", " ".join(texts))):
            base = re.sub(r"_(bucket|count|sum)$", "", name)
            self.assertIn(base, known)

    def test_the_alert_for_no_leader_also_fires_when_no_controller_has_metrics(self):
        rules = yaml.safe_load((render.CHART / "files" / "rules.yaml").read_text())
        (alert,) = [r for g in rules["groups"] for r in g["rules"] if r.get("alert") == "WeirNoLeader"]
        self.assertIn("absent(weir_controller_leader)", alert["expr"])

    def test_monitoring_objects_render(self):
        values = {"monitoring": {"podMonitor": True, "rules": True, "dashboard": True}}
        found = objects(values)
        (rules,) = find(found, "PrometheusRule")
        self.assertTrue(rules["spec"]["groups"])
        (dashboard,) = find(found, "ConfigMap", "weir-dashboard")
        json.loads(dashboard["data"]["weir.json"])
        (monitor,) = find(found, "PodMonitor")
        (deployment,) = find(found, "Deployment")
        for expression in monitor["spec"]["selector"]["matchExpressions"]:
            self.assertIn(expression["key"], deployment["spec"]["template"]["metadata"]["labels"])


class Examples(unittest.TestCase):
    def test_roles_and_examples_parse(self):
        for path in sorted(DEPLOY.glob("roles/*.yaml")) + sorted(DEPLOY.glob("examples/*/*.yaml")):
            with self.subTest(path.name):
                for document in yaml.safe_load_all(path.read_text()):
                    self.assertIn("kind", document)

    def test_chihiro_writes_configmaps_in_bound_namespaces_only(self):
        documents = list(yaml.safe_load_all((DEPLOY / "roles" / "chihiro.yaml").read_text()))
        writes = {"create", "update", "patch", "delete"}
        roles = {
            o["metadata"]["name"]
            for o in documents
            if o["kind"] == "ClusterRole"
            for rule in o["rules"]
            if "configmaps" in rule["resources"] and writes & set(rule["verbs"])
        }
        bound = {o["roleRef"]["name"]: o["kind"] for o in documents if o["kind"].endswith("Binding")}
        self.assertTrue(roles)
        self.assertEqual({bound[name] for name in roles}, {"RoleBinding"})


if __name__ == "__main__":
    unittest.main()
