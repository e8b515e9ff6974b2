import GatewayAPI
import Routing
import Testing

@testable import Proxy

/// What a Gateway's rules for paths make of requests: what is matched is what is forwarded.
@Suite struct PathRulesTests {
    private func proxy(_ rules: PathRules, _ server: TestServer) throws -> TestProxy {
        let proxy = try TestProxy()
        try proxy.start(TestPlan("/app", endpoints: [server.port]).gateway(pathRules: rules))
        return proxy
    }

    @Test(arguments: [
        (PathRules(parameters: .strip), "/app;v=1/x;y?q;z", "/app/x?q;z"),
        (PathRules(parameters: .strip), "/no;x/../;a/app", "/app"),
        (PathRules(encodedSlashes: .decode), "/app%2Fx%5cy", "/app/x/y"),
        (PathRules(encodedSlashes: .decode), "/app%2f%2fy/x/../z", "/app/y/z"),
        (PathRules(parameters: .refuse, encodedSlashes: .refuse), "/app/x", "/app/x"),
        (.standard, "/app/x;y", "/app/x;y"),
    ])
    func matchingAndForwardingAgree(_ rules: PathRules, _ asked: String, _ forwarded: String) throws {
        let server = try TestServer()
        let proxy = try proxy(rules, server)
        let client = try proxy.client()
        try client.send("GET \(asked) HTTP/1.1\r\nHost: a\r\n\r\n")
        let endpoint = try server.accept()
        #expect(try endpoint.takeHead().hasPrefix("GET \(forwarded) HTTP/1.1\r\n"))
    }

    /// Whatever cuts parameters off or decodes slashes would climb there.
    @Test(arguments: ["/no/..;a/app", "/no%2f..%2fapp", "/app/%2e%2e%5c..%2f"])
    func aHiddenDotSegmentIsRefusedWhateverTheRules(_ asked: String) throws {
        let server = try TestServer()
        for rules in [PathRules(parameters: .strip, encodedSlashes: .decode), .standard] {
            let proxy = try proxy(rules, server)
            let client = try proxy.client()
            try client.send("GET \(asked) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test(arguments: ["/app;v=1", "/app%3B", "/app%2fx", "/app%5Cx", "/other;x"])
    func whatIsRefusedIsAnswered400(_ asked: String) throws {
        let server = try TestServer()
        let proxy = try proxy(PathRules(parameters: .refuse, encodedSlashes: .refuse), server)
        let client = try proxy.client()
        try client.send("GET \(asked) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 400 "))
    }
}
