import GatewayAPI

/// Where a field is: member names, and items of keyed lists by their keys.
struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    enum Step: Hashable, Sendable {
        case member(String)
        /// The values of the list's keys, in the order of the keys.
        case item([String])
    }

    var steps: [Step] = []

    var isItem: Bool {
        if case .item? = steps.last { return true }
        return false
    }

    func appending(_ step: Step) -> FieldPath { FieldPath(steps: steps + [step]) }

    /// As in a conflict's `field`: `.spec.ports[80,TCP]`.
    var description: String {
        steps.map { step in
            switch step {
            case .member(let name): ".\(name)"
            case .item(let keys): "[\(keys.joined(separator: ","))]"
            }
        }.joined()
    }
}

/// Which lists are maps by some of their items' members. All others are values as a whole.
enum ListKeys {
    private static let keys: [String: [String]] = [
        "conditions": ["type"], "containers": ["name"], "initContainers": ["name"], "env": ["name"],
        "volumes": ["name"], "volumeMounts": ["mountPath"], "imagePullSecrets": ["name"], "listeners": ["name"],
        "webhooks": ["name"], "ownerReferences": ["uid"],
    ]
    private static let defaults = ["protocol": "TCP"]

    /// The keys of the list that is the member `name` of something; nil when the list is a value as a whole.
    static func keys(of name: String, _ items: [Node]) -> [String]? {
        if name == "ports" {
            if items.allSatisfy({ $0["containerPort"] != nil }) { return ["containerPort", "protocol"] }
            return items.allSatisfy { $0["port"] != nil && $0["appProtocol"] == nil || $0["targetPort"] != nil }
                ? ["port", "protocol"] : nil
        }
        guard let keys = keys[name], items.allSatisfy({ item in keys.allSatisfy { item[$0] != nil } }) else {
            return nil
        }
        return keys
    }

    static func values(_ item: Node, _ keys: [String]) -> [String] {
        keys.map { key in
            switch item[key]?.value {
            case .string(let text): text
            case .integer(let number): "\(number)"
            default: defaults[key] ?? ""
            }
        }
    }
}

extension Node {
    /// The paths of everything in it that is a value as a whole, and of the items of keyed lists, which are owned as such.
    func leaves(at path: FieldPath = FieldPath()) -> Set<FieldPath> {
        switch value {
        case .mapping(let entries) where !entries.isEmpty:
            var paths: Set<FieldPath> = []
            for entry in entries { paths.formUnion(entry.value.leaves(at: path.appending(.member(entry.key)))) }
            return paths
        case .sequence(let items) where !items.isEmpty:
            guard case .member(let name)? = path.steps.last, let keys = ListKeys.keys(of: name, items) else {
                return [path]
            }
            var paths: Set<FieldPath> = []
            for item in items {
                let place = path.appending(.item(ListKeys.values(item, keys)))
                paths.formUnion(item.leaves(at: place).union([place]))
            }
            return paths
        default:
            return [path]
        }
    }

    /// What is at a path.
    func value(at steps: ArraySlice<FieldPath.Step>, in name: String = "") -> Node? {
        guard let step = steps.first else { return self }
        switch step {
        case .member(let key): return self[key]?.value(at: steps.dropFirst(), in: key)
        case .item(let values):
            guard let keys = ListKeys.keys(of: name, elements) else { return nil }
            return elements.first { ListKeys.values($0, keys) == values }?.value(at: steps.dropFirst())
        }
    }

    /// Takes away what is at a path, and what is empty without it.
    mutating func remove(at steps: ArraySlice<FieldPath.Step>, in name: String = "") {
        guard let step = steps.first else { return }
        switch step {
        case .member(let key):
            guard var member = self[key] else { return }
            member.remove(at: steps.dropFirst(), in: key)
            let isEmpty = steps.count == 1 || (member.isMapping || !member.elements.isEmpty) && member.isHollow
            set(key, isEmpty ? nil : member)
        case .item(let values):
            var items = elements
            guard let keys = ListKeys.keys(of: name, items),
                let index = items.firstIndex(where: { ListKeys.values($0, keys) == values })
            else { return }
            items[index].remove(at: steps.dropFirst())
            if steps.count == 1 || items[index].members.allSatisfy({ keys.contains($0.key) }) {
                items.remove(at: index)
            }
            value = .sequence(items)
        }
    }

    private var isHollow: Bool { members.isEmpty && elements.isEmpty }
}
