"""The proxies Weir is compared with, each with one worker, keep-alive on both sides, prefix routes, timeouts on and
access logs off, and capacity for the same number of connections."""

import json
import shutil

import processes
import workspace
from targets import BACKEND_CORE, BODY_BYTES, LOOPBACK, PROXY_CORE, Proxy, Target, Unavailable, item_path, route_prefix

CAPACITY = 12_000  # connections: 10,000 idle ones must not press nginx into recycling (it starts at 15 sixteenths)
KEPT_UPSTREAM = 1024


def start_backend(name="a", host=LOOPBACK, port=None, prefix=()):
    """The responder every proxy forwards to, on the load generator's core."""
    port = port or processes.free_port()
    folder = workspace.fresh_folder(f"responder-{name}-{port}")
    process = processes.Process(f"responder {name}", [workspace.native("responder"), host, port, name, BODY_BYTES],
                                BACKEND_CORE, folder / "log", prefix)
    process.await_listening(port)
    return Proxy(f"responder {name}", process, Target(port=port, host=host, prefix=prefix))


def _launch(name, command, folder, port, routes):
    process = processes.Process(name, command, PROXY_CORE, folder / "log")
    try:
        process.await_listening(port)
    except BaseException:
        process.stop()
        raise
    return Proxy(name, process, Target(port=port, path=item_path(routes)))


def start_floor(backend, routes):
    port = processes.free_port()
    folder = workspace.fresh_folder(f"floor-{port}")
    return _launch("floor", [workspace.native("floor"), LOOPBACK, port, LOOPBACK, backend.target.port], folder, port, routes)


def start_haproxy(backend, routes):
    program = shutil.which("haproxy")
    if not program:
        raise Unavailable("haproxy is not installed (Debian package haproxy)")
    port = processes.free_port()
    folder = workspace.fresh_folder(f"haproxy-{port}")
    (folder / "routes.map").write_text("".join(f"{route_prefix(i)}/ backend\n" for i in range(routes)))
    (folder / "haproxy.cfg").write_text(f"""
global
    nbthread 1
    maxconn {CAPACITY}
    no strict-limits
defaults
    mode http
    timeout connect 2s
    timeout client 1h
    timeout server 15s
    timeout http-request 10s
    timeout http-keep-alive 1h
    http-reuse always
    option forwardfor
frontend bench
    bind {LOOPBACK}:{port}
    maxconn {CAPACITY}
    use_backend %[path,map_beg({folder}/routes.map,nowhere)]
backend nowhere
    http-request deny deny_status 404
backend backend
    server one {LOOPBACK}:{backend.target.port} pool-max-conn {KEPT_UPSTREAM}
""")
    return _launch("haproxy", [program, "-db", "-f", folder / "haproxy.cfg"], folder, port, routes)


def start_nginx(backend, routes):
    program = shutil.which("nginx")
    if not program:
        raise Unavailable("nginx is not installed (Debian package nginx-light)")
    port = processes.free_port()
    folder = workspace.fresh_folder(f"nginx-{port}")
    locations = "".join(f"        location {route_prefix(i)}/ {{ proxy_pass http://backend; }}\n" for i in range(routes))
    temporary = "".join(f"    {kind}_temp_path {folder}/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr crit;
events {{ worker_connections {CAPACITY}; multi_accept on; }}
http {{
    access_log off;
{temporary}    keepalive_timeout 1h;
    keepalive_requests 1000000000;
    client_header_timeout 10s;
    proxy_connect_timeout 2s;
    proxy_read_timeout 15s;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    upstream backend {{
        server {LOOPBACK}:{backend.target.port};
        keepalive {KEPT_UPSTREAM};
        keepalive_requests 1000000000;
        keepalive_timeout 1h;
    }}
    server {{
        listen {LOOPBACK}:{port} backlog=4096;
        tcp_nodelay on;
        location / {{ return 404; }}
{locations}    }}
}}
""")
    return _launch("nginx", [program, "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"], folder, port, routes)


def _envoy_configuration(port, backend_port, routes):
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bench",
        "use_remote_address": True,
        "generate_request_id": False,
        "common_http_protocol_options": {"idle_timeout": "3600s"},
        "request_headers_timeout": "10s",
        "stream_idle_timeout": "60s",
        "route_config": {"name": "bench", "virtual_hosts": [{
            "name": "bench", "domains": ["*"],
            "routes": [{"match": {"prefix": f"{route_prefix(i)}/"}, "route": {"cluster": "backend", "timeout": "15s"}}
                       for i in range(routes)]}]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}],
    }
    address = lambda to: {"socket_address": {"address": LOOPBACK, "port_value": to}}
    return {"static_resources": {
        "listeners": [{"name": "bench", "address": address(port), "filter_chains": [{"filters": [{
            "name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}]}],
        "clusters": [{
            "name": "backend", "type": "STATIC", "connect_timeout": "2s",
            "circuit_breakers": {"thresholds": [{"max_connections": CAPACITY, "max_pending_requests": CAPACITY,
                                                 "max_requests": CAPACITY}]},
            "load_assignment": {"cluster_name": "backend", "endpoints": [{"lb_endpoints": [
                {"endpoint": {"address": address(backend_port)}}]}]}}]}}


def start_envoy(backend, routes):
    program = workspace.envoy()
    if not program:
        raise Unavailable(f"the package {workspace.ENVOY_PACKAGE} could not be downloaded")
    port = processes.free_port()
    folder = workspace.fresh_folder(f"envoy-{port}")
    (folder / "envoy.json").write_text(json.dumps(_envoy_configuration(port, backend.target.port, routes)))
    return _launch("envoy", [program, "--concurrency", "1", "--disable-hot-restart", "-l", "error", "-c",
                             folder / "envoy.json"], folder, port, routes)


STARTERS = {"floor": start_floor, "haproxy": start_haproxy, "nginx": start_nginx, "envoy": start_envoy}
