import APIServer
import Foundation
import GatewayAPI
import Testing

/// `weir controller` injecting: against an API server over TLS, with the webhook that the installation registers.
@Suite struct InjectionWebhookTests {
    /// An API server that has the installation's webhook, and any number of controllers.
    private final class World {
        let api: APIServer
        let folder: TestFolder
        private var controllers: [ChildProcess] = []

        static let registration = ObjectKey(namespace: "", name: "weir-injector")
        static let secret = ObjectKey(namespace: "weir-system", name: "weir-certificates")
        static let webhooks = "mutatingwebhookconfigurations.admissionregistration.k8s.io"

        init() throws {
            api = try APIServer(certificates: try ServerCertificates())
            folder = try TestFolder()
            try folder.write("kubeconfig", api.kubeconfig())
            let manifest = try String(contentsOfFile: WeirBinary.root + "/deploy/kubernetes/weir.yaml", encoding: .utf8)
            let document = manifest.components(separatedBy: "\n---").first {
                $0.contains("kind: MutatingWebhookConfiguration")
            }
            try api.put(yaml: try #require(document))
            for name in ["shop, labels: {weir.dev/inject: enabled}", "weir-system"] {
                try api.put(yaml: "{apiVersion: v1, kind: Namespace, metadata: {name: \(name)}}")
            }
        }

        /// Starts a controller and returns the port of its webhook.
        func controller() throws -> (port: Int, process: ChildProcess) {
            let ports = try Ports.block()
            let process = try ChildProcess(
                [
                    WeirBinary.path(), "controller", "--kubeconfig", folder.path + "/kubeconfig",
                    "--webhook", "127.0.0.1:\(ports.first)", "--telemetry", "127.0.0.1:\(ports.telemetry)",
                    "--proxy-image", "weir:e2e",
                ], folder: folder.path, name: "controller-\(ports.first)")
            controllers.append(process)
            return (ports.first, process)
        }

        /// What the API server was told to trust, in every webhook; nil before.
        func bundle() -> [UInt8]? {
            let webhooks = api.get(Self.webhooks, Self.registration)?["webhooks"]?.elements ?? []
            let bundles = Set(webhooks.map { $0["clientConfig"]?["caBundle"]?.stringValue })
            guard webhooks.count == 3, bundles.count == 1, let text = bundles.first ?? nil else { return nil }
            return Data(base64Encoded: text).map { [UInt8]($0) }
        }

        func call(_ port: Int) throws -> AdmissionCall {
            try eventually("the bundle is in place: \(controllers.map(\.standardError))") { self.bundle() != nil }
            return try AdmissionCall(
                port: port, path: "/inject", authority: try #require(bundle()),
                serverName: "weir-controller.weir-system.svc")
        }

        func stop() {
            for controller in controllers { controller.end() }
            api.stop()
            folder.remove()
        }
    }

    private func pod(_ metadata: String = "", _ spec: String = "") throws -> Node {
        .mapping([
            "apiVersion": "v1", "kind": "Pod",
            "metadata": .mapping([
                "generateName": "web-", "labels": .strings(metadata.isEmpty ? [:] : ["weir.dev/inject": metadata]),
            ]),
            "spec": .mapping([
                "hostNetwork": Node(booleanLiteral: spec == "hostNetwork"),
                "containers": [
                    .mapping([
                        "name": "web", "image": "web", "ports": [.mapping(["name": "http", "containerPort": 8080])],
                        "readinessProbe": .mapping(["httpGet": .mapping(["path": "/", "port": "http"])]),
                    ])
                ],
            ]),
        ])
    }

    @Test func aControllerMakesItsCertificatesAndInjects() throws {
        let world = try World()
        defer { world.stop() }
        let (port, process) = try world.controller()
        let call = try world.call(port)
        #expect(world.api.get("secrets", World.secret) != nil)

        let injected = try call.review(try pod(), namespace: "shop", isDryRun: true)
        #expect(injected.isAllowed)
        let containers = injected.object["spec"]?["initContainers"]?.elements ?? []
        #expect(containers.map { $0["name"]?.stringValue } == ["weir-redirect", "weir-proxy"])
        #expect(containers.allSatisfy { $0["image"]?.stringValue == "weir:e2e" })
        let probe = injected.object["spec"]?["containers"]?.elements.first?["readinessProbe"]?["httpGet"]
        #expect(probe?["port"]?.integerValue == 15020)
        let again = try call.review(injected.object, namespace: "shop")
        #expect(again.object == injected.object)

        let elsewhere = try call.review(try pod(), namespace: "default")
        #expect(elsewhere.isAllowed && elsewhere.object["spec"]?["initContainers"] == nil)
        #expect(try call.review(try pod("enabled"), namespace: "default").object["spec"]?["initContainers"] != nil)
        let refused = try call.review(try pod("enabled", "hostNetwork"), namespace: "shop")
        #expect(!refused.isAllowed)
        #expect(refused.message?.contains("spec.hostNetwork") == true)
        #expect(try call.post(Array("nonsense".utf8)).status == 400)
        #expect(try call.post([]).status == 400)
        #expect(process.isRunning)
        #expect(try call.review(try pod(), namespace: "shop").isAllowed)
    }

    @Test func replicasServeTheSameCertificates() throws {
        let world = try World()
        defer { world.stop() }
        let ports = try [world.controller(), world.controller()].map(\.port)
        for port in ports {
            var verdict: AdmissionCall.Verdict?
            try eventually("the replica at \(port) is trusted") {
                verdict = try? world.call(port).review(try pod(), namespace: "shop")
                return verdict != nil
            }
            #expect(verdict?.object["spec"]?["initContainers"] != nil)
        }
        #expect(world.api.list("secrets").count == 1)
    }

    /// A namespace's labels come from the API server where the watch has not told of them yet, and nobody is admitted
    /// without.
    @Test func whileTheAPIIsGoneOnlyWhatIsKnownIsInjected() throws {
        let world = try World()
        defer { world.stop() }
        let (port, _) = try world.controller()
        let call = try world.call(port)
        #expect(try call.review(try pod(), namespace: "shop").isAllowed)
        try world.api.goDown()
        try eventually("the watched label is enough") {
            (try? call.review(try pod(), namespace: "shop"))?.object["spec"]?["initContainers"] != nil
        }
        #expect(throws: (any Error).self) { try call.review(try pod(), namespace: "unheard-of") }
    }
}
