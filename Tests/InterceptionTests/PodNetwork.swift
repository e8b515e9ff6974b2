import Foundation
import Glibc
import Testing

@testable import Interception

/// A pod and the network around it: two namespaces joined by a veth pair, with listeners that tell where a connection
/// really arrives.
final class PodNetwork {
    /// Where a connection can arrive.
    enum Place: String, CaseIterable, Sendable {
        case inbound, outbound, app, telemetry, excluded, remote, remoteDatabase
    }

    let pod: NetworkNamespace
    let outside: NetworkNamespace
    private var listeners: [AddressFamily: [Int32]] = [:]

    init() throws {
        pod = try NetworkNamespace("pod")
        outside = try NetworkNamespace("out")
        try Tool.run(
            "ip", "-n", pod.name, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", outside.name)
        for (namespace, number) in [(outside, 1), (pod, 2)] {
            try Tool.run("ip", "-n", namespace.name, "addr", "add", "10.99.0.\(number)/24", "dev", "eth0")
            try Tool.run("ip", "-n", namespace.name, "addr", "add", "fd99::\(number)/64", "dev", "eth0", "nodad")
            try Tool.run("ip", "-n", namespace.name, "link", "set", "eth0", "up")
        }
        try Tool.run("ip", "-n", pod.name, "route", "add", "default", "via", "10.99.0.1")
        try Tool.run("ip", "-n", pod.name, "-6", "route", "add", "default", "via", "fd99::1")
        try Tool.run("ip", "-n", outside.name, "addr", "add", "10.98.0.1/32", "dev", "lo")
        try Tool.run("ip", "-n", outside.name, "addr", "add", "fd98::1/128", "dev", "lo", "nodad")
        for family in AddressFamily.allCases {
            listeners[family] = try Place.allCases.map { try listen($0, family) }
        }
    }

    deinit { listeners.values.joined().forEach { close($0) } }

    private func listen(_ place: Place, _ family: AddressFamily) throws -> Int32 {
        let any = family == .ipv4 ? "0.0.0.0" : "::"
        let (namespace, port): (NetworkNamespace, UInt16) =
            switch place {
            case .inbound: (pod, 15006)
            case .outbound: (pod, 15001)
            case .app: (pod, 8080)
            case .telemetry: (pod, 15020)
            case .excluded: (pod, 9001)
            case .remote: (outside, 80)
            case .remoteDatabase: (outside, 5432)
            }
        return try namespace.perform { try TestSocket.listen(Target(any, port)) }
    }

    /// Connects and tells where the connection arrived and what its original destination was there.
    func arrival(
        from namespace: NetworkNamespace, uid: UInt32 = 1000, gid: UInt32 = 1000, to address: String, _ port: UInt16
    ) throws -> String {
        let isIPv6 = address.contains(":")
        let target = Target(address, port)
        let connection = try namespace.perform(uid: uid, gid: gid) { try TestSocket.connect(target) }
        defer { close(connection) }
        let (index, original) = try TestSocket.accept(listeners[isIPv6 ? .ipv6 : .ipv4] ?? [], isIPv6: isIPv6)
        let place = Place.allCases[index]
        let isDoor = place == .inbound || place == .outbound
        return isDoor ? "\(place.rawValue) for \(original.map { "\($0)" } ?? "?")" : place.rawValue
    }
}

/// Programs of one back end only, as on an image that ships no other.
struct ProgramFolder {
    let environment: IptablesEnvironment
    private let path: String

    init(_ names: [String]) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "weir-programs-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        for name in names.flatMap({ ["\($0)-save", "\($0)-restore"] }) {
            try FileManager.default.createSymbolicLink(
                atPath: "\(path)/\(name)", withDestinationPath: "/usr/sbin/\(name)")
        }
        environment = IptablesEnvironment(folders: [path])
    }

    init(_ kind: BackendKind) throws {
        try self.init(["iptables-\(kind.rawValue)", "ip6tables-\(kind.rawValue)"])
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
