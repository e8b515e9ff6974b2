import GatewayAPI
import Testing

@testable import Routing

/// What provisioning adds to the conditions of Gateways and classes.
@Suite struct StatusFactsTests {
    private static let key = ObjectKey(namespace: "infra", name: "edge")

    private func words(
        _ facts: StatusFacts, addresses: [GatewayAddress] = [], infrastructure: GatewayInfrastructure? = nil
    ) -> (gateway: [String], listener: [String], status: GatewayStatus?) {
        var resources = ResourceSet()
        resources.gateways[Self.key] = Gateway(
            metadata: ObjectMeta(key: Self.key), gatewayClassName: "weir",
            listeners: [Listener(name: "http", port: 80, listenerProtocol: "HTTP")], addresses: addresses,
            infrastructure: infrastructure)
        let status = RoutePlanner.plan(resources: resources, scope: .cluster, facts: facts).statuses.gateways[Self.key]
        func text(_ conditions: [Condition]) -> [String] {
            conditions.filter { ["Accepted", "Programmed"].contains($0.type) }.map { "\($0.status)/\($0.reason)" }
        }
        return (text(status?.conditions ?? []), text(status?.listeners.first?.conditions ?? []), status)
    }

    private func facts(_ infrastructure: GatewayFacts.Infrastructure, _ addresses: String..., defect: String? = nil)
        -> StatusFacts
    {
        StatusFacts(gateways: [
            Self.key: GatewayFacts(
                infrastructure: infrastructure, addresses: addresses.map { GatewayAddress(value: $0) },
                parametersDefect: defect)
        ])
    }

    @Test func withoutProvisioningThePlanAloneDecides() {
        let (gateway, listener, status) = words(StatusFacts())
        #expect(gateway == ["true/Accepted", "true/Programmed"] && listener == gateway)
        #expect(status?.addresses == nil)
    }

    @Test func programmedFollowsInfrastructureThenAddresses() {
        #expect(words(StatusFacts(gateways: [:])).gateway == ["true/Accepted", "false/Pending"])
        #expect(words(StatusFacts(gateways: [:])).listener == ["true/Accepted", "false/Pending"])
        #expect(words(facts(.pending("0 of 1 ready"))).gateway == ["true/Accepted", "false/Pending"])
        #expect(words(facts(.failed("no nodes"))).gateway == ["true/Accepted", "false/NoResources"])
        #expect(words(facts(.ready)).gateway == ["true/Accepted", "false/AddressNotAssigned"])
        let ready = words(facts(.ready, "192.0.2.1"))
        #expect(ready.gateway == ["true/Accepted", "true/Programmed"] && ready.listener == ready.gateway)
        #expect(ready.status?.addresses == [GatewayAddress(value: "192.0.2.1")])
    }

    @Test func addressesThatWereAskedForHaveToBeThere() {
        let wanted = [GatewayAddress(value: "192.0.2.7")]
        #expect(words(facts(.ready, "192.0.2.1"), addresses: wanted).gateway.last == "false/AddressNotUsable")
        #expect(words(facts(.ready, "192.0.2.7"), addresses: wanted).gateway.last == "true/Programmed")
        let any = [GatewayAddress(value: "")]
        #expect(words(facts(.ready, "192.0.2.1"), addresses: any).gateway.last == "true/Programmed")
        let foreign = [GatewayAddress(type: "test/fake", value: "x")]
        #expect(
            words(facts(.ready, "192.0.2.1"), addresses: foreign).gateway == [
                "false/UnsupportedAddress", "false/Invalid",
            ])
    }

    @Test func parametersOfAnotherKindOrThatCannotBeUsedAreNotAccepted() {
        func reference(_ group: String, _ kind: String) -> GatewayInfrastructure {
            GatewayInfrastructure(parametersRef: ParametersReference(group: group, kind: kind, name: "p"))
        }
        let refused = ["false/InvalidParameters", "false/Invalid"]
        let ready = facts(.ready, "192.0.2.1")
        #expect(words(ready, infrastructure: reference("invalid.io", "InvalidParameters")).gateway == refused)
        #expect(words(ready, infrastructure: reference("", "ConfigMap")).gateway.first == "true/Accepted")
        let missing = facts(.ready, "192.0.2.1", defect: "ConfigMap infra/p does not exist")
        #expect(words(missing, infrastructure: reference("", "ConfigMap")).gateway == refused)
        #expect(words(missing, infrastructure: reference("", "ConfigMap")).listener.last == "false/Invalid")
    }

    @Test(arguments: [
        ("v1.6.1", "true/SupportedVersion"), ("v1.1.0-rc.1", "true/SupportedVersion"),
        ("v1.99.0", "false/UnsupportedVersion"),
        ("v2.0.0", "false/UnsupportedVersion"), ("rubbish", "false/UnsupportedVersion"),
    ])
    func versionOfTheDefinitions(_ version: String, _ expected: String) {
        #expect(classWords(StatusFacts(bundleVersion: version)) == ["true/Accepted", expected])
    }

    @Test func classParameters() {
        #expect(classWords(StatusFacts()) == ["true/Accepted"])
        let local = ParametersReference(group: "", kind: "ConfigMap", name: "p")
        #expect(classWords(StatusFacts(), local) == ["false/InvalidParameters"])
        let whole = ParametersReference(group: "", kind: "ConfigMap", namespace: "n", name: "p")
        #expect(classWords(StatusFacts(), whole) == ["true/Accepted"])
        #expect(classWords(StatusFacts(classDefects: ["weir": "gone"]), whole) == ["false/InvalidParameters"])
    }

    private func classWords(_ facts: StatusFacts, _ parameters: ParametersReference? = nil) -> [String] {
        var resources = ResourceSet()
        resources.gatewayClasses["weir"] = GatewayClass(
            metadata: ObjectMeta(key: ObjectKey(namespace: "", name: "weir")),
            controllerName: RoutePlanner.gatewayController, parametersRef: parameters)
        let plan = RoutePlanner.plan(resources: resources, scope: .cluster, facts: facts)
        return (plan.statuses.gatewayClasses["weir"] ?? []).map { "\($0.status)/\($0.reason)" }
    }

    @Test(arguments: [15000, 15020] as [UInt16])
    func aListenerOnAPortOfTheProxysOwnHurtsItselfOnly(port: UInt16) {
        var resources = ResourceSet()
        resources.gateways[Self.key] = Gateway(
            metadata: ObjectMeta(key: Self.key), gatewayClassName: "weir",
            listeners: [
                Listener(name: "http", port: 80, listenerProtocol: "HTTP"),
                Listener(name: "own", port: port, listenerProtocol: "HTTP"),
            ])
        let plan = RoutePlanner.plan(resources: resources, scope: .gateway(Self.key))
        #expect(plan.listeners.map(\.isUsable) == [true, false])
        let conditions = plan.statuses.gateways[Self.key]?.listeners.last?.conditions ?? []
        #expect(conditions.contains { $0.type == "Accepted" && !$0.status && $0.reason == "PortUnavailable" })
    }
}
