import GatewayAPI
import Testing

/// A parentRef that is refused says nothing about the others.
@Suite struct ParentReferenceTests {
    private func decode(_ parents: [Node]) -> (parents: [ParentReference], problems: [Problem]) {
        let document: Node = .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": .mapping(["name": "r", "namespace": "ns"]),
            "spec": .mapping(["parentRefs": .sequence(parents)]),
        ])
        var problems: [Problem] = []
        guard
            case .resource(_, .httpRoute(let route)) = ResourceDecoder.decode(document, file: "", problems: &problems)
        else { return ([], problems) }
        return (route.parentRefs, problems)
    }

    private static let good: Node = .mapping(["name": "edge"])

    @Test(
        "whatever is wrong with it, before or behind a good one",
        arguments: [
            Node.mapping(["name": "edge", "sectionName": "Web_1"]), .mapping(["name": "edge", "port": 0]),
            .mapping(["name": "edge", "namespace": "No_Namespace"]), .mapping(["name": "edge", "kind": "?"]),
            .mapping(["name": "edge", "group": "NO"]),
        ])
    func refused(_ bad: Node) {
        for (parents, position) in [([bad, Self.good], 1), ([Self.good, bad], 0)] {
            let read = decode(parents)
            #expect(read.parents.map { $0.defect == nil } == [position == 0, position == 1], "\(read.problems)")
            #expect(read.problems.count == 1)
        }
    }

    @Test func aSecondEntryForTheSameParentIsRefused() {
        let explicit: Node = .mapping(["group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge"])
        #expect(decode([Self.good, explicit]).parents.map { $0.defect == nil } == [true, false])
    }

    @Test func keysAreInTheOrderOfTheirText() {
        let texts = ["a/z", "a-b/c", "a.b/c", "ab/c", "a/a", "team/z", "team-a/a", "team-b/a", "a-b/a"]
        #expect(texts.compactMap { ObjectKey($0) }.sorted().map(\.description) == texts.sorted())
    }
}
