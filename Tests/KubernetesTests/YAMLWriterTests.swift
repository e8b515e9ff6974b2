import GatewayAPI
import Kubernetes
import Testing

@Suite struct YAMLWriterTests {
    private func read(_ text: String) throws -> Node? {
        try YAMLReader.documents(Array(text.utf8)).first?.root
    }

    @Test(arguments: [
        "plain", "two words", "", " ", "yes", "No", "ON", "y", "~", "null", "true", "12", "012", "0x1f", "1e3", "1.0",
        ".5",
        ".inf", "1_000", "1:20", "2026-01-01", "- a", "-", "a: b", "a:", "a #b", "#a", "a#b", "*a", "&a", "!a", "%a",
        "@a",
        "`a", "{a}", "[a", "a]", "a,b", "\"", "'", "\\", "\t", "a\tb", "line\nline", "line\nline\n", "\nline",
        "line\n\n",
        " line\nline", "line \nline", "a\rb", "\u{0}", "\u{7f}", "\u{85}", "\u{2028}", "\u{feff}", "ü", "日本", "😀",
        "10m",
        "64Mi", "/probe/app http 80 1 /x\n/probe/b tcp 1 1", "--- a", "---", "...", "=", "<<", "? a", "|", ">",
        "a: |\n b",
        String(repeating: "x", count: 2000),
    ])
    func everyStringIsReadBack(_ text: String) throws {
        for node in [
            Node.string(text), .sequence([.string(text), .sequence([.string(text)])]),
            .mapping(["a": .mapping(["b": .string(text)]), "list": [.mapping(["k": .string(text), "l": 1])]]),
        ] {
            #expect(try read(YAMLWriter.text(node))?.withoutLines == node, "\(YAMLWriter.text(node))")
        }
        let keyed = Node(.mapping([Node.Entry(key: text, value: "v"), Node.Entry(key: text + "2", value: [])]))
        #expect(try read(YAMLWriter.text(keyed))?.withoutLines == keyed)
    }

    @Test func everyKindOfValueIsReadBack() throws {
        let node = Node.mapping([
            "null": Node(.null), "bool": true, "integer": .integer(.min), "number": Node(.number(1e300)),
            "small": Node(.number(1.5e-9)), "whole": Node(.number(2)), "infinite": Node(.number(-.infinity)),
            "empty": .mapping(["list": [], "mapping": .mapping([:])]),
            "nested": [[[1, 2], []], .mapping([:]), .mapping(["a": [.mapping(["b": Node(.null)])]])],
        ])
        #expect(try read(YAMLWriter.text(node))?.withoutLines == node)
    }

    @Test func documentsAreSeparated() throws {
        let text = YAMLWriter.text([.mapping(["a": 1]), .mapping(["b": 2])])
        #expect(try YAMLReader.documents(Array(text.utf8)).count == 2)
    }
}

extension Node {
    fileprivate var withoutLines: Node {
        switch value {
        case .sequence(let nodes): Node(.sequence(nodes.map(\.withoutLines)))
        case .mapping(let entries):
            Node(.mapping(entries.map { Entry(key: $0.key, value: $0.value.withoutLines) }))
        default: Node(value)
        }
    }
}
