import Foundation
import GatewayAPI
import Routing
import Testing

/// Service ports that lead to one port of a pod and differ about what is spoken there.
@Suite struct ProtocolDisagreementTests {
    private static func problems(_ changes: [String: String] = [:]) throws -> [Problem] {
        let file = GoldenTests.folder.appending(path: "sidecar-protocols/input.yaml")
        var text = try String(contentsOf: file, encoding: .utf8)
        for (part, other) in changes {
            #expect(text.contains(part))
            text = text.replacing(part, with: other)
        }
        return RoutePlanner.protocolDisagreements(try PlanFixture.resources(text))
    }

    @Test func bothPortsAreNamedOnceHoweverManyPodsThereAre() throws {
        let other = "{addresses: [10.0.0.2], targetRef: {kind: Pod, name: other, namespace: shop}}"
        let problems = try Self.problems(["endpoints: [": "endpoints: [\(other), "])
        #expect(problems.map(\.severity) == [.warning, .warning])
        #expect(
            problems.map { "\($0.object) \($0.field) \($0.value)" } == [
                "Service shop/db spec.ports[0] 3306 (db)", "Service shop/web-pods spec.ports[0] 80 (main)",
            ])
        let (first, last) = (try #require(problems.first).message, try #require(problems.last).message)
        #expect(first.hasPrefix("counts as another protocol, and port 8080 (http-x) of Service shop/db, which leads"))
        #expect(last.hasPrefix("declares no protocol, and port 80 (main) of Service shop/web, which leads to the same"))
        #expect(first.contains("the same port 3307 of the pods"))
    }

    @Test func onePodIsRecognisedByItsNameOrItsAddress() throws {
        #expect(try Self.problems([", targetRef: {kind: Pod, name: pod, namespace: shop}": ""]).count == 2)
        let elsewhere = try Self.problems([
            "name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}\naddressType: IPv4\nports: [{name: main, port: 3000}, {name: same, port: 3001}]\nendpoints: [{addresses: [10.0.0.1]":
                "name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}\naddressType: IPv4\nports: [{name: main, port: 3000}, {name: same, port: 3001}]\nendpoints: [{addresses: [10.0.0.9]"
        ])
        #expect(elsewhere.count == 2, "the same pod by another address")
    }

    @Test func oneProtocolIsNoDisagreement() throws {
        #expect(try Self.problems(["name: http-x": "name: tcp-x", "appProtocol: http": "appProtocol: tcp"]).count == 1)
        #expect(
            try Self.problems(["name: db, port": "name: http-db, port", "name: main, port": "name: http, port"]) == [])
    }
}
