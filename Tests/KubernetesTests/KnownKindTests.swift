import GatewayAPI
import Kubernetes
import Testing

/// What is written for Weir and read by nothing is told: kinds, groups, labels and annotations.
@Suite struct KnownKindTests {
    private func problems(_ text: String) throws -> [Problem] { try ManifestText.parse(text).problems }

    private func object(_ apiVersion: String, _ kind: String, _ rest: String = "") -> String {
        "{apiVersion: \(apiVersion), kind: \(kind), metadata: {name: a, namespace: shop}\(rest)}"
    }

    @Test(arguments: [
        ("gateway.networking.k8s.io/v1", "HttpRoute", "HTTPRoute"),
        ("gateway.networking.k8s.io/v1", "Gatway", "Gateway"),
        ("v1", "Servce", "Service"), ("discovery.k8s.io/v1", "EndpointSlices", "EndpointSlice"),
        ("gateway.kgateway.dev/v1alpha1", "Backends", "Backend"),
    ])
    func aMisspeltKindIsTold(apiVersion: String, kind: String, meant: String) throws {
        let found = try problems(object(apiVersion, kind))
        #expect(found.map(\.id) == [.unknownKind] && found.map(\.severity) == [.error])
        #expect(found.first?.object == "\(kind) shop/a" && found.first?.field == "kind")
        #expect(found.first?.message.contains("; \(meant) is; ") == true, "\(found)")
    }

    @Test(arguments: [
        ("gateway.networking.k8s.io/v1alpha2", "BackendLBPolicy"),
        ("gateway.networking.x-k8s.io/v1alpha1", "XListenerSet"),
        ("gateway.kgateway.dev/v1alpha1", "TrafficPolicy"), ("weir.dev/v1alpha1", "AccessPolicy"),
    ])
    func aKindThatIsNotServedIsTold(apiVersion: String, kind: String) throws {
        #expect(try problems(object(apiVersion, kind)).map(\.id) == [.unservedKind])
    }

    @Test(arguments: [
        ("gateway.networking.k8s.oi/v1", "HTTPRoute", "gateway.networking.k8s.io"),
        ("v1", "HTTPRoute", "gateway.networking"),
        ("gateway.networking.x-k8s.io/v1", "GRPCRoute", "gateway.networking"),
        ("gateway.networking.k8s.io/v1", "Service", "v1"),
        ("gateway.kgatway.dev/v1alpha1", "Backend", "gateway.kgateway.dev"),
        ("networking.k8s.io/v1", "HTTPRoute", "gateway.networking.k8s.io/v1 is"),
        ("core/v1", "Service", "(v1 is)"), ("apps/v1", "Service", "(v1 is)"), ("core/v1", "Secret", "(v1 is)"),
        ("networking.k8s.io/v1", "Gateway", "gateway.networking.k8s.io/v1 is"),
    ])
    func aWrongGroupIsTold(apiVersion: String, kind: String, meant: String) throws {
        let found = try problems(object(apiVersion, kind))
        #expect(found.map(\.field) == ["apiVersion"] && found.map(\.severity) == [.error])
        #expect(found.first?.message.contains(meant) == true, "\(found)")
    }

    @Test(arguments: [
        ("v1", "ConfigMap"), ("v1", "Pod"), ("apps/v1", "Deployment"), ("serving.knative.dev/v1", "Service"),
        ("networking.istio.io/v1", "Gateway"), ("batch/v1", "Job"), ("example.com/v1", "HttpRoute"),
    ])
    func whatConcernsOthersIsPassedOver(apiVersion: String, kind: String) throws {
        #expect(try problems(object(apiVersion, kind)) == [])
    }

    @Test func anothersPolicyForWhatIsServedIsWarnedOf() throws {
        let target = "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: web}"
        for spec in ["{targetRefs: [\(target)]}", "{targetRef: \(target)}"] {
            let found = try problems(object("gateway.envoyproxy.io/v1alpha1", "SecurityPolicy", ", spec: \(spec)"))
            #expect(found.map(\.id) == [.policyUnserved] && found.map(\.severity) == [.warning])
            #expect(found.first?.message.contains("HTTPRoute web") == true)
        }
        let other = ", spec: {targetRefs: [{group: apps, kind: Deployment, name: a}]}"
        #expect(try problems(object("autoscaling.example.com/v1", "Scaler", other)) == [])
    }

