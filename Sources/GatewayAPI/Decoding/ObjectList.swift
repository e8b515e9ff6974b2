/// A `List`, or the list of one kind such as `HTTPRouteList`: what kubectl and `get -o yaml` write around objects.
package struct ObjectList {
    /// The objects in it. Those of a typed list need not repeat what its kind says.
    package private(set) var items: [Node] = []

    private static let suffix = "List"
    private static let fields = ["apiVersion", "kind", "metadata", "items"]

    /// nil when the document is no list. A list whose items cannot be found is an error, not an object of a kind that
    /// no proxy reads: all that is in it would be left out in silence.
    package init?(_ node: Node, file: String, problems: inout [Problem]) {
        guard let kind = node["kind"]?.stringValue, kind.hasSuffix(Self.suffix), Self.isList(node, kind) else {
            return nil
        }
        let context = DecodingContext(
            object: kind, file: file, consequence: "no cluster takes the list", unknownFields: .spoil)
        defer { problems += context.problems }
        guard let reader = FieldReader(node, at: .root, in: context) else { return }
        Self.checkVersion(kind, reader)
        reader.checkFields(Self.fields)
        // Programs write an empty list as null.
        if node["items"] == nil { reader.missing("items") }
        let elements = (reader.elements("items") ?? []).map(\.node)
        let itemKind = String(kind.dropLast(Self.suffix.count))
        items = itemKind.isEmpty ? elements : elements.map { Self.complete($0, kind: itemKind, node["apiVersion"]) }
    }

    /// Others may have a kind of such a name that is no list: it is one when it has items, or a field that is nearly
    /// that.
    private static func isList(_ node: Node, _ kind: String) -> Bool {
        if kind == suffix || ResourceKind(rawValue: String(kind.dropLast(suffix.count))) != nil { return true }
        if case .sequence? = node["items"]?.value { return true }
        return node["spec"] == nil
            && node.members.contains {
                !fields.contains($0.key) && Spelling.nearest(to: $0.key, among: ["items"]) != nil
            }
    }

    private static func checkVersion(_ kind: String, _ reader: FieldReader) {
        guard let apiVersion = reader.requiredString("apiVersion", .length(1...317)) else { return }
        let group = apiVersion.split(separator: "/").dropLast().joined(separator: "/")
        if kind == suffix, apiVersion != "v1" {
            reader.error("apiVersion", "is not the version of List, which is v1", id: .unknownVersion)
        } else if let known = ResourceKind(rawValue: String(kind.dropLast(suffix.count))), group != known.group,
            KnownKinds.isKubernetes(group) || known.isOurs
        {
            reader.error(
                "apiVersion", "is not the group of \(kind) (\(known.apiVersion) is that)", id: .unknownKind)
        }
    }

    private static func complete(_ item: Node, kind: String, _ apiVersion: Node?) -> Node {
        guard case .mapping(var entries) = item.value, item["kind"] == nil else { return item }
        entries.append(Node.Entry(key: "kind", value: Node(.string(kind), line: item.line)))
        if item["apiVersion"] == nil, let apiVersion {
            entries.append(Node.Entry(key: "apiVersion", value: apiVersion))
        }
        return Node(.mapping(entries), line: item.line)
    }
}
