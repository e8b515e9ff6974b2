import Testing

@testable import Reactor

@Suite struct DescriptorBudgetTests {
    @Test func usuallyOneWorkerHasMoreThanItIsAskedFor() {
        let budget = DescriptorBudget(limit: 1 << 20)
        #expect(budget.isEnough && !budget.isScarce)
        #expect(budget.workers(64) == 64)
        #expect(budget.connections(workers: 64) == ((1 << 20) - DescriptorBudget.reserve) / 64)
        #expect(budget.serverConnections(256, oneOf: 4) == 256 && budget.serverConnections(64, oneOf: 16) == 64)
    }

    @Test(arguments: [DescriptorBudget.least, 100, 300, 1024, 4096], [1, 2, 16, 256])
    func fewAreSharedSoThatEverythingTogetherHasRoom(_ limit: Int, _ wanted: Int) {
        let budget = DescriptorBudget(limit: limit)
        let workers = budget.workers(wanted)
        let connections = budget.connections(workers: workers)
        #expect((1...wanted).contains(workers))
        #expect(connections >= min(limit / 2, DescriptorBudget.leastOfWorker))
        let servers = budget.serverConnections(256, oneOf: 4) + budget.serverConnections(64, oneOf: 16)
        // What is left is for the poller, events and listeners of each worker, and for files.
        #expect(limit - workers * connections - servers >= 16 + 3 * workers)
    }

    @Test(arguments: [-1, 0, 1, DescriptorBudget.least - 1]) func withTooFewNothingStarts(_ limit: Int) {
        let budget = DescriptorBudget(limit: limit)
        #expect(!budget.isEnough)
        #expect(budget.workers(4) == 1 && budget.connections(workers: 4) >= 1)
    }
}
