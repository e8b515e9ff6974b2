import CAllocationCount
import GatewayAPI
import Testing

@testable import Routing

@Suite("What a match costs")
struct TableScalingTests {
    private func plan(unrelated: Int) -> RoutePlan {
        var matches = [
            PlannedMatch(path: PathMatch(.prefix, "/shop/cart"), rule: 0, rank: TableFixture.rank()),
            PlannedMatch(rule: 1, rank: TableFixture.rank()),
        ]
        for index in 0..<unrelated {
            let path =
                index.isMultiple(of: 2) ? PathMatch(.prefix, "/team\(index)/api") : PathMatch(.exact, "/page\(index)")
            let hosts = index.isMultiple(of: 3) ? ["h\(index).example.com"] : []
            matches.append(PlannedMatch(hostnames: hosts, path: path, rule: 1, rank: TableFixture.rank(rule: index)))
        }
        return TableFixture.plan(matches)
    }

    private func probes(_ table: RouteTable, _ request: TestRequest) -> Int {
        request.withView { view in
            var work = MatchWork()
            _ = table.match(0, view, &work)
            return work.probes
        }
    }

    @Test("10,000 unrelated routes cost a request no more look-ups than 10")
    func scaling() {
        let small = RouteTable(plan: plan(unrelated: 10))
        let large = RouteTable(plan: plan(unrelated: 10_000))
        for path in ["/shop/cart/items/1", "/other", "/shop", "/team0/api/x"] {
            let request = TestRequest(path, host: "www.example.com")
            #expect(probes(large, request) <= probes(small, request))
        }
        #expect(TableFixture.matched(large, TestRequest("/shop/cart/items/1")) == 0)
    }

    @Test("The same prefix under many hosts is found at once")
    func manyHosts() {
        let matches = (0..<5_000).map {
            PlannedMatch(
                hostnames: ["h\($0).example.com"], path: PathMatch(.prefix, "/a"), rule: $0, rank: TableFixture.rank())
        }
        let table = RouteTable(plan: TableFixture.plan(matches))
        #expect(TableFixture.matched(table, TestRequest("/a/b", host: "h4321.example.com")) == 4321)
        #expect(probes(table, TestRequest("/a/b", host: "h4321.example.com")) <= 3)
    }

    @Test("A match allocates nothing")
    func allocations() {
        var plan = plan(unrelated: 1_000)
        let condition = ValueMatch(name: "x-team", value: "t[0-9]+", isRegularExpression: true)
        plan.listeners[0].matches.append(
            PlannedMatch(
                path: PathMatch(.prefix, "/shop/cart"), headers: [condition],
                queryParams: [ValueMatch(name: "q", value: "a b")],
                rule: 0, rank: TableFixture.rank()))
        let table = RouteTable(plan: plan)
        let request = TestRequest(
            "/shop/cart/items", query: "z=1&q=a+b", host: "h3.example.com",
            headers: [("accept", "*/*"), ("X-Team", "t1")])
        request.withView { view in
            // RE2 builds its states at first use.
            for _ in 0..<10 { _ = table.match(0, view) }
            let before = weir_allocation_count()
            for _ in 0..<100 { _ = table.match(0, view) }
            let after = weir_allocation_count()
            #expect(after == before)
            // That the count counts at all.
            UnsafeMutablePointer<Int>.allocate(capacity: 64).deallocate()
            #expect(weir_allocation_count() > after)
        }
    }
}
