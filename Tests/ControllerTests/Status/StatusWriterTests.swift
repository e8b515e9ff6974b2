import GatewayAPI
import Kubernetes
import Reactor
import Routing
import Testing

@testable import Controller

@Suite struct StatusWriterTests {
    private typealias Fixture = StatusFixture

    private static var fast: StatusWriterSettings {
        var settings = StatusWriterSettings()
        settings.window = 1_000_000
        settings.interval = 1_000_000
        settings.firstPause = 2_000_000
        settings.firstOutage = 1_000_000
        settings.longestOutage = 20_000_000
        return settings
    }

    /// A writer whose objects come from the server's watch.
    private func pair(_ settings: StatusWriterSettings = fast) throws -> (EventLoop, StatusServer, StatusWriter) {
        let loop = try EventLoop()
        let server = StatusServer(loop: loop)
        let writer = StatusWriter(transport: server, loop: loop, settings: settings)
        server.onChange = { [unowned writer] in writer.changed(.httpRoute, $0) }
        return (loop, server, writer)
    }

    @Test func aStatusIsWrittenOnceAndThenLeftAlone() throws {
        let (loop, server, writer) = try pair()
        server.put("r")
        writer.update(Fixture.report(["r": [Fixture.parent("edge")]]))
        writer.start()
        #expect(loop.run { Fixture.names(server.status("r")) == ["edge"] && writer.queueDepth == 0 })
        let body = server.writes.first?.body
        #expect(body?["metadata"]?["resourceVersion"]?.stringValue == "1001")
        #expect(body?.members.map(\.key) == ["metadata", "status"])
        // Neither the same report nor a change of something else is a reason to write.
        writer.update(Fixture.report(["r": [Fixture.parent("edge")]]))
        server.put("r", status: server.status("r"))
        #expect(loop.run { writer.queueDepth == 0 })
        #expect(server.writes.count == 1 && writer.counters.written == 1)
    }

    @Test func nothingIsWrittenBeforeStartAndAfterStop() throws {
        let (loop, server, writer) = try pair()
        server.put("r")
        writer.update(Fixture.report(["r": [Fixture.parent("edge")]]))
        var turns = 0
        _ = loop.run {
            turns += 1; return turns > 3
        }
        #expect(server.writes.isEmpty && writer.queueDepth == 0)
        writer.start()
        #expect(loop.run { server.writes.count == 1 && writer.queueDepth == 0 })
        writer.stop()
        writer.update(Fixture.report(["r": []]))
        turns = 0
        _ = loop.run {
            turns += 1; return turns > 3
        }
        #expect(server.writes.count == 1)
        // Leading again, it catches up.
        writer.start()
        #expect(loop.run { Fixture.names(server.status("r")).isEmpty })
    }

    @Test func startingWithoutAReportTakesNothingAway() throws {
        let (loop, server, writer) = try pair()
        let old = Fixture.patched(
            .mapping([:]),
            StatusMerge.parents(
                [Fixture.parent("edge")], current: .mapping([:]), namespace: "shop", now: Fixture.now))
        server.put("r", status: old)
        writer.start()
        var turns = 0
        _ = loop.run {
            turns += 1; return turns > 3
        }
        #expect(server.writes.isEmpty)
        // A report that does not know the route does.
        writer.update(StatusReport())
        #expect(loop.run { Fixture.names(server.status("r")).isEmpty })
    }

    @Test func aPlanThatIsBehindTheObjectIsNotWritten() throws {
        let (loop, server, writer) = try pair()
        server.put("r", generation: 2)
        writer.update(Fixture.report(["r": [Fixture.parent("edge", generation: 1)]]))
        writer.start()
        #expect(loop.run { writer.queueDepth == 0 } && server.writes.isEmpty)
        writer.update(Fixture.report(["r": [Fixture.parent("edge", generation: 2)]]))
        #expect(loop.run { server.writes.count == 1 })
    }

