import Foundation
import Glibc
import TLS
import Testing

/// Clients that do not shake hands, and what a connection leaves behind.
@Suite struct HTTPSHostilityTests {
    @Test(arguments: [[], [22, 3, 1], [22, 3, 1, 1, 0, 1]] as [[UInt8]])
    func aHandshakeThatIsNotCompletedInTimeEnds(beginning: [UInt8]) throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend, flags: ["--tls-handshake-timeout", "200ms"])
        defer { gateway.stop(); backend.close() }
        let start = Clock.now()
        let stream = try gateway.connect(port: gateway.ports.second)
        try stream.send(beginning)
        #expect(try stream.readToEnd().bytes.isEmpty)
        #expect(Clock.now() - start >= 150)
        try gateway.counts(1, "weir_tls_handshake_timeouts_total")
        // A busy machine may need longer than that for a handshake.
        try eventually("others are served") { (try? gateway.connectTLS().get("/").text) == "ok" }
    }

    /// The limit is for the whole handshake: bytes now and then do not prolong it.
    @Test func aHandshakeByteByByteEndsAsWell() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend, flags: ["--tls-handshake-timeout", "300ms"])
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect(port: gateway.ports.second)
        // So long that its end is minutes away.
        let hello: [UInt8] = [22, 3, 1, 63, 255, 1, 0, 63, 251, 3, 3] + [UInt8](repeating: 7, count: 16_000)
        var sent = 0
        while !stream.isReadable(within: 10), sent < hello.count {
            _ = stream.sendNow([hello[sent]])
            sent += 1
        }
        #expect(sent < hello.count)
        try gateway.counts(1, "weir_tls_handshake_timeouts_total")
    }

    @Test func theOldestUnfinishedHandshakesAreShedWhenMemoryIsScarceAndOthersAreServed() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend, flags: ["--max-buffered-bytes", "1048576"])
        defer { gateway.stop(); backend.close() }
        // A handshake message that is said to be as long as one may be, and never ends.
        let hello: [UInt8] = [22, 3, 1, 63, 255, 1, 0, 63, 251, 3, 3] + [UInt8](repeating: 7, count: 16_000)
        let slow = try (0..<100).map { _ in
            let stream = try gateway.connect(port: gateway.ports.second)
            // One may have been shed before all of it is sent.
            _ = stream.sendNow(hello)
            return stream
        }
        try eventually("some are shed") {
            try gateway.metrics().sum("weir_connections_shed_total") >= 50
        }
        #expect(try gateway.metrics().sum("weir_buffered_bytes") <= 1_048_576)
        #expect(try gateway.connectTLS().get("/").text == "ok")
        withExtendedLifetime(slow) {}
    }

    @Test func whatIsNoHandshakeIsRefusedAndCounted() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        var noise: [[UInt8]] = [
            Array("SSH-2.0-x\r\n".utf8),
            [UInt8](repeating: 0, count: 5000), [22, 3, 1, 0, 4, 1, 0, 0, 0], [22, 3, 3, 255, 255, 1, 2, 3, 4],
        ]
        noise += (0..<20).map { _ in (0..<500).map { _ in UInt8.random(in: 128...255) } }
        for bytes in noise {
            let stream = try gateway.connect(port: gateway.ports.second)
            try stream.send(bytes)
            stream.shutdownWrite()
            #expect(try stream.readToEnd().end == .closed)
        }
        try gateway.counts(Double(noise.count), "weir_tls_handshake_failures_total")
        #expect(backend.connections == 0)
        #expect(try gateway.connectTLS().get("/").text == "ok")
    }

    @Test func aPlainRequestToAnHTTPSPortIsToldSo() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect(port: gateway.ports.second)
        let response = try stream.get("/secret")
        #expect(response.status == 400)
        #expect(response.text.contains("HTTPS"))
        #expect(try stream.readToEnd().end == .closed)
        #expect(backend.connections == 0)
        try gateway.counts(1, "weir_tls_handshake_failures_total")
    }

    /// The alert is not overtaken by a reset, although the client has sent more than was read.
    @Test func aRefusedClientLearnsWhy() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        for _ in 0..<50 {
            let stream = try gateway.connect(port: gateway.ports.second)
            try stream.send([22, 3, 1, 0, 5, 1, 0, 0, 1, 0] + [UInt8](repeating: 9, count: 100_000))
            let answer = try stream.readToEnd()
            #expect(answer.bytes.first == 21, "an alert record")
            #expect(answer.end == .closed)
        }
    }

    @Test func noPathLeavesASessionBehind() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        func round(_ count: Int) throws {
            for number in 0..<count {
                switch number % 5 {
                case 0: #expect(try gateway.connectTLS().get("/").status == 200)
                case 1: #expect(try gateway.connectTLS().get("/", "Connection: close").status == 200)
                case 2: try gateway.connectTLS().reset()
                case 3:
                    let stream = try gateway.connect(port: gateway.ports.second)
                    try stream.send("no handshake\r\n\r\n")
                    _ = try stream.readToEnd()
                default: try gateway.connect(port: gateway.ports.second).reset()
                }
            }
            try eventually("all are gone") { try gateway.metrics().sum("weir_connections_active") == 0 }
        }
        try round(500)
        let before = gateway.process.residentBytes
        try round(2000)
        let grown = gateway.process.residentBytes - before
        // A session is 10 KB and more; some are held back by the allocator.
        #expect(grown < 2 << 20, "\(grown) bytes more after 2,000 connections")
    }

    @Test func anIdleTLSConnectionIsCheap() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        func open(_ count: Int) throws -> [TLSStream] {
            let context = try TestCertificates.client()
            return try (0..<count).map { _ in
                let stream = try gateway.connectTLS(context: context)
                #expect(try stream.get("/").status == 200)
                return stream
            }
        }
        let warm = try open(50)
        let before = gateway.process.residentBytes
        let idle = try open(500)
        let grown = gateway.process.residentBytes - before
        #expect(grown < 500 * 24 * 1024, "\(grown / 500) bytes a connection")
        withExtendedLifetime((warm, idle)) {}
    }
}
