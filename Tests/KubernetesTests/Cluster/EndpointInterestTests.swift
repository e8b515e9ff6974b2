import GatewayAPI
import Testing

@testable import Kubernetes

/// Which watches read EndpointSlices.
@Suite struct EndpointInterestTests {
    private func services(_ count: Int, namespaces: Int = 1) -> Set<ObjectKey> {
        Set((0..<count).map { ObjectKey(namespace: "n\($0 % namespaces)", name: "s\($0)") })
    }

    @Test func fewServicesAreWatchedOneByOne() {
        var interest = EndpointInterest()
        #expect(interest.watches() == [])
        interest.needed = services(2)
        interest.own = services(1)
        _ = interest.use(services(3), now: 1)
        #expect(interest.watches() == Set(services(3).map { .service($0) }))
    }

    @Test func manyServicesAreWatchedByNamespaceUntilTheyAreHalfAsMany() {
        var interest = EndpointInterest()
        interest.needed = services(ClusterLimits.sliceWatches, namespaces: 2)
        #expect(interest.watches().count == ClusterLimits.sliceWatches)
        interest.needed = services(ClusterLimits.sliceWatches + 1, namespaces: 2)
        #expect(interest.watches() == [.namespace("n0"), .namespace("n1")])
        interest.needed = services(ClusterLimits.sliceWatches / 2 + 1, namespaces: 2)
        #expect(interest.watches() == [.namespace("n0"), .namespace("n1")])
        interest.needed = services(ClusterLimits.sliceWatches / 2, namespaces: 2)
        #expect(interest.watches().count == ClusterLimits.sliceWatches / 2)
    }

    @Test func servicesOfManyNamespacesMakeOneWatch() {
        var interest = EndpointInterest()
        interest.needed = services(1000, namespaces: ClusterLimits.sliceWatches + 1)
        #expect(interest.watches() == [.cluster])
    }

    @Test func idleServicesAreForgotten() {
        var interest = EndpointInterest()
        let all = services(2)
        #expect(interest.use(all, now: 0) == all)
        #expect(interest.use(all, now: 5) == [])
        _ = interest.use([ObjectKey(namespace: "n0", name: "s1")], now: 100)
        interest.expire(now: ClusterLimits.serviceIdleTime + 50)
        #expect(interest.services == [ObjectKey(namespace: "n0", name: "s1")])
        interest.expire(now: ClusterLimits.serviceIdleTime + 100)
        #expect(interest.services == [])
    }

    @Test func aWholeNamespaceNeedsNoFurtherWatchOfItsServices() {
        var interest = EndpointInterest()
        interest.wholeNamespace = "n0"
        interest.needed = services(4, namespaces: 2)
        #expect(
            interest.watches() == [
                .namespace("n0"), .service(ObjectKey(namespace: "n1", name: "s1")),
                .service(ObjectKey(namespace: "n1", name: "s3")),
            ])
    }
}
