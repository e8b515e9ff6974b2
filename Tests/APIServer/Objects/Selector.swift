import GatewayAPI

/// Which objects a list or watch is about: label and field selectors, and a namespace.
struct Selector: Sendable {
    private enum Requirement {
        case equals(String, String)
        case notEquals(String, String)
        case isIn(String, [String])
        case isNotIn(String, [String])
        case exists(String)
        case isAbsent(String)
    }

    private var namespace: String?
    private var labels: [Requirement] = []
    private var fields: [Requirement] = []

    init(namespace: String?, labels: String?, fields: String?) throws(APIStatus) {
        self.namespace = namespace
        if let labels, !labels.isEmpty { self.labels = try Self.requirements(labels) }
        if let fields, !fields.isEmpty {
            self.fields = try Self.requirements(fields)
            for field in self.fields { _ = try Self.path(of: field) }
        }
    }

    var isEverything: Bool { labels.isEmpty && fields.isEmpty }

    func matches(_ object: StoredObject) -> Bool {
        if let namespace, object.key.namespace != namespace { return false }
        return labels.allSatisfy { Self.holds($0) { object.labels[$0] } }
            && fields.allSatisfy { Self.holds($0) { Self.field($0, of: object) ?? "" } }
    }

    private static func holds(_ requirement: Requirement, _ value: (String) -> String?) -> Bool {
        switch requirement {
        case .equals(let key, let wanted): value(key) == wanted
        case .notEquals(let key, let unwanted): value(key) != unwanted
        case .isIn(let key, let wanted): value(key).map(wanted.contains) ?? false
        case .isNotIn(let key, let unwanted): !(value(key).map(unwanted.contains) ?? false)
        case .exists(let key): value(key) != nil
        case .isAbsent(let key): value(key) == nil
        }
    }

    private static func requirements(_ text: String) throws(APIStatus) -> [Requirement] {
        var depth = 0
        let parts = text.split { character in
            depth += character == "(" ? 1 : character == ")" ? -1 : 0
            return character == "," && depth == 0
        }
        var requirements: [Requirement] = []
        for part in parts { requirements.append(try requirement(String(part))) }
        return requirements
    }

    private static func requirement(_ text: String) throws(APIStatus) -> Requirement {
        for (sign, isEqual) in [("!=", false), ("==", true), ("=", true)] {
            let sides = text.split(separator: sign, maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
            if sides.count == 2, !text.contains("(") {
                return isEqual ? .equals(sides[0], sides[1]) : .notEquals(sides[0], sides[1])
            }
        }
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        if text.hasSuffix(")"), let open = text.firstIndex(of: "("), words.count >= 2 {
            let values = text[text.index(after: open)...].dropLast().split(separator: ",").map(trimmed)
            if words[1].hasPrefix("in") { return .isIn(String(words[0]), values) }
            if words[1].hasPrefix("notin") { return .isNotIn(String(words[0]), values) }
        }
        guard words.count == 1 else { throw .badRequest("unable to parse requirement: \(text)") }
        return text.hasPrefix("!") ? .isAbsent(trimmed(text.dropFirst())) : .exists(trimmed(text[...]))
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static func path(of requirement: Requirement) throws(APIStatus) -> String {
        switch requirement {
        case .equals(let key, _), .notEquals(let key, _):
            guard selectable.contains(key) else { throw .badRequest("field label not supported: \(key)") }
            return key
        default: throw .badRequest("a field selector knows =, == and != only")
        }
    }

    private static let selectable: Set<String> = [
        "metadata.name", "metadata.namespace", "spec.nodeName", "status.phase", "status.podIP", "type",
    ]

    private static func field(_ name: String, of object: StoredObject) -> String? {
        switch name {
        case "metadata.name": return object.key.name
        case "metadata.namespace": return object.key.namespace
        default:
            var node: Node? = object.node
            for key in name.split(separator: ".") { node = node?[String(key)] }
            return node?.stringValue
        }
    }
}
