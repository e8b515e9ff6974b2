internal import GatewayAPI
internal import Kubernetes

/// What a path of the served API names.
enum ServedPath: Hashable {
    /// `/api`
    case versions
    /// `/apis`
    case groups
    /// `/apis/GROUP`
    case group(String)
    /// `/api/VERSION`, `/apis/GROUP/VERSION`
    case resources(group: String, version: String)
    case objects(ServedKind, namespace: String?)
    case object(ServedKind, ObjectKey)
    /// `/version`
    case serverVersion
    case unknown

    init(_ path: String) {
        let parts = path.split(separator: "/").map(String.init)
        switch parts.first {
        case "version" where parts.count == 1: self = .serverVersion
        case "api": self = ServedPath.read(group: "", parts.dropFirst(), whole: .versions)
        case "apis" where parts.count == 1: self = .groups
        case "apis": self = ServedPath.read(group: parts[1], parts.dropFirst(2), whole: .group(parts[1]))
        default: self = .unknown
        }
    }

    /// What follows the group.
    private static func read(group: String, _ rest: ArraySlice<String>, whole: ServedPath) -> ServedPath {
        guard let version = rest.first else { return whole }
        let parts = Array(rest.dropFirst())
        if parts.isEmpty { return .resources(group: group, version: version) }
        if parts.count >= 3, parts[0] == "namespaces" {
            guard let kind = kind(group, version, parts[2]), kind.api.isNamespaced else { return .unknown }
            switch parts.count {
            case 3: return .objects(kind, namespace: parts[1])
            case 4: return .object(kind, ObjectKey(namespace: parts[1], name: parts[3]))
            default: return .unknown
            }
        }
        guard let kind = kind(group, version, parts[0]) else { return .unknown }
        switch parts.count {
        case 1: return .objects(kind, namespace: nil)
        case 2 where !kind.api.isNamespaced: return .object(kind, ObjectKey(namespace: "", name: parts[1]))
        default: return .unknown
        }
    }

    private static func kind(_ group: String, _ version: String, _ plural: String) -> ServedKind? {
        ServedKind.all.first { $0.api.group == group && $0.version == version && $0.api.plural == plural }
    }
}
