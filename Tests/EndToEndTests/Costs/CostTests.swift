import Foundation
import Glibc
import Testing

/// What a connection and a request may cost. The numbers are thresholds, not measurements.
@Suite struct CostTests {
    @Test func anIdleKeepAliveConnectionCostsLessThanTwoKilobytes() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        func open(_ count: Int) throws -> [TCPStream] {
            try (0..<count).map { _ in
                let stream = try gateway.connect()
                #expect(try stream.get("/").status == 200)
                return stream
            }
        }
        let warm = try open(50)
        let before = gateway.process.residentBytes
        // No more than have places under the descriptor limit of 1,024 that many machines give.
        let count = 300
        let idle = try open(count)
        let grown = gateway.process.residentBytes - before
        #expect(grown < count * 2048, "\(grown / count) bytes a connection")
        try gateway.counts(Double(warm.count + count), "weir_connections_active")
        withExtendedLifetime((warm, idle)) {}
    }

    @Test func noRequestAllocatesInTheSteadyState() throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        let counter = try AllocationCounter(folder)
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app", "timeouts: {request: 10s}")),
            environment: counter.environment)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        func send(_ count: Int) throws {
            for _ in 0..<(count / 100) {
                try stream.send(
                    String(repeating: "GET /a?b=1 HTTP/1.1\r\nHost: shop.test\r\nAccept: */*\r\n\r\n", count: 100))
                for _ in 0..<100 { #expect(try stream.readResponse().status == 200) }
            }
        }
        try send(1000)
        let start = counter.count
        #expect(start > 0, "the counter is in place")
        try send(10_000)
        let grown = counter.count - start
        // The configuration thread allocates now and then by its own clock; one for every request would be 10,000.
        #expect(grown < 2000, "\(grown) allocations for 10,000 requests")
    }
}

/// A library that counts a process's allocations, compiled from the C file beside these tests and preloaded into it.
private final class AllocationCounter {
    let environment: [String: String]
    private let page: UnsafePointer<UInt64>

    init(_ folder: TestFolder) throws {
        let library = folder.path + "/malloc-count.so"
        let source = WeirBinary.root + "/Tests/EndToEndTests/Native/malloc-count.c"
        let compiled = try run(["cc", "-shared", "-fPIC", "-O2", "-o", library, source])
        guard compiled.code == 0 else { throw Failure("cc: \(compiled.errors)") }
        let file = folder.path + "/allocations"
        guard FileManager.default.createFile(atPath: file, contents: Data(count: 4096)) else {
            throw Failure("cannot create \(file)")
        }
        let descriptor = open(file, O_RDONLY)
        defer { close(descriptor) }
        guard let memory = mmap(nil, 4096, PROT_READ, MAP_SHARED, descriptor, 0), memory != MAP_FAILED else {
            throw Failure.system("mmap")
        }
        page = UnsafePointer(memory.assumingMemoryBound(to: UInt64.self))
        environment = ["LD_PRELOAD": library, "WEIR_TEST_ALLOCATIONS": file]
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: page), 4096) }

    var count: Int { Int(page.pointee) }
}
