import APIServer
import GatewayAPI
import Glibc
import Kubernetes
import Reactor
import Routing
import Synchronization
import Testing

@testable import Controller

/// Plans are made beside the controller's loop, which goes on however long one takes.
@Suite struct PlanningTests {
    private static let resources =
        GatewayManifests.gatewayClass() + GatewayManifests.gateway("web", in: "ana") + route("shop", in: "ana")

    private static func route(_ name: String, in namespace: String) -> String {
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: \(name), namespace: \(namespace)}
        spec: {parentRefs: [{name: web, namespace: ana}]}

        """
    }

    /// Plans as it is told to, and notes how many routes each plan had.
    private final class SlowPlanner: Sendable {
        let seen = Mutex<[Int]>([])
        /// The number of routes with which a plan waits, and for what.
        let gate: Gate
        let slowRoutes: Int

        init(slowRoutes: Int) throws {
            self.slowRoutes = slowRoutes
            gate = try Gate()
        }

        var planner: ClusterPlanner {
            ClusterPlanner { [self] resources, facts, backends, _ in
                seen.withLock { $0.append(resources.httpRoutes.count) }
                if resources.httpRoutes.count == slowRoutes { gate.wait() }
                return RoutePlanner.plan(resources: resources, scope: .cluster, facts: facts, backends: backends)
            }
        }

        func hasBegun(_ routes: Int) -> Bool { seen.withLock { $0.contains(routes) } }
    }

    private static let shop = ObjectKey(namespace: "ana", name: "shop")

    private static func isAccepted(_ world: ControllerWorld, _ name: String) -> Bool {
        let route = world.server.get("httproutes", ObjectKey(namespace: "ana", name: name))
        return route?.at("status.parents.0.conditions")?.elements.contains {
            $0["type"]?.stringValue == "Accepted" && $0["status"]?.stringValue == "True"
        } ?? false
    }

    @Test func aPlanThatTakesLongHoldsNothingElseUp() throws {
        let slow = try SlowPlanner(slowRoutes: 2)
        let world = try ControllerWorld(Self.resources, planner: slow.planner)
        world.start()
        #expect(world.waits { Self.isAccepted(world, "shop") })
        #expect(world.waits { world.controller.provisioner.queueDepth == 0 })

        try world.server.put(yaml: Self.route("slow", in: "ana"))
        #expect(world.waits { slow.hasBegun(2) })
        // What changes is taken in; what others do to a status, or to what is provisioned, is mended.
        try world.server.put(yaml: Self.route("third", in: "ana"))
        #expect(world.waits { world.controller.picture.resources.httpRoutes.count == 3 })
        try world.server.change("httproutes", Self.shop) { $0.set("status", nil) }
        #expect(world.waits { Self.isAccepted(world, "shop") })
        let service = ObjectKey(namespace: "ana", name: "web-weir")
        world.server.delete("services", service)
        #expect(world.waits { world.server.get("services", service) != nil })
        #expect(world.controller.metrics.plans.running(now: Clock.now()) > 0)
        #expect(!Self.isAccepted(world, "slow"))

        slow.gate.open()
        #expect(world.waits { Self.isAccepted(world, "slow") && Self.isAccepted(world, "third") })
        world.controller.stop()
    }

    /// However much changes during a plan, one more is made of it.
    @Test func onePlanFollowsWithAllThatHasCome() throws {
        let slow = try SlowPlanner(slowRoutes: 2)
        let world = try ControllerWorld(Self.resources, planner: slow.planner)
        world.start()
        #expect(world.waits { Self.isAccepted(world, "shop") })
        try world.server.put(yaml: Self.route("slow", in: "ana"))
        #expect(world.waits { slow.hasBegun(2) })
        for number in 3...8 {
            try world.server.put(yaml: Self.route("r\(number)", in: "ana"))
            #expect(world.waits { world.controller.picture.resources.httpRoutes.count == number })
        }
        slow.gate.open()
        #expect(world.waits { Self.isAccepted(world, "r8") })
        let seen = slow.seen.withLock { $0 }
        #expect(!seen.contains { (3...7).contains($0) }, "\(seen)")
        world.controller.stop()
    }

    /// One that has been given up is followed by one that is made to its end.
    @Test func aPlanThatTakesLongIsGivenUpForWhatIsNew() throws {
        let seen = Mutex<[Int]>([])
        let endless = ClusterPlanner { resources, facts, backends, interruption in
            let isEndless = seen.withLock { seen in
                seen.append(resources.httpRoutes.count)
                return resources.httpRoutes.count == 2 && seen.count { $0 == 2 } == 1
            }
            while isEndless, !interruption.isRequested { sched_yield() }
            return RoutePlanner.plan(
                resources: resources, scope: .cluster, facts: facts, backends: backends, interruption: interruption)
        }
        let world = try ControllerWorld(Self.resources, planner: endless)
        world.controller.planPatience = PlanPatience(least: 0)
        world.start()
        #expect(world.waits { Self.isAccepted(world, "shop") })
        try world.server.put(yaml: Self.route("endless", in: "ana"))
        #expect(world.waits { seen.withLock { $0.last == 2 } })
        let before = world.controller.metrics.plans.count
        try world.server.put(yaml: Self.route("third", in: "ana"))
        #expect(world.waits { Self.isAccepted(world, "endless") && Self.isAccepted(world, "third") })
        #expect(world.controller.metrics.plans.count > before)
        world.controller.stop()
    }

    @Test func patienceEndsOnceAndNotTwiceInARow() {
        var patience = PlanPatience(least: 5)
        #expect(patience.due() == nil, "nothing is planned")
        patience.begin(now: 100)
        #expect(patience.due() == 105)
        patience.end(isGivenUp: true)
        patience.begin(now: 200)
        #expect(patience.due() == nil, "changes without end do not keep every plan from its end")
        patience.end(isGivenUp: false)
        patience.begin(now: 300)
        #expect(patience.due() == 305)
    }

    @Test func whatWasPlannedForAnEarlierTermIsNotWritten() throws {
        let slow = try SlowPlanner(slowRoutes: 1)
        let world = try ControllerWorld(Self.resources, planner: slow.planner)
        world.start()
        #expect(world.waits { slow.hasBegun(1) })
        world.controller.setActive(false)
        slow.gate.open()
        #expect(world.waits { world.controller.metrics.plans.running(now: Clock.now()) == 0 })
        #expect(world.controller.metrics.plans.count == 0)
        #expect(world.server.get("httproutes", Self.shop)?["status"] == nil)
        world.controller.setActive(true)
        #expect(world.waits { Self.isAccepted(world, "shop") })
        world.controller.stop()
    }
}
