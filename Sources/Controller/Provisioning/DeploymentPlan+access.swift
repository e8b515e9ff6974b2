internal import GatewayAPI

extension DeploymentPlan {
    var serviceAccount: ManagedObject { object(ManagedKinds.serviceAccount, key: key, [:]) }

    /// The Service in front of the pods: one port for each port that listeners have. Node ports are the server's to
    /// choose, and stay, as no field of ours names them.
    var service: ManagedObject {
        let ports: [Node] = gateway.ports.map { port, name in
            .mapping([
                "name": .string("\(name.lowercased())-\(port)"),
                "port": .integer(Int64(port)),
                "targetPort": .integer(Int64(port)),
                "protocol": "TCP",
                "appProtocol": .string(name.lowercased()),
            ])
        }
        var spec: Node = .mapping([
            "type": .string(parameters.serviceType.rawValue),
            "selector": .strings(selector),
            "ports": .sequence(ports),
        ])
        if let policy = parameters.externalTrafficPolicy { spec.set("externalTrafficPolicy", .string(policy)) }
        if let balancer = parameters.loadBalancerClass { spec.set("loadBalancerClass", .string(balancer)) }
        if !parameters.loadBalancerSourceRanges.isEmpty {
            spec.set("loadBalancerSourceRanges", .sequence(parameters.loadBalancerSourceRanges.map(Node.string)))
        }
        if let address = requestedBalancerAddress { spec.set("loadBalancerIP", .string(address)) }
        return object(ManagedKinds.service, key: key, annotations: parameters.serviceAnnotations, ["spec": spec])
    }

    /// Load balancers can be asked for one address; whether it was given shows in the Service's status.
    private var requestedBalancerAddress: String? {
        guard parameters.serviceType == .loadBalancer else { return nil }
        let values = gateway.gateway.addresses.map(\.value).filter { IPAddress($0) != nil }
        return values.count == 1 ? values.first : nil
    }

    /// Reading the Gateway's certificates, each by its name: a Role and its binding in each namespace that has some.
    func roles(_ certificates: Set<ObjectKey>) -> [ManagedObject] {
        let namespaces = Dictionary(grouping: certificates, by: \.namespace)
        return namespaces.keys.sorted().flatMap { namespace -> [ManagedObject] in
            let names = (namespaces[namespace] ?? []).map(\.name).sorted()
            let isOwn = namespace == gateway.key.namespace
            let roleName =
                isOwn ? name : GeneratedName.foreignObject(gateway: gateway.key, className: gateway.className)
            let roleKey = ObjectKey(namespace: namespace, name: roleName)
            let rule: Node = .mapping([
                "apiGroups": [""],
                "resources": ["secrets"],
                "resourceNames": .sequence(names.map(Node.string)),
                "verbs": ["get", "list", "watch"],
            ])
            let reference: Node = .mapping([
                "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(roleName),
            ])
            let subject: Node = .mapping([
                "kind": "ServiceAccount", "name": .string(name), "namespace": .string(gateway.key.namespace),
            ])
            return [
                object(ManagedKinds.role, key: roleKey, ["rules": [rule]]),
                object(ManagedKinds.roleBinding, key: roleKey, ["roleRef": reference, "subjects": [subject]]),
            ]
        }
    }
}
