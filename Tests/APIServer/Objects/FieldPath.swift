import GatewayAPI
import Kubernetes

/// Where a field is: member names, and items of keyed lists by their keys.
struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    enum Step: Hashable, Sendable {
        case member(String)
        /// In the order of the keys' names.
        case item([Key])

        var isItem: Bool {
            if case .item = self { return true }
            return false
        }
    }

    /// One of the members that an item of a list is known by.
    struct Key: Hashable, Sendable {
        var name: String
        /// Its value.
        var json: String
    }

    var steps: [Step] = []

    var isItem: Bool { steps.last?.isItem ?? false }

    func appending(_ step: Step) -> FieldPath { FieldPath(steps: steps + [step]) }

    /// As in a conflict's `field`: `.spec.ports[port=80,protocol="TCP"]`.
    var description: String {
        steps.map { step in
            switch step {
            case .member(let name): ".\(name)"
            case .item(let keys): "[\(keys.map { "\($0.name)=\($0.json)" }.joined(separator: ","))]"
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
    private static let defaults: [String: Node] = ["protocol": "TCP"]

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

    static func step(_ item: Node, _ keys: [String]) -> FieldPath.Step {
        .item(
            keys.map { key in
                let value = item[key] ?? defaults[key] ?? ""
                return FieldPath.Key(name: key, json: String(decoding: value.json, as: UTF8.self))
            })
    }
}

extension Node {
    /// The paths of everything in it that is a value as a whole, and of the items of keyed lists, which are owned as
    /// such.
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
                let place = path.appending(ListKeys.step(item, keys))
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
        case .item:
            guard let keys = ListKeys.keys(of: name, elements) else { return nil }
            return elements.first { ListKeys.step($0, keys) == step }?.value(at: steps.dropFirst())
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
        case .item:
            var items = elements
            guard let keys = ListKeys.keys(of: name, items),
                let index = items.firstIndex(where: { ListKeys.step($0, keys) == step })
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
