import GatewayAPI
import Kubernetes
import Routing
import Testing

@testable import Controller

@Suite struct StatusMergeRouteTests {
    private typealias Fixture = StatusFixture

    private func merge(_ wanted: [RouteParentStatus], _ current: Node, now: String = Fixture.now) -> Node? {
        StatusMerge.parents(wanted, current: current, namespace: "shop", now: now)
    }

    @Test func aNewEntryNamesItsParentAsTheRouteDoes() throws {
        let wanted = RouteParentStatus(
            parentRef: ParentReference(group: "", kind: "Service", name: "cart", sectionName: "http", port: 80),
            controllerName: RoutePlanner.meshController, conditions: [Fixture.condition("Accepted", generation: 7)])
        let patch = try #require(merge([wanted], .mapping([:])))
        #expect(
            String(decoding: patch.json, as: UTF8.self)
                == #"{"parents":[{"parentRef":{"group":"","kind":"Service","name":"cart","sectionName":"http","port":80},"#
                + #""controllerName":"weir.dev/mesh-controller","conditions":[{"lastTransitionTime":"2026-01-02T03:04:05Z","#
                + #""type":"Accepted","status":"True","reason":"Accepted","message":"","observedGeneration":7}]}]}"#)
    }

    @Test func whatWasWrittenNeedsNoWrite() {
        let wanted = [
            Fixture.parent("a"), Fixture.parent("a", section: "http"), Fixture.parent("b", namespace: "infra"),
        ]
        let current = Fixture.status([("parents", [Fixture.foreignEntry("a")])])
        let written = Fixture.patched(current, merge(wanted, current))
        #expect(merge(wanted, written, now: Fixture.later) == nil)
        #expect(merge([], .mapping([:])) == nil)
        #expect(merge([], Fixture.status([("parents", [Fixture.foreignEntry("a")])])) == nil)
    }

