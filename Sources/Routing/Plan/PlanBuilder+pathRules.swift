internal import GatewayAPI

extension PathRules {
    static let parametersAnnotation = "weir.dev/path-parameters"
    static let encodedSlashesAnnotation = "weir.dev/encoded-slashes"

    struct Defect {
        var annotation: String
        var value: String
        var message: String
    }

    /// What the annotations of a Gateway or Service say. A value that does not exist means the strictest, and is a
    /// defect.
    static func read(_ annotations: [String: String]) -> (rules: PathRules, defects: [Defect]) {
        var defects: [Defect] = []
        func setting<Setting: CaseIterable>(_ annotation: String, _ strictest: Setting) -> Setting? {
            guard let written = annotations[annotation] else { return nil }
            if let known = Setting.allCases.first(where: { "\($0)" == written }) { return known }
            let words = Setting.allCases.map { "\($0)" }.joined(separator: ", ")
            defects.append(
                Defect(
                    annotation: annotation, value: written, message: "must be one of \(words); \(strictest) is applied")
            )
            return strictest
        }
        let rules = PathRules(
            parameters: setting(parametersAnnotation, Parameters.refuse) ?? .keep,
            encodedSlashes: setting(encodedSlashesAnnotation, EncodedSlashes.refuse) ?? .keep)
        return (rules, defects)
    }
}

extension PlanBuilder {
    /// Gives each frontend the rules of its Gateway or Service; what is merged of several Services has the strictest of
    /// them.
    func applyPathRules() {
        for position in plan.listeners.indices {
            guard let gateway = resources.gateways[plan.listeners[position].gateway] else { continue }
            plan.listeners[position].pathRules = pathRules(gateway.metadata, "Gateway")
        }
        for position in plan.services.indices {
            plan.services[position].pathRules = pathRules(of: plan.services[position].service)
        }
        for port in plan.inboundPorts.indices {
            var merged = PathRules.standard
            for member in plan.inboundPorts[port].members.indices {
                let rules = pathRules(of: plan.inboundPorts[port].members[member].service)
                plan.inboundPorts[port].members[member].pathRules = rules
                merged = merged.united(with: rules)
            }
            plan.inboundPorts[port].mergedPathRules = merged
        }
    }

    /// Services whose settings nothing carries out: what has no routes is passed on without a look at its path.
    func reportIdlePathRules(_ attachments: ServiceAttachments) {
        let routed = attachments.services(in: resources)
        for key in resources.services.keys.sorted() where !routed.contains(key) {
            guard let metadata = resources.services[key]?.metadata, !metadata.annotations.isEmpty,
                !pathRules(metadata, "Service").isStandard
            else { continue }
            let defective = Set(PathRules.read(metadata.annotations).defects.map(\.annotation))
            for annotation in [PathRules.parametersAnnotation, PathRules.encodedSlashesAnnotation] {
                guard let value = metadata.annotations[annotation], value != "keep", !defective.contains(annotation)
                else { continue }
                report(
                    Problem(
                        severity: .error, id: .idleAnnotation, object: "Service \(key)",
                        field: "metadata.annotations[\(annotation)]", value: value,
                        message:
                            "no route is attached to the Service, and without one paths are passed on as they are; "
                            + "it is ignored (attach an HTTPRoute to the Service; gateways go by their Gateway's annotation)",
                        dependsOn: .httpRoute))
            }
        }
    }

    private func pathRules(of service: ObjectKey) -> PathRules {
        resources.services[service].map { pathRules($0.metadata, "Service") } ?? .standard
    }

    private func pathRules(_ metadata: ObjectMeta, _ kind: String) -> PathRules {
        if metadata.annotations.isEmpty { return .standard }
        let (rules, defects) = PathRules.read(metadata.annotations)
        for defect in defects {
            report(
                Problem(
                    severity: .error, id: .invalidAnnotation, object: "\(kind) \(metadata.key)",
                    field: "metadata.annotations[\(defect.annotation)]", value: defect.value, message: defect.message))
        }
        return rules
    }
}