    @Test func aConflictIsSolvedFromTheNewerObject() throws {
        let (loop, server, writer) = try pair()
        server.put("r")
        writer.update(Fixture.report(["r": [Fixture.parent("edge")]]))
        var isFirst = true
        server.fault = { [unowned server] _ in
            guard isFirst else { return nil }
            isFirst = false
            // Somebody else comes in between, after the write was sent.
            server.put("r", status: Fixture.status([("parents", [Fixture.foreignEntry("theirs")])]))
            return .success(APIResponse(status: 409, body: []))
        }
        writer.start()
        #expect(loop.run { Fixture.names(server.status("r")) == ["theirs", "edge"] })
        #expect(writer.counters.conflicts == 1 && writer.counters.written == 1)
    }

    @Test func theAnswerOfAWriteIsNewsBeforeTheWatchSaysSo() throws {
        let (loop, server, writer) = try pair()
        server.put("r")
        writer.update(Fixture.report(["r": [Fixture.parent("edge")]]))
        // The watch is late: it repeats the state from before the write, then tells of it.
        var late: [Node] = []
        let before = Fixture.route("r", version: 1001)
        server.onChange = { late.append($0) }
        writer.start()
        #expect(loop.run { writer.counters.written == 1 && writer.queueDepth == 0 })
        writer.changed(.httpRoute, before)
        var turns = 0
        _ = loop.run {
            turns += 1
            return turns > 3 && writer.queueDepth == 0
        }
        #expect(server.writes.count == 1)
        for object in late { writer.changed(.httpRoute, object) }
        #expect(loop.run { writer.queueDepth == 0 })
        #expect(server.writes.count == 1)
    }

    @Test func anObjectThatIsGoneIsDropped() throws {
        let (loop, server, writer) = try pair()
        server.put("r")
        server.fault = { _ in .success(APIResponse(status: 404, body: [])) }
        writer.update(Fixture.report(["r": [Fixture.parent("edge")]]))
        writer.start()
        #expect(loop.run { server.writes.count == 1 && writer.queueDepth == 0 })
        writer.removed(.httpRoute, Fixture.key("r"))
        writer.update(StatusReport())
        #expect(loop.run { writer.queueDepth == 0 })
        #expect(server.writes.count == 1 && writer.store.count == 0)
    }

    @Test(
        "What passes is tried again",
        arguments: [
            .success(APIResponse(status: 429, body: [], retryAfter: 1_000_000)),
            .success(APIResponse(status: 500, body: [])), .success(APIResponse(status: 503, body: [])),
            .success(APIResponse(status: 401, body: [])), .failure(.timedOut), .failure(.unreachable("refused")),
        ] as [Result<APIResponse, APIError>])
    func outages(_ answer: Result<APIResponse, APIError>) throws {
        let (loop, server, writer) = try pair()
        for number in 0..<20 { server.put("r\(number)") }
        var failures = 5
        server.fault = { _ in
            guard failures > 0 else { return nil }
            failures -= 1
            return answer
        }
        writer.update(
            Fixture.report(Dictionary(uniqueKeysWithValues: (0..<20).map { ("r\($0)", [Fixture.parent("edge")]) })))
        writer.start()
        #expect(loop.run { (0..<20).allSatisfy { Fixture.names(server.status("r\($0)")) == ["edge"] } })
        #expect(writer.counters.failed == 5 && writer.counters.written == 20)
    }

