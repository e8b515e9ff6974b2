import Foundation
import GatewayAPI
import Testing

@Suite struct SecretDecodeTests {
    private static let chain = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    private static let key = "-----BEGIN PRIVATE KEY-----\nHUSHHUSH\n-----END PRIVATE KEY-----\n"

    private func encoded(_ text: String) -> Node { .string(Data(text.utf8).base64EncodedString()) }

    private func document(
        type: String? = "kubernetes.io/tls", data: [String: Node]? = nil, stringData: [String: Node]? = nil,
        metadata: [String: Node] = [:], more: [String: Node] = [:]
    ) -> Node {
        func mapping(_ members: [String: Node]) -> Node {
            Node(.mapping(members.sorted { $0.key < $1.key }.map { Node.Entry(key: $0.key, value: $0.value) }))
        }
        var node: Node = .mapping([
            "apiVersion": "v1", "kind": "Secret",
            "metadata": mapping(metadata.merging(["name": "cert", "namespace": "ns"]) { a, _ in a }),
        ])
        if let type { node.set("type", .string(type)) }
        if let data { node.set("data", mapping(data)) }
        if let stringData { node.set("stringData", mapping(stringData)) }
        for (field, value) in more { node.set(field, value) }
        return node
    }

    private func decode(_ document: Node) -> (secret: Secret?, problems: [Problem]) {
        var problems: [Problem] = []
        guard
            case .resource(_, .secret(let secret)) = ResourceDecoder.decode(
                document, file: "f.yaml", problems: &problems)
        else { return (nil, problems) }
        return (secret, problems)
    }

    @Test(arguments: ["kubernetes.io/tls", "Opaque", nil])
    func bothKeysMakeACertificate(_ type: String?) {
        let (secret, problems) = decode(
            document(type: type, data: ["tls.crt": encoded(Self.chain), "tls.key": encoded(Self.key), "ca.crt": ""]))
        #expect(secret?.defect == nil && problems.isEmpty)
        #expect(secret?.certificateChain == Array(Self.chain.utf8) && secret?.privateKey == Array(Self.key.utf8))
    }

    @Test func stringDataWinsOverData() {
        let (secret, _) = decode(
            document(
                data: ["tls.crt": "!!!", "tls.key": encoded(Self.key)],
                stringData: ["tls.crt": .string(Self.chain)]))
        #expect(secret?.defect == nil && secret?.certificateChain == Array(Self.chain.utf8))
    }

    @Test(
        "A Secret that cannot be a certificate stays, with a defect",
        arguments: [
            (
                ["tls.crt": "SGVsbG8gd29ybGQK", "tls.key": "SGVsbG8gd29ybGQK"],
                "data.tls.crt must hold a PEM certificate"
            ),
            (["tls.crt": "SGVsbG8", "tls.key": "SGVsbG8gd29ybGQK"], "data.tls.crt must be base64"),
            (["tls.key": "SGVsbG8gd29ybGQK"], "data.tls.crt is required"), ([:], "data.tls.crt is required"),
            (["tls.crt": 5], "data.tls.crt must be a string"),
        ] as [([String: Node], String)])
    func defects(_ data: [String: Node], _ start: String) {
        let (secret, problems) = decode(document(data: data))
        #expect(secret?.defect?.hasPrefix(start) == true, "\(secret?.defect ?? "none")")
        #expect(problems.contains { $0.severity == .error })
        #expect(problems.first?.id == (data["tls.crt"] == 5 ? .wrongType : .certificate))
        #expect(secret?.privateKey.isEmpty == true)
    }

    @Test func anEncryptedKeyIsRefused() {
        let text = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"
        let (secret, _) = decode(document(data: ["tls.crt": encoded(Self.chain), "tls.key": encoded(text)]))
        #expect(secret?.defect?.contains("must not be encrypted") == true)
    }

    @Test func secretsForOtherPurposesAreNoProblem() {
        for (type, data) in [
            ("Opaque", ["password": encoded("x")]), ("Opaque", [:]), ("bootstrap.kubernetes.io/token", [:]),
        ] {
            let (secret, problems) = decode(document(type: type, data: data))
            #expect(secret?.defect != nil && problems.isEmpty)
        }
    }

    @Test func nothingOfTheDataIsEverQuoted() {
        let hush = "HUSHHUSH"
        let documents = [
            document(data: ["tls.crt": .string(hush), "tls.key": .string(hush)]),
            document(data: ["tls.crt": [.string(hush)], "tls.key": .integer(1)]),
            document(data: ["tls.crt": .string(hush + "*"), "tls.key": .string(Self.key)]),
            document(more: ["tls.key": .string(hush), "data": .string(hush)]),
            document(stringData: ["tls.crt": .string(hush), "tls.key": .string(Self.key)]),
            document(metadata: ["annotations": .strings(["last": hush]), "labels": .strings(["x": hush])]),
            document(type: hush, metadata: ["oops": .string(hush)]),
            document(
                data: ["tls.crt": encoded(Self.chain), "tls.key": encoded(Self.key)],
                metadata: ["annotations": .strings(["kubectl.kubernetes.io/last-applied-configuration": hush])]),
        ]
        for document in documents {
            let (secret, problems) = decode(document)
            var text = "\(problems)"
            if var secret {
                if secret.type == hush { secret.type = "" }
                dump(secret, to: &text)
                text += "\(secret)" + String(reflecting: secret)
            }
            #expect(!text.contains(hush), "\(text)")
            #expect(!text.contains(Data(hush.utf8).base64EncodedString().prefix(8)), "\(text)")
        }
    }
}
