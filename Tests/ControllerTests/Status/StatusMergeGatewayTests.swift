import GatewayAPI
import Kubernetes
import Routing
import Testing

@testable import Controller

@Suite struct StatusMergeGatewayTests {
    private typealias Fixture = StatusFixture

    private func listener(_ name: String, routes: Int = 0, _ conditions: [Condition] = [Fixture.condition("Accepted")])
        -> ListenerStatus
    {
        ListenerStatus(
            name: name, supportedKinds: [RouteGroupKind(group: "gateway.networking.k8s.io", kind: "HTTPRoute")],
            attachedRoutes: routes, conditions: conditions)
    }

    private func status(
        _ listeners: [ListenerStatus], addresses: [GatewayAddress]? = nil, generation: Int64 = 1
    ) -> GatewayStatus {
        GatewayStatus(
            conditions: [
                Fixture.condition("Accepted", generation: generation),
                Fixture.condition("Programmed", generation: generation),
            ], listeners: listeners, addresses: addresses)
    }

    /// As the definitions' defaults fill it in.
    private let untouched = Fixture.status([
        (
            "conditions",
            ["Accepted", "Programmed"].map {
                .mapping([
                    "type": .string($0), "status": "Unknown", "reason": "Pending", "message": "Waiting for controller",
                    "lastTransitionTime": "1970-01-01T00:00:00Z",
                ])
            }
        )
    ])

    @Test func theDefaultsOfAnUntouchedGatewayAreReplaced() {
        let patch = StatusMerge.gateway(status([listener("http", routes: 2)]), current: untouched, now: Fixture.now)
        #expect(
            Fixture.words(patch?["conditions"]) == [
                "Accepted=True/Accepted@\(Fixture.now)", "Programmed=True/Programmed@\(Fixture.now)",
            ])
        let written = patch?["listeners"]?.elements.first
        #expect(written?["attachedRoutes"]?.integerValue == 2)
        #expect(written?["supportedKinds"]?.elements.first?["kind"]?.stringValue == "HTTPRoute")
        #expect(patch?["addresses"] == nil)
        let now = Fixture.patched(untouched, patch)
        #expect(StatusMerge.gateway(status([listener("http", routes: 2)]), current: now, now: Fixture.later) == nil)
    }

    @Test func onlyWhatDiffersIsWritten() {
        let before = Fixture.patched(
            untouched, StatusMerge.gateway(status([listener("http")]), current: untouched, now: Fixture.now))
        let patch = StatusMerge.gateway(status([listener("http", routes: 1)]), current: before, now: Fixture.later)
        #expect(patch?.members.map(\.key) == ["listeners"])
        #expect(
            Fixture.words(patch?["listeners"]?.elements.first?["conditions"]) == [
                "Accepted=True/Accepted@\(Fixture.now)"
            ])
    }

    @Test func listenersFollowTheSpec() {
        let before = Fixture.patched(
            untouched,
            StatusMerge.gateway(status([listener("a"), listener("b")]), current: untouched, now: Fixture.now))
        let patch = StatusMerge.gateway(
            status([listener("c"), listener("b"), listener("b"), listener("")]), current: before, now: Fixture.later)
        #expect(patch?["listeners"]?.elements.map { $0["name"]?.stringValue } == ["c", "b"])
        let words = patch?["listeners"]?.elements.map { Fixture.words($0["conditions"]) }
        #expect(words == [["Accepted=True/Accepted@\(Fixture.later)"], ["Accepted=True/Accepted@\(Fixture.now)"]])
    }

    @Test func conditionsOfOthersStay() {
        var current = untouched
        current.update("conditions") {
            $0 = .sequence($0.elements + [.mapping(["type": "example.com/Audited", "status": "True"])])
        }
        current.set("attachedListenerSets", 3)
        let patch = StatusMerge.gateway(status([]), current: current, now: Fixture.now)
        #expect(Fixture.words(patch?["conditions"]).last == "example.com/Audited=True/@")
        #expect(patch?["attachedListenerSets"] == nil)
    }

    @Test func anOverlapThatIsGoneIsNotLeftBehind() {
        let overlapping = listener(
            "a",
            [Fixture.condition("Accepted"), Fixture.condition("OverlappingTLSConfig", true, "OverlappingHostnames")])
        let before = Fixture.patched(
            untouched, StatusMerge.gateway(status([overlapping]), current: untouched, now: Fixture.now))
        let patch = StatusMerge.gateway(status([listener("a")]), current: before, now: Fixture.now)
        #expect(
            patch?["listeners"]?.elements.first?["conditions"]?.elements.map { $0["type"]?.stringValue } == ["Accepted"]
        )
    }

    @Test func addressesAreWrittenWhereTheyAreProvided() {
        let wanted = status(
            [], addresses: [GatewayAddress(value: "192.0.2.1"), GatewayAddress(type: "Hostname", value: "lb.example")])
        let patch = StatusMerge.gateway(wanted, current: untouched, now: Fixture.now)
        #expect(patch?["addresses"]?.elements.map { $0["value"]?.stringValue } == ["192.0.2.1", "lb.example"])
        let written = Fixture.patched(untouched, patch)
        #expect(StatusMerge.gateway(wanted, current: written, now: Fixture.now) == nil)
        let gone = StatusMerge.gateway(status([], addresses: []), current: written, now: Fixture.now)
        #expect(gone?["addresses"]?.elements == [])
        // Whoever does not provide them leaves them alone.
        #expect(StatusMerge.gateway(status([]), current: written, now: Fixture.now) == nil)
        let many = status([], addresses: (0..<40).map { GatewayAddress(value: "192.0.2.\($0)") })
        #expect(StatusMerge.gateway(many, current: .mapping([:]), now: Fixture.now)?["addresses"]?.elements.count == 16)
    }

    @Test func aGenerationThatNoObjectHasFreezesNothing() {
        let forged = Fixture.patched(
            untouched,
            StatusMerge.gateway(
                status([], generation: 9_000_000_000_000_000_000), current: untouched, now: Fixture.now))
        let patch = StatusMerge.gateway(status([listener("a")], generation: 2), current: forged, now: Fixture.now)
        #expect(patch?["conditions"]?.elements.allSatisfy { $0["observedGeneration"]?.integerValue == 2 } == true)
        #expect(patch?["listeners"]?.elements.count == 1)
    }

    @Test func classesSayWhatTheyCanDo() {
        let patch = StatusMerge.gatewayClass([Fixture.condition("Accepted")], current: .mapping([:]), now: Fixture.now)
        let features = patch?["supportedFeatures"]?.elements.compactMap { $0["name"]?.stringValue } ?? []
        #expect(features == features.sorted() && Set(features).count == features.count && features.count <= 64)
        #expect(features.contains("HTTPRoute"))
        let written = Fixture.patched(.mapping([:]), patch)
        #expect(StatusMerge.gatewayClass([Fixture.condition("Accepted")], current: written, now: Fixture.later) == nil)
    }
}
