internal import GatewayAPI

extension PlanBuilder {
    func planGatewayClasses() {
        for (name, gatewayClass) in resources.gatewayClasses
        where gatewayClass.controllerName == RoutePlanner.gatewayController {
            plan.statuses.gatewayClasses[name] = conditions(of: gatewayClass)
        }
    }

    private func conditions(of gatewayClass: GatewayClass) -> [Condition] {
        let generation = gatewayClass.metadata.generation
        let name = gatewayClass.metadata.key.name
        let defect = gatewayClass.parametersRef?.defect(isNamespaced: true) ?? facts.classDefects[name]
        if let defect, gatewayClass.parametersRef?.defect == nil {
            report(
                Problem(
                    severity: .error, id: .parameters, object: "GatewayClass \(name)", field: "spec.parametersRef",
                    value: gatewayClass.parametersRef?.name ?? "", message: "\(defect); the class is not accepted"))
        }
        let accepted = Condition(
            type: "Accepted", status: defect == nil, reason: defect == nil ? "Accepted" : "InvalidParameters",
            message: defect ?? "", observedGeneration: generation)
        guard let written = facts.bundleVersion else { return [accepted] }
        // Other versions are served as well as they can be: fields that are not known are reported and left alone.
        let isSupported = BundleVersion(written)?.isSupported ?? false
        let version = Condition(
            type: "SupportedVersion", status: isSupported,
            reason: isSupported ? "SupportedVersion" : "UnsupportedVersion",
            message: isSupported
                ? ""
                : "the installed Gateway API definitions are \(written); supported are \(BundleVersion.supportedText)",
            observedGeneration: generation)
        return [accepted, version]
    }

    func planBackendStatus() {
        for key in resources.backends.keys.sorted() {
            guard let backend = resources.backends[key] else { continue }
            let refusal = backend.defect == nil ? defect(of: backend) : nil
            let reason = backend.defect == nil ? (refusal == nil ? "Accepted" : "NotPermitted") : "Invalid"
            plan.statuses.backends[key] = [
                Condition(
                    type: "Accepted", status: reason == "Accepted", reason: reason,
                    message: backend.defect ?? refusal ?? "", observedGeneration: backend.metadata.generation)
            ]
        }
    }
}
