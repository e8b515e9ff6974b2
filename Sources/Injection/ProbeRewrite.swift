internal import GatewayAPI

/// Turns a container's probes into requests to the proxy's telemetry port, and back.
///
/// The kubelet's probes would arrive at the inbound door like anybody's requests: a route of the pod's Service could
/// answer them, and a TCP probe would always succeed because the door accepts. The proxy makes the original probe
/// instead.
struct ProbeRewrite {
    private(set) var table = ProbeTable()
    private(set) var problems = PodProblems()
    private let request: InjectionRequest
    /// Seconds that a hook may take.
    private let gracePeriod: Int64

    static let folder = "/probe/"
    private static let probes = [
        ("startupProbe", "startupz"), ("livenessProbe", "livez"), ("readinessProbe", "readyz"),
    ]
    private static let hooks = [("postStart", "poststartz"), ("preStop", "prestopz")]
    private static let handlers = ["httpGet", "tcpSocket", "grpc"]

    init(_ request: InjectionRequest, gracePeriod: Int64) {
        self.request = request
        self.gracePeriod = gracePeriod
    }

    // MARK: Forth

    mutating func rewrite(_ container: Node, field: String) -> Node {
        guard let name = container.name, ResourceName.isLabel(name) else { return container }
        var container = container
        for (kind, ending) in Self.probes {
            guard var probe = container[kind] else { continue }
            let timeout = UInt32(clamping: probe["timeoutSeconds"]?.integerValue ?? 1)
            let place = Place(path: Self.folder + "\(name)/\(ending)", field: "\(field).\(kind)")
            redirect(&probe, of: container, to: place, timeout: max(timeout, 1), Self.handlers)
            container.set(kind, probe)
        }
        guard var lifecycle = container["lifecycle"] else { return container }
        for (kind, ending) in Self.hooks {
            guard var hook = lifecycle[kind] else { continue }
            let place = Place(path: Self.folder + "\(name)/\(ending)", field: "\(field).lifecycle.\(kind)")
            redirect(&hook, of: container, to: place, timeout: UInt32(clamping: gracePeriod), ["httpGet"])
            lifecycle.set(kind, hook)
        }
        container.set("lifecycle", lifecycle)
        return container
    }

    private struct Place {
        var path: String
        var field: String
    }

    private mutating func redirect(
        _ probe: inout Node, of container: Node, to place: Place, timeout: UInt32, _ handlers: [String]
    ) {
        guard let kind = handlers.first(where: { probe[$0] != nil }), let handler = probe[kind],
            case .mapping = handler.value
        else { return }
        // With a host of its own the kubelet's request goes elsewhere than to this pod.
        guard handler["host"]?.stringValue ?? "" == "" else { return }
        guard let port = port(handler["port"], of: container) else {
            problems.add(
                request.problem(
                    .warning, place.field + ".\(kind).port", Self.text(handler["port"]),
                    "must be 1..65535 or the name of a port of its container; the kubelet's probe stays as it is and will fail"
                ))
            return
        }
        // Already one of the proxy's own answers.
        guard Int64(port) != InjectionNames.telemetryPort else { return }
        table.add(ProbeTarget(check: Self.check(kind, handler), port: port, timeout: timeout), path: place.path)
        let replacement = Node.mapping([
            "path": .string(place.path), "port": .integer(InjectionNames.telemetryPort),
        ])
        probe.replaceMember(kind, with: Node.Entry(key: "httpGet", value: replacement))
    }

    private static func check(_ kind: String, _ handler: Node) -> ProbeTarget.Check {
        switch kind {
        case "tcpSocket": return .tcp
        case "grpc": return .grpc(service: handler["service"]?.stringValue ?? "")
        default:
            let path = handler["path"]?.stringValue ?? ""
            let headers = (handler["httpHeaders"]?.elements ?? []).compactMap { header in
                header.name.map {
                    ProbeTarget.Header(name: $0, value: header["value"]?.stringValue ?? "")
                }
            }
            return .http(
                isTLS: handler["scheme"]?.stringValue == "HTTPS", path: path.hasPrefix("/") ? path : "/" + path,
                headers: headers)
        }
    }

    /// As the kubelet resolves it: a number, else the name of a port of the container, else a number in quotes.
    private func port(_ node: Node?, of container: Node) -> UInt16? {
        if let number = node?.integerValue { return Self.port(number) }
        guard let name = node?.stringValue else { return nil }
        let named = container["ports"]?.elements.first { $0.name == name }
        return Self.port(named?["containerPort"]?.integerValue ?? Int64(name) ?? 0)
    }

    private static func port(_ number: Int64) -> UInt16? {
        UInt16(exactly: number).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func text(_ node: Node?) -> String {
        node?.stringValue ?? node?.integerValue.map { String($0) } ?? ""
    }

    // MARK: Back

    /// The container with the probes that an earlier injection took over.
    static func restore(_ container: Node, from table: ProbeTable) -> Node {
        var container = container
        for (kind, _) in probes {
            guard let probe = container[kind] else { continue }
            container.set(kind, restored(probe, from: table))
        }
        guard var lifecycle = container["lifecycle"] else { return container }
        for (kind, _) in hooks {
            guard let hook = lifecycle[kind] else { continue }
            lifecycle.set(kind, restored(hook, from: table))
        }
        container.set("lifecycle", lifecycle)
        return container
    }

    private static func restored(_ probe: Node, from table: ProbeTable) -> Node {
        guard let handler = probe["httpGet"],
            handler["port"]?.integerValue == InjectionNames.telemetryPort,
            let path = handler["path"]?.stringValue, let target = table[path]
        else { return probe }
        var probe = probe
        probe.replaceMember("httpGet", with: Self.handler(target))
        return probe
    }

    private static func handler(_ target: ProbeTarget) -> Node.Entry {
        var handler = Node.mapping(["port": .integer(Int64(target.port))])
        switch target.check {
        case .tcp: return Node.Entry(key: "tcpSocket", value: handler)
        case .grpc(let service):
            if !service.isEmpty { handler.set("service", .string(service)) }
            return Node.Entry(key: "grpc", value: handler)
        case .http(let isTLS, let path, let headers):
            handler.set("path", .string(path))
            if isTLS { handler.set("scheme", "HTTPS") }
            let list = headers.map { Node.mapping(["name": .string($0.name), "value": .string($0.value)]) }
            if !list.isEmpty { handler.set("httpHeaders", .sequence(list)) }
            return Node.Entry(key: "httpGet", value: handler)
        }
    }
}
