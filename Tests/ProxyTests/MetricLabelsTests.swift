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

    @Test func aRequestThatOutlastsItsLabelsKeepsItsNumbersFromOtherNames() {
        let metrics = Metrics(names: MetricNames(limit: 4))
        let names = metrics.names
        var labels: MetricLabels? = MetricLabels(
            routes: [names.intern(route: "a/a")], backendNames: ["a/a:80"], numbers: names)
        var held = labels?.hold(rule: 0, backend: 0)
        labels = nil
        // As many as are scarce, so that numbers which nobody holds are given to others.
        func numbers(of namespace: String) -> Set<Int32> {
            let interned = (0..<2).map {
                (names.intern(route: "\(namespace)/\($0)"), names.intern(backend: "\(namespace)/\($0):80"))
            }
            names.release(routes: interned.map(\.0), backends: interned.map(\.1))
            metrics.reclaimNames()
            return Set(interned.map(\.0) + interned.map(\.1))
        }
        let number = held?.backend ?? -1
        #expect(number > MetricNames.other && held?.route == number)
        #expect(!numbers(of: "b").contains(number) && !numbers(of: "c").contains(number))
        held = nil
        _ = numbers(of: "d")
        #expect(numbers(of: "e").contains(number), "it is given to others afterwards")
    }
}
