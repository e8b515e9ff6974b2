import CLinux
import Glibc
import Testing

@testable import Reactor

@Suite struct SocketAddressTests {
    @Test(arguments: ["10.0.0.1:80", "[fd00::1]:8080", "127.0.0.1:65535", "[::1]:1", "[::]:15006", "0.0.0.0:0"])
    func textIsReadBackAsItWas(_ text: String) {
        #expect(SocketAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", ":", "80", "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.256:1", "host:80", "[fd00::1]", "[fd00::g]:1",
    ])
    func whatIsNoAddressIsNil(_ text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test func aMappedAddressIsItsIPv4Address() {
        #expect(SocketAddress("[::ffff:10.1.2.3]:80") == SocketAddress("10.1.2.3:80"))
        #expect(SocketAddress(host: "::ffff:127.0.0.1", port: 1)?.isLoopback == true)
    }

    @Test func theKernelsFormGivesTheSameAddressBack() {
        for text in ["10.0.0.1:80", "[fd00::1]:8080"] {
            let address = SocketAddress(text)
            var storage = sockaddr_storage()
            address?.withSockaddr { pointer, length in
                withUnsafeMutableBytes(of: &storage) {
                    $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(length)))
                }
            }
            #expect(SocketAddress(storage) == address)
        }
    }

    @Test func loopbackAndSameHostLookAtTheAddressAlone() {
        #expect(SocketAddress("127.9.9.9:1")?.isLoopback == true)
        #expect(SocketAddress("[::1]:1")?.isLoopback == true)
        #expect(SocketAddress("10.0.0.1:1")?.isLoopback == false)
        let one = SocketAddress(host: "10.0.0.1", port: 1)
        let other = SocketAddress(host: "10.0.0.1", port: 2)
        #expect(one.flatMap { one in other.map { one.isSameHost(as: $0) } } == true)
    }

    @Test func aBufferThatIsTooSmallTakesNoText() {
        let written = withUnsafeTemporaryAllocation(byteCount: 8, alignment: 1) { room in
            SocketAddress(host: "10.0.0.1", port: 1)?.writeHost(into: room)
        }
        #expect(written == 0)
    }
}

/// Sockets and the poller over loopback.
@Suite struct SocketTests {
    private struct Pair {
        var client: Int32
        var server: Int32
        var listener: Int32

        func close() { for fd in [client, server, listener] { Socket.close(fd) } }
    }

    /// Milliseconds that something which has to happen may take.
    private static let patience: Int32 = 60_000

    private func wait(_ fd: Int32, _ events: Int32) {
        var entry = pollfd(fd: fd, events: Int16(events), revents: 0)
        _ = poll(&entry, 1, Self.patience)
    }

