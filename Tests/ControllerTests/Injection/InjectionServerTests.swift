import ControlHTTP
import Controller
import GatewayAPI
import HTTP
import Injection
import Kubernetes
import Reactor
import TLS
import Testing

@Suite struct InjectionServerTests {
    private let loop: EventLoop
    private let objects: StoredObjects
    private let server: InjectionServer

    init() throws {
        let loop = try EventLoop()
        let objects = StoredObjects(loop: loop)
        self.loop = loop
        self.objects = objects
        objects.put(
            "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/weir-injector",
            .mapping(["webhooks": [.mapping(["name": "namespace.weir.dev", "clientConfig": .mapping([:])])]]))
        objects.put(
            "/api/v1/namespaces/shop",
            .mapping(["metadata": .mapping(["labels": .mapping(["weir.dev/inject": "enabled"])])]))
        let labels = NamespaceLabelSource(transport: objects)
        let webhook = InjectionWebhook(
            injector: Injector(settings: InjectionSettings(image: "weir:1", version: "1")),
            namespaceLabels: labels.labels)
        server = try InjectionServer(
            address: SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false), namespace: "weir-system",
            service: "weir-controller", transport: objects, loop: loop, webhook: webhook)
    }

    /// Whom the API server was told to trust.
    private func client() throws -> HTTPClient {
        let path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/weir-injector"
        let webhook = try #require(objects.objects[path]?["webhooks"]?.elements.first)
        let bundle = try #require(webhook["clientConfig"]?["caBundle"]?.stringValue)
        let roots = try #require(Base64.decode(bundle))
        let tls = try TLSClientContext(roots: .pem(roots), identity: nil)
        return HTTPClient(
            loop: loop,
            endpoint: HTTPEndpoint(
                host: "127.0.0.1", port: server.port, tls: tls, serverName: "weir-controller.weir-system.svc"))
    }

    private func send(_ request: HTTPClientRequest, _ client: HTTPClient) throws -> HTTPClientResponse {
        var result: Result<HTTPClientResponse, HTTPClientError>?
        client.send(request) { result = $0 }
        #expect(loop.run { result != nil })
        return try #require(result).get()
    }

    @Test func aPodIsInjectedOverTLSThatTheRegisteredBundleTrusts() throws {
        server.start()
        let server = server
        #expect(loop.run { server.isReady })
        let client = try client()
        let body =
            #"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","namespace":"shop","#
            + #""operation":"CREATE","kind":{"group":"","kind":"Pod"},"object":{"spec":{"containers":[{"name":"a"}]}}}}"#
        let response = try send(HTTPClientRequest(.post, "/inject?timeout=10s", body: Array(body.utf8)), client)
        #expect(response.status == 200)
        #expect(try JSONReader.node(response.body)["response"]?["patchType"]?.stringValue == "JSONPatch")
        #expect(objects.requests.contains("GET /api/v1/namespaces/shop"))

        #expect(try send(HTTPClientRequest(.get, "/inject"), client).status == 405)
        #expect(try send(HTTPClientRequest(.post, "/other"), client).status == 404)
        #expect(try send(HTTPClientRequest(.post, "/inject", body: [1, 2, 3]), client).status == 400)
        let large = [UInt8](repeating: 0x20, count: AdmissionReview.maximumBytes + 1)
        #expect(try send(HTTPClientRequest(.post, "/inject", body: large), client).status == 413)
        server.stop()
    }
}
