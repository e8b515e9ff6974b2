"""Renders the chart with Helm's own engine to deploy/kubernetes/weir.yaml, for those who do not use Helm.

    python3 deploy/render.py            writes the file
    python3 deploy/render.py --check    exits 1 when the file is not what the chart renders
"""

import pathlib
import sys

from helm_python.chart import Chart

DEPLOY = pathlib.Path(__file__).resolve().parent
CHART = DEPLOY / "helm" / "weir"
OUTPUT = DEPLOY / "kubernetes" / "weir.yaml"
NAMESPACE = "weir-system"

PREAMBLE = f"""# Rendered from deploy/helm/weir with its default values by deploy/render.py; edit the chart, not this file.
#   kubectl apply --server-side -f weir.yaml
apiVersion: v1
kind: Namespace
metadata:
  name: {NAMESPACE}
"""


def manifests(values=None):
    """The chart's manifests by template, without notes and empty files."""
    with Chart.load(str(CHART)) as chart:
        rendered = chart.render(values or {}, name="weir", namespace=NAMESPACE)
    return {
        path: text.strip("\n")
        for path, text in sorted(rendered.items())
        if path.endswith(".yaml") and text.strip().strip("-").strip()
    }


def document():
    # Who deploys without Helm is not managed by it.
    parts = [text.replace("managed-by: Helm", "managed-by: kubectl") for text in manifests().values()]
    return PREAMBLE + "".join("---\n" + part.removeprefix("---\n") + "\n" for part in parts)


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        if OUTPUT.read_text() != document():
            sys.exit("deploy/kubernetes/weir.yaml is not what the chart renders; run python3 deploy/render.py")
    else:
        OUTPUT.parent.mkdir(exist_ok=True)
        OUTPUT.write_text(document())
