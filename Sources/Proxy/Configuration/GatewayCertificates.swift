internal import GatewayAPI
internal import Glibc
internal import Routing
internal import TLS

/// Makes the contexts of a gateway's HTTPS ports, each one anew only when the certificates or hostnames of its port
/// have changed.
struct GatewayCertificates {
    private struct PortSettings {
        var listeners: [ListenerCertificates] = []
        var context: TLSServerContext?
        var problems: [Problem] = []
        var expiries: [Expiry] = []
    }

    /// When a certificate in use ends, in seconds since 1970, and what is then said of it.
    private struct Expiry {
        var time: Int64
        var problem: Problem
    }

    private struct ListenerCertificates: Hashable {
        var gateway: ObjectKey
        var name: String
        var hostname: String?
        var certificates: [PlannedCertificate]
    }

    private var ports: [UInt16: PortSettings] = [:]
    private var latest = GatewayTLS.none

    /// What is wrong with the certificates that were read last.
    private(set) var problems: [Problem] = []

    /// When the first of the certificates in use expires, in seconds since 1970; nil when there is none.
    var expiry: Int64? { ports.values.lazy.flatMap(\.expiries).map(\.time).min() }

    /// - Parameters:
    ///   - listeners: the plan's; those that end TLS and can be used are read.
    ///   - now: seconds since 1970. What is kept for want of a good successor may expire long after its context was
    ///     made.
    mutating func read(_ listeners: [PlannedListener], now: Int64 = Int64(time(nil))) -> GatewayTLS {
        var wanted: [UInt16: [ListenerCertificates]] = [:]
        for listener in listeners where listener.isUsable {
            guard let tls = listener.tls else { continue }
            wanted[listener.port, default: []].append(
                ListenerCertificates(
                    gateway: listener.gateway, name: listener.name, hostname: listener.hostname,
                    certificates: tls.certificates))
        }
        let isSame = wanted.count == ports.count && wanted.allSatisfy { ports[$0.key]?.listeners == $0.value }
        if !isSame {
            ports = wanted.reduce(into: [:]) { result, port in
                result[port.key] =
                    ports[port.key].flatMap { $0.listeners == port.value ? $0 : nil }
                    ?? GatewayCertificates.settings(port.value)
            }
            let served = ports.map { GatewayTLS.Port(port: $0.key, context: $0.value.context) }
            latest = GatewayTLS(ports: served.sorted { $0.port < $1.port })
        }
        problems = ports.sorted { $0.key < $1.key }.map(\.value).flatMap { settings in
            settings.problems + settings.expiries.filter { $0.time < now }.map(\.problem)
        }
        return latest
    }

    private static func settings(_ listeners: [ListenerCertificates]) -> PortSettings {
        var settings = PortSettings(listeners: listeners)
        // A listener none of whose certificates can be used keeps its hostname: who asks for it is refused, instead of
        // being shown the certificate of another listener.
        let identities = listeners.map { listener in
            (hostname: listener.hostname, identities: read(listener, &settings))
        }
        do {
            settings.context = try TLSServerContext(identities: identities)
        } catch {
            for listener in listeners {
                settings.problems.append(problem(listener, nil, "\(error); it does not serve"))
            }
        }
        return settings
    }

    private static func read(_ listener: ListenerCertificates, _ settings: inout PortSettings) -> [TLSIdentity] {
        var identities: [TLSIdentity] = []
        for certificate in listener.certificates {
            do {
                let identity = try TLSIdentity(certificateChain: certificate.chain, privateKey: certificate.key)
                identities.append(identity)
                let expired = problem(listener, certificate, "has expired; clients refuse it", severity: .warning)
                settings.expiries.append(Expiry(time: identity.notAfter, problem: expired))
            } catch {
                settings.problems.append(problem(listener, certificate, "\(error); this certificate is not used"))
            }
        }
        if identities.isEmpty {
            settings.problems.append(
                problem(listener, nil, "leads to no usable certificate; connections for it are refused"))
        }
        return identities
    }

    private static func problem(
        _ listener: ListenerCertificates, _ certificate: PlannedCertificate?, _ message: String,
        severity: Problem.Severity = .error
    ) -> Problem {
        Problem(
            severity: severity, id: .certificate, object: "Gateway \(listener.gateway)",
            field: "spec.listeners[\(listener.name)].tls.certificateRefs",
            value: certificate.map { "\($0.secret)" } ?? "", message: message)
    }
}
