import ControlHTTP
import HTTP
import Injection
import Reactor
import TLS
import Testing

@testable import Proxy

/// Probes of a workload on the same loop, over loopback.
@Suite struct ProbeRunnerTests {
    private let loop: EventLoop
    private static let loopback = SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false)

    init() throws { loop = try EventLoop() }

    private func server(
        tls: (() -> TLSServerContext?)? = nil, _ handler: @escaping (HTTPServerRequest, HTTPServerStream) -> Void
    ) throws -> HTTPServer {
        try HTTPServer(address: Self.loopback, loop: loop, tls: tls, handler: handler)
    }

    private func verdict(_ target: ProbeTarget, userAgent: String? = "kube-probe/1.33") throws -> ProbeVerdict {
        var table = ProbeTable()
        table.add(target, path: "/probe/app/readyz")
        let runner = ProbeRunner(table: table, address: Self.loopback, loop: loop)
        var verdicts: [ProbeVerdict] = []
        _ = runner.run("/probe/app/readyz", userAgent: userAgent) { verdicts.append($0) }
        #expect(verdicts.isEmpty, "never before it has returned")
        runUntil { !verdicts.isEmpty }
        #expect(verdicts.count == 1)
        return try #require(verdicts.first)
    }

    /// Nanoseconds that something which has to happen may take.
    private static let patience: UInt64 = 60_000_000_000
    /// Seconds of a probe that no test reaches by being slow.
    private static let longTimeout: UInt32 = 60

    private func runUntil(_ condition: @escaping () -> Bool) {
        let deadline = Clock.now() + Self.patience
        loop.run {
            if condition() || Clock.now() > deadline { loop.stop() }
            return 5
        }
    }

    private func http(
        _ port: UInt16, _ path: String = "/ready", isTLS: Bool = false, headers: [ProbeTarget.Header] = []
    ) -> ProbeTarget {
        ProbeTarget(check: .http(isTLS: isTLS, path: path, headers: headers), port: port, timeout: Self.longTimeout)
    }

    @Test func theRequestIsTheOneThatTheKubeletWouldHaveSent() throws {
        var seen: [HTTPServerRequest] = []
        let server = try server { request, stream in
            seen.append(request)
            stream.respond(.text(200, "fine"))
        }
        let headers = [
            ProbeTarget.Header(name: "Host", value: "shop.example.com"), ProbeTarget.Header(name: "X-A", value: "1: 2"),
        ]
        #expect(try verdict(http(server.port, "/a b?c=%20#f", headers: headers)) == .healthy)
        let request = try #require(seen.first)
        #expect(request.path == "/a%20b" && request.query == "c=%20")
        #expect(request.fields["host"] == "shop.example.com" && request.fields["x-a"] == "1: 2")
        #expect(request.fields["user-agent"] == "kube-probe/1.33" && request.fields["accept"] == "*/*")
    }

    @Test(arguments: [(200, 200), (204, 200), (302, 200), (399, 200), (400, 400), (404, 404), (500, 500), (503, 503)])
    func statusesDecideAsTheyDoForTheKubelet(_ answered: Int, _ told: Int) throws {
        let server = try server { _, stream in stream.respond(.text(answered, "")) }
        #expect(try verdict(http(server.port)).status == told)
    }

    @Test func redirectsAreFollowedWithinTheHostAlone() throws {
        var paths: [String] = []
        let server = try server { request, stream in
            paths.append(request.path)
            let location = ["/start": "/next", "/next": "http://127.0.0.1:1/sick", "/away": "http://example.com/sick"]
            guard let place = location[request.path] else {
                return stream.respond(.text(request.path == "/sick" ? 500 : 200, ""))
            }
            stream.respond(HTTPAnswer(status: 302, fields: ["location": place], body: []))
        }
        #expect(try verdict(http(server.port, "/start")).status == 500)
        #expect(paths == ["/start", "/next", "/sick"])
        #expect(try verdict(http(server.port, "/away")) == .healthy)
    }

    @Test func endlessRedirectsAreUnhealthy() throws {
        let server = try server { _, stream in
            stream.respond(HTTPAnswer(status: 301, fields: ["location": "/again"], body: []))
        }
        #expect(try verdict(http(server.port)).status == 503)
    }

    /// Certificates are made for names, and the kubelet asks by address: it does not verify them.
    @Test func anyCertificateWillDo() throws {
        let authority = try CertificateMaker.authority(commonName: "test", days: 1)
        let leaf = try CertificateMaker.leaf(
            dnsNames: ["other.example.com"], ipAddresses: [], days: -1, authority: authority)
        let identity = try TLSIdentity(certificateChain: leaf.certificate, privateKey: leaf.key)
        let context = try TLSServerContext(identities: [(hostname: nil, identities: [identity])])
        let server = try server(tls: { context }) { _, stream in stream.respond(.text(200, "")) }
        #expect(try verdict(http(server.port, isTLS: true)) == .healthy)
        #expect(try verdict(http(server.port)).status == 503, "plain HTTP to it is another matter")
    }

    @Test func connectionsDecideTCPProbes() throws {
        let listener = try TestServer()
        func target(_ check: ProbeTarget.Check, _ port: UInt16) -> ProbeTarget {
            ProbeTarget(check: check, port: port, timeout: Self.longTimeout)
        }
        #expect(try verdict(target(.tcp, listener.port)) == .healthy)
        let refusing = try RefusingPort()
        let refused = try verdict(target(.tcp, refusing.port))
        #expect(refused.status == 503)
        #expect(refused.text.contains("127.0.0.1:\(refusing.port)"))
        #expect(try verdict(http(refusing.port)).status == 503)
        #expect(try verdict(target(.grpc(service: ""), refusing.port)).status == 503)
    }

    @Test func aGRPCServiceIsAskedOverItsOwnProtocol() throws {
        let listener = try TestServer()
        var asked: [UInt8] = []
        loop.watch(listener.fd) { [loop] _ in
            loop.unwatch(listener.fd)
            guard let peer = try? listener.accept() else { return }
            loop.watch(peer.fd) { _ in
                peer.readAvailable()
                asked += peer.takePending()
                guard String(decoding: asked, as: UTF8.self).contains("shop.Cart") else { return }
                loop.unwatch(peer.fd)
                let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
                try? peer.send(settings + [0, 0, 7, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 8, 1])
            }
        }
        let target = ProbeTarget(check: .grpc(service: "shop.Cart"), port: listener.port, timeout: Self.longTimeout)
        #expect(try verdict(target) == .healthy)
    }

    @Test func silenceEndsAfterTheProbesOwnTime() throws {
        let server = try server { _, _ in }
        var target = http(server.port)
        target.timeout = 1
        let start = Clock.now()
        let verdict = try verdict(target)
        #expect(verdict == .unhealthy("no answer within 1 s"))
        #expect(Clock.now() - start >= 1_000_000_000)
    }

    @Test func onlyProbesOfTheTableAreMade() throws {
        let runner = ProbeRunner(
            table: ProbeTable(text: "/probe/app/livez tcp 1 1"), address: Self.loopback, loop: loop)
        #expect(runner.knows("/probe/app/livez"))
        #expect(!runner.knows("/probe/app/readyz"))
        var verdict: ProbeVerdict?
        _ = runner.run("/probe/other/livez", userAgent: nil) { verdict = $0 }
        runUntil { verdict != nil }
        #expect(verdict?.status == 404)
    }

    /// However many ask, the kubelet is not refused, and the workload is asked once.
    @Test func whoAsksForAProbeThatIsUnderWayGetsItsVerdict() throws {
        var streams: [HTTPServerStream] = []
        let server = try server { _, stream in streams.append(stream) }
        var table = ProbeTable()
        table.add(http(server.port), path: "/p")
        table.add(http(server.port), path: "/q")
        let runner = ProbeRunner(table: table, address: Self.loopback, loop: loop)
        var verdicts: [ProbeVerdict] = []
        let cancels = (0..<200).map { _ in runner.run("/p", userAgent: nil) { verdicts.append($0) } }
        runUntil { streams.count == 1 }
        let late = runner.run("/p", userAgent: nil) { verdicts.append($0) }
        _ = runner.run("/q", userAgent: nil) { _ in }
        runUntil { streams.count == 2 }
        #expect(streams.count == 2 && verdicts.isEmpty, "another path is another probe")
        for cancel in cancels.dropFirst() { cancel() }
        streams[0].respond(.text(418, ""))
        runUntil { verdicts.count == 2 }
        #expect(verdicts.map(\.status) == [418, 418], "those who left are told nothing")
        late()
        cancels[0]()
        _ = runner.run("/p", userAgent: nil) { verdicts.append($0) }
        runUntil { streams.count == 3 }
        #expect(streams.count == 3, "a verdict is not kept")
    }

    @Test func aProbeForWhichNobodyWaitsAnyMoreIsGivenUp() throws {
        var streams: [HTTPServerStream] = []
        let server = try server { _, stream in streams.append(stream) }
        var table = ProbeTable()
        table.add(http(server.port), path: "/p")
        let runner = ProbeRunner(table: table, address: Self.loopback, loop: loop)
        var verdicts: [ProbeVerdict] = []
        let cancels = (0..<2).map { _ in runner.run("/p", userAgent: nil) { verdicts.append($0) } }
        runUntil { streams.count == 1 }
        cancels[0]()
        cancels[0]()
        let third = runner.run("/p", userAgent: nil) { verdicts.append($0) }
        cancels[1]()
        third()
        _ = runner.run("/p", userAgent: nil) { verdicts.append($0) }
        runUntil { streams.count == 2 }
        #expect(streams.count == 2, "one left and one came meanwhile, and only then nobody was there")
        streams[0].respond(.text(500, ""))
        streams[1].respond(.text(200, ""))
        runUntil { !verdicts.isEmpty }
        #expect(verdicts == [.healthy])
    }

    @Test func hooksWaitForTheDelayAndNoLonger() {
        let hooks = TerminationHooks(delay: 50_000_000, loop: loop)
        let start = Clock.now()
        var isOver = false
        _ = hooks.wait { isOver = true }
        runUntil { isOver }
        #expect(Clock.now() - start >= 50_000_000)
        var count = 0
        let none = TerminationHooks(delay: 0, loop: loop)
        _ = none.wait { count += 1 }
        runUntil { count == 1 }
        #expect(count == 1)
    }

    @Test func hooksThatWaitDoNotShortenTheWaitOfOthers() {
        let long = TerminationHooks(delay: UInt64.max, loop: loop)
        var count = 0
        let ends = (0..<300).map { _ in long.wait { count += 1 } }
        var turns = 0
        runUntil {
            turns += 1
            return turns > 5
        }
        #expect(count == 0)
        for end in ends { end() }
    }
}
