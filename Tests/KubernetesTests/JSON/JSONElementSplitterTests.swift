import GatewayAPI
import Testing

@testable import Kubernetes

/// A list cut into its items while it comes.
@Suite struct JSONElementSplitterTests {
    private struct Parts: Equatable {
        var elements: [String] = []
        var rest = ""
    }

    /// - Parameter size: of the pieces that the text comes in.
    private func split(
        _ text: String, in size: Int = .max, element: Int = 100, rest: Int = 100
    ) throws(JSONSplitDefect) -> Parts {
        var splitter = JSONElementSplitter(elementsOf: "items", limits: .init(element: element, rest: rest))
        var parts = Parts()
        var left = Array(text.utf8)[...]
        while !left.isEmpty {
            try splitter.feed(left.prefix(size)) { parts.elements.append(String(decoding: $0, as: UTF8.self)) }
            left = left.dropFirst(size)
        }
        parts.rest = String(decoding: splitter.rest, as: UTF8.self)
        return parts
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func elementsComeOneByOneHoweverTheTextIsCut(size: Int) throws {
        let text = #"{"kind":"L","items" : [{"a":"]},\""},[1,[2]] , "x",5],"metadata":{"items":[1],"continue":"c"}}"#
        let parts = try split(text, in: size)
        #expect(parts.elements == [#"{"a":"]},\""}"#, "[1,[2]] ", #" "x""#, "5"])
        #expect(parts.rest == #"{"kind":"L","items" : [],"metadata":{"items":[1],"continue":"c"}}"#)
    }

    @Test(arguments: [
        "{}", #"{"items":null}"#, #"{"items":[]}"#, "{\"items\":[ \n]}", #"{"items":{"items":[1]}}"#,
        #"{"metadata":["items",[1]]}"#, #"["items",[1]]"#, #"{"a":"items","b":[1]}"#, #"{"item":[1],"itemss":[2]}"#,
        #"{"a":{"b":1,"items":[1]}}"#, #"{"items":"items","x":[1]}"#,
    ])
    func whatIsNoElementStaysInTheRest(text: String) throws {
        let parts = try split(text)
        #expect(parts.elements == [])
        #expect(parts.rest.filter { !$0.isWhitespace } == text.filter { !$0.isWhitespace })
    }

    /// Each mistake leaves a part that no reader takes for JSON.
    @Test(arguments: [
        #"{"items":[1,]}"#, #"{"items":[,1]}"#, #"{"items":[1 2]}"#, #"{"items":[1}]}"#, #"{"items":[{]}]}"#,
        #"{"items":[1"#, #"{"items":[1]"#, #"{"items":[1]]}"#, #"{"items":[1]}}"#, #"{"items":["a]}"#, #"{"items"[1]}"#,
        #"{"items":[[1}]}"#, "]", "}}", #"{"items":[1],}"#,
    ])
    func whatIsNotJSONIsNotMadeJSON(text: String) throws {
        let parts = try split(text)
        let isRead = (parts.elements + [parts.rest]).allSatisfy { (try? JSONReader.node(Array($0.utf8))) != nil }
        #expect(!isRead)
    }

    @Test(arguments: [1, 1000]) func limitsAreForEachPart(size: Int) throws {
        let many = "{\"items\":[" + Array(repeating: "\"0123456789\"", count: 100).joined(separator: ",") + "]}"
        #expect(try split(many, in: size, element: 12, rest: 12).elements.count == 100)
        #expect(throws: JSONSplitDefect.element(11)) { try split(many, in: size, element: 11) }
        #expect(throws: JSONSplitDefect.rest(11)) { try split(many, in: size, rest: 11) }
    }
}
