internal import GatewayAPI

/// What a port declares about its bytes, by `appProtocol`, else by the port's name (`<protocol>` or
/// `<protocol>-suffix`), else by its number.
///
/// | declared | read as |
/// |---|---|
/// | `http`, `kubernetes.io/ws`, `grpc-web` | HTTP/1.1 |
/// | `http2`, `h2c`, `kubernetes.io/h2c`, `grpc`, `https`, `tls`, `kubernetes.io/wss` | opaque: HTTP/1.1 is not what flows there |
/// | `tcp` and the database, mail and messaging protocols below | opaque |
/// | anything else, or nothing | opaque on the well-known server-first ports, detected elsewhere |
enum ProtocolDeclaration {
    /// Spoken as HTTP/1.1.
    case http
    /// HTTP over a wire that this version does not speak to backends.
    case otherHTTP
    /// Known not to be HTTP.
    case opaque

    /// Ports whose servers speak first, or which are practically never HTTP: waiting for the client's bytes would stall
    /// them.
    static let serverFirstPorts: Set<UInt16> = [25, 53, 587, 3306, 4444, 5432, 6379, 9300, 11211, 27017]

    /// nil when the text is no protocol that is known here.
    init?(_ text: String) {
        switch text.lowercased() {
        case "http", "kubernetes.io/ws", "ws", "grpc-web": self = .http
        case "http2", "h2c", "kubernetes.io/h2c", "grpc", "https", "tls", "kubernetes.io/wss", "wss": self = .otherHTTP
        case "tcp", "udp", "mongo", "mongodb", "mysql", "postgres", "postgresql", "redis", "memcached", "smtp", "dns",
            "kafka", "amqp", "nats", "mqtt", "ssh", "ftp":
            self = .opaque
        default: return nil
        }
    }

    private init?(portName: String) {
        if let whole = ProtocolDeclaration(portName) {
            self = whole
        } else if portName.lowercased().hasPrefix("grpc-web-") {
            self = .http
        } else if let dash = portName.firstIndex(of: "-"), let known = ProtocolDeclaration(String(portName[..<dash])) {
            self = known
        } else {
            return nil
        }
    }

    /// What a Service port declares, nil when nothing usable.
    init?(_ port: Service.Port) {
        if let declared = port.appProtocol.flatMap({ ProtocolDeclaration($0) })
            ?? ProtocolDeclaration(portName: port.name)
        {
            self = declared
        } else if Self.serverFirstPorts.contains(port.port) {
            self = .opaque
        } else {
            return nil
        }
    }

    var appProtocol: AppProtocol {
        switch self {
        case .http: .http
        case .otherHTTP, .opaque: .opaque
        }
    }
}

extension Service.Port {
    var plannedProtocol: AppProtocol { ProtocolDeclaration(self)?.appProtocol ?? .detect }

    var isTCP: Bool { transport == "TCP" }
}

extension Service {
    /// A Service that has a frontend of its own: neither headless nor an alias of an outside name.
    var isFrontend: Bool { !isHeadless && type != "ExternalName" }
}
