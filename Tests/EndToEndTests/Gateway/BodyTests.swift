import Foundation
import Synchronization
import Testing

/// Large bodies: whole in both directions, at the pace of the slower side, in bounded memory.
@Suite struct BodyTests {
    /// More than the kernel takes into all socket buffers on the way.
    static let size = 32_000_000
    static let part = 100_000
    /// What the proxy may grow by while a body waits for a slow side.
    static let bound = 2_000_000

    @Test(arguments: [false, true])
    func aLargeResponseWaitsForASlowReader(chunked: Bool) throws {
        let sent = Mutex(0)
        let backend = try TestBackend { stream, _ in
            while let request = try stream.readRequest() {
                guard request.target == "/large" else {
                    try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    continue
                }
                let framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(BodyTests.size)"
                try stream.send("HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n")
                let part = [UInt8](repeating: UInt8(ascii: "x"), count: BodyTests.part)
                for _ in 0..<(BodyTests.size / BodyTests.part) {
                    if chunked { try stream.send("\(String(part.count, radix: 16))\r\n") }
                    try stream.send(part)
                    if chunked { try stream.send("\r\n") }
                    sent.withLock { $0 += part.count }
                }
                if chunked { try stream.send("0\r\n\r\n") }
            }
        }
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect(receiveBuffer: 32_768)
        _ = try stream.get("/warm")
        let before = gateway.process.residentBytes
        try stream.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        try waitUntilSteady { sent.withLock { $0 } }
        #expect(sent.withLock { $0 } < BodyTests.size, "the backend must be held back")
        #expect(gateway.process.residentBytes - before < BodyTests.bound)
        let response = try stream.readResponse()
        #expect(response.body.count == BodyTests.size)
        #expect(response.body.allSatisfy { $0 == UInt8(ascii: "x") })
        #expect(gateway.process.residentBytes - before < BodyTests.bound)
        #expect(try stream.get("/after").status == 200)
    }

    @Test(arguments: [false, true])
    func aLargeRequestWaitsForASlowBackend(chunked: Bool) throws {
        let mayRead = Mutex(false)
        let backend = try TestBackend { stream, _ in
            while let head = try stream.read(through: "\r\n\r\n") {
                if Message.parse(head).target == "/warm" {
                    try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    continue
                }
                try eventually("the backend may read") { mayRead.withLock { $0 } }
                stream.unread(head)
                stream.tap = nil
                let length = try stream.readRequest()?.body.count ?? 0
                try stream.send("HTTP/1.1 200 OK\r\nContent-Length: \("\(length)".count)\r\n\r\n\(length)")
            }
        }
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        _ = try stream.get("/warm")
        let before = gateway.process.residentBytes
        let framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(BodyTests.size)"
        try stream.send("POST /large HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
        let sent = Mutex(0)
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let part = [UInt8](repeating: UInt8(ascii: "x"), count: BodyTests.part)
            for _ in 0..<(BodyTests.size / BodyTests.part) {
                if chunked { try? stream.send("\(String(part.count, radix: 16))\r\n") }
                try? stream.send(part)
                if chunked { try? stream.send("\r\n") }
                sent.withLock { $0 += part.count }
            }
            if chunked { try? stream.send("0\r\n\r\n") }
            done.signal()
        }
        try waitUntilSteady { sent.withLock { $0 } }
        #expect(sent.withLock { $0 } < BodyTests.size, "the client must be held back")
        #expect(gateway.process.residentBytes - before < BodyTests.bound)
        mayRead.withLock { $0 = true }
        #expect(try stream.readResponse().text == "\(BodyTests.size)")
        done.wait()
        #expect(gateway.process.residentBytes - before < BodyTests.bound)
    }

    /// Waits until a count stands still: whoever counts is blocked.
    private func waitUntilSteady(_ count: () -> Int) throws {
        var last = -1
        var since = Clock.now()
        try eventually("the sender is blocked") {
            if count() != last {
                last = count()
                since = Clock.now()
            }
            return last > 0 && Clock.now() - since > 300
        }
    }
}
