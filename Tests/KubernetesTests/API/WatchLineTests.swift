import GatewayAPI
import Testing

@testable import Kubernetes

/// Events as the API server writes them, and the cutting of its stream into lines.
@Suite struct WatchLineTests {
    private static let kind = APIKind(group: "g.io", versions: ["v1"], plural: "things", kind: "Thing")

    private func line(_ text: String) -> WatchLine { WatchLine(Array(text.utf8)[...], of: Self.kind, version: "v1") }

    @Test func changesCarryTheWholeObject() throws {
        for type in ["ADDED", "MODIFIED"] {
            let event = line(
                #"{"type":"\#(type)","object":{"metadata":{"name":"a","namespace":"n","resourceVersion":"7"}}}"#)
            guard case .changed(let object, let key, "7") = event else {
                Issue.record("\(event)")
                return
            }
            #expect(key == ObjectKey(namespace: "n", name: "a"))
            #expect(object["kind"] == "Thing" && object["apiVersion"] == "g.io/v1")
        }
    }

    @Test func whoWroteAnObjectIsReadOnlyWhereItIsAskedFor() throws {
        let text = #"{"type":"ADDED","object":{"metadata":{"name":"a","managedFields":[{"manager":"m"}]}}}"#
        let bytes = Array(text.utf8)[...]
        guard case .changed(let without, _, _) = WatchLine(bytes, of: Self.kind, version: "v1"),
            case .changed(let with, _, _) = WatchLine(bytes, of: Self.kind, version: "v1", leavingOut: nil)
        else {
            Issue.record("no change")
            return
        }
        #expect(without["metadata"]?["managedFields"] == nil)
        #expect(with["metadata"]?["managedFields"]?.elements.count == 1)
    }

    @Test func removalsBookmarksAndErrorsAreTold() {
        guard
            case .removed(ObjectKey(namespace: "", name: "a"), "8") = line(
                #"{"type":"DELETED","object":{"metadata":{"name":"a","resourceVersion":"8"}}}"#),
            case .bookmark("9", false) = line(
                #"{"type":"BOOKMARK","object":{"kind":"Thing","metadata":{"resourceVersion":"9","creationTimestamp":null}}}"#
            ),
            case .error(Refusal(status: 410, message: "too old", retryAfter: nil)) = line(
                #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}"#)
        else {
            Issue.record("an event is not read")
            return
        }
    }

    @Test(arguments: [
        "", "x", "{}", "[]", #"{"type":"ADDED"}"#, #"{"type":"ADDED","object":{}}"#, #"{"type":"ADDED","object":7}"#,
        #"{"type":"ADDED","object":{"metadata":{"name":7}}}"#, #"{"type":"NEW","object":{"metadata":{"name":"a"}}}"#,
        #"{"type":"ADDED","object":{"metadata":{"name":"a""#,
    ])
    func whatIsNoEventIsUnreadable(text: String) {
        guard case .unreadable = line(text) else {
            Issue.record("\(text) is read")
            return
        }
    }

    @Test func aStreamIsCutIntoLinesHoweverItComes() {
        let text = Array("one\ntwo\n\nthree\nfour".utf8)
        for size in 1...text.count {
            var splitter = LineSplitter(limit: 100)
            var lines: [String] = []
            for start in stride(from: 0, to: text.count, by: size) {
                splitter.feed(text[start..<min(start + size, text.count)]) {
                    lines.append(String(decoding: $0, as: UTF8.self))
                }
            }
            #expect(lines == ["one", "two", "three"])
            #expect(String(decoding: splitter.rest, as: UTF8.self) == "four")
        }
    }

    @Test func aLineBeyondTheLimitIsCutAndTheNextOneIsWhole() {
        let text = Array((String(repeating: "x", count: 50) + "\nnext\n").utf8)
        for size in 1...text.count {
            var splitter = LineSplitter(limit: 8)
            var lines: [String] = []
            for start in stride(from: 0, to: text.count, by: size) {
                splitter.feed(text[start..<min(start + size, text.count)]) {
                    lines.append(String(decoding: $0, as: UTF8.self))
                }
            }
            #expect(lines == ["xxxxxxxx", "next"])
        }
    }
}
