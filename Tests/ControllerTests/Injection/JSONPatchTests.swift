import Controller
import GatewayAPI
import Kubernetes
import Testing

@Suite struct JSONPatchTests {
    /// The work grows with the number of members, not with its square.
    @Test(.timeLimit(.minutes(1))) func aMappingOfVeryManyMembersIsCompared() {
        let count = 60_000
        let before = Node(.mapping((0..<count).map { Node.Entry(key: "k\($0)", value: "v") }))
        var after = before
        after.set("k7", nil)
        after.set("new", "v")
        let operations = JSONPatch.difference(from: before, to: after).elements
        #expect(operations.map { $0["op"]?.stringValue } == ["remove", "add"])
        #expect(operations.map { $0["path"]?.stringValue } == ["/k7", "/new"])
    }

    private func node(_ text: String) throws -> Node { try JSONReader.node(Array(text.utf8)) }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":1}"#, 0), (#"{"a":1}"#, #"{"a":2}"#, 1), (#"{}"#, #"{"a":null}"#, 1),
        (#"{"a":1,"b":2}"#, #"{"b":2}"#, 1), (#"{"a/b":{"c~d":1}}"#, #"{"a/b":{"c~d":2,"~1":3}}"#, 2),
        (#"{"a":[1,2]}"#, #"{"a":[2,1]}"#, 1), (#"{"a":{"b":{"c":1}}}"#, #"{"a":{"b":{"c":1,"d":{}}}}"#, 1),
        (#"{"a":{}}"#, #"{"a":[]}"#, 1), (#"{"":1}"#, #"{"":{"":2}}"#, 1),
    ])
    func thePatchTurnsOneIntoTheOther(_ before: String, _ after: String, _ operations: Int) throws {
        let patch = JSONPatch.difference(from: try node(before), to: try node(after))
        #expect(patch.elements.count == operations)
        let result = try PatchApplication.apply(patch, to: try node(before))
        #expect(result.jsonText == (try node(after)).jsonText)
    }
}