    @Test(arguments: [
        ("annotations", "delegation.kgateway.dev/inherit-parent-match", "inherit-parent-matcher"),
        ("labels", "delegation.kgateway.dev/lable", "delegation.kgateway.dev/label"),
        ("annotations", "weir.dev/route-enforcement", "on Service only"),
        ("annotations", "delegation.kgateway.dev/label", "is a label, not an annotation"),
        ("annotations", "weir.dev/something-else", "is no annotation that is known"),
        ("labels", "delegation.kgatewy.dev/label", "delegation.kgateway.dev/label"),
    ])
    func aKeyOfOursThatNothingReadsIsTold(place: String, key: String, words: String) throws {
        let found = try problems(
            """
            {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute,
             metadata: {name: a, \(place): {"\(key)": x}}, spec: {rules: [{}]}}
            """)
        #expect(found.map(\.id) == [.unknownAnnotation] && found.map(\.severity) == [.error])
        #expect(found.first?.field == "metadata.\(place)[\(key)]" && found.first?.line == 2)
        #expect(found.first?.message.contains(words) == true, "\(found)")
    }

    @Test(arguments: ["{kind: Service}", "{apiVersion: v1}", "{apiVersion: 1, kind: Service}", "text", "[]"])
    func aDocumentThatIsNoObjectIsTold(text: String) throws {
        let found = try problems(text)
        #expect(!found.isEmpty && found.allSatisfy { $0.id == .notAnObject && $0.severity == .error }, "\(found)")
    }

    @Test func aValueThatIsNoTextIsTold() throws {
        let metadata = "{annotations: {weir.dev/proxy-workers: 4, example.com/x: 4}}"
        let found = try problems(object("apps/v1", "Deployment", ", spec: {template: {metadata: \(metadata)}}"))
        #expect(found.map(\.id) == [.wrongType] && found.map(\.severity) == [.error])
        #expect(found.map(\.field) == ["spec.template.metadata.annotations[weir.dev/proxy-workers]"], "\(found)")
    }

    /// Injection's own reader judges them, and says what becomes of the pod.
    @Test func valuesOfPodsAreLeftToInjection() throws {
        let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {weir.dev/inject: \"yes\"}}, spec: {}}"
        #expect(try problems(pod) == [])
    }

    @Test func aValueThatMeansNothingIsTold() throws {
        let route = { (value: String) in
            """
            {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a,
             annotations: {delegation.kgateway.dev/inherit-parent-matcher: "\(value)"}}, spec: {rules: [{}]}}
            """
        }
        #expect(try problems(route("on")).map(\.id) == [.invalidAnnotation])
        for value in ["true", "Yes", "ENABLED", "false", "disabled"] { #expect(try problems(route(value)) == []) }
    }

    @Test func whatOthersReadIsWarnedOf() throws {
        let found = try problems(
            """
            {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute,
             metadata: {name: a, annotations: {kgateway.dev/route-weight: "1"}}, spec: {rules: [{}]}}
            """)
        #expect(found.map(\.id) == [.unservedAnnotation] && found.map(\.severity) == [.warning])
    }

    @Test func workloadsAndNamespacesAreLookedAtToo() throws {
        let deployment = { (template: String, own: String) in
            """
            {apiVersion: apps/v1, kind: Deployment, metadata: {name: a, labels: {\(own)}},
             spec: {template: {metadata: {annotations: {\(template)}}}}}
            """
        }
        #expect(try problems(deployment("weir.dev/proxy-workers: \"2\"", "app: a")) == [])
        let misspelt = try problems(deployment("weir.dev/proxy-worker: \"2\"", "app: a"))
        #expect(misspelt.map(\.field) == ["spec.template.metadata.annotations[weir.dev/proxy-worker]"])
        let misplaced = try problems(deployment("", "weir.dev/inject: enabled"))
        #expect(misplaced.first?.message.contains("Pods and their templates only") == true, "\(misplaced)")
        let job = """
            {apiVersion: batch/v1, kind: CronJob, metadata: {name: a},
             spec: {jobTemplate: {spec: {template: {metadata: {annotations: {weir.dev/sidcar: native}}}}}}}
            """
        #expect(try problems(job).map(\.id) == [.unknownAnnotation])
        let namespace = { (labels: String) in
            "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {\(labels)}}}"
        }
        #expect(try problems(namespace("weir.dev/public-gateway: allowed, weir.dev/inject: enabled")) == [])
        #expect(try problems(namespace("weir.dev/injekt: enabled")).map(\.id) == [.unknownAnnotation])
        #expect(try problems(namespace("weir.dev/inject: \"yes\"")).map(\.id) == [.invalidAnnotation])
    }
}
