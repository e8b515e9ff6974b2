import Foundation
import GatewayAPI
import Testing

@testable import Kubernetes

@Suite struct PodLabelsFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String) throws -> [String: String] {
        try folder.write("labels", text)
        return try PodLabelsFile(path: folder.path + "/labels").read()
    }

    @Test func linesAreLabels() throws {
        #expect(try read("") == [:])
        #expect(
            try read("app=\"a\"\napp.kubernetes.io/name=\"x-1\"\nempty=\"\"\n")
                == ["app": "a", "app.kubernetes.io/name": "x-1", "empty": ""])
        #expect(try read(#"a="q\"b\\c=d""#) == ["a": #"q"b\c=d"#])
    }

    @Test(arguments: [
        "app", "=\"a\"", "app=", "app=a", "app=\"", "app=\"a", "app=a\"", "app=\"a\"b\"", #"app="a\""#, #"app="\n""#,
        "app=\"\u{1}\"", "ok=\"1\"\nbroken",
    ])
    func whatIsNoLabelIsRefused(_ text: String) {
        #expect(throws: ConfigurationError.self) { try read(text) }
    }

    @Test func bytesThatAreNoTextAndTooManyAreRefused() throws {
        let path = folder.path + "/labels"
        try Data([0x61, 0x3d, 0x22, 0xff, 0x22]).write(to: URL(filePath: path))
        #expect(throws: ConfigurationError.self) { try PodLabelsFile(path: path).read() }
        #expect(throws: ConfigurationError.self) {
            try read("a=\"" + String(repeating: "x", count: ClusterLimits.podLabelsBytes) + "\"")
        }
        #expect(throws: ConfigurationError.self) { try PodLabelsFile(path: folder.path).read() }
    }
}
