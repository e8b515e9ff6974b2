import ControlHTTP
import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

@Suite struct ServedAPIWatchTests {
    private let path = "/api/v1/services?watch=1"
    private let key = ObjectKey(namespace: "shop", name: "a")

    private func limits(_ change: (inout ServedAPILimits) -> Void) -> ServedAPILimits {
        var limits = ServedAPILimits()
        change(&limits)
        return limits
    }

    @Test func withoutAVersionEverythingComesFirst() throws {
        let fixture = try ServedAPIFixture()
        for name in ["b", "a"] { fixture.cache.put(.service, .service(name)) }
        for query in ["", "&resourceVersion=0", "&resourceVersion="] {
            let watch = fixture.watch(path + query)
            fixture.turn { watch.events.count == 2 }
            #expect(watch.status == 200 && watch.events == ["ADDED a", "ADDED b"])
        }
    }

    @Test func aWatchGoesOnFromAListsVersion() throws {
        let fixture = try ServedAPIFixture()
        fixture.cache.put(.service, .service("a"))
        let version = try fixture.get("/api/v1/services").version
        fixture.cache.put(.service, .service("b"))
        let watch = fixture.watch(path + "&resourceVersion=\(version)")
        fixture.turn { watch.events.count == 1 }
        fixture.cache.put(.service, .service("a", port: 81))
        fixture.cache.remove(.service, key)
        fixture.turn { watch.events.count == 3 }
        #expect(watch.events == ["ADDED b", "MODIFIED a", "DELETED a"])
        let numbers = (0..<3).compactMap { UInt64(watch.version($0)) }
        #expect(numbers.count == 3 && numbers == numbers.sorted() && Set(numbers).count == 3)
        #expect(watch.version(2) == String(fixture.cache.version))
        #expect(watch.lines[2]["object"]?["spec"]?["ports"]?.elements.first?["port"]?.integerValue == 81)
    }

    @Test func aWatchGoesOnFromAnEventsVersion() throws {
        let fixture = try ServedAPIFixture()
        let first = fixture.watch(path)
        for name in ["a", "b", "c"] { fixture.cache.put(.service, .service(name)) }
        fixture.turn { first.events.count == 3 }
        let second = fixture.watch(path + "&resourceVersion=\(first.version(0))")
        fixture.turn { second.events.count == 2 }
        #expect(second.events == ["ADDED b", "ADDED c"])
    }

    @Test func objectsComeIntoSightAndGoOutOfIt() throws {
        let fixture = try ServedAPIFixture()
        let selected = fixture.watch(path + "&labelSelector=on%3Dyes")
        let other = fixture.watch("/api/v1/namespaces/other/services?watch=1")
        let named = fixture.watch(path + "&fieldSelector=metadata.name%3Db")
        let single = fixture.watch("/api/v1/namespaces/shop/services/b?watch=1")
        fixture.cache.put(.service, .service("a", labels: ["on": "no"]))
        fixture.cache.put(.service, .service("a", labels: ["on": "yes"]))
        fixture.cache.put(.service, .service("a", labels: ["on": "yes"], port: 81))
        fixture.cache.put(.service, .service("a", labels: ["on": "no"]))
        fixture.cache.remove(.service, key)
        fixture.cache.put(.service, .service("b"))
        fixture.cache.put(.service, .service("c", in: "other"))
        fixture.turn {
            selected.events.count == 3 && [named, single, other].allSatisfy { $0.events.count == 1 }
        }
        #expect(selected.events == ["ADDED a", "MODIFIED a", "DELETED a"])
        #expect(named.events == ["ADDED b"] && single.events == ["ADDED b"] && other.events == ["ADDED c"])
    }

    @Test func whatIsUnknownOrForgottenIsGone() throws {
        let fixture = try ServedAPIFixture(maximumEvents: 5)
        let start = fixture.start
        for query in ["&resourceVersion=12345", "&resourceVersion=\(fixture.cache.version + 1 << 20)"] {
            let answer = try fixture.get(path + query)
            #expect(answer.status == 410 && answer.reason == "Expired")
        }
        for port in 1...6 { fixture.cache.put(.service, .service("a", port: Int64(port))) }
        #expect(try fixture.get(path + "&resourceVersion=\(start)").status == 410)
        #expect(fixture.api.counters.goneAnswers == 3)
        #expect(fixture.watch(path + "&resourceVersion=\(fixture.start)").status == 200)
    }

    @Test func bookmarksComeToThoseWhoAllowThem() throws {
        let fixture = try ServedAPIFixture(limits: limits { $0.bookmarkInterval = 20_000_000 })
        let allowed = fixture.watch(path + "&allowWatchBookmarks=true")
        let not = fixture.watch(path)
        fixture.cache.put(.httpRoute, .mapping(["metadata": .mapping(["name": "r"])]))
        // Others' changes have moved the version that this watch can go on from.
        let version = String(fixture.cache.version)
        #expect(fixture.turn { allowed.lines.indices.contains { allowed.version($0) == version } })
        #expect(allowed.events.allSatisfy { $0 == "BOOKMARK" } && not.events.isEmpty)
        #expect(allowed.lines[0]["object"]?["kind"]?.stringValue == "Service")
    }

