import GatewayAPI
import Kubernetes
import Routing
import Testing

@testable import Controller

/// Statuses of kinds that are not served: others' words stay, ours come and go.
@Suite struct StatusMergeUnservedTests {
    private typealias Fixture = StatusFixture

    private func ancestors(_ wanted: [RouteParentStatus], _ current: Node) -> Node? {
        StatusMerge.parents(wanted, current: current, namespace: "shop", now: Fixture.now, list: .ancestors)
    }

    private func foreignAncestor(_ name: String) -> Node {
        var entry = Fixture.foreignEntry(name)
        entry.set("ancestorRef", entry["parentRef"])
        entry.set("parentRef", nil)
        return entry
    }

    @Test func ancestorsOfOthersStayAndOursComeAndGo() throws {
        let current = Fixture.status([("ancestors", [foreignAncestor("a")])])
        let patch = try #require(ancestors([Fixture.parent("a")], current))
        let entries = patch["ancestors"]?.elements ?? []
        #expect(entries.count == 2 && entries.first == foreignAncestor("a"))
        #expect(entries.last?["ancestorRef"]?["name"]?.stringValue == "a" && entries.last?["parentRef"] == nil)
        let written = Fixture.patched(current, patch)
        #expect(ancestors([Fixture.parent("a")], written) == nil, "what was written needs no write")
        #expect(ancestors([], written)?["ancestors"]?.elements == [foreignAncestor("a")])
    }

    /// GEP-713: at most 16, and whoever finds no room adds nothing.
    @Test func aFullListIsLeftAsItIs() {
        let full = Fixture.status([("ancestors", (0..<16).map { foreignAncestor("g\($0)") })])
        #expect(ancestors([Fixture.parent("a")], full) == nil)
        let nearly = Fixture.status([("ancestors", (0..<15).map { foreignAncestor("g\($0)") })])
        let patch = ancestors([Fixture.parent("a"), Fixture.parent("b")], nearly)
        #expect(patch?["ancestors"]?.elements.count == 16)
    }

    private let refused = ["Accepted", "Programmed"].map {
        Fixture.condition($0, false, "NotAllowed", UnservedListenerSet.message)
    }

    private func listenerSet(_ wanted: [Condition]?, _ current: Node) -> Node? {
        StatusMerge.listenerSet(wanted, current: current, now: Fixture.now)
    }

    @Test func aListenerSetThatNamesOursNoMoreKeepsNothingOfOurs() throws {
        let patch = try #require(listenerSet(refused, .mapping([:])))
        #expect(Fixture.words(patch["conditions"]).allSatisfy { $0.contains("=False/NotAllowed") })
        let written = Fixture.patched(.mapping([:]), patch)
        #expect(listenerSet(refused, written) == nil)
        #expect(listenerSet(nil, written)?["conditions"]?.elements == [])
    }

    @Test func aListenerSetOfAnotherControllerIsLeftAlone() {
        let accepted = Fixture.foreignEntry("x")["conditions"]?.elements ?? []
        #expect(listenerSet(nil, Fixture.status([("conditions", accepted)])) == nil)
        #expect(listenerSet(nil, .mapping([:])) == nil)
    }
}
