internal import GatewayAPI

@testable internal import Routing

/// Pure entries for fuzzing the texts that teams and strangers write into resources, annotations, flags and requests'
/// paths. Each takes any bytes and returns the invariants that they broke: nothing, if all is well.
package enum SyntaxFuzz {
    /// Addresses, networks, names, times.
    package static func values(_ bytes: [UInt8]) -> [String] {
        let text = String(decoding: bytes, as: UTF8.self)
        var broken: [String] = []
        if let address = IPAddress(text), IPAddress(address.description) != address {
            broken.append("writing and reading changes the address")
        }
        if let network = IPNetwork(text),
            IPNetwork(network.description) != network || !network.contains(network.address)
        {
            broken.append("writing and reading changes the network")
        }
        if let time = GatewayDuration.parse(text), time < 99_999 * 3_600_000 {
            if GatewayDuration.parse(GatewayDuration.text(milliseconds: time)) != time { broken.append("the duration") }
        }
        if let time = Timestamp.parse(text), time >= 0, Timestamp.parse(Timestamp.text(seconds: time)) != time {
            broken.append("writing and reading changes the time")
        }
        if let key = ObjectKey(text), ObjectKey(key.description) != key { broken.append("the key") }
        if let name = BackendName(text), BackendName(name.host)?.host != name.host {
            broken.append("the name of a host")
        }
        if let decoded = Base64.decode(text), decoded.count > text.utf8.count / 4 * 3 { broken.append("base64") }
        _ = (BundleVersion(text), ProtocolDeclaration(text), PathExpressionToken.read(text))
        return broken
    }

    /// `weir.dev/hostnames`.
    package static func hostnames(_ bytes: [UInt8]) -> [String] {
        let text = String(decoding: bytes, as: UTF8.self)
        let admission = HostnameAdmission(text)
        var broken: [String] = []
        let hostnames = ["", "a.test", "b.a.test", "*.a.test", "c.test"]
        for namespace in ["team-a", "team-b"] {
            for hostname in hostnames where admission.refusing(hostname, to: namespace) == nil {
                // Whoever may use a hostname may use it whatever else is said behind it.
                if !admission.defects.isEmpty, admission.isListed(hostname) { continue }
                if HostnameAdmission(text + "\nd.test=team-c").refusing(hostname, to: namespace) != nil,
                    hostname != "", hostname != "*.a.test", admission.defects.isEmpty
                {
                    broken.append("\(hostname) is \(namespace)'s no more when another is listed")
                }
            }
            // A word that cannot be read opens nothing that was closed.
            for hostname in hostnames where admission.refusing(hostname, to: namespace) != nil {
                if HostnameAdmission(text + "\n=,=").refusing(hostname, to: namespace) == nil {
                    broken.append("a mistake opens \(hostname) to \(namespace)")
                }
            }
        }
        return broken
    }

    /// `weir.dev/path-parameters` and `weir.dev/encoded-slashes`.
    package static func pathSettings(_ bytes: [UInt8]) -> [String] {
        let text = String(decoding: bytes, as: UTF8.self)
        let (rules, defects) = PathRules.read([
            PathRules.parametersAnnotation: text, PathRules.encodedSlashesAnnotation: text,
        ])
        let isKnown = [
            PathRules.Parameters.allCases.contains { "\($0)" == text },
            PathRules.EncodedSlashes.allCases.contains { "\($0)" == text },
        ]
        let isStrict = [rules.parameters == .refuse, rules.encodedSlashes == .refuse]
        var broken = zip(isKnown, isStrict).filter { !$0 && !$1 }.map { _ in "a mistake leaves a rule out" }
        if defects.count != isKnown.filter({ !$0 }).count { broken.append("a mistake is not told") }
        return broken
    }

    /// A request's path, by every setting.
    package static func path(_ bytes: [UInt8]) -> [String] {
        PathRules.Parameters.allCases.flatMap { parameters in
            PathRules.EncodedSlashes.allCases.flatMap { slashes in
                normalise(bytes, PathRules(parameters: parameters, encodedSlashes: slashes))
            }
        }
    }

    private static func normalise(_ bytes: [UInt8], _ rules: PathRules) -> [String] {
        guard let once = normalForm(bytes, rules) else { return [] }
        var broken: [String] = []
        if once.count > bytes.count { broken.append("it has grown") }
        if normalForm(once, rules) != once { broken.append("it is another when it is normalised again") }
        if once != Array("*".utf8), once.first != UInt8(ascii: "/") { broken.append("it has no root") }
        let segments = once.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if segments.contains(Array("..".utf8)[...]) || segments.contains(Array(".".utf8)[...]) {
            broken.append("it has dot segments")
        }
        return broken
    }

    private static func normalForm(_ bytes: [UInt8], _ rules: PathRules) -> [UInt8]? {
        var room = [UInt8](repeating: 0, count: max(1, bytes.count))
        let length = bytes.withUnsafeBytes { path in
            room.withUnsafeMutableBytes { room -> Int? in
                switch PathNormalization.normalize(path, into: room, rules: rules) {
                case .asIs:
                    room.copyBytes(from: path)
                    return path.count
                case .normalized(let length): return length
                case .refused: return nil
                }
            }
        }
        return length.map { Array(room[..<$0]) }
    }

    /// `weir-routed`.
    package static func routed(_ bytes: [UInt8]) -> [String] {
        bytes.withUnsafeBytes { buffer in
            guard let header = RoutedHeader.parse(buffer) else { return [] }
            var routes = header.routes
            var count = 0
            while let route = RoutedHeader.nextRoute(&routes) {
                if route.isEmpty { return ["a route without a name"] }
                count += 1
                if count > RoutedHeader.longestValue { return ["no end of routes"] }
            }
            return []
        }
    }
}
