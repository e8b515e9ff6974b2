import GatewayAPI
import Kubernetes
import Testing

@testable import Controller

/// Gateways for tests, from the text that users write.
enum Gateways {
    static func node(_ text: String) throws -> Node {
        try #require(try YAMLReader.documents(Array(text.utf8)).first).root
    }

    static func request(_ spec: String, namespace: String = "ana", name: String = "web", uid: String = "u-1") throws
        -> GatewayRequest
    {
        let text = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: \(name), namespace: \(namespace), uid: \(uid), generation: 3}
            spec: \(spec)
            """
        let object = try node(text)
        var problems: [Problem] = []
        guard case .resource(_, .gateway(let gateway)) = ResourceDecoder.decode(object, file: "", problems: &problems)
        else { throw Unreadable(problems: problems) }
        return try #require(GatewayRequest(gateway, object: object))
    }

    static func plain(namespace: String = "ana", name: String = "web") throws -> GatewayRequest {
        try request(
            "{gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}]}", namespace: namespace,
            name: name)
    }

    struct Unreadable: Error {
        var problems: [Problem]
    }

    static let settings = ProvisioningSettings(image: "weir:1")

    static func objects(
        _ request: GatewayRequest, parameters: GatewayParameters = GatewayParameters(),
        certificates: Set<ObjectKey> = []
    ) -> [ManagedObject] {
        GatewayDeployment.desired(request, certificates: certificates, parameters: parameters, settings: settings)
    }

    static func parameters(
        _ data: String, of owner: GatewayParameters.Owner = .gatewayClass
    ) throws -> (parameters: GatewayParameters, problems: [Problem]) {
        var parameters = GatewayParameters()
        let problems = parameters.apply(
            configMap: try node("data:\n" + data.split(separator: "\n").map { "  \($0)\n" }.joined()),
            key: ObjectKey(namespace: "ana", name: "p"), of: owner)
        return (parameters, problems)
    }
}

extension Node {
    /// `spec.template.spec`; a number is a position in a list.
    func at(_ path: String) -> Node? {
        path.split(separator: ".").reduce(self as Node?) { node, part in
            guard let node else { return nil }
            guard let position = Int(part) else { return node[String(part)] }
            return node.elements.indices.contains(position) ? node.elements[position] : nil
        }
    }

    var texts: [String] { elements.compactMap(\.stringValue) }
}
