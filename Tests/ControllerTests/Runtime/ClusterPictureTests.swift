import GatewayAPI
import Kubernetes
import Testing

@testable import Controller

@Suite struct ClusterPictureTests {
    private let key = ObjectKey(namespace: "ana", name: "web")

    private func gateway(_ port: String) throws -> Node {
        try Gateways.node(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web, namespace: ana, uid: u-1}
            spec: {gatewayClassName: weir, listeners: [{name: http, port: \(port), protocol: HTTP}]}
            """)
    }

    @Test func itIsSyncedOnceEveryKindIsListedOrNotServed() {
        var picture = ClusterPicture()
        for kind in ClusterPicture.kinds {
            #expect(!picture.isSynced)
            _ = picture.observe(kind, kind == .backend ? .absent : .synced)
        }
        #expect(picture.isSynced)
    }

    @Test func whatCannotBeReadKeepsItsLastGoodForm() throws {
        var picture = ClusterPicture()
        #expect(picture.observe(.gateway, .changed(try gateway("80"))))
        let bad = try Gateways.node(
            "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: web, namespace: ana}, spec: 1}")
        _ = picture.observe(.gateway, .changed(bad))
        #expect(picture.resources.gateways[key]?.listeners.first?.port == 80)
        #expect(picture.problemCount == 1)
        _ = picture.observe(.gateway, .removed(key))
        #expect(picture.resources.gateways[key] == nil)
        #expect(picture.gatewayObjects.isEmpty)
        #expect(picture.problemCount == 0)
    }

    @Test func aKindThatIsNoLongerServedIsGone() throws {
        var picture = ClusterPicture()
        _ = picture.observe(.gateway, .changed(try gateway("80")))
        _ = picture.observe(.gateway, .absent)
        #expect(picture.resources.gateways.isEmpty)
        #expect(picture.gatewayObjects.isEmpty)
    }

    @Test func aSecretThatIsNoCertificateSaysSo() throws {
        var picture = ClusterPicture()
        let secret = try Gateways.node(
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: web, namespace: ana}
            type: kubernetes.io/tls
            stringData:
              tls.crt: "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n"
              tls.key: "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n"
            """)
        picture.setSecret(key, secret)
        #expect(picture.resources.secrets[key]?.defect != nil)
        picture.setSecret(key, nil)
        #expect(picture.resources.secrets[key] == nil)
    }
}
