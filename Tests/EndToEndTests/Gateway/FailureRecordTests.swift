import Foundation
import Testing

/// What logs, metrics and the admin interface say of requests that came to nothing, and of the endpoints that are to
/// blame.
@Suite struct FailureRecordTests {
    private func record(_ gateway: GatewayUnderTest, path: String) throws -> [String: Any] {
        try eventually("the record of \(path)") { gateway.process.standardOutput.contains("\"\(path)\"") }
        let line = gateway.process.standardOutput.split(separator: "\n").first { $0.contains("\"\(path)\"") } ?? ""
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func aFailedRequestsRecordNamesItsEndpointAndReason() throws {
        let refusing = try TestBackend(isListening: false)
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", endpoints: [refusing.port]),
            Manifest.route("web", "- matches: [{path: {value: /app}}]\n  backendRefs: [{name: app, port: 80}]"),
            flags: ["--access-log-format", "json"])
        defer { gateway.stop(); refusing.close() }
        #expect(try gateway.get("/app").status == 503)
        let answer = try gateway.get("/missing")
        #expect(answer.status == 404)

        let failed = try record(gateway, path: "/app")
        #expect(failed["flag"] as? String == "connect_failed")
        #expect(failed["endpoint"] as? String == "127.0.0.1:\(refusing.port)")
        #expect(failed["reason"] as? String == "no endpoint accepted a connection")
        #expect(failed["upstream_ms"] is Double)
        #expect((failed["response_bytes"] as? Int ?? 0) > 0)

        let unmatched = try record(gateway, path: "/missing")
        #expect(unmatched["frontend"] as? String == "shop/edge/web")
        #expect(unmatched["reason"] as? String == "no route matches this request")
        #expect(unmatched["response_bytes"] as? Int == answer.text.utf8.count)
        #expect(unmatched["endpoint"] == nil && unmatched["upstream_ms"] == nil)
    }

    @Test func anEndpointThatIsNotWellIsNamed() throws {
        let refusing = try TestBackend(isListening: false)
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", endpoints: [refusing.port]),
            Manifest.route("web", Manifest.everything(to: "app")))
        defer { gateway.stop(); refusing.close() }
        let name = "weir_endpoint_failures_in_a_row"
        #expect(try gateway.metrics().sum(name) == 0)
        try eventually("the endpoint is not well") {
            _ = try gateway.get("/")
            return try gateway.metrics().sum(name, "endpoint=\"127.0.0.1:\(refusing.port)\"") > 0
        }
        let listed = try gateway.admin("GET", "/endpoints").text
        #expect(listed.contains("\"notWell\": [\n") && listed.contains("\"failedInARow\": "))
    }
}
