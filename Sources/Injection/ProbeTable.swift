/// The probes of a pod by the path of the telemetry port under which the kubelet finds each: the value of
/// `WEIR_PROBES`.
///
/// One line a probe, its words separated by a space, every byte of a word that is no plain ASCII escaped as in a URL:
///
///     /probe/app/readyz http 8080 1 /ready?deep=1 Host:shop.example.com
///     /probe/app/livez tcp 5432 3
///     /probe/app/startupz grpc 9000 1 shop.v1.Cart
package struct ProbeTable: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var path: String
        package var target: ProbeTarget
    }

    /// Lines that are read; a pod has three probes and two hooks for each container.
    package static let maximumEntries = 500

    package private(set) var entries: [Entry] = []
    /// Where in them each path is.
    private var positions: [String: Int] = [:]

    package init() {}

    package subscript(path: String) -> ProbeTarget? {
        positions[path].map { entries[$0].target }
    }

    package mutating func add(_ target: ProbeTarget, path: String) {
        guard entries.count < Self.maximumEntries, positions[path] == nil else { return }
        positions[path] = entries.count
        entries.append(Entry(path: path, target: target))
    }

    // MARK: As text

    /// Lines that cannot be read are left out.
    package init(text: String) {
        for line in text.split(separator: "\n").prefix(Self.maximumEntries) {
            if let entry = Self.entry(line) { add(entry.target, path: entry.path) }
        }
    }

    package var text: String { entries.map(Self.line).joined(separator: "\n") }

    private static func line(_ entry: Entry) -> String {
        var words = [escaped(entry.path)]
        let numbers = [String(entry.target.port), String(entry.target.timeout)]
        switch entry.target.check {
        case .http(let isTLS, let path, let headers):
            words += [isTLS ? "https" : "http"] + numbers + [escaped(path)]
            words += headers.map { "\(escaped($0.name)):\(escaped($0.value))" }
        case .tcp:
            words += ["tcp"] + numbers
        case .grpc(let service):
            words += ["grpc"] + numbers + (service.isEmpty ? [] : [escaped(service)])
        }
        return words.joined(separator: " ")
    }

    private static func entry(_ line: Substring) -> Entry? {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 4, let path = unescaped(words[0]), let port = UInt16(words[2]),
            let timeout = UInt32(words[3]), let check = check(String(words[1]), words.dropFirst(4))
        else { return nil }
        return Entry(path: path, target: ProbeTarget(check: check, port: port, timeout: timeout))
    }

    private static func check(_ kind: String, _ words: ArraySlice<Substring>) -> ProbeTarget.Check? {
        switch kind {
        case "tcp": return .tcp
        case "grpc": return unescaped(words.first ?? "").map { .grpc(service: $0) }
        case "http", "https":
            guard let path = words.first.flatMap(unescaped) else { return nil }
            var headers: [ProbeTarget.Header] = []
            for word in words.dropFirst() {
                let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, let name = unescaped(parts[0]), let value = unescaped(parts[1]) else {
                    return nil
                }
                headers.append(.init(name: name, value: value))
            }
            return .http(isTLS: kind == "https", path: path, headers: headers)
        default: return nil
        }
    }

    /// `$` is escaped because Kubernetes expands `$(NAME)` in values, and `:` because it ends a header's name.
    private static func escaped(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "$"), UInt8(ascii: ":"), 0...0x20, 0x7f...0xff:
                out += "%" + hex(byte >> 4) + hex(byte & 15)
            default: out.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return out
    }

    private static func hex(_ digit: UInt8) -> String { String(digit, radix: 16, uppercase: true) }

    private static func unescaped(_ word: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = word.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
