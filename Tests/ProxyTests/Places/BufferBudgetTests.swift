import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

@Suite struct BufferBudgetTests {
    private func budget(_ configured: UInt64, memory: UInt64?, machine: UInt64 = 64 << 30, workers: Int = 1) -> Int {
        BufferBudget(configured: configured, memoryLimit: memory, machine: machine, workers: workers).limit
    }

    @Test func itIsAQuarterOfTheMemoryLimitSharedByTheWorkers() {
        #expect(budget(0, memory: 128 << 20) == 32 << 20)
        #expect(budget(0, memory: 128 << 20, workers: 2) == 16 << 20)
        #expect(budget(0, memory: 4 << 20) == 4 << 20, "never less than that")
        #expect(budget(0, memory: 64 << 30, machine: 1 << 30) == 256 << 20, "no more than the machine has")
    }

    @Test func withoutALimitItIsAFixedAmountThatASmallMachineHasToo() {
        #expect(budget(0, memory: nil) == 256 << 20)
        #expect(budget(0, memory: nil, machine: 512 << 20) == 128 << 20)
        #expect(budget(0, memory: nil, machine: 0) == 256 << 20)
    }

    @Test func whatIsConfiguredCounts() {
        #expect(budget(10 << 20, memory: 128 << 20, workers: 4) == 10 << 18)
        #expect(budget(.max, memory: nil) == Int.max)
    }
}

/// A worker with room for few bytes.
@Suite struct SheddingTests {
    private func proxy(_ bytes: Int) throws -> TestProxy {
        var limits = ProxyLimits.patient
        limits.buffers = BufferBudget(limit: bytes)
        return try TestProxy(limits: limits)
    }

    private static let request = "GET /app HTTP/1.1\r\nHost: a\r\n\r\n"

    private func serves(_ proxy: TestProxy, _ server: TestServer) throws {
        let client = try proxy.client()
        try client.send(SheddingTests.request)
        let endpoint = try server.accept()
        _ = try endpoint.takeHead()
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
    }

    @Test(arguments: [true, false])
    func theOldestUnfinishedHeadsAreShedAndHonestRequestsGoOn(isOneLongField: Bool) throws {
        let server = try TestServer()
        let limit = 8 * BufferPool.full
        let proxy = try proxy(limit)
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let field =
            isOneLongField
            ? "a: " + String(repeating: "b", count: 60_000)
            : String(
                (0..<100).map { "f\($0): " + String(repeating: "b", count: 500) + "\r\n" }.joined())
        var clients: [Peer] = []
        for number in 1...40 {
            let client = try proxy.client()
            try client.send("GET /app HTTP/1.1\r\nHost: a\r\n" + field)
            clients.append(client)
            #expect(eventually { proxy.shard.value(.connectionsOpened, .gateway) == UInt64(number) })
        }
        #expect(try clients[0].takeText().hasPrefix("HTTP/1.1 431"))
        #expect(eventually { proxy.shard.value(.memoryUnfinishedHead) >= 30 })
        #expect(eventually { proxy.shard.value(.bufferedBytes) <= UInt64(limit) })
        try serves(proxy, server)
        clients[39].readAvailable()
        #expect(clients[39].pending.isEmpty && !clients[39].sawEnd, "the newest is still waited for")
    }

    // Since the sockets' buffers alone may hold what sixty endpoints send, nothing has to be shed on some machines.
    @Test(.disabled("depends on the sizes of the kernel's buffers"))
    func aClientThatDoesNotTakeItsAnswerLosesItBeforeMemoryRunsOut() throws {
        let server = try TestServer()
        let proxy = try proxy(8 * BufferPool.full)
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let chunk = [UInt8](repeating: 7, count: 64 << 10)
        var pairs: [(Peer, Peer)] = []
        for _ in 0..<60 {
            let client = try proxy.client(receiveBuffer: 4096)
            try client.send(SheddingTests.request)
            let endpoint = try server.accept()
            _ = try endpoint.takeHead()
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            // Until both sockets and what the worker holds for the client are full.
            _ = endpoint.sendUntilFull(chunk, limit: 100_000_000)
            pairs.append((client, endpoint))
            if proxy.shard.value(.memorySlowReader) > 0 { break }
        }
        let isShed = eventually {
            // A worker that was held up had not taken what was sent when the sockets were full.
            for (_, endpoint) in pairs { _ = endpoint.sendUntilFull(chunk, limit: chunk.count) }
            return proxy.shard.value(.memorySlowReader) > 0
        }
        #expect(isShed)
        try serves(proxy, server)
    }

    @Test func whatAnEndpointHasSentOfAHeadCountsAsItsRequests() throws {
        let server = try TestServer()
        let proxy = try proxy(8 * BufferPool.full)
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        var pairs: [(Peer, Peer)] = []
        let half = "HTTP/1.1 200 OK\r\na: " + String(repeating: "b", count: 60_000)
        for _ in 0..<12 {
            let client = try proxy.client()
            try client.send(SheddingTests.request)
            let endpoint = try server.accept()
            _ = try endpoint.takeHead()
            try endpoint.send(half)
            pairs.append((client, endpoint))
        }
        #expect(eventually { proxy.shard.value(.memoryRequest) > 0 })
        #expect(try pairs[0].0.takeHead().hasPrefix("HTTP/1.1 503"))
        try serves(proxy, server)
    }
}
