import Foundation
import GatewayAPI
import Kubernetes
import TLS
import Testing

@Suite struct SecretInspectionTests {
    private static let pairs: [(certificate: [UInt8], key: [UInt8])] = {
        guard let authority = try? CertificateMaker.authority(commonName: "ca", days: 1) else { return [] }
        return ["a.example", "*.b.example"].compactMap {
            try? CertificateMaker.leaf(dnsNames: [$0], ipAddresses: [], days: 1, authority: authority)
        }
    }()

    private func secret(_ chain: [UInt8], _ key: [UInt8]) -> Secret {
        Secret(
            metadata: ObjectMeta(key: ObjectKey(namespace: "ns", name: "cert")), certificateChain: chain,
            privateKey: key)
    }

    @Test func aSoundCertificateTellsItsNames() throws {
        let pair = try #require(Self.pairs.last)
        var secret = secret(pair.certificate, pair.key)
        #expect(SecretInspection.inspect(&secret) == nil)
        #expect(secret.defect == nil && secret.dnsNames == ["*.b.example"])
    }

    @Test func theKeyOfAnotherCertificateAndGarbageAreDefects() throws {
        let pairs = Self.pairs
        try #require(pairs.count == 2)
        let garbage = Array("-----BEGIN CERTIFICATE-----\nSGVsbG8=\n-----END CERTIFICATE-----\n".utf8)
        for (chain, key) in [(pairs[0].certificate, pairs[1].key), (garbage, pairs[0].key)] {
            var secret = secret(chain, key)
            let problem = SecretInspection.inspect(&secret, file: "f.yaml", line: 3)
            #expect(problem?.severity == .error && problem?.object == "Secret ns/cert" && problem?.line == 3)
            #expect(secret.defect != nil)
            let text = String(decoding: key, as: UTF8.self).split(separator: "\n")[1].prefix(16)
            #expect(!"\(String(describing: problem))\(secret)".contains(text))
        }
    }

    @Test func foldersAreInspected() throws {
        let pairs = Self.pairs
        try #require(pairs.count == 2)
        let folder = FileManager.default.temporaryDirectory.appending(path: "weir-secret-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func document(_ name: String, _ chain: [UInt8], _ key: [UInt8]) -> String {
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: \(name), namespace: ns}
            type: kubernetes.io/tls
            data:
              tls.crt: \(Data(chain).base64EncodedString())
              tls.key: \(Data(key).base64EncodedString())

            """
        }
        let text =
            document("good", pairs[0].certificate, pairs[0].key) + "---\n"
            + document("mixed", pairs[0].certificate, pairs[1].key)
        try text.write(to: folder.appending(path: "secrets.yaml"), atomically: true, encoding: .utf8)
        let state = ManifestFolder.load(folder.path())
        let secrets = state.resources.secrets
        #expect(secrets[ObjectKey(namespace: "ns", name: "good")]?.dnsNames == ["a.example"])
        #expect(secrets[ObjectKey(namespace: "ns", name: "mixed")]?.defect?.contains("private key") == true)
        #expect(state.problems.map(\.object) == ["Secret ns/mixed"])
    }
}
