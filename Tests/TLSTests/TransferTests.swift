import Glibc
import TLS
import Testing

/// Bytes in quantity, ends, and peers that go away.
@Suite struct TransferTests {
    private func connected() throws -> SessionPair {
        let context = try TLSServerContext(identities: [(nil, [try Certificates.identity(["a.test"])])])
        let pair = try SessionPair(try Certificates.client(), context, name: "a.test")
        #expect(pair.handshake())
        return pair
    }

    @Test func megabytesPassBothWaysThroughFullSockets() throws {
        let pair = try connected()
        let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        for (sender, receiver) in [(pair.client, pair.server), (pair.server, pair.client)] {
            let result = pair.transfer(bytes, from: sender, to: receiver)
            #expect(result.failure == nil)
            #expect(result.received == bytes)
            #expect(result.wantWrites > 0)
            #expect(result.wantReads > 0)
        }
    }

    @Test func nothingWrittenIsNothing() throws {
        let pair = try connected()
        guard case .bytes(0) = pair.client.write(UnsafeRawBufferPointer(start: nil, count: 0)) else {
            Issue.record("an empty write is not 0 bytes")
            return
        }
    }

    @Test func anOrderlyEndIsZeroBytes() throws {
        let pair = try connected()
        pair.client.shutdown()
        var buffer = [UInt8](repeating: 0, count: 10)
        guard case .bytes(0) = buffer.withUnsafeMutableBytes({ pair.server.read(into: $0) }) else {
            Issue.record("close_notify is not read as an end")
            return
        }
    }

    @Test func anEndWithoutCloseNotifyIsAFailure() throws {
        let pair = try connected()
        #expect(Glibc.shutdown(pair.clientDescriptor, Int32(SHUT_WR)) == 0)
        var buffer = [UInt8](repeating: 0, count: 10)
        guard case .failed(let error) = buffer.withUnsafeMutableBytes({ pair.server.read(into: $0) }) else {
            Issue.record("a cut connection is not a failure")
            return
        }
        #expect(error.reason.contains("unexpected eof"))
    }

    /// SIGPIPE would end the test's process.
    @Test func writingToAPeerThatIsGoneIsAFailureAndNoSignal() throws {
        let pair = try connected()
        #expect(Glibc.shutdown(pair.serverDescriptor, Int32(SHUT_RDWR)) == 0)
        let bytes = [UInt8](repeating: 1, count: 1000)
        guard case .failed(let error) = bytes.withUnsafeBytes({ pair.client.write($0) }) else {
            Issue.record("a write to nobody does not fail")
            return
        }
        #expect(error.reason == "Broken pipe")
    }

    @Test func alteredBytesAreAFailure() throws {
        let pair = try connected()
        let record: [UInt8] = [23, 3, 3, 0, 32] + [UInt8](repeating: 5, count: 32)
        #expect(record.withUnsafeBytes { send(pair.clientDescriptor, $0.baseAddress, $0.count, 0) } == record.count)
        var buffer = [UInt8](repeating: 0, count: 100)
        guard case .failed = buffer.withUnsafeMutableBytes({ pair.server.read(into: $0) }) else {
            Issue.record("a forged record is not a failure")
            return
        }
    }
}
