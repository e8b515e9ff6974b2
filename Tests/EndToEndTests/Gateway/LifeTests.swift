import Foundation
import Glibc
import Synchronization
import Testing

/// Start, reload, drain and end of the process, and its own ports.
@Suite struct LifeTests {
    private func manifests(_ backend: TestBackend) -> [String] {
        [
            Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")),
        ]
    }

    @Test func aGatewayHasNoHooksThatWait() throws {
        let gateway = try GatewayUnderTest(Manifest.gateway())
        defer { gateway.stop() }
        #expect(try TCPStream(port: gateway.ports.telemetry).get("/termination-delay").status == 404)
    }

    @Test func aRouteFileThatIsRenamedIntoPlaceIsLiveWithoutARestart() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]))
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.get("/").status == 404)
        try gateway.folder.write("manifests/route.yaml", Manifest.route("web", Manifest.everything(to: "app")))
        try eventually("the route is live") { try gateway.get("/").status == 200 }
        unlink(gateway.folder.path + "/manifests/route.yaml")
        try eventually("the route is gone") { try gateway.get("/").status == 404 }
    }

    @Test func theLinkSwapOfAMountedConfigMapIsLiveWithoutARestart() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]))
        defer { gateway.stop(); backend.close() }
        let folder = gateway.folder.path + "/manifests"
        let rule = "- matches: [{path: {value: /old}}]\n  backendRefs: [{name: app, port: 80}]"
        try gateway.folder.write("manifests/..1/route.yaml", Manifest.route("web", rule))
        try FileManager.default.createSymbolicLink(atPath: folder + "/..data", withDestinationPath: "..1")
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/route.yaml", withDestinationPath: "..data/route.yaml")
        try eventually("the first content is live") { try gateway.get("/old").status == 200 }
        try gateway.folder.write(
            "manifests/..2/route.yaml", Manifest.route("web", rule.replacing("/old", with: "/new")))
        try FileManager.default.createSymbolicLink(atPath: folder + "/..data_tmp", withDestinationPath: "..2")
        #expect(rename(folder + "/..data_tmp", folder + "/..data") == 0)
        try FileManager.default.removeItem(atPath: folder + "/..1")
        try eventually("the new content is live") { try gateway.get("/new").status == 200 }
        #expect(try gateway.get("/old").status == 404)
    }

    @Test func aBrokenFileKeepsItsLastGoodObjects() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]))
        defer { gateway.stop(); backend.close() }
        try gateway.folder.write("manifests/route.yaml", Manifest.route("web", Manifest.everything(to: "app")))
        try eventually("the route is live") { try gateway.get("/").status == 200 }
        try gateway.folder.write("manifests/route.yaml", "kind: [HTTPRoute\n\t: nonsense")
        try eventually("the problem is counted") { try gateway.metrics().sum("weir_source_problems") >= 1 }
        #expect(try gateway.get("/").status == 200)
        #expect(gateway.process.standardError.contains("route.yaml"))
    }

    @Test func aBrokenObjectHurtsOnlyItself() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
            Manifest.route(
                "bad",
                "- matches: [{path: {type: PathPrefix, value: no-slash}}]\n  backendRefs: [{name: app, port: 80}]"),
            Manifest.route("worse", "- matches: [{path: {value: /bad-port}}]\n  backendRefs: [{name: app, port: 99}]"),
            Manifest.route("good", "- matches: [{path: {value: /good}}]\n  backendRefs: [{name: app, port: 80}]"))
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.get("/good").status == 200)
        #expect(try gateway.get("/bad-port").status == 500)
        #expect(try gateway.get("/other").status == 404)
    }

    @Test func aHangupSignalReloadsAndDisturbsNothing() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        for _ in 0..<20 {
            gateway.process.signal(SIGHUP)
            #expect(try stream.get("/").text == "ok")
        }
        #expect(try gateway.health() == 200)
    }

    @Test func aReloadUnderLoadLosesNoRequest() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(to: backend, workers: 2)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        for number in 0..<20 {
            try gateway.folder.write(
                "manifests/more.yaml",
                Manifest.route(
                    "more", "- matches: [{path: {value: /m\(number)}}]\n  backendRefs: [{name: app, port: 80}]"))
            for _ in 0..<20 { #expect(try stream.get("/").text == "ok") }
        }
    }

    @Test func itIsNotReadyUntilItsGatewayExists() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(
            Manifest.service("app", endpoints: [backend.port]), Manifest.route("web", Manifest.everything(to: "app")),
            waitsUntilReady: false)
        defer { gateway.stop(); backend.close() }
        try eventually("it is alive") { try gateway.health("/healthz/live") == 200 }
        #expect(try gateway.health() == 503)
        #expect(gateway.process.isRunning)
        try eventually("it says what it waits for") { gateway.process.standardError.contains("shop/edge") }
        try gateway.folder.write("manifests/gateway.yaml", Manifest.gateway())
        try eventually("it is ready") { try gateway.health() == 200 }
        #expect(try gateway.get("/").text == "ok")
    }

    @Test func aTerminationSignalDrains() throws {
        let mayAnswer = Mutex(false)
        let backend = try TestBackend { stream, _ in
            while let request = try stream.readRequest() {
                if request.target == "/slow" { try eventually("it may answer") { mayAnswer.withLock { $0 } } }
                try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
            }
        }
        let gateway = try GatewayUnderTest(to: backend, flags: ["--drain-timeout", "1h"])
        defer { gateway.stop(); backend.close() }
        let (busy, idle, fresh) = (try gateway.connect(), try gateway.connect(), try gateway.connect())
        #expect(try idle.get("/").status == 200)
        try busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        try eventually("the slow request has arrived") { backend.allReceived.contains("/slow") }
        gateway.process.signal(SIGTERM)
        try eventually("readiness says so") { try gateway.health() == 503 }
        #expect(try idle.readToEnd().bytes.isEmpty, "an idle connection ends")
        let late = try fresh.get("/")
        #expect(late.text == "done", "a connection whose first request is still to come does not")
        #expect(late.closes)
        #expect(try gateway.get("/").text == "done", "new ones are taken")
        mayAnswer.withLock { $0 = true }
        let response = try busy.readResponse()
        #expect(response.text == "done")
        #expect(response.closes)
        #expect(try gateway.process.wait() == 0)
    }

    @Test func anIdleProxyEndsAtOnceWhenTerminated() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(to: backend, flags: ["--drain-timeout", "1h"])
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        #expect(try stream.get("/").status == 200)
        gateway.process.signal(SIGTERM)
        #expect(try gateway.process.wait() == 0)
    }

    @Test func aSecondTerminationSignalEndsAtOnce() throws {
        let backend = try TestBackend(script: TestBackend.silent)
        let gateway = try GatewayUnderTest(to: backend, flags: ["--drain-timeout", "1h"])
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try eventually("the request has arrived") { backend.connections == 1 }
        gateway.process.signal(SIGTERM)
        try eventually("it drains") { try gateway.health() == 503 }
        #expect(gateway.process.isRunning)
        gateway.process.signal(SIGTERM)
        _ = try gateway.process.wait()
    }

    @Test func theDrainTimeoutBoundsTheDrain() throws {
        let backend = try TestBackend(script: TestBackend.silent)
        let gateway = try GatewayUnderTest(to: backend, flags: ["--drain-timeout", "300ms"])
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try eventually("the request has arrived") { backend.connections == 1 }
        let start = Clock.now()
        gateway.process.signal(SIGTERM)
        _ = try gateway.process.wait()
        #expect(Clock.now() - start >= 250)
    }

    @Test func adminShowsSnapshotAndEndpointsAndChangesTheLogLevel() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let snapshot = try gateway.admin("GET", "/snapshot")
        #expect(snapshot.status == 200)
        let object = try JSONSerialization.jsonObject(with: Data(snapshot.body)) as? [String: Any]
        #expect((object?["version"] as? Int ?? 0) >= 1)
        #expect(snapshot.text.contains("shop/web"))
        let endpoints = try gateway.admin("GET", "/endpoints")
        #expect(try JSONSerialization.jsonObject(with: Data(endpoints.body)) is [Any])
        #expect(endpoints.text.contains("shop/app:80"))
        #expect(endpoints.text.contains("127.0.0.1:\(backend.port)"))
        #expect(try gateway.admin("GET", "/log-level").text == "info\n")
        #expect(try gateway.admin("PUT", "/log-level?level=debug").text == "debug\n")
        #expect(try gateway.admin("GET", "/log-level").text == "debug\n")
        #expect(try gateway.admin("PUT", "/log-level?level=loud").status == 400)
        #expect(try gateway.admin("GET", "/nothing").status == 404)
        let refused = try gateway.admin("DELETE", "/snapshot")
        #expect(refused.status == 405 && refused.values("allow") == ["GET, HEAD"])
        #expect(try gateway.admin("DELETE", "/log-level").values("allow") == ["GET, HEAD, PUT, POST"])
    }

    @Test func onlyTheProxysOwnUserChangesSomethingAtAdmin() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        for stranger in [UInt32(0), 1000] {
            #expect(try gateway.admin("GET", "/snapshot", as: stranger).status == 200)
            #expect(try gateway.admin("POST", "/drain", as: stranger).status == 403)
            #expect(try gateway.admin("PUT", "/log-level?level=debug", as: stranger).status == 403)
        }
        #expect(try gateway.admin("POST", "/drain", "Origin: http://evil.test").status == 403)
        #expect(try gateway.admin("GET", "/snapshot", host: "evil.test").status == 421)
        #expect(try gateway.get("/")["connection"] == "close", "as it was asked for")
        let stream = try gateway.connect()
        #expect(try stream.get("/")["connection"] == nil, "nobody has drained it")
        #expect(try gateway.admin("GET", "/log-level").text == "info\n")
        #expect(try gateway.admin("POST", "/drain").status == 200)
    }

    @Test func theAccessLogOfEveryModeAndFormat() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        defer { backend.close() }
        let rule = "- matches: [{path: {value: /here}}]\n  backendRefs: [{name: app, port: 80}]"
        for (mode, format) in [("all", "text"), ("all", "json"), ("errors", "text"), ("off", "text")] {
            let gateway = try GatewayUnderTest(
                to: backend, rules: rule, flags: ["--access-log", mode, "--access-log-format", format])
            defer { gateway.stop() }
            #expect(try gateway.get("/here?a=1").status == 200)
            #expect(try gateway.get("/missing").status == 404)
            if mode != "off" { try eventually("the log") { gateway.process.standardOutput.contains("/missing") } }
            gateway.process.signal(SIGTERM)
            #expect(try gateway.process.wait() == 0)
            let lines = gateway.process.standardOutput.split(separator: "\n")
            #expect(lines.count == (mode == "all" ? 2 : mode == "errors" ? 1 : 0), "\(mode)")
            if format == "json" {
                let record =
                    try JSONSerialization.jsonObject(with: Data(lines.first.map(String.init)?.utf8 ?? "".utf8))
                    as? [String: Any]
                #expect(record?["status"] as? Int == 200)
                #expect(record?["path"] as? String == "/here?a=1")
                #expect(record?["route"] as? String == "shop/web")
                #expect(record?["backend"] as? String == "shop/app:80")
            } else if mode == "all" {
                #expect(
                    lines.first?.contains(
                        " gateway 200 none method=\"GET\" authority=\"shop.test\" path=\"/here?a=1\" frontend=\"shop/edge/web\" route=\"shop/web\""
                    ) == true)
            } else if mode == "errors" {
                #expect(lines.first?.contains(" gateway 404 no_route ") == true)
            }
        }
    }

    @Test func flagsAreReadFromTheEnvironmentToo() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")),
            environment: ["WEIR_ACCESS_LOG": "all", "WEIR_HEAD_TIMEOUT": "200ms", "WEIR_WORKERS": "7"])
        defer { gateway.stop(); backend.close() }
        // A machine that is busy may let the head of a request pass its time.
        try eventually("it serves") { (try? gateway.get("/").text) == "ok" }
        try eventually("the log") { gateway.process.standardOutput.contains("gateway 200") }
        let stream = try gateway.connect()
        try stream.send("GET")
        #expect(try stream.readResponse().status == 408)
        #expect((Int(gateway.process.procStatus("Threads")) ?? 0) < 7, "the flag on the command line wins")
    }

    @Test func theProxyGivesUpRootAndEveryCapability() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        #expect(gateway.process.procStatus("Uid").split(separator: "\t") == ["1337", "1337", "1337", "1337"])
        #expect(gateway.process.procStatus("Gid").split(separator: "\t") == ["1337", "1337", "1337", "1337"])
        for set in ["CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"] {
            #expect(Int(gateway.process.procStatus(set), radix: 16) == 0, "\(set)")
        }
        #expect(gateway.process.procStatus("NoNewPrivs") == "1")
        #expect(gateway.process.procStatus("Groups").isEmpty)
    }
}