    @Test func oneRefusedStatusDoesNotHoldUpTheOthers() throws {
        var settings = Self.fast
        settings.firstPause = 60_000_000_000
        let (loop, server, writer) = try pair(settings)
        for name in ["bad", "good"] { server.put(name) }
        server.fault = { write in
            guard write.path == StatusServer.path("bad") else { return nil }
            return .success(APIResponse(status: 422, body: Array(#"{"message":"status.parents: too long"}"#.utf8)))
        }
        writer.update(Fixture.report(["bad": [Fixture.parent("edge")], "good": [Fixture.parent("edge")]]))
        writer.start()
        #expect(loop.run { Fixture.names(server.status("good")) == ["edge"] && writer.counters.refused == 1 })
        // Another wish for it is tried at once.
        server.fault = { _ in nil }
        writer.update(Fixture.report(["bad": [Fixture.parent("other")], "good": [Fixture.parent("edge")]]))
        #expect(loop.run { Fixture.names(server.status("bad")) == ["other"] })
    }

    @Test func anotherWishDoesNotWaitForThePauseOfTheOneThatWasRefused() throws {
        var settings = Self.fast
        settings.firstPause = 60_000_000_000
        let (loop, server, writer) = try pair(settings)
        server.put("r")
        server.fault = { [unowned writer] write in
            guard Fixture.names(write.body["status"]) == ["edge"] else { return nil }
            // The wish changes while the write is under way.
            writer.update(Fixture.report(["r": [Fixture.parent("other")]]))
            return .success(APIResponse(status: 422, body: []))
        }
        writer.update(Fixture.report(["r": [Fixture.parent("edge")]]))
        writer.start()
        #expect(loop.run { Fixture.names(server.status("r")) == ["other"] })
    }

    @Test func nothingIsKeptOfObjectsThatAreGone() throws {
        let (loop, server, writer) = try pair()
        server.latency = 1_000_000
        var refuses = false
        server.fault = { _ in refuses ? .success(APIResponse(status: 422, body: [])) : nil }
        writer.start()
        for round in 0..<20 {
            let name = "r\(round)"
            refuses = round % 2 == 1
            server.put(name)
            writer.update(Fixture.report([name: [Fixture.parent("edge")]]))
            // Some go while their write is under way.
            if round % 2 == 0 {
                #expect(loop.run { writer.queueDepth == 0 })
            } else {
                _ = loop.run { server.underWay > 0 }
            }
            server.remove(name)
            writer.removed(.httpRoute, Fixture.key(name))
        }
        writer.update(StatusReport())
        #expect(loop.run { writer.queueDepth == 0 && server.underWay == 0 })
        #expect(writer.stamps.isEmpty && writer.store.count == 0 && writer.jobs.isEmpty)
        #expect(writer.queue.rememberedCount == 0)
    }

    @Test func aControllerThatUndoesOurWritesIsNotFoughtInALoop() throws {
        var settings = Self.fast
        settings.firstPause = 5_000_000
        let (loop, server, writer) = try pair(settings)
        server.put("r")
        writer.update(Fixture.report(["r": [Fixture.parent("edge")]]))
        let start = Clock.now()
        server.onChange = { [unowned server, unowned writer] object in
            writer.changed(.httpRoute, object)
            guard !Fixture.names(object["status"]).isEmpty else { return }
            loop.after(0) { server.put("r", status: Fixture.status([("parents", [])])) }
        }
        server.put("r")
        writer.start()
        #expect(loop.run { server.writes.count >= 7 })
        // 1 + 5 + 10 + 20 + 40 + 80 ms of pauses at least.
        #expect(Clock.now() - start >= 150_000_000)
    }

    @Test func oneThousandRoutesAreWrittenOnceEachAndEightAtATime() throws {
        var settings = StatusWriterSettings()
        settings.window = 20_000_000
        let (loop, server, writer) = try pair(settings)
        server.latency = 2_000_000
        let names = (0..<1_000).map { "r\($0)" }
        for name in names { server.put(name) }
        writer.start()
        // A first plan without addresses, a second one with everything, as at a cold start.
        writer.update(
            Fixture.report(
                Dictionary(
                    uniqueKeysWithValues: names.map {
                        ($0, [Fixture.parent("edge", [Fixture.condition("Accepted", false, "Pending")])])
                    })))
        writer.update(Fixture.report(Dictionary(uniqueKeysWithValues: names.map { ($0, [Fixture.parent("edge")]) })))
        #expect(loop.run { writer.counters.written >= 1_000 && writer.queueDepth == 0 })
        #expect(names.allSatisfy { server.writes(of: $0) <= 2 && Fixture.names(server.status($0)) == ["edge"] })
        #expect(server.mostUnderWay == 8)
    }

    @Test func kindsOfOthersAreNotKept() throws {
        let (_, _, writer) = try pair()
        writer.changed(.service, Fixture.route("s", version: 1))
        writer.changed(.httpRoute, "nonsense")
        #expect(writer.store.count == 0)
    }
}
