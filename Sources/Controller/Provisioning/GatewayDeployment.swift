package import GatewayAPI
internal import Kubernetes

/// The objects that serve one Gateway.
package enum GatewayDeployment {
    /// Everything one Gateway needs, in the order in which it is to be made. Pure: the same input gives the same
    /// objects.
    ///
    /// - Parameter certificates: the Secrets that the Gateway is permitted to use.
    package static func desired(
        _ gateway: GatewayRequest, certificates: Set<ObjectKey>, parameters: GatewayParameters,
        settings: ProvisioningSettings
    ) -> [ManagedObject] {
        let plan = DeploymentPlan(gateway: gateway, parameters: parameters, settings: settings)
        return [plan.serviceAccount] + plan.roles(certificates) + [plan.service, plan.workload]
            + plan.disruptionBudget + plan.autoscaler
    }

    /// The name of the Gateway's Service, workload and ServiceAccount.
    package static func name(of gateway: GatewayRequest) -> String {
        GeneratedName.object(gateway: gateway.key.name, className: gateway.className)
    }
}

/// What all objects of one Gateway have in common.
struct DeploymentPlan {
    let gateway: GatewayRequest
    let parameters: GatewayParameters
    let settings: ProvisioningSettings
    let name: String

    private static let gatewayName = "gateway.networking.k8s.io/gateway-name"
    private static let className = "gateway.networking.k8s.io/gateway-class-name"

    init(gateway: GatewayRequest, parameters: GatewayParameters, settings: ProvisioningSettings) {
        self.gateway = gateway
        self.parameters = parameters
        self.settings = settings
        name = GatewayDeployment.name(of: gateway)
    }

    /// Of the user, for what is made in the Gateway's namespace.
    var usersLabels: [String: String] { gateway.gateway.infrastructure?.labels.withoutReservedKeys ?? [:] }
    var usersAnnotations: [String: String] { gateway.gateway.infrastructure?.annotations.withoutReservedKeys ?? [:] }
    var key: ObjectKey { ObjectKey(namespace: gateway.key.namespace, name: name) }

    /// What finds the pods. Never changes for a Gateway, since a Deployment's selector cannot.
    var selector: [String: String] {
        [
            Self.gatewayName: GeneratedName.labelValue(gateway.key.name),
            "app.kubernetes.io/name": "weir-gateway",
        ]
    }

    /// The user's labels, over which ours win: with another value of those no pod would be found.
    var labels: [String: String] { usersLabels.merging(ownLabels) { _, ours in ours } }

    private var ownLabels: [String: String] {
        selector.merging([
            Self.className: GeneratedName.labelValue(gateway.className),
            ManagedMark.managedBy: ManagedMark.manager,
        ]) { first, _ in first }
    }

    /// An object with name, labels and annotations; owned by the Gateway when it is in its namespace. In another one it
    /// bears nothing that the Gateway's author wrote: there labels may mean something to programs that are none of his.
    func object(
        _ kind: APIKind, key: ObjectKey, annotations: [String: String] = [:], _ members: KeyValuePairs<String, Node>
    ) -> ManagedObject {
        let isOwn = key.namespace == gateway.key.namespace
        let marked =
            (isOwn ? usersAnnotations : [:])
            .merging(annotations) { _, chosen in chosen }
            .merging([ManagedMark.gateway: gateway.key.description]) { _, ours in ours }
        var metadata: Node = .mapping([
            "name": .string(key.name),
            "namespace": .string(key.namespace),
            "labels": .strings(isOwn ? labels : ownLabels),
            "annotations": .strings(marked),
        ])
        if isOwn { metadata.set("ownerReferences", [owner]) }
        var content: Node = .mapping([
            "apiVersion": .string(kind.apiVersion(kind.versions[0])),
            "kind": .string(kind.kind),
            "metadata": metadata,
        ])
        for (name, member) in members { content.set(name, member) }
        return ManagedObject(kind: kind, key: key, gateway: gateway.key, content: content)
    }

    private var owner: Node {
        .mapping([
            "apiVersion": .string(gateway.apiVersion),
            "kind": "Gateway",
            "name": .string(gateway.key.name),
            "uid": .string(gateway.uid),
            "controller": true,
            "blockOwnerDeletion": true,
        ])
    }
}
