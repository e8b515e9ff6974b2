/// The header by which a proxy tells the next one which frontend it served and which routes it applied, so that no
/// route is applied twice:
///
///     weir-routed: mesh <ns>/<service>:<port> <ns>/<route>[,<ns>/<route>...]
///     weir-routed: mesh <ns>/<service>:<port> -          the Service has no routes
///     weir-routed: mesh -                                a pod's address was dialled: no frontend
///     weir-routed: gateway <ns>/<gateway> <ns>/<route>[,...]
///
/// What is read is hostile until the sender is known: parsing is bounded and accepts these shapes alone.
package struct RoutedHeader {
    package enum Kind: UInt8, Sendable {
        /// An outbound door, for a Service.
        case service
        /// An outbound door, for a pod's address.
        case podAddress
        case gateway
    }

    /// Lower-case, as compared.
    package static let name: StaticString = "weir-routed"
    /// A longer value is not believed.
    package static let longestValue = 8192

    package var kind: Kind
    /// `ns/service:port` or `ns/gateway`; empty for a pod's address. Borrowed from the parsed bytes.
    package var frontend: UnsafeRawBufferPointer
    /// The comma-separated list; empty when there are none. Borrowed from the parsed bytes.
    package var routes: UnsafeRawBufferPointer

    /// nil when the bytes are not a value this project writes.
    package static func parse(_ value: UnsafeRawBufferPointer) -> RoutedHeader? {
        guard value.count <= longestValue else { return nil }
        var rest = value
        let door = takeWord(&rest)
        let frontend = takeWord(&rest)
        let routes = takeWord(&rest)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        guard rest.isEmpty, !frontend.isEmpty else { return nil }
        if isEqual(door, "mesh") {
            if isEqual(frontend, "-") {
                return routes.isEmpty ? RoutedHeader(kind: .podAddress, frontend: none, routes: none) : nil
            }
            guard isKey(frontend, hasPort: true) else { return nil }
            if isEqual(routes, "-") { return RoutedHeader(kind: .service, frontend: frontend, routes: none) }
            return areRoutes(routes) ? RoutedHeader(kind: .service, frontend: frontend, routes: routes) : nil
        }
        guard isEqual(door, "gateway"), isKey(frontend, hasPort: false), areRoutes(routes) else { return nil }
        return RoutedHeader(kind: .gateway, frontend: frontend, routes: routes)
    }

    /// Takes the next `ns/route` off a list.
    package static func nextRoute(_ routes: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        if routes.isEmpty { return nil }
        return take(&routes, upTo: UInt8(ascii: ","))
    }

    private static func areRoutes(_ list: UnsafeRawBufferPointer) -> Bool {
        guard !list.isEmpty, list.last != UInt8(ascii: ",") else { return false }
        var rest = list
        while let route = nextRoute(&rest) {
            if !isKey(route, hasPort: false) { return false }
        }
        return true
    }

    /// `namespace/name`, and `:port` where there has to be one.
    private static func isKey(_ key: UnsafeRawBufferPointer, hasPort: Bool) -> Bool {
        var rest = key
        let namespace = take(&rest, upTo: UInt8(ascii: "/"))
        guard isName(namespace) else { return false }
        if !hasPort { return isName(rest) }
        let name = take(&rest, upTo: UInt8(ascii: ":"))
        return isName(name) && (1...5).contains(rest.count) && rest.allSatisfy { $0 &- 0x30 < 10 }
    }

    /// Characters and length of a Kubernetes name (RFC 1123 subdomain).
    private static func isName(_ name: UnsafeRawBufferPointer) -> Bool {
        (1...253).contains(name.count)
            && name.allSatisfy {
                $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
    }

    private static func takeWord(_ rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        take(&rest, upTo: UInt8(ascii: " "))
    }

    private static func take(_ rest: inout UnsafeRawBufferPointer, upTo separator: UInt8) -> UnsafeRawBufferPointer {
        let end = rest.firstIndex(of: separator) ?? rest.count
        let part = Bytes.slice(rest, 0, end)
        rest = Bytes.slice(rest, min(end + 1, rest.count), rest.count)
        return part
    }

    private static func isEqual(_ word: UnsafeRawBufferPointer, _ literal: StaticString) -> Bool {
        Bytes.equal(word, UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
}

extension RouteTable {
    /// The first part of the value for a frontend, with the space before the routes; empty for inbound frontends.
    package func routedFrontend(_ frontend: Int32) -> UnsafeRawBufferPointer {
        if frontends.contains(frontend) { return bytes(frontends[frontend].routed) }
        return services.announcement(frontend - Int32(frontends.count))
    }

    /// The last part of the value: the chain of HTTPRoutes of an applied rule.
    package func routedRoutes(_ rule: Int32) -> UnsafeRawBufferPointer { bytes(rules.pointer(rule).pointee.routes) }

    /// Writes the value that tells the next hop what was applied; `rule` is -1 for a Service without routes. Returns
    /// its length, -1 when `target` is too small.
    package func writeRoutedHeader(_ rule: Int32, frontend: Int32, into target: UnsafeMutableRawBufferPointer) -> Int {
        var writer = ByteWriter(target)
        writer.append(routedFrontend(frontend))
        if rule < 0 { writer.append("-") } else { writer.append(routedRoutes(rule)) }
        return writer.result
    }
}
