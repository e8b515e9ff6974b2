/// A namespaced name. Cluster-scoped objects have an empty namespace.
package struct ObjectKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var namespace: String
    package var name: String

    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// Parses `namespace/name`; nil when either part is empty or there are more parts.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(namespace: String(parts[0]), name: String(parts[1]))
    }

    package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// The order of the standard's last tie-break: that of the text `namespace/name`, in which `team-a/z` comes before
    /// `team/a`.
    package static func < (a: ObjectKey, b: ObjectKey) -> Bool {
        var (left, right) = (a.namespace.utf8.makeIterator(), b.namespace.utf8.makeIterator())
        while true {
            let (next, other) = (left.next(), right.next())
            if next == nil, other == nil { return a.name < b.name }
            let separator = UInt8(ascii: "/")
            let (byte, compared) = (next ?? separator, other ?? separator)
            if byte != compared { return byte < compared }
        }
    }
}
