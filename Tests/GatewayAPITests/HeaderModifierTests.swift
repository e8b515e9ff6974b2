import GatewayAPI
import Testing

/// What routes may change of heads.
@Suite struct HeaderModifierTests {
    private static func field(_ name: String) -> Node { .mapping(["name": .string(name), "value": "7"]) }

    private func decode(_ modifier: Node) -> (filter: HTTPRouteFilter?, problems: [Problem]) {
        let filter: Node = .mapping(["type": "RequestHeaderModifier", "requestHeaderModifier": modifier])
        let document: Node = .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": .mapping(["name": "r", "namespace": "ns"]),
            "spec": .mapping(["rules": [.mapping(["filters": [filter]])]]),
        ])
        var problems: [Problem] = []
        guard
            case .resource(_, .httpRoute(let route)) = ResourceDecoder.decode(document, file: "", problems: &problems)
        else { return (nil, problems) }
        return (route.rules.first?.filters.first, problems)
    }

    @Test(arguments: [
        "Content-Length", "Transfer-Encoding", "Connection", "Weir-Routed", "Keep-Alive", "TE", "Upgrade", "trailer",
        "Proxy-Connection", "weir-hops", "weir-failure", "Weir-Anything", "weir_failure", "WEIR.FAILURE",
        "content_length", "Transfer.Encoding",
    ])
    func whatFramesMessagesIsNoRoutesToChange(_ name: String) {
        let changes: [Node] = [
            .mapping(["set": [Self.field(name), Self.field("x-ok")]]),
            .mapping(["add": [Self.field(name)], "set": [Self.field("x-ok")]]),
            .mapping(["remove": [.string(name)], "set": [Self.field("x-ok")]]),
        ]
        for change in changes {
            let (filter, problems) = decode(change)
            #expect(filter == .requestHeaderModifier(HeaderModifier(set: [.init(name: "x-ok", value: "7")])))
            #expect(problems.map(\.severity) == [.error] && problems.first?.value == name, "\(problems)")
        }
    }

    @Test func theOneHostCanBeSetOnly() {
        #expect(
            decode(.mapping(["set": [Self.field("Host")]])).filter
                == .requestHeaderModifier(HeaderModifier(set: [.init(name: "Host", value: "7")])))
        for change in [Node.mapping(["add": [Self.field("HOST")]]), .mapping(["remove": ["host"]])] {
            let (filter, problems) = decode(change)
            #expect(filter == .requestHeaderModifier(HeaderModifier()))
            #expect(problems.map(\.severity) == [.error])
        }
    }

    @Test func aChangeThatIsIgnoredDoesNotStandInTheWayOfAGoodOne() {
        let (filter, problems) = decode(.mapping(["set": [Self.field("Host")], "add": [Self.field("host")]]))
        #expect(filter == .requestHeaderModifier(HeaderModifier(set: [.init(name: "Host", value: "7")])))
        #expect(problems.map(\.severity) == [.error])
    }

    @Test func aNameThatIsChangedTwiceIsToldWithItsPlace() {
        let problems = decode(
            .mapping(["set": [Self.field("x-a")], "add": [Self.field("x-b"), Self.field("X-A")]])
        ).problems
        #expect(problems.map(\.value) == ["X-A"])
        #expect(problems.first?.field.hasSuffix("requestHeaderModifier.add[1]") == true, "\(problems)")
    }

    @Test func aValueThatBreaksLinesDoesNotBreakItsMessage() {
        let bad: Node = .mapping(["name": "x-a", "value": "b\r\nevil: 1"])
        let problems = decode(.mapping(["set": [bad]])).problems
        #expect(problems.map(\.value) == ["b\\r\\nevil: 1"])
    }
}
