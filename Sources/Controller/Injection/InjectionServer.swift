package import ControlHTTP
internal import HTTP
package import Kubernetes
package import Reactor
package import TLS
internal import Telemetry

/// Everything of injection that runs in the controller: certificates, registration, and the webhook's port. The port
/// may be served on a loop of its own, on another thread: then whatever reaches it takes no time of anything else.
package final class InjectionServer {
    package static let path = "/inject"
    package static let defaultPort: UInt16 = 15017

    private let server: HTTPServer
    private let rotation: CertificateRotation
    private let registration: WebhookRegistration
    private let certificates: ServedCertificates

    /// Binds and listens; connections are closed until there is a certificate.
    /// - Parameters:
    ///   - loop: of certificates and registration, and of `transport`.
    ///   - servingLoop: of the port, and of all that `webhook` asks.
    ///   - clientAuthorities: PEM of whom a client's certificate has to come from; nil asks for none.
    ///   - onCertificates: called with the first certificates and whenever others are there.
    /// - Throws: `SystemError` when the address cannot be bound.
    package init(
        address: SocketAddress, namespace: String, service: String, transport: any APITransport, loop: EventLoop,
        servingLoop: EventLoop, webhook: InjectionWebhook, clientAuthorities: ClientAuthorities? = nil,
        onCertificates: @escaping (WeirCertificates) -> Void = { _ in }
    ) throws(SystemError) {
        let certificates = ServedCertificates(clientAuthorities: clientAuthorities?.pem)
        let registration = WebhookRegistration(transport: transport, loop: loop)
        self.certificates = certificates
        self.registration = registration
        rotation = CertificateRotation(
            transport: transport, loop: loop, namespace: namespace, service: service
        ) { current in
            certificates.use(current)
            onCertificates(current)
            registration.keep(bundle: current.bundle)
        }
        server = try HTTPServer(
            address: address, loop: servingLoop, tls: { certificates.webhookContext }, limits: Self.limits
        ) { request, stream in
            Self.answer(request, stream, webhook)
        }
        clientAuthorities?.onChange = { certificates.use(clientAuthorities: $0) }
    }

    /// Whoever reaches the port may send something before anybody looks at it, and what is read of JSON takes many
    /// times its size: all that is held at once has to fit into the controller's memory. A review has some ten
    /// kilobytes.
    package static var limits: HTTPServerLimits {
        var limits = HTTPServerLimits()
        limits.connections = 256
        limits.bodyBytes = AdmissionReview.maximumBytes
        limits.heldBytes = 2 * AdmissionReview.maximumBytes
        // The API server waits for ten seconds.
        limits.bodyTimeout = 10 * HTTPServerLimits.second
        return limits
    }

    package func start() { rotation.start() }

    /// A loop of its own that the port is served on must have ended.
    package func stop() {
        rotation.stop()
        registration.stop()
        server.close()
    }

    package var port: UInt16 { server.port }

    /// For another port of the controller that serves the same names; nil until there is a certificate.
    package var tlsContext: TLSServerContext? { certificates.context }

    /// Connections can be taken.
    package var isServing: Bool { certificates.context != nil }

    /// Certificates are there, and the API server was told whom to trust.
    package var isReady: Bool { certificates.context != nil && registration.isInPlace }

    private static func answer(_ request: HTTPServerRequest, _ stream: HTTPServerStream, _ webhook: InjectionWebhook) {
        guard request.path == path else { return stream.respond(.text(404, "known path: \(path)")) }
        guard request.method == .post else { return stream.respond(.methodNotAllowed(knowing: "POST")) }
        webhook.answer(body: request.body) { response in
            let type = response.status == 200 ? "application/json" : "text/plain; charset=utf-8"
            stream.respond(HTTPAnswer(status: response.status, contentType: type, body: response.body))
        }
    }
}
