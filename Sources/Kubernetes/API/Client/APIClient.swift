internal import ControlHTTP
internal import HTTP
package import Reactor
internal import TLS

/// Talks to one API server over HTTP/1.1 connections that are kept open. Watches have connections of their own, so that
/// however many there are, a request finds one.
package final class APIClient: APITransport {
    package let configuration: ClusterConfiguration
    package var streamsLists: Bool { configuration.streamsLists }
    package var serverTitle: String { configuration.serverTitle }
    package let reconnection = Reconnection()
    private let loop: EventLoop
    private let userAgent: String
    private let credentials: CredentialStore
    private let requests: HTTPClient
    private let watches: HTTPClient
    /// What the connections' TLS is made of.
    private var material: TransportMaterial?

    /// - Parameters:
    ///   - userAgent: `weir/<version>`, what the server's logs and flow control see.
    ///   - connections: requests under way at once; further ones wait.
    package init(
        _ configuration: ClusterConfiguration, loop: EventLoop, userAgent: String,
        connections: Int = APILimits.requestConnections
    ) {
        self.configuration = configuration
        self.loop = loop
        self.userAgent = userAgent
        credentials = CredentialStore(configuration, loop: loop)
        let endpoint = HTTPEndpoint(
            host: configuration.server.host, port: configuration.server.port, serverName: configuration.serverName)
        requests = HTTPClient(loop: loop, endpoint: endpoint, limits: Self.limits(configuration, connections))
        watches = HTTPClient(
            loop: loop, endpoint: endpoint, limits: Self.limits(configuration, APILimits.watchConnections))
    }

    private static func limits(_ configuration: ClusterConfiguration, _ connections: Int) -> HTTPClientLimits {
        var limits = HTTPClientLimits()
        limits.userTimeout = configuration.userTimeout
        // Questions come early enough for one of them to remain unanswered for that long.
        limits.keepalive = configuration.userTimeout / 2
        limits.connections = connections
        return limits
    }

    /// Ends everything under way; for the end of the process.
    package func close() {
        requests.close()
        watches.close()
    }

    @discardableResult
    package func send(
        _ request: APIRequest, _ done: @escaping (Result<APIResponse, APIError>) -> Void
    ) -> any APICall {
        let call = APIExchange(request, stream: nil, done)
        begin(call)
        return call
    }

    @discardableResult
    package func stream(
        _ request: APIRequest, opened: @escaping () -> Void, piece: @escaping (ArraySlice<UInt8>) -> Void,
        _ done: @escaping (Result<APIResponse, APIError>) -> Void
    ) -> any APICall {
        let call = APIExchange(request, stream: APIExchange.Stream(opened: opened, piece: piece), done)
        begin(call)
        return call
    }

    /// In the loop's next turn, so that nothing is told before the caller has its call.
    private func begin(_ call: APIExchange) {
        loop.after(0) { [weak self] in self?.authorize(call) }
    }

    private func authorize(_ call: APIExchange) {
        guard !call.isEnded else { return }
        credentials.get { [weak self] result in
            guard let self, !call.isEnded else { return }
            do throws(APIError) {
                let credentials = try result.get()
                try use(credentials.transport)
                transmit(call, credentials)
            } catch {
                call.finish(.failure(error))
            }
        }
    }

    /// Connections begun from now on use this.
    private func use(_ new: TransportMaterial) throws(APIError) {
        guard configuration.server.isSecure, new != material else { return }
        let context: TLSClientContext
        do throws(TLSError) {
            let identity: TLSIdentity? =
                if let chain = new.chain, let key = new.key {
                    try TLSIdentity(certificateChain: chain, privateKey: key)
                } else { nil }
            context = try TLSClientContext(
                roots: new.authorities.map { .pem($0) } ?? .system, identity: identity,
                verification: configuration.isVerified ? .full : .none, alpn: ["http/1.1"])
        } catch {
            throw .credentials("\(configuration.origin): \(error)")
        }
        material = new
        requests.use(context)
        watches.use(context)
    }

    private func transmit(_ call: APIExchange, _ credentials: Credentials) {
        let client = call.isWatch ? watches : requests
        call.inner = client.send(httpRequest(call.request, isWatch: call.isWatch, credentials)) { [weak call] head in
            call?.began(head)
        } onBody: { [weak call] bytes in
            call?.received(bytes)
        } done: { [weak self] result in
            // This closure is what keeps the call until its end.
            guard let self, case .success(let response) = result, response.status == 401, !call.isSecondTry else {
                return call.ended(result)
            }
            // The token may have been replaced since it was read.
            call.isSecondTry = true
            call.restart()
            self.credentials.refused(credentials)
            authorize(call)
        }
    }

    /// The key is there for the server to show that it knows the protocol (RFC 6455, section 4.1); who it is TLS has
    /// shown.
    private static func askForWebSocket(_ request: inout HTTPClientRequest) {
        request.upgrade = "websocket"
        request.isRepeatable = false
        request.fields.append("sec-websocket-version", "13")
        request.fields.append("sec-websocket-key", "d2VpciBwcm94eSBleGVjIQ==")
        request.fields.append("sec-websocket-protocol", "v4.channel.k8s.io")
    }

    private func httpRequest(_ request: APIRequest, isWatch: Bool, _ credentials: Credentials) -> HTTPClientRequest {
        var target = configuration.server.prefix + request.path
        if !request.query.isEmpty { target += "?" + HTTPQuery.encode(request.query) }
        // Where a connection is asked for there is no representation to choose: the API server answers 406 to one that
        // is named.
        let accepted = request.pieces == .messages ? "*/*" : "application/json"
        var fields: HTTPFields = ["accept": accepted, "user-agent": userAgent]
        if let token = credentials.token { fields.append("authorization", "Bearer \(token)") }
        if !request.body.isEmpty { fields.append("content-type", request.contentType.rawValue) }
        var http = HTTPClientRequest(request.method.http, target, fields: fields, body: request.body)
        http.totalTimeout = request.timeout
        if request.pieces == .messages { Self.askForWebSocket(&http) }
        // A watch is silent for as long as nothing changes, and may be before its first event.
        if isWatch { http.silenceTimeout = 0 }
        return http
    }
}

extension APIRequest.Method {
    fileprivate var http: HTTPMethod {
        switch self {
        case .get: .get
        case .post: .post
        case .put: .put
        case .patch: .patch
        case .delete: .delete
        }
    }
}
