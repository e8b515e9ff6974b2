#!/bin/sh
# Installs the Debian packages that Weir needs to be built, tested, shown and measured, and nothing else.
# Asks no question, may be run again at any time, and touches the network only when a package is missing.
set -eu

# What the build links, what the doors and the demo use, what the benchmarks compare with.
BUILD="libyaml-dev libre2-dev libcap-dev libc-ares-dev libssl-dev make gcc g++"
RUN="iptables iproute2 python3 python3-venv curl openssl"
BENCH="haproxy nginx-light wrk"
POLICY=/usr/sbin/policy-rc.d

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# WEIR_DEPS=build: only what a build needs, as in a container image.
WANTED="$BUILD $RUN $BENCH"
[ "${WEIR_DEPS:-all}" = build ] && WANTED="$BUILD"

missing=""
for package in $WANTED; do
    is_installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "deps: all packages are installed"
    exit 0
fi

# Only when something is missing does this need root: once everything is there, any user can build.
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1; then
        exec sudo sh "$0"
    fi
    echo "deps: missing:$missing; installing them needs root or sudo" >&2
    exit 1
fi

# haproxy and nginx come as services. A policy that forbids starting keeps them from running now; one that is already
# there (as in containers) is somebody else's and stays.
if [ ! -e "$POLICY" ]; then
    trap 'rm -f "$POLICY"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$POLICY"
    chmod 755 "$POLICY"
fi

echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq -o Acquire::Retries=3
# shellcheck disable=SC2086  # the list is meant to be split
apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 $missing >/dev/null

# ... and keeps them from running after the next boot, unless they were installed before and are thus wanted.
if command -v systemctl >/dev/null 2>&1; then
    for package in $missing; do
        case $package in
        haproxy) systemctl disable --quiet haproxy 2>/dev/null || true ;;
        nginx-light) systemctl disable --quiet nginx 2>/dev/null || true ;;
        esac
    done
fi
echo "deps: done"
