import GatewayAPI
import Telemetry
import Testing

@testable import Balancing
@testable import Proxy
@testable import Reactor

/// Connections that no request waits for, made to see whether endpoints that took none are there again. The worker runs
/// on the test's thread.
@Suite struct EndpointProbesTests {
    private static let count = 20

    private let server: TestServer
    private let snapshot: Snapshot

    /// Many endpoints that refuse, and one that does not.
    init() throws {
        server = try TestServer()
        var plan = TestPlan(endpoints: [server.port], registry: .init())
        plan.hosts = (1...Self.count).map { Backend.Host(host: "127.0.1.\($0)", port: 9) }
        snapshot = plan.gateway()
    }

    private func proxy(places: Int = 64) throws -> TestProxy {
        var limits = ProxyLimits.patient
        limits.connectionsPerWorker = places
        let proxy = try TestProxy(limits: limits)
        proxy.worker.snapshots.adopt(snapshot)
        proxy.worker.balancer.reserve(ids: snapshot.endpoints.idCapacity)
        proxy.worker.pools.reserve(endpoints: snapshot.endpoints.idCapacity)
        return proxy
    }

    private var endpoints: [EndpointTable.Endpoint] { Array(snapshot.endpoints.endpoints(0)) }

    /// Every endpoint has refused once, and is to be tried again.
    private func refuseAll(_ worker: Worker) {
        for endpoint in endpoints {
            _ = worker.balancer.failed(endpoint.id, .refused, of: 0, in: snapshot.endpoints, now: worker.now)
        }
        worker.now += 60 * ProxyLimits.second
    }

    private func pick(_ worker: Worker) -> EndpointStates.Picked? {
        worker.pick(0, in: snapshot.endpoints, avoiding: .max, isRepeatable: true, for: .gateway)
    }

    private func connections(begunBy proxy: TestProxy) -> UInt64 {
        proxy.shard.value(.upstreamConnectionsOpened) + proxy.shard.value(.connectFailures)
    }

    @Test func afterAnOutageARequestTriesFewEndpointsOnItsWay() throws {
        let proxy = try proxy()
        refuseAll(proxy.worker)
        #expect(pick(proxy.worker) != nil)
        #expect(connections(begunBy: proxy) == UInt64(Worker.probesPerPick))
    }

    private func place(_ endpoint: EndpointTable.Endpoint) -> (target: Target, address: SocketAddress) {
        (.endpoint(endpoint.id), SocketAddress(endpoint.address, port: endpoint.port))
    }

    private var listening: (target: Target, address: SocketAddress) {
        get throws { place(try #require(endpoints.first { $0.port == server.port })) }
    }

    /// Begins a connection to the endpoint that listens.
    private func open(_ worker: Worker) throws -> Int32 {
        let (target, address) = try listening
        guard case .opened(let upstream) = worker.openUpstream(target, address: address, for: .gateway) else {
            throw Peer.Stalled(description: "no connection was begun")
        }
        return upstream
    }

    @Test func noConnectionMakesRoomForATrial() throws {
        let proxy = try proxy(places: 1)
        let idle = try open(proxy.worker)
        proxy.worker.putIdle(idle)
        refuseAll(proxy.worker)
        #expect(pick(proxy.worker) != nil)
        #expect(connections(begunBy: proxy) == 1 && proxy.worker.connections[idle].pointee.fd >= 0)
        // A request's own does.
        _ = try open(proxy.worker)
        #expect(proxy.shard.value(.idleEndpoint) == 1)
    }

    /// What becomes of a connection in whose time the routes may have changed.
    @Test(arguments: [false, true]) func aRefusalCountsForTheBackendThatItWasTriedFor(areRoutesChanged: Bool) throws {
        let proxy = try proxy()
        let worker = proxy.worker
        let (target, address) = try listening
        let picked = EndpointStates.Picked(
            id: target.index, address: address.ip, port: address.port, isTrial: true)
        #expect(worker.probe(picked, 0, in: snapshot.endpoints, for: .gateway))
        let connection = try #require(
            (0..<Int32(worker.connectionSlab.highWater)).first { worker.connections[$0].pointee.phase == .connecting })
        if areRoutesChanged { worker.adopt(TestPlan(endpoints: [server.port], registry: .init()).gateway(version: 2)) }
        worker.connectFailed(connection, timedOut: true)
        #expect((worker.balancer.standing(target.index) == .well) == areRoutesChanged)
    }
}