    @Test func transitionTimeMovesWithTheStatusOnly() {
        let first = Fixture.patched(
            .mapping([:]), merge([Fixture.parent("a", [Fixture.condition("Accepted")])], .mapping([:])))
        let reworded = merge(
            [Fixture.parent("a", [Fixture.condition("Accepted", true, "Other", "words", generation: 2)])], first,
            now: Fixture.later)
        #expect(
            Fixture.words(reworded?["parents"]?.elements.first?["conditions"]) == ["Accepted=True/Other@\(Fixture.now)"]
        )
        let flipped = merge(
            [Fixture.parent("a", [Fixture.condition("Accepted", false, "Pending")])], first, now: Fixture.later)
        #expect(
            Fixture.words(flipped?["parents"]?.elements.first?["conditions"])
                == ["Accepted=False/Pending@\(Fixture.later)"])
    }

    @Test func aGenerationAloneIsWritten() {
        let first = Fixture.patched(.mapping([:]), merge([Fixture.parent("a")], .mapping([:])))
        let bumped = merge([Fixture.parent("a", generation: 2)], first)
        #expect(
            bumped?["parents"]?.elements.first?["conditions"]?.elements.map { $0["observedGeneration"]?.integerValue }
                == [2, 2])
    }

    @Test func othersKeepTheirPlaceAndOurStaleEntriesGo() {
        let before = Fixture.patched(
            .mapping([:]),
            merge(
                [Fixture.parent("stale"), Fixture.parent("kept"), Fixture.parent("kept", section: "x")], .mapping([:])))
        var entries = before["parents"]?.elements ?? []
        entries.insert(Fixture.foreignEntry("one"), at: 0)
        entries.insert(Fixture.foreignEntry("stale"), at: 2)
        // Our own entry twice, as a careless tool may leave it.
        entries.append(entries[3])
        let current = Fixture.status([("parents", entries)])
        let patch = merge([Fixture.parent("new"), Fixture.parent("kept")], current)
        #expect(Fixture.names(patch) == ["one", "stale", "kept", "new"])
        #expect(patch?["parents"]?.elements.first == Fixture.foreignEntry("one"))
        #expect(Fixture.names(merge([], current)) == ["one", "stale"])
    }

    @Test func gatewayAndMeshEntriesOfOneParentAreTwo() {
        let child = ParentReference(
            group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "root", name: "root")
        let wanted = [RoutePlanner.gatewayController, RoutePlanner.meshController].map {
            RouteParentStatus(parentRef: child, controllerName: $0, conditions: [Fixture.condition("Accepted")])
        }
        let written = Fixture.patched(.mapping([:]), merge(wanted, .mapping([:])))
        #expect(written["parents"]?.elements.count == 2)
        #expect(merge(wanted, written) == nil)
        #expect(merge([wanted[1]], written)?["parents"]?.elements.count == 1)
    }

    @Test func anEntryWithDefaultsLeftOutIsTheSameParent() {
        var entry = Fixture.foreignEntry("a")
        entry.set("controllerName", .string(RoutePlanner.gatewayController))
        entry.set("parentRef", .mapping(["name": "a", "namespace": "shop"]))
        entry.set("conditions", [])
        let patch = merge([Fixture.parent("a")], Fixture.status([("parents", [entry])]))
        #expect(Fixture.names(patch) == ["a"])
        #expect(patch?["parents"]?.elements.first?["x-other"]?.stringValue == "kept")
        #expect(patch?["parents"]?.elements.first?["parentRef"]?["namespace"] == nil)
    }

    @Test func foreignConditionsStayAndOursThatAreNotWantedGo() {
        let partly = [
            Fixture.condition("Accepted"),
            Fixture.condition("PartiallyInvalid", true, "UnsupportedValue", "Dropped Rule(s)"),
        ]
        var current = Fixture.patched(.mapping([:]), merge([Fixture.parent("a", partly)], .mapping([:])))
        current.update("parents") { parents in
            var entry = parents.elements[0]
            entry.update("conditions") {
                $0 = .sequence([.mapping(["type": "example.com/Checked", "status": "True"])] + $0.elements)
            }
            parents = .sequence([entry])
        }
        let patch = merge([Fixture.parent("a", [Fixture.condition("Accepted")])], current, now: Fixture.later)
        #expect(
            Fixture.words(patch?["parents"]?.elements.first?["conditions"])
                == ["example.com/Checked=True/@", "Accepted=True/Accepted@\(Fixture.now)"])
    }

    @Test func aGenerationThatNoObjectHasFreezesNothing() {
        let forged = Fixture.patched(
            .mapping([:]), merge([Fixture.parent("a", generation: 9_000_000_000_000_000_000)], .mapping([:])))
        let patch = merge(
            [Fixture.parent("a", [Fixture.condition("Accepted", false, "Pending", generation: 4)])], forged)
        let conditions = patch?["parents"]?.elements.first?["conditions"]?.elements ?? []
        #expect(conditions.map { $0["observedGeneration"]?.integerValue } == [4])
        #expect(conditions.map { $0["reason"]?.stringValue } == ["Pending"])
    }

    @Test func theListsHaveTheirLimits() {
        let full = (0..<31).map { Fixture.foreignEntry("f\($0)") }
        let patch = merge(
            [Fixture.parent("a"), Fixture.parent("b"), Fixture.parent("c")], Fixture.status([("parents", full)]))
        #expect(Fixture.names(patch).count == 32 && Fixture.names(patch).last == "a")
        let many = (0..<20).map { Fixture.condition("Accepted\($0)") }
        let conditions = merge([Fixture.parent("a", many)], .mapping([:]))?["parents"]?.elements.first?["conditions"]
        #expect(conditions?.elements.count == 8)
        let long = String(repeating: "é\u{1F600}", count: 20_000)
        let told = merge([Fixture.parent("a", [Fixture.condition("Accepted", false, "Pending", long)])], .mapping([:]))
        let message = told?["parents"]?.elements.first?["conditions"]?.elements.first?["message"]?.stringValue ?? ""
        #expect(message.utf8.count <= 32_768 && message.utf8.count > 32_700 && message.hasSuffix("..."))
        #expect(!message.unicodeScalars.contains("\u{FFFD}"))
    }

    @Test func whateverTheServerHoldsOthersEntriesSurviveAndTheSecondMergeIsEmpty() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let current = Fixture.status([
                (
                    "parents",
                    (0..<Int.random(in: 0...6, using: &random)).map { _ in
                        let name = ["a", "b", "c"].randomElement(using: &random) ?? "a"
                        var entry = Fixture.foreignEntry(name)
                        if Bool.random(using: &random) {
                            entry.set("controllerName", .string(RoutePlanner.gatewayController))
                        }
                        if Bool.random(using: &random) { entry.set("conditions", Bool.random() ? "nonsense" : []) }
                        if Int.random(in: 0...5, using: &random) == 0 { entry = "nonsense" }
                        return entry
                    }
                )
            ])
            let wanted = ["a", "b", "c"].filter { _ in Bool.random(using: &random) }.map {
                Fixture.parent($0, generation: 9)
            }
            let written = Fixture.patched(current, merge(wanted, current))
            let foreign = { (status: Node) in (status["parents"]?.elements ?? []).filter { !StatusMerge.isOurs($0) } }
            #expect(foreign(written) == foreign(current))
            #expect(merge(wanted, written, now: Fixture.later) == nil)
            #expect(written["parents"]?.elements.count == foreign(current).count + wanted.count)
        }
    }
}
