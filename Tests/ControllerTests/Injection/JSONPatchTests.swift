import Controller
import GatewayAPI
import Kubernetes
import Testing

@Suite struct JSONPatchTests {
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
