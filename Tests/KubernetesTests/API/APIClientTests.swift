import APIServer
import GatewayAPI
import Kubernetes
import Reactor
import Testing

/// Requests of the client, against the API server of the tests.
@Suite struct APIClientTests {
    private let server: APIServer
    private let test: LoopTest

    init() throws {
        server = try APIServer()
        test = try LoopTest()
    }

    private func ask(_ client: APIClient, _ request: APIRequest) -> Result<APIResponse, APIError>? {
        var answer: Result<APIResponse, APIError>?
        client.send(request) { answer = $0 }
        #expect(answer == nil)
        _ = test.run { answer != nil }
        return answer
    }

    @Test func certificatesAreShown() throws {
        server.stop()
        let secure = try APIServer(certificates: ServerCertificates(.certified))
        defer { secure.stop() }
        #expect(status(try test.client(secure), APIRequest(.get, "/api/v1/services")) == 200)
    }

    @Test func aServerOfAnUnknownAuthorityIsTrustedOnlyWhenOneIsToldTo() throws {
        server.stop()
        let secure = try APIServer(certificates: ServerCertificates())
        defer { secure.stop() }
        var stranger = ClusterConfiguration(
            server: ServerURL(isSecure: true, host: "127.0.0.1", port: UInt16(secure.port)), origin: "a test")
        let client = APIClient(stranger, loop: test.loop, userAgent: "weir/test")
        guard case .failure(.unreachable(let reason))? = ask(client, APIRequest(.get, "/api/v1/services")) else {
            Issue.record("a server is trusted whose authority is not known")
            return
        }
        #expect(reason.contains("certificate"))
        stranger.isVerified = false
        let careless = APIClient(stranger, loop: test.loop, userAgent: "weir/test")
        #expect(status(careless, APIRequest(.get, "/api/v1/services")) == 200)
    }

    private func status(_ client: APIClient, _ request: APIRequest) -> Int? {
        try? ask(client, request)?.get().status
    }

    @Test func requestsCarryWhoAsksAndWhatFor() throws {
        defer { server.stop() }
        let client = try test.client(server, token: "secret")
        server.setTokens(["secret": TokenUser(name: "ana")])
        let answer = try #require(
            try ask(client, APIRequest(.get, "/api/v1/services", query: [("labelSelector", "a in (b,c),d=e&f")]))?.get()
        )
        #expect(answer.status == 200)
        #expect(try JSONReader.node(answer.body)["kind"] == "ServiceList")
        let logged = try #require(server.requests.last)
        // The log has it decoded: the ampersand did not end the value.
        #expect(logged.line.hasSuffix("?labelSelector=a in (b,c),d=e&f"))
    }

    @Test func bodiesAreSentAsWhatTheyAre() throws {
        defer { server.stop() }
        let client = try test.client(server)
        let service: Node = .mapping([
            "apiVersion": "v1", "kind": "Service", "metadata": .mapping(["name": "a"]),
            "spec": .mapping(["ports": [.mapping(["port": 80])]]),
        ])
        let path = "/api/v1/namespaces/default/services"
        #expect(status(client, APIRequest(.post, path, body: service.json)) == 201)
        #expect(status(client, APIRequest(.post, path, body: service.json)) == 409)
        let patch: Node = .mapping(["metadata": .mapping(["labels": .mapping(["x": "y"])])])
        #expect(status(client, APIRequest(.patch, path + "/a", contentType: .mergePatch, body: patch.json)) == 200)
        #expect(server.get("services", ObjectKey(namespace: "default", name: "a"))?["metadata"]?["labels"]?["x"] == "y")
        #expect(status(client, APIRequest(.delete, path + "/a")) == 200)
        #expect(status(client, APIRequest(.get, path + "/a")) == 404)
    }

    @Test func aTokenThatWasReplacedIsReadAgainAndTheRequestRepeated() throws {
        defer { server.stop() }
        let folder = try TemporaryFolder()
        try folder.write("token", "old")
        let client = try test.client(server, tokenFile: folder.path + "/token")
        server.setTokens(["old": TokenUser(name: "ana")])
        #expect(status(client, APIRequest(.get, "/api/v1/services")) == 200)
        server.setTokens(["new": TokenUser(name: "ana")])
        try folder.write("token", "new")
        #expect(status(client, APIRequest(.get, "/api/v1/services")) == 200)
        server.setTokens(["other": TokenUser(name: "ana")])
        server.clearRequests()
        #expect(status(client, APIRequest(.get, "/api/v1/services")) == 401)
        #expect(server.requests.count == 2)
    }

    @Test func refusalsSayWhenToReturn() throws {
        defer { server.stop() }
        let client = try test.client(server)
        server.inject(.failure(429, reason: "TooManyRequests", on: "/services", retryAfter: 7))
        let answer = try #require(try ask(client, APIRequest(.get, "/api/v1/services"))?.get())
        #expect(answer.status == 429 && answer.retryAfter == 7_000_000_000)
    }

    @Test func whatIsNoAnswerIsAnError() throws {
        defer { server.stop() }
        let client = try test.client(server)
        server.inject(Fault(.refuse, on: "/services", count: nil))
        guard case .failure(.unreachable)? = ask(client, APIRequest(.get, "/api/v1/services")) else {
            Issue.record("no error of a connection that ends")
            return
        }
        let hang = server.inject(Fault(.hang, on: "/pods", count: nil))
        #expect(
            ask(client, APIRequest(.get, "/api/v1/pods", timeout: 50_000_000)).map { "\($0)" }
                == "failure(did not answer in time)")
        server.remove(fault: hang)
    }

    @Test func aCancelledRequestIsNotAnswered() throws {
        defer { server.stop() }
        let client = try test.client(server)
        var answered = false
        let call = client.send(APIRequest(.get, "/api/v1/services")) { _ in answered = true }
        call.cancel()
        _ = ask(client, APIRequest(.get, "/api/v1/services"))
        #expect(!answered)
    }
}
