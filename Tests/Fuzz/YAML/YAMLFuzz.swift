internal import GatewayAPI
internal import Kubernetes

/// Pure entry for fuzzing what a manifest file says. Takes any bytes and returns the invariants that they broke:
/// nothing, if all is well.
package enum YAMLFuzz {
    /// Small, so that a text that asks for too much is met often.
    static var limits: ManifestLimits {
        var limits = ManifestLimits()
        limits.yaml.bytes = 1 << 20
        limits.yaml.depth = 32
        limits.yaml.nodes = 20_000
        limits.yaml.repeatedNodes = 1_000
        return limits
    }

    package static func load(_ bytes: [UInt8]) -> [String] {
        guard let manifest = try? ManifestParser.parse(bytes, file: "fuzz", limits: limits) else { return [] }
        var broken: [String] = []
        for object in manifest.objects {
            if let resource = object.resource { broken += check(resource) }
            if object.resource == nil, manifest.problems.isEmpty {
                broken.append("\(object.id) is refused without a reason")
            }
        }
        for problem in manifest.problems where problem.message.isEmpty || problem.object.isEmpty {
            broken.append("a problem without words")
        }
        return broken
    }

    private static func check(_ resource: Resource) -> [String] {
        guard case .httpRoute(let route) = resource else { return [] }
        var broken: [String] = []
        for rule in route.rules {
            if rule.matches.isEmpty { broken.append("a rule without matches") }
            for match in rule.matches where match.defect == nil {
                guard let path = match.path, path.kind != .regularExpression else { continue }
                if PathValue.brokenRule(path.value) != nil { broken.append("an unsound path passes") }
            }
            for backend in rule.backendRefs where backend.weight > 1_000_000 {
                broken.append("an unsound weight passes")
            }
        }
        return broken
    }
}
