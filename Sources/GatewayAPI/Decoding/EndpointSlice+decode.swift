extension EndpointSlice {
    static let serviceNameLabel = "kubernetes.io/service-name"
    /// `addressType`, `endpoints` and `ports` sit beside `metadata`: the kind has no `spec`.
    static let fields = ["addressType", "endpoints", "ports"]

    init?(_ object: FieldReader, metadata: ObjectMeta) {
        let type = object.requiredString("addressType", .oneOf(["IPv4", "IPv6", "FQDN"]))
        guard let type, let ports = object.elements("ports"), let endpoints = object.elements("endpoints") else {
            return nil
        }
        if type == "FQDN" {
            object.unserved("addressType", "is not served: the endpoints of this slice are not used")
        }
        self.init(
            metadata: metadata, serviceName: metadata.labels[Self.serviceNameLabel],
            ports: ports.prefix(ResourceLimits.portsPerSlice).compactMap { Port.decode($0, in: object.context) },
            endpoints: type == "FQDN"
                ? [] : endpoints.compactMap { Endpoint.decode($0, in: object.context, isIPv6: type == "IPv6") })
        if endpoints.count > ResourceLimits.endpointsPerSlice {
            object.warning("endpoints", "should have at most \(ResourceLimits.endpointsPerSlice) entries")
        }
    }
}

extension EndpointSlice.Port {
    fileprivate static func decode(_ element: FieldReader.Element, in context: DecodingContext) -> EndpointSlice.Port? {
        let (port, defect) = context.scope("this port is not used") {
            FieldReader(element.node, at: element.path, in: context).flatMap { reader -> EndpointSlice.Port? in
                reader.checkFields(["name", "port", "protocol", "appProtocol"])
                return EndpointSlice.Port(
                    name: reader.string("name") ?? "", port: reader.port("port"),
                    transport: reader.string("protocol", .oneOf(["TCP", "UDP", "SCTP"])) ?? "TCP",
                    appProtocol: reader.string("appProtocol"))
            }
        }
        return defect == nil ? port : nil
    }
}

extension EndpointSlice.Endpoint {
    private static let known = ["addresses", "conditions", "targetRef", "nodeName", "zone"]
    private static let unused = ["hostname", "hints", "deprecatedTopology"]

    fileprivate static func decode(
        _ element: FieldReader.Element, in context: DecodingContext, isIPv6: Bool
    ) -> EndpointSlice.Endpoint? {
        let (endpoint, defect) = context.scope("this endpoint is not used") {
            FieldReader(element.node, at: element.path, in: context).flatMap {
                EndpointSlice.Endpoint($0, isIPv6: isIPv6)
            }
        }
        return defect == nil ? endpoint : nil
    }

    private init?(_ reader: FieldReader, isIPv6: Bool) {
        reader.checkFields(Self.known, unused: Self.unused)
        guard let address = Self.address(reader, isIPv6: isIPv6) else { return nil }
        let conditions = reader.mapping("conditions")
        conditions?.checkFields(["ready", "serving", "terminating"])
        // Absent conditions mean ready, serving and not terminating (discovery/v1, EndpointConditions).
        self.init(
            address: address,
            ready: conditions?.bool("ready") ?? true,
            serving: conditions?.bool("serving") ?? true,
            terminating: conditions?.bool("terminating") ?? false,
            pod: Self.pod(reader),
            nodeName: reader.string("nodeName"),
            zone: reader.string("zone"))
    }

    private static func address(_ reader: FieldReader, isIPv6: Bool) -> IPAddress? {
        guard let first = reader.elements("addresses")?.first else {
            reader.error("addresses", "must have at least one address")
            return nil
        }
        let rule = isIPv6 ? "must be an IPv6 address" : "must be an IPv4 address"
        guard let text = reader.context.string(first.node, at: first.path, .any) else { return nil }
        guard let address = IPAddress(text), isIPv6 == text.utf8.contains(UInt8(ascii: ":")), !address.isUnspecified
        else {
            reader.context.error(first.path, text, rule, line: first.node.line)
            return nil
        }
        return address
    }

    private static func pod(_ reader: FieldReader) -> ObjectKey? {
        guard let target = reader.mapping("targetRef"), target.string("kind") == "Pod",
            let namespace = target.string("namespace"), let name = target.string("name")
        else { return nil }
        return ObjectKey(namespace: namespace, name: name)
    }
}
