internal import GatewayAPI

extension DeploymentPlan {
    var disruptionBudget: [ManagedObject] {
        guard let minimum = parameters.minAvailable else { return [] }
        let spec: Node = .mapping([
            "minAvailable": minimum,
            "selector": .mapping(["matchLabels": .strings(selector)]),
        ])
        return [object(ManagedKinds.disruptionBudget, key: key, ["spec": spec])]
    }

    var autoscaler: [ManagedObject] {
        guard parameters.workload == .deployment, let scaling = parameters.autoscaling else { return [] }
        let target: Node = .mapping(["type": "Utilization", "averageUtilization": .integer(scaling.targetCPU)])
        let spec: Node = .mapping([
            "scaleTargetRef": .mapping(["apiVersion": "apps/v1", "kind": "Deployment", "name": .string(name)]),
            "minReplicas": .integer(scaling.minimum),
            "maxReplicas": .integer(scaling.maximum),
            "metrics": [
                .mapping(["type": "Resource", "resource": .mapping(["name": "cpu", "target": target])])
            ],
        ])
        return [object(ManagedKinds.autoscaler, key: key, ["spec": spec])]
    }
}
