extension Service {
    private static let types = StringRule.oneOf(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"])
    private static let known = ["type", "clusterIP", "clusterIPs", "ports", "publishNotReadyAddresses", "selector"]
    private static let unused = [
        "sessionAffinity", "sessionAffinityConfig", "externalIPs", "externalName", "externalTrafficPolicy",
        "internalTrafficPolicy", "healthCheckNodePort", "ipFamilies", "ipFamilyPolicy", "loadBalancerIP",
        "loadBalancerClass", "loadBalancerSourceRanges", "allocateLoadBalancerNodePorts", "trafficDistribution",
    ]

    init?(_ spec: FieldReader, metadata: ObjectMeta) {
        spec.checkFields(Self.known, unused: Self.unused)
        Self.tellUnserved(spec)
        let type = spec.string("type", Self.types) ?? "ClusterIP"
        guard let ports = spec.elements("ports"), spec.context.objectDefect == nil else { return nil }
        _ = spec.context.scope("the others are not served") {
            guard ports.count > ResourceLimits.servicePorts else { return }
            spec.error(
                "ports", "must have at most \(ResourceLimits.servicePorts) entries, not \(ports.count)",
                id: .beyondLimit)
        }
        let addresses = Self.addressTexts(spec)
        self.init(
            metadata: metadata, type: type,
            clusterIPs: type == "ExternalName" ? [] : addresses.compactMap { Self.address($0, spec.context) },
            isHeadless: addresses.first?.text == "None",
            ports: ports.prefix(ResourceLimits.servicePorts).compactMap { Port.decode($0, in: spec.context) },
            publishNotReadyAddresses: spec.context.scope("the field is ignored") {
                spec.bool("publishNotReadyAddresses")
            }.value ?? false,
            selector: spec.context.scope("the entry is ignored") { spec.stringMap("selector") }.value)
    }

    /// What a Service may ask for that Weir does not do; clients outside the mesh have it from the node all the same.
    private static func tellUnserved(_ spec: FieldReader) {
        guard spec.context.tellsIgnoredFields else { return }
        let unserved = [("sessionAffinity", "ClientIP"), ("internalTrafficPolicy", "Local")]
        for (field, value) in unserved where spec.node(field)?.stringValue == value {
            spec.warning(field, "is not implemented; endpoints are chosen without it", id: .unservedField)
        }
        if spec.has("trafficDistribution") {
            spec.warning(
                "trafficDistribution", "is not implemented; endpoints are chosen without it", id: .unservedField)
        }
    }

    private typealias AddressText = (text: String, path: FieldPath, line: Int)

    /// `clusterIPs`, else `clusterIP`: the API server keeps the first of the one equal to the other.
    private static func addressTexts(_ spec: FieldReader) -> [AddressText] {
        spec.context.scope("this address is ignored") {
            let elements = spec.elements("clusterIPs") ?? []
            let listed: [AddressText] = elements.compactMap { element in
                spec.context.string(element.node, at: element.path, .any).map { ($0, element.path, element.node.line) }
            }
            let single = spec.string("clusterIP").map { [($0, spec.path("clusterIP"), spec.line)] } ?? []
            return listed.isEmpty ? single : listed
        }.value
    }

    private static func address(_ source: AddressText, _ context: DecodingContext) -> IPAddress? {
        guard !source.text.isEmpty, source.text != "None" else { return nil }
        guard let address = IPAddress(source.text) else {
            _ = context.scope("this address is ignored") {
                context.error(source.path, source.text, "must be an IP address or None", line: source.line)
            }
            return nil
        }
        return address
    }
}

extension Service.Port {
    private static let transports = StringRule.oneOf(["TCP", "UDP", "SCTP"])

    fileprivate static func decode(_ element: FieldReader.Element, in context: DecodingContext) -> Service.Port? {
        let (port, defect) = context.scope("this port is not served") {
            FieldReader(element.node, at: element.path, in: context).flatMap(Service.Port.init)
        }
        return defect == nil ? port : nil
    }

    private init?(_ reader: FieldReader) {
        reader.checkFields(["name", "port", "protocol", "appProtocol", "targetPort"], unused: ["nodePort"])
        let name = reader.string("name", .label) ?? ""
        let transport = reader.string("protocol", Self.transports) ?? "TCP"
        let appProtocol = reader.string("appProtocol")
        guard reader.has("port") else {
            reader.missing("port")
            return nil
        }
        guard let port = reader.port("port") else { return nil }
        self.init(name: name, port: port, transport: transport, appProtocol: appProtocol)
        if reader.has("targetPort") { targetPort = Self.number(reader.node("targetPort")) }
    }

    /// The port of the pods, where it is written as a number. A function of its own: as a part of the initialiser it
    /// makes the optimiser of Swift 6.3 fail ("Found outside of lifetime use").
    private static func number(_ target: Node?) -> UInt16? {
        guard case .integer(let number)? = target?.value else { return nil }
        return UInt16(exactly: number)
    }
}

extension Namespace {
    init(_ spec: FieldReader?, metadata: ObjectMeta) {
        spec?.checkFields([], unused: ["finalizers"])
        self.init(metadata: metadata)
    }
}
