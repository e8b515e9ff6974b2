import Foundation
import Glibc
import Synchronization

/// A DNS server on loopback that knows A records of some names and denies all others.
final class DNSServer: Sendable {
    let port: Int
    private let socket: Int32
    private let records: Mutex<[String: [String]]>
    private let ttl: UInt32

    init(_ records: [String: [String]], ttl: UInt32 = 1) throws {
        self.records = Mutex(records)
        self.ttl = ttl
        socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let socket = socket
        guard SocketAddress("127.0.0.1", port: 0).withPointer({ bind(socket, $0, $1) }) == 0 else {
            throw Failure.system("bind")
        }
        port = SocketAddress.port(of: socket)
        Thread.detachNewThread { self.serve() }
    }

    func set(_ name: String, _ addresses: [String]) { records.withLock { $0[name] = addresses } }

    func close() { Glibc.shutdown(socket, Int32(SHUT_RDWR)) }

    private func serve() {
        var packet = [UInt8](repeating: 0, count: 2048)
        while true {
            var client = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &client) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(socket, &packet, packet.count, 0, $0, &length)
                }
            }
            guard count > 0, length > 0 else { break }
            guard let answer = answer(Array(packet.prefix(count))) else { continue }
            withUnsafePointer(to: &client) { pointer in
                _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(socket, answer, answer.count, 0, $0, length)
                }
            }
        }
        Glibc.close(socket)
    }

    /// The question with its answers behind it (RFC 1035 section 4.1); additional records are left out.
    private func answer(_ question: [UInt8]) -> [UInt8]? {
        guard question.count > 16 else { return nil }
        var labels: [String] = []
        var index = 12
        while index < question.count, question[index] > 0 {
            let end = min(index + 1 + Int(question[index]), question.count)
            labels.append(String(decoding: question[(index + 1)..<end], as: UTF8.self))
            index = end
        }
        let end = index + 5
        guard end <= question.count else { return nil }
        let type = UInt16(question[index + 1]) << 8 | UInt16(question[index + 2])
        let known = records.withLock { $0[labels.joined(separator: ".").lowercased()] }
        let addresses = type == 1 ? known ?? [] : []
        var bytes = Array(question[..<2])
        bytes += [0x81, known == nil ? 0x83 : 0x80, 0, 1, 0, UInt8(addresses.count), 0, 0, 0, 0]
        bytes += question[12..<end]
        for address in addresses {
            bytes += [0xc0, 12, 0, 1, 0, 1] + withUnsafeBytes(of: ttl.bigEndian) { Array($0) } + [0, 4]
            bytes += address.split(separator: ".").compactMap { UInt8($0) }
        }
        return bytes
    }
}
