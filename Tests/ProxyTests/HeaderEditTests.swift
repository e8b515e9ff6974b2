import GatewayAPI
import Routing
import Telemetry
import Testing

@testable import Proxy

/// What a route does to heads.
@Suite struct HeaderEditTests {
    private func exchange(
        _ modifier: HeaderModifier, body: String = "", _ use: (String, String) throws -> Void
    ) throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        var plan = TestPlan("/plain", endpoints: [server.port])
        plan.add(
            "/app", .forward([PlannedBackend(target: .backend(0), weight: 1)]), requestHeaders: [modifier],
            responseHeaders: [modifier])
        try proxy.start(plan.gateway())
        let client = try proxy.client()
        try client.send("POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nX-Old: 1\r\n\r\nbody")
        let endpoint = try server.accept()
        let request = try endpoint.takeHead().lowercased()
        #expect(try endpoint.take(4) == "body")
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Old: 1\r\n\r\nok")
        let response = try client.takeHead().lowercased()
        #expect(try client.take(2) == "ok")
        try use(request, response)
    }

    @Test func fieldsAreSetAddedAndRemoved() throws {
        let modifier = HeaderModifier(
            set: [.init(name: "X-Set", value: "s")], add: [.init(name: "X-Add", value: "a")], remove: ["x-OLD"])
        try exchange(modifier) { request, response in
            for head in [request, response] {
                #expect(head.contains("x-set: s\r\n") && head.contains("x-add: a\r\n") && !head.contains("x-old"))
            }
        }
    }
}
