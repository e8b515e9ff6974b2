import APIServer
import CAllocationCount
import GatewayAPI
import Reactor
import Testing

@testable import Kubernetes

/// What stands in memory while a list comes in, from the first request to the last item.
@Suite struct ListMemoryTests {
    /// Bytes beyond what there was before, however long the list: buffers of the connection, one item, its nodes.
    private static let bound = 1 << 20
    /// Bytes that a watch keeps of each object, so that it knows later what has gone; its table doubles while it grows.
    private static let perObject = 120

    private struct Outcome {
        var told = 0
        /// The most bytes that the list took from the heap at any moment.
        var peak = 0
        var requests = 0
    }

    /// Small, so that reading many takes a test no longer than it must; the list in one answer has 6 MB all the same.
    private static func slice(_ number: Int) -> String {
        """
        {"metadata":{"name":"service-\(number)","namespace":"team","resourceVersion":"\(number + 1)"},\
        "endpoints":[{"addresses":["10.1.2.3"]}]}
        """
    }

    private func list(_ count: Int, hasPages: Bool) throws -> Outcome {
        let server = try APIServer()
        defer { server.stop() }
        server.setPages(hasPages)
        server.generate("endpointslices", GeneratedList(count: count, item: Self.slice))
        let test = try LoopTest()
        let client = try test.client(server)
        var outcome = Outcome()
        var isSynced = false
        weir_reset_allocated_peak()
        let before = weir_allocated_bytes()
        let watch = ResourceWatch(transport: client, loop: test.loop, kind: ResourceKind.endpointSlice.api, seed: 1) {
            switch $0 {
            case .changed: outcome.told += 1
            case .synced: isSynced = true
            case .removed, .absent, .interrupted: break
            }
        }
        watch.start()
        #expect(test.run { isSynced })
        outcome.peak = weir_allocated_peak() - before
        outcome.requests = server.requests.count { $0.path.hasSuffix("/endpointslices") && !$0.isWatch }
        watch.stop()
        client.close()
        return outcome
    }

    @Test(arguments: [5_000, 50_000])
    func aListInPagesTakesNoMoreHoweverLongItIs(count: Int) throws {
        let outcome = try list(count, hasPages: true)
        #expect(outcome.told == count && outcome.requests == count / 500)
        #expect(outcome.peak < Self.bound + count * Self.perObject, "\(outcome.peak) bytes")
    }

    /// A server may pay no heed to `limit`.
    @Test(arguments: [5_000, 50_000])
    func aListInOneAnswerTakesNoMoreThanOneInPages(count: Int) throws {
        let outcome = try list(count, hasPages: false)
        #expect(outcome.told == count && outcome.requests == 1)
        #expect(outcome.peak < Self.bound + count * Self.perObject, "\(outcome.peak) bytes")
    }
}
