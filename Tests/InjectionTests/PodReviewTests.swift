import GatewayAPI
import Injection
import Testing

/// What pods would be refused for is told of manifests, whether or not it is known that their namespace asks.
@Suite struct PodReviewTests {
    private func problems(
        _ metadata: Node, kind: String = "Deployment", apiVersion: String = "apps/v1",
        path: [String] = ["spec", "template"],
        hostNetwork: Bool = false, around labels: [String: [String: String]] = [:]
    ) -> [Problem] {
        var spec = Node.mapping(["containers": [.mapping(["name": "app", "image": "app"])]])
        if hostNetwork { spec.set("hostNetwork", true) }
        let pod = Node.mapping(["metadata": metadata, "spec": spec])
        var document = path.reversed().reduce(pod) { .mapping([$1: $0]) }
        document.set("apiVersion", .init(.string(apiVersion)))
        document.set("kind", .init(.string(kind)))
        if !path.isEmpty { document.set("metadata", .mapping(["name": "web", "namespace": "shop"])) }
        let settings = InjectionSettings(image: "weir:1", version: "1")
        return PodReview(settings: settings, labels: labels).problems(of: document)
    }

    private func annotated(_ name: String, _ value: String) -> Node {
        .mapping(["annotations": .strings(["weir.dev/\(name)": value])])
    }

    @Test(arguments: [
        ("exclude-inbound-ports", "99999"), ("drain-timeout", "30"), ("termination-delay", "10m"),
        ("log-level", "trace"),
        ("proxy-image", "evil/weir:1"), ("proxy-memory-limit", "1Gig"), ("proxy-workers", "0"), ("inject", "yes"),
    ])
    func everyValueIsJudged(name: String, value: String) {
        let found = problems(annotated(name, value))
        #expect(found.map(\.id) == [.pod] && found.map(\.severity) == [.error], "\(found)")
        #expect(found.first?.object == "Deployment shop/web")
        #expect(found.first?.field == "spec.template.metadata.annotations[weir.dev/\(name)]")
        #expect(found == problems(annotated(name, value), around: ["shop": ["weir.dev/inject": "enabled"]]))
    }

    @Test(arguments: [
        ("Pod", "v1", []), ("StatefulSet", "apps/v1", ["spec", "template"]),
        ("DaemonSet", "apps/v1", ["spec", "template"]),
        ("Job", "batch/v1", ["spec", "template"]),
        ("CronJob", "batch/v1", ["spec", "jobTemplate", "spec", "template"]),
    ])
    func everyKindThatMakesPodsIsLookedAt(kind: String, apiVersion: String, path: [String]) {
        let found = problems(annotated("log-level", "trace"), kind: kind, apiVersion: apiVersion, path: path)
        #expect(
            found.map(\.field) == [(path + ["metadata", "annotations[weir.dev/log-level]"]).joined(separator: ".")])
    }

    @Test func labelAndAnnotationThatDisagreeAreTold() {
        let found = problems(
            .mapping([
                "labels": .strings(["weir.dev/inject": "enabled"]),
                "annotations": .strings(["weir.dev/inject": "disabled"]),
            ]))
        #expect(found.map(\.severity) == [.error])
    }

    @Test func aPodOfTheNodesNetworkIsToldWhereItIsToBeInjected() {
        let plain = Node.mapping([:])
        #expect(problems(plain, hostNetwork: true).isEmpty)
        #expect(
            problems(plain, hostNetwork: true, around: ["shop": ["weir.dev/inject": "enabled"]]).map(\.severity)
                == [.warning])
        let asked = Node.mapping(["labels": .strings(["weir.dev/inject": "enabled"])])
        #expect(problems(asked, hostNetwork: true).map(\.severity) == [.error])
    }

    @Test func aPodThatIsLeftAloneMaySayAnything() {
        var metadata = annotated("log-level", "trace")
        metadata.set("labels", .strings(["weir.dev/inject": "disabled"]))
        #expect(problems(metadata).isEmpty)
    }
}
