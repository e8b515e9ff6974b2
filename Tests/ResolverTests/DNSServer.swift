import Glibc

@testable import Resolver

/// A DNS server of the tests on loopback. It answers on the test's own thread, when it is told to.
final class DNSServer {
    enum Reply {
        /// IPv4 and IPv6 addresses, those of the family asked for.
        case addresses([String], ttl: UInt32)
        case noSuchName
        case serverFailure
        /// These bytes behind the identifier of the question.
        case raw([UInt8])
        case silence
    }

    private let socket: Int32
    private(set) var port: UInt16 = 0
    private(set) var questions = 0
    /// Makes a reply from a name and a record type (1 A, 28 AAAA).
    var reply: (String, UInt16) -> Reply = { _, _ in .noSuchName }

    var descriptor: Int32 { socket }

    init() {
        socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
            _ = bind(socket, pointer, length)
            _ = getsockname(socket, pointer, &length)
        }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(socket) }

    /// Answers every question that has arrived.
    func serve() {
        var packet = [UInt8](repeating: 0, count: 2048)
        var client = sockaddr_storage()
        while true {
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &client) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(socket, &packet, packet.count, 0, $0, &length)
                }
            }
            guard count > 0 else { return }
            guard let answer = answer(Array(packet.prefix(count))) else { continue }
            _ = withUnsafePointer(to: &client) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(socket, answer, answer.count, 0, $0, length)
                }
            }
        }
    }

    private func answer(_ question: [UInt8]) -> [UInt8]? {
        guard question.count > 16 else { return nil }
        questions += 1
        var labels: [String] = []
        var index = 12
        while index < question.count, question[index] > 0 {
            let end = min(index + 1 + Int(question[index]), question.count)
            labels.append(String(decoding: question[index + 1..<end], as: UTF8.self))
            index = end
        }
        let type = UInt16(question[index + 1]) << 8 | UInt16(question[index + 2])
        let section = question[12..<index + 5]
        func message(code: UInt8, _ records: [[UInt8]]) -> [UInt8] {
            question.prefix(2) + [0x81, 0x80 | code, 0, 1, 0, UInt8(records.count), 0, 0, 0, 0] + section
                + records.flatMap { $0 }
        }
        switch reply(labels.joined(separator: "."), type) {
        case .silence: return nil
        case .noSuchName: return message(code: 3, [])
        case .serverFailure: return message(code: 2, [])
        case .raw(let bytes): return question.prefix(2) + bytes
        case .addresses(let texts, let ttl):
            let family: ResolvedAddress.Family = type == 1 ? .v4 : .v6
            let found = texts.compactMap { ResolvedAddress(text: $0) }.filter { $0.family == family }
            return message(code: 0, found.map { DNSServer.record(type, ttl, $0.bytes) })
        }
    }

    private static func record(_ type: UInt16, _ ttl: UInt32, _ data: [UInt8]) -> [UInt8] {
        let ttlBytes = (0..<4).map { UInt8(truncatingIfNeeded: ttl >> (24 - 8 * UInt32($0))) }
        return [0xC0, 12, 0, UInt8(type), 0, 1] + ttlBytes + [0, UInt8(data.count)] + data
    }
}