    private func connected() throws -> Pair {
        let listener = try ListeningSocket.open(SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false))
        let address = try #require(Socket.localAddress(listener))
        let client = try Socket.connect(to: address).get()
        wait(listener, POLLIN)
        var peer = SocketAddress.none
        let server = try #require(Socket.accept(listener, peer: &peer))
        #expect(server >= 0)
        #expect(peer == Socket.localAddress(client))
        wait(client, POLLOUT)
        #expect(Socket.connectionError(client) == 0)
        return Pair(client: client, server: server, listener: listener)
    }

    private func read(_ fd: Int32) -> (IOResult, [UInt8]) {
        var room = [UInt8](repeating: 0, count: 64)
        let result = room.withUnsafeMutableBytes { Socket.read(fd, into: $0) }
        if case .bytes(let count) = result { return (result, Array(room.prefix(count))) }
        return (result, [])
    }

    @Test func twoPartsArriveInOrderAndThenTheEnd() throws {
        let pair = try connected()
        defer { pair.close() }
        let sent = [1, 2, 3].withUnsafeBytes { first in [4, 5].withUnsafeBytes { Socket.write(pair.client, first, $0) }
        }
        #expect(sent == .bytes(5 * MemoryLayout<Int>.size))
        wait(pair.server, POLLIN)
        let (result, bytes) = read(pair.server)
        #expect(result == sent)
        #expect(bytes[0] == 1 && bytes[4 * MemoryLayout<Int>.size] == 5)
        #expect(read(pair.server).0 == .wouldBlock)
        Socket.shutdownWrite(pair.client)
        wait(pair.server, POLLIN)
        #expect(read(pair.server).0 == .bytes(0))
    }

    @Test func aResetIsAFailureAndNotTheEnd() throws {
        var pair = try connected()
        defer { pair.close() }
        Socket.resetOnClose(pair.client)
        Socket.close(pair.client)
        pair.client = -1
        wait(pair.server, POLLIN)
        #expect(read(pair.server).0 == .failed(ECONNRESET))
    }

    @Test func nobodyWaitingIsNil() throws {
        let listener = try ListeningSocket.open(SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false))
        defer { Socket.close(listener) }
        var peer = SocketAddress.none
        #expect(Socket.accept(listener, peer: &peer) == nil)
    }

    @Test func aConnectionThatIsRefusedSaysSo() throws {
        // Bound, so that it is nobody else's, and not listened at.
        let bound = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { Socket.close(bound) }
        let loopback = SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false)
        #expect(loopback.withSockaddr { bind(bound, $0, $1) } == 0)
        let address = try #require(Socket.localAddress(bound))
        switch Socket.connect(to: address) {
        case .success(let fd):
            wait(fd, POLLOUT)
            #expect(Socket.connectionError(fd) == ECONNREFUSED)
            Socket.close(fd)
        case .failure(let error): #expect(error.code == ECONNREFUSED)
        }
    }

    @Test func manySocketsMayListenOnOneAddressAndAForeignOneNamesTheCall() throws {
        let first = try ListeningSocket.open(SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false))
        defer { Socket.close(first) }
        let address = try #require(Socket.localAddress(first))
        let second = try ListeningSocket.open(address)
        Socket.close(second)
        #expect {
            // 203.0.113.0/24 is for documentation: no machine has it.
            _ = try ListeningSocket.open(SocketAddress(high: 0, low: 0xcb00_7101, port: 0, isIPv6: false))
        } throws: { ($0 as? SystemError)?.call == "bind" }
    }

    @Test func aSocketIsReportedOncePerChange() throws {
        let pair = try connected()
        defer { pair.close() }
        let poller = try Poller()
        let seen1 = poller.add(pair.server, token: 42)
        #expect(seen1)
        let seen2 = poller.wait(milliseconds: Self.patience)
        #expect(seen2 == 1)
        let first = poller.event(0)
        #expect(first.token == 42 && first.isWritable && !first.isReadable && !first.isHungUp)
        let seen3 = poller.wait(milliseconds: 0)
        #expect(seen3 == 0)
        _ = [UInt8(1)].withUnsafeBytes { Socket.write(pair.client, $0) }
        let seen4 = poller.wait(milliseconds: Self.patience)
        #expect(seen4 == 1)
        let second = poller.event(0)
        #expect(second.isReadable && !second.isReadClosed)
        // Unread bytes are not reported again; the peer's end is.
        let seen5 = poller.wait(milliseconds: 0)
        #expect(seen5 == 0)
        Socket.shutdownWrite(pair.client)
        let seen6 = poller.wait(milliseconds: Self.patience)
        #expect(seen6 == 1)
        let third = poller.event(0)
        #expect(third.isReadClosed)
    }

    @Test func aWakeupIsSeenUntilItIsDrained() throws {
        let wakeup = try Wakeup()
        let poller = try Poller()
        let seen7 = poller.addReadable(wakeup.descriptor, token: 7)
        #expect(seen7)
        let seen8 = poller.wait(milliseconds: 0)
        #expect(seen8 == 0)
        wakeup.signal()
        wakeup.signal()
        let seen9 = poller.wait(milliseconds: Self.patience)
        #expect(seen9 == 1)
        let seen10 = poller.wait(milliseconds: 0)
        #expect(seen10 == 1)
        wakeup.drain()
        let seen11 = poller.wait(milliseconds: 0)
        #expect(seen11 == 0)
        Socket.close(wakeup.descriptor)
    }
}
