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
    private let webhook: InjectionWebhook

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
        webhook = InjectionWebhook(
            injector: Injector(settings: InjectionSettings(image: "weir:1", version: "1")),
            namespaceLabels: labels.labels)
        server = try Self.server(loop, objects, webhook)
    }

    private static func server(
        _ loop: EventLoop, _ objects: StoredObjects, _ webhook: InjectionWebhook,
        clientAuthorities: ClientAuthorities? = nil
    ) throws -> InjectionServer {
        try InjectionServer(
            address: SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false), namespace: "weir-system",
            service: "weir-controller", transport: objects, loop: loop, servingLoop: loop, webhook: webhook,
            clientAuthorities: clientAuthorities)
    }

    /// Whom the API server was told to trust.
    private func client(of server: InjectionServer, identity: TLSIdentity? = nil) throws -> HTTPClient {
        let path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/weir-injector"
        let webhook = try #require(objects.objects[path]?["webhooks"]?.elements.first)
        let bundle = try #require(webhook["clientConfig"]?["caBundle"]?.stringValue)
        let roots = try #require(Base64.decode(bundle))
        let tls = try TLSClientContext(roots: .pem(roots), identity: identity)
        return HTTPClient(
            loop: loop,
            endpoint: HTTPEndpoint(
                host: "127.0.0.1", port: server.port, tls: tls, serverName: "weir-controller.weir-system.svc"))
    }

    private static let body: [UInt8] = Array(
        (#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","namespace":"shop","#
            + #""operation":"CREATE","kind":{"group":"","kind":"Pod"},"object":{"spec":{"containers":[{"name":"a"}]}}}}"#)
            .utf8)

    /// Who has no certificate of the authority that the operator named is not listened to.
    @Test func whereAnAuthorityIsNamedOnlyItsClientsAreAnswered() throws {
        let (ours, strangers) = (
            try CertificateMaker.authority(commonName: "ours", days: 1),
            try CertificateMaker.authority(commonName: "another", days: 1)
        )
        let authorities = try ClientAuthorities(loop: loop) { ours.certificate }
        let server = try Self.server(loop, objects, webhook, clientAuthorities: authorities)
        server.start()
        #expect(loop.run { server.isReady })
        func identity(_ authority: (certificate: [UInt8], key: [UInt8])) throws -> TLSIdentity {
            let leaf = try CertificateMaker.leaf(
                dnsNames: ["api-server"], ipAddresses: [], days: 1, authority: (authority.certificate, authority.key))
            return try TLSIdentity(certificateChain: leaf.certificate, privateKey: leaf.key)
        }
        func status(_ identity: TLSIdentity?) throws -> Int? {
            let request = HTTPClientRequest(.post, "/inject", body: Self.body)
            return try? send(request, try client(of: server, identity: identity)).status
        }
        #expect(try status(try identity(ours)) == 200)
        #expect(try status(nil) == nil)
        #expect(try status(try identity(strangers)) == nil)
        // What else is served with the controller's certificate is for others.
        #expect(server.tlsContext != nil)
        server.stop()
    }

    @Test func anAuthorityThatCannotBeReadIsRefusedAtTheStart() {
        #expect(throws: TLSError.self) { try ClientAuthorities(loop: loop) { Array("none".utf8) } }
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
        let client = try client(of: server)
        let response = try send(HTTPClientRequest(.post, "/inject?timeout=10s", body: Self.body), client)
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
