internal import GatewayAPI
internal import Kubernetes

/// Reads the texts of a parameter ConfigMap and says what is wrong with them.
struct ParameterReader {
    private static let longestDrain: UInt64 = 3_600_000
    private static let listLimit = 64
    private static let shownBytes = 80
    private static let problemLimit = 20
    /// Bytes of all parameters together: they are read with each plan.
    static let maximumBytes = 64 << 10

    let object: String
    private(set) var problems: [Problem] = []

    init(object: String) {
        self.object = object
    }

    mutating func refuse(_ key: String, _ value: String, _ rule: String) {
        guard problems.count < Self.problemLimit else { return }
        let field = key.isEmpty ? "data" : "data.\(VisibleText.of(key, bytes: Self.shownBytes))"
        problems.append(
            Problem(
                severity: .error, id: .parameters, object: object, field: field,
                value: VisibleText.of(value, bytes: Self.shownBytes),
                message: "\(rule); the Gateway is not accepted, what runs for it stays as it is"))
    }

    mutating func text(_ key: String, _ value: String, oneOf choices: [String]) -> String? {
        guard choices.contains(value) else {
            refuse(key, value, "must be one of \(choices.joined(separator: ", "))")
            return nil
        }
        return value
    }

    mutating func text(_ key: String, _ value: String, maximum: Int) -> String? {
        guard (1...maximum).contains(value.utf8.count), value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            refuse(key, value, "must have 1 to \(maximum) printable characters")
            return nil
        }
        return value
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _ value: String) -> Choice?
    where Choice.RawValue == String {
        guard let choice = Choice(rawValue: value) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            refuse(key, value, "must be one of \(names)")
            return nil
        }
        return choice
    }

    mutating func integer(_ key: String, _ value: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let number = Int64(value), range.contains(number) else {
            refuse(key, value, "must be \(range.lowerBound)..\(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func drainTime(_ key: String, _ value: String) -> UInt64? {
        guard let time = GatewayDuration.parse(value), (1000...Self.longestDrain).contains(time) else {
            refuse(key, value, "must be a duration of 1s to 1h, as 30s")
            return nil
        }
        return time
    }

    mutating func countOrPercentage(_ key: String, _ value: String) -> Node? {
        if value.hasSuffix("%"), let percentage = Int64(value.dropLast()), (0...100).contains(percentage) {
            return .string(value)
        }
        guard let count = Int64(value), (0...1000).contains(count) else {
            refuse(key, value, "must be 0..1000, or 0%..100%")
            return nil
        }
        return .integer(count)
    }

    mutating func autoscaling(_ key: String, _ value: String) -> GatewayParameters.Autoscaling? {
        guard let node = mapping(key, value) else { return nil }
        let known = ["minReplicas", "maxReplicas", "targetCPUUtilizationPercentage"]
        if let unknown = node.members.first(where: { !known.contains($0.key) }) {
            refuse("\(key).\(unknown.key)", "", "is not known; known are \(known.joined(separator: ", "))")
            return nil
        }
        func number(_ name: String, _ fallback: Int64?) -> Int64? {
            guard let member = node[name] else { return fallback }
            return member.integerValue
        }
        guard let maximum = number("maxReplicas", nil), let minimum = number("minReplicas", 1),
            let target = number("targetCPUUtilizationPercentage", 80),
            (1...1000).contains(maximum), (1...maximum).contains(minimum), (1...1000).contains(target)
        else {
            refuse(key, value, "must have maxReplicas 1..1000, minReplicas 1..maxReplicas and a percentage 1..1000")
            return nil
        }
        return GatewayParameters.Autoscaling(minimum: minimum, maximum: maximum, targetCPU: target)
    }

    /// Addresses and networks with commas between them, as the proxy's flags have them.
    mutating func networks(_ key: String, _ value: String) -> String? {
        let items = value.split(separator: ",", omittingEmptySubsequences: false)
        guard items.count <= Self.listLimit, items.allSatisfy(Self.isNetwork) else {
            refuse(key, value, "must be networks as 10.0.0.0/8, with commas between them, \(Self.listLimit) at most")
            return nil
        }
        return value
    }

    private static func isNetwork(_ text: Substring) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, IPAddress(String(parts[0])) != nil, let length = UInt8(parts[1]) else { return false }
        return length <= (text.contains(":") ? 128 : 32)
    }

    /// Annotations whose names are the user's to set.
    mutating func annotations(_ key: String, _ value: String) -> [String: String]? {
        guard let annotations = strings(key, value) else { return nil }
        for name in annotations.keys.sorted() where ReservedKey.contains(name) {
            refuse("\(key).\(name)", "", "must not be set: it is not the Gateway's to say")
            return nil
        }
        return annotations
    }

    /// Comma or white space between the items.
    mutating func list(_ key: String, _ value: String) -> [String]? {
        let items = value.split { $0 == "," || $0.isWhitespace }.map(String.init)
        guard items.count <= Self.listLimit else {
            refuse(key, value, "must have at most \(Self.listLimit) items")
            return nil
        }
        return items
    }

    mutating func mapping(_ key: String, _ value: String) -> Node? {
        guard let node = document(key, value) else { return nil }
        guard case .mapping = node.value else {
            refuse(key, value, "must be a mapping in YAML or JSON")
            return nil
        }
        return node
    }

    mutating func sequence(_ key: String, _ value: String) -> Node? {
        guard let node = document(key, value) else { return nil }
        guard case .sequence = node.value else {
            refuse(key, value, "must be a list in YAML or JSON")
            return nil
        }
        return node
    }

    mutating func strings(_ key: String, _ value: String) -> [String: String]? {
        guard let node = mapping(key, value) else { return nil }
        var strings: [String: String] = [:]
        for member in node.members {
            guard let text = member.value.stringValue else {
                refuse("\(key).\(member.key)", "", "must be a string (quote it)")
                return nil
            }
            strings[member.key] = text
        }
        return strings
    }

    private mutating func document(_ key: String, _ value: String) -> Node? {
        do throws(YAMLError) {
            let documents = try YAMLReader.documents(Array(value.utf8))
            if documents.count == 1, let document = documents.first, document.defect == nil {
                return document.root.withoutLines
            }
            refuse(key, value, documents.first?.defect?.message ?? "must be one YAML document")
        } catch {
            refuse(key, value, error.message)
        }
        return nil
    }
}

extension Node {
    /// The same content, comparable with nodes of other texts.
    var withoutLines: Node {
        switch value {
        case .sequence(let elements): Node(.sequence(elements.map(\.withoutLines)))
        case .mapping(let entries):
            Node(.mapping(entries.map { Entry(key: $0.key, value: $0.value.withoutLines) }))
        default: Node(value)
        }
    }
}
