import Testing

@testable import Telemetry

@Suite struct ProcessStatisticsTests {
    private let stat = "42 (a) b (c) S " + (1...49).map(String.init).joined(separator: " ")

    @Test func fieldsAreCountedFromTheEndOfTheName() throws {
        let statistics = try #require(
            ProcessStatistics(stat: stat, system: "cpu 1\nbtime 1000\n", ticksPerSecond: 100, pageBytes: 4096))
        // The state is field 3 of proc(5); user and kernel time are 14 and 15, here 11 and 12.
        #expect(statistics.cpuSeconds == 0.23)
        #expect(statistics.threads == 17)
        #expect(statistics.startSeconds == 1000.19)
        #expect(statistics.virtualBytes == 20 && statistics.residentBytes == 21 * 4096)
    }

    @Test(arguments: ["", "42", "42 (a", "42 (a) S 1 2 3"])
    func whatIsNoStatIsNothing(text: String) {
        #expect(ProcessStatistics(stat: text, system: "", ticksPerSecond: 100, pageBytes: 4096) == nil)
    }

    @Test func thisProcessHasDescriptorsAndMemory() throws {
        let statistics = try #require(ProcessStatistics.current())
        #expect(statistics.openDescriptors >= 3 && statistics.descriptorLimit >= statistics.openDescriptors)
        #expect(statistics.residentBytes > 1 << 20 && statistics.virtualBytes >= statistics.residentBytes)
        #expect(statistics.startSeconds > 1_000_000_000)
    }
}
