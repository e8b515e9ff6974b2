import Telemetry
import Testing

@testable import Proxy

/// A cluster has more backends than one process can name; those that are counted are named.
@Suite struct MetricLabelsTests {
    @Test func backendsGetTheirNumbersWhenTheyAreFirstCounted() {
        let names = MetricNames(limit: 1)
        let labels = MetricLabels(routes: [], backendNames: ["a/a:80", "b/b:80"], numbers: names)
        let number = labels.backend(1)
        #expect(number != MetricNames.none && number != MetricNames.other)
        #expect(labels.backend(0) == MetricNames.other)
        #expect(labels.backend(1) == number && names.intern(backend: "b/b:80") == number)
    }

    @Test func aBackendKeepsItsNumberUnderTheNextLabels() {
        let names = MetricNames()
        let first = MetricLabels(routes: [], backendNames: ["a/a:80", "b/b:80"], numbers: names).backend(1)
        #expect(MetricLabels(routes: [], backendNames: ["b/b:80"], numbers: names).backend(0) == first)
    }

    @Test func everyBackendHasItsOwnNameInTheLog() {
        let labels = MetricLabels(routes: [], backendNames: ["a/a:80", "", "b/bb:80"], numbers: MetricNames())
        let texts = (Int32(-1)...3).map { String(decoding: labels.backendName($0), as: UTF8.self) }
        #expect(texts == ["", "a/a:80", "", "b/bb:80", ""])
        #expect(labels.backend(-1) == MetricNames.none && labels.backend(3) == MetricNames.none)
    }
}
