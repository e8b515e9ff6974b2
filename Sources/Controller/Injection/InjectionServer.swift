package import ControlHTTP
internal import HTTP
package import Kubernetes
package import Reactor
package import TLS
internal import Telemetry

/// Everything of injection that runs in the controller: certificates, registration, and the webhook's port.
package final class InjectionServer {
    package static let path = "/inject"
    package static let defaultPort: UInt16 = 15017

    private let server: HTTPServer
    private let rotation: CertificateRotation
    private let registration: WebhookRegistration
    private let certificates: ServedCertificates

    /// Binds and listens; connections are closed until there is a certificate.
    /// - Parameter onCertificates: called with the first certificates and whenever others are there.
    /// - Throws: `SystemError` when the address cannot be bound.
    package init(
        address: SocketAddress, namespace: String, service: String, transport: any APITransport, loop: EventLoop,
        webhook: InjectionWebhook, onCertificates: @escaping (WeirCertificates) -> Void = { _ in }
    ) throws(SystemError) {
        let certificates = ServedCertificates()
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
            address: address, loop: loop, tls: { certificates.context }, limits: Self.limits
        ) { request, stream in
            Self.answer(request, stream, webhook)
        }
    }

    /// Whoever reaches the port may send something before anybody looks at it, and what is read of JSON takes many times its
    /// size: all that is held at once has to fit into the controller's memory. A review has some ten kilobytes.
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
        guard request.method == .post else { return stream.respond(.text(405, "only POST is answered here")) }
        webhook.answer(body: request.body) { response in
            let type = response.status == 200 ? "application/json" : "text/plain; charset=utf-8"
            stream.respond(HTTPAnswer(status: response.status, contentType: type, body: response.body))
        }
    }
}

/// The context that new connections are taken with.
private final class ServedCertificates {
    private(set) var context: TLSServerContext?

    /// What cannot be served leaves what is being served in place.
    func use(_ certificates: WeirCertificates) {
        do throws(TLSError) {
            let identity = try TLSIdentity(
                certificateChain: certificates.certificate, privateKey: certificates.key)
            context = try TLSServerContext(identities: [(hostname: nil, identities: [identity])])
        } catch {
            Log.error("certificates", "the serving certificate cannot be used: \(error)")
        }
    }
}
