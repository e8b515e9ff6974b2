extension Backend {
    private static let types = ["aws", "static", "dynamicForwardProxy", "gcp", "priorityGroups"]
    private static let consequence = "the Backend is invalid and its share answers 500"

    init(_ spec: FieldReader, metadata: ObjectMeta) {
        var hosts: [Host] = []
        var appProtocol: String?
        let (_, defect) = spec.context.scope(Self.consequence) {
            spec.checkFields(Self.types + ["type"])
            let written = Self.types.filter(spec.has)
            guard written == ["static"] else {
                Self.refuse(written, spec)
                return
            }
            guard Self.isStatic(spec) else { return }
            guard let reader = spec.mapping("static") else { return }
            reader.checkFields(["hosts", "appProtocol", "tls"])
            if reader.has("tls") {
                reader.error("tls", "is not implemented: the hosts would be called in the clear", id: .unservedField)
            }
            appProtocol = reader.string("appProtocol")
            hosts = Self.hosts(reader)
        }
        self.init(metadata: metadata, hosts: hosts, appProtocol: appProtocol, defect: defect)
    }

    /// Whether the type, where one is written, is the one that is served.
    private static func isStatic(_ spec: FieldReader) -> Bool {
        guard spec.has("type") else { return true }
        guard let type = spec.string("type") else { return false }
        if type == "Static" { return true }
        spec.error("type", "is a type of Backend that is not implemented; Static is", id: .unservedField)
        return false
    }

    private static func refuse(_ written: [String], _ spec: FieldReader) {
        if let only = written.first, written.count == 1 {
            spec.error(only, "is a type of Backend that is not implemented; static is", id: .unservedField)
        } else {
            spec.context.error(
                spec.path, written.joined(separator: ", "), "must have exactly one of \(types.joined(separator: ", "))",
                line: spec.line)
        }
    }

    private static func hosts(_ reader: FieldReader) -> [Host] {
        let elements = reader.elements("hosts") ?? []
        if elements.isEmpty { reader.error("hosts", "must have at least one host") }
        return elements.compactMap { element in
            FieldReader(element.node, at: element.path, in: reader.context).flatMap(Host.init)
        }
    }
}

extension Backend.Host {
    private static let hostRule = StringRule.when(
        { IPAddress($0) != nil || BackendName($0) != nil }, "must be an IP address or a DNS name")

    fileprivate init?(_ reader: FieldReader) {
        reader.checkFields(["host", "port"])
        let host = reader.requiredString("host", Self.hostRule)
        guard reader.has("port") else {
            reader.missing("port")
            return nil
        }
        guard let port = reader.port("port"), let host else { return nil }
        self.init(host: host.lowercased(), port: port)
    }
}
