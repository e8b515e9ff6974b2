import GatewayAPI
import Testing

@testable import Controller

@Suite struct GatewayParametersTests {
    @Test(arguments: [
        ("kind: StatefulSet", "data.kind", "must be one of Deployment, DaemonSet"),
        ("replicas: \"-1\"", "data.replicas", "must be 0..1000"),
        ("replicaz: \"1\"", "data.replicaz", "is not a parameter"),
        ("serviceType: ExternalName", "data.serviceType", "must be one of LoadBalancer, NodePort, ClusterIP"),
        ("resources: \"[1]\"", "data.resources", "must be a mapping"),
        ("resources: \"{a: \"", "data.resources", ""),
        ("tolerations: \"{}\"", "data.tolerations", "must be a list"),
        ("drainTimeout: 2d", "data.drainTimeout", "must be a duration of 1s to 1h"),
        ("autoscaling: \"{minReplicas: 3, maxReplicas: 2}\"", "data.autoscaling", "must have maxReplicas"),
        ("autoscaling: \"{maxReplicas: 2, memory: 80}\"", "data.autoscaling.memory", "is not known"),
        ("minAvailable: 200%", "data.minAvailable", "must be 0..1000, or 0%..100%"),
        ("serviceAnnotations: \"{a: 1}\"", "data.serviceAnnotations.a", "must be a string (quote it)"),
        ("podAnnotations: \"{weir.dev/status: x}\"", "data.podAnnotations.weir.dev/status", "must not be set"),
        (
            "serviceAnnotations: \"{weir.dev/gateway: x}\"", "data.serviceAnnotations.weir.dev/gateway",
            "must not be set"
        ),
        ("trustForwardedFrom: \"--admin=0.0.0.0:80\"", "data.trustForwardedFrom", "must be networks"),
        ("trustForwardedFrom: 10.0.0.0/33", "data.trustForwardedFrom", "must be networks"),
        ("image: \"a\\nb\"", "data.image", "must have 1 to 500 printable characters"),
    ])
    func eachMistakeIsSaidByItsField(_ data: String, _ field: String, _ rule: String) throws {
        let (parameters, problems) = try Gateways.parameters(data)
        #expect(problems.map(\.field) == [field])
        #expect(problems.first?.message.hasPrefix(rule) == true)
        #expect(problems.first?.object == "ConfigMap ana/p")
        #expect(parameters == GatewayParameters(), "a value that cannot be read changes nothing")
    }

    @Test func whatIsTooLargeIsNotRead() throws {
        let large = "nodeSelector: \"{a: \(String(repeating: "x", count: 70_000))}\""
        let (parameters, problems) = try Gateways.parameters(large)
        #expect(problems.map(\.field) == ["data"])
        #expect(parameters == GatewayParameters())
        let many = (0..<500).map { "x\($0): \"1\"\n" }.joined()
        #expect(try Gateways.parameters(many).problems.count == 20)
    }

    @Test func contradictionsAreSaid() throws {
        #expect(try Gateways.parameters("kind: DaemonSet\nreplicas: \"2\"").problems.map(\.field) == ["data.kind"])
        #expect(
            try Gateways.parameters("serviceType: ClusterIP\nexternalTrafficPolicy: Local").problems.map(\.field)
                == ["data.externalTrafficPolicy"])
        #expect(
            try Gateways.parameters("serviceType: NodePort\nloadBalancerClass: a/b").problems.map(\.field)
                == ["data.serviceType"])
    }

    @Test func theGatewaysParametersOverrideTheClasses() throws {
        var parameters = try Gateways.parameters("replicas: \"2\"\nlogLevel: debug").parameters
        let problems = parameters.apply(
            configMap: try Gateways.node("data: {replicas: \"5\"}"), key: ObjectKey(namespace: "ana", name: "q"),
            of: .gateway)
        #expect(problems == [])
        #expect(parameters.replicas == 5)
        #expect(parameters.logLevel == "debug")
    }

    @Test(arguments: ["image: evil:1", "imagePullSecrets: a", "priorityClassName: system-node-critical"])
    func whatRunsIsTheClassesToSay(_ data: String) throws {
        #expect(try Gateways.parameters(data).problems == [])
        let (parameters, problems) = try Gateways.parameters(data, of: .gateway)
        #expect(problems.map(\.field) == ["data." + data.prefix { $0 != ":" }])
        #expect(problems.first?.message.contains("GatewayClass only") == true)
        #expect(parameters == GatewayParameters())
    }

    @Test func blockScalarsAreRead() throws {
        let (parameters, problems) = try Gateways.parameters(
            "resources: |\n  requests:\n    cpu: 500m\nnodeSelector: |\n  disk: ssd\nkind: |\n  Deployment\n")
        #expect(problems == [])
        #expect(parameters.resources.at("requests.cpu") == "500m")
        #expect(parameters.nodeSelector?["disk"] == "ssd")
    }
}