    @Test func aStreamedListSaysWhereItEnds() throws {
        let fixture = try ServedAPIFixture()
        for name in ["a", "b"] { fixture.cache.put(.service, .service(name)) }
        let watch = fixture.watch(
            path + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
        fixture.turn { watch.events.count == 3 }
        #expect(watch.events == ["ADDED a", "ADDED b", "BOOKMARK"])
        let annotations = watch.lines[2]["object"]?["metadata"]?["annotations"]
        #expect(annotations?["k8s.io/initial-events-end"]?.stringValue == "true")
        #expect(watch.version(2) == String(fixture.cache.version))
        let without = fixture.watch(path + "&sendInitialEvents=false")
        fixture.cache.put(.service, .service("c"))
        fixture.turn { without.events.count == 1 }
        #expect(without.events == ["ADDED c"])
    }

    @Test func aWatchEndsWhenItsTimeIsUp() throws {
        let fixture = try ServedAPIFixture()
        let start = Clock.now()
        let watch = fixture.watch(path + "&timeoutSeconds=1")
        #expect(fixture.turn { watch.isEnded })
        #expect(watch.status == 200 && fixture.api.counters.watchers == 0)
        #expect(Clock.now() - start >= 1_000_000_000)
        let clamped = try ServedAPIFixture(limits: limits { $0.longestWatchSeconds = 1 })
        let long = clamped.watch(path + "&timeoutSeconds=99999999999")
        #expect(clamped.turn { long.isEnded })
    }

    @Test func aWatcherThatLeavesIsForgotten() throws {
        let fixture = try ServedAPIFixture()
        let watches = (0..<5).map { _ in fixture.watch(path) }
        #expect(fixture.api.counters.watchers == 5)
        for watch in watches { watch.call?.cancel() }
        #expect(fixture.turn { fixture.api.counters.watchers == 0 })
        fixture.cache.put(.service, .service("a"))
        #expect(fixture.api.counters.eventsSent == 0)
    }

    @Test func tooManyWatchesAreRefused() throws {
        let fixture = try ServedAPIFixture(limits: limits { $0.watchers = 1 })
        _ = fixture.watch(path)
        let answer = try fixture.get(path)
        #expect(answer.status == 429 && answer.fields["retry-after"] == "1")
    }

    @Test func aSlowWatcherMissesNothingThatTheHistoryHas() throws {
        let fixture = try ServedAPIFixture(
            limits: limits {
                $0.watcherBacklog = 2000
                $0.batchBytes = 3000
            }, maximumEvents: 100_000)
        let slow = fixture.watch(path)
        slow.call?.pause()
        let quick = fixture.watch(path)
        let padding = String(repeating: "x", count: 1000)
        // Until the sockets between are full, and the backlog with them.
        var number = 0
        fixture.turn {
            number += 1
            fixture.cache.put(.service, .service("s\(number)", labels: ["padding": padding]))
            return fixture.api.counters.watchersFellBehind > 0 && number > 3000
        }
        let before = fixture.api.counters.watchersFellBehind
        #expect(before > 0)
        slow.call?.resume()
        fixture.turn { slow.events.count == number && quick.events.count == number }
        #expect(slow.events == (1...number).map { "ADDED s\($0)" })
        #expect(fixture.api.counters.watchersExpired == 0)
        // It is told of changes as they happen again.
        fixture.cache.put(.service, .service("last"))
        #expect(fixture.turn { slow.events.last == "ADDED last" })
    }

    @Test func aWatcherThatIsTooSlowIsCutOff() throws {
        let fixture = try ServedAPIFixture(
            limits: limits { $0.watcherBacklog = 2000 }, maximumEvents: 10)
        let slow = fixture.watch(path)
        slow.call?.pause()
        let padding = String(repeating: "x", count: 1000)
        var number = 0
        fixture.turn {
            number += 1
            fixture.cache.put(.service, .service("s\(number)", labels: ["padding": padding]))
            return fixture.api.counters.watchersFellBehind > 0
        }
        for _ in 0..<20 {
            number += 1
            fixture.cache.put(.service, .service("s\(number)"))
        }
        slow.call?.resume()
        #expect(fixture.turn { slow.isEnded })
        #expect(slow.events.last == "ERROR" && slow.lines.last?["object"]?["code"]?.integerValue == 410)
        #expect(slow.events.count < number && fixture.api.counters.watchersExpired == 1)
    }

    @Test func manyObjectsComeInBatchesAndChangesMeanwhileAfterThem() throws {
        let fixture = try ServedAPIFixture(
            limits: limits {
                $0.batchBytes = 2000
                $0.batchObjects = 7
            }, maximumEvents: 10_000)
        for number in 0..<300 {
            fixture.cache.put(.service, .service("s\(1000 + number)", labels: number % 50 == 0 ? ["few": "1"] : [:]))
        }
        let watch = fixture.watch(path)
        let few = fixture.watch(path + "&labelSelector=few")
        fixture.cache.put(.service, .service("s1000", port: 99))
        fixture.cache.remove(.service, ObjectKey(namespace: "shop", name: "s1299"))
        fixture.turn { watch.events.count == 302 && few.events.count == 7 }
        #expect(watch.events.prefix(300).allSatisfy { $0.hasPrefix("ADDED ") })
        #expect(watch.events.suffix(2) == ["MODIFIED s1000", "DELETED s1299"])
        #expect(few.events.suffix(2) == ["ADDED s1250", "DELETED s1000"])
    }

    @Test func aKindThatIsTakenAwayEndsItsWatches() throws {
        let fixture = try ServedAPIFixture()
        fixture.cache.put(.service, .service("a"))
        let watch = fixture.watch(path)
        fixture.turn { watch.events.count == 1 }
        fixture.cache.observe(.service, .absent)
        #expect(fixture.turn { watch.isEnded })
        #expect(watch.events == ["ADDED a", "DELETED a"])
    }
}
