import GatewayAPI
import Testing

/// TLS, addresses and infrastructure of Gateways.
@Suite struct GatewayDecodeTests {
    private func decode(
        listener: Node = .mapping(["name": "l", "port": 80, "protocol": "HTTP"]), _ fields: [(String, Node)] = []
    ) -> (gateway: Gateway?, problems: [Problem]) {
        var spec: Node = .mapping(["gatewayClassName": "weir", "listeners": [listener]])
        for (field, value) in fields { spec.set(field, value) }
        var problems: [Problem] = []
        let document: Node = .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
            "metadata": .mapping(["name": "g", "namespace": "ns"]), "spec": spec,
        ])
        guard case .resource(_, .gateway(let gateway)) = ResourceDecoder.decode(document, file: "", problems: &problems)
        else { return (nil, problems) }
        return (gateway, problems)
    }

    private func listener(_ listenerProtocol: String, _ tls: Node?) -> Node {
        var node: Node = .mapping(["name": "l", "port": 443, "protocol": .string(listenerProtocol)])
        node.set("tls", tls)
        return node
    }

    @Test func certificateRefsHaveTheDefaultsOfTheServer() {
        let tls: Node = .mapping([
            "certificateRefs": [
                .mapping(["name": "a"]), .mapping(["group": "", "kind": "Secret", "namespace": "n", "name": "b"]),
                .mapping(["kind": "Secret"]), .mapping(["name": "ok", "namespace": "Not A Namespace"]),
            ]
        ])
        let (gateway, _) = decode(listener: listener("HTTPS", tls))
        let read = gateway?.listeners.first
        #expect(read?.defect == nil && read?.tls?.mode == .terminate)
        #expect(
            read?.tls?.certificateRefs.prefix(2) == [
                CertificateReference(name: "a"), CertificateReference(namespace: "n", name: "b"),
            ])
        // A reference that cannot be read hurts itself.
        #expect(read?.tls?.certificateRefs.map { $0.defect == nil } == [true, true, false, false])
    }

    @Test(
        "What the protocol asks of tls",
        arguments: [
            ("HTTP", nil, true), ("HTTP", .mapping([:]), false), ("TCP", .mapping([:]), false), ("HTTPS", nil, false),
            ("HTTPS", .mapping([:]), false), ("HTTPS", .mapping(["options": .mapping(["a.b/c": "d"])]), false),
            ("HTTPS", .mapping(["mode": "Passthrough", "certificateRefs": [.mapping(["name": "a"])]]), false),
            ("HTTPS", .mapping(["mode": "Later", "certificateRefs": [.mapping(["name": "a"])]]), false),
            ("HTTPS", .mapping(["certificateRefs": [.mapping(["name": "a"])]]), true),
            ("HTTPS", .string("yes"), false), ("TLS", .mapping(["mode": "Passthrough"]), true), ("TLS", nil, false),
        ] as [(String, Node?, Bool)])
    func tlsByProtocol(_ listenerProtocol: String, _ tls: Node?, _ isSound: Bool) {
        let (gateway, problems) = decode(listener: listener(listenerProtocol, tls))
        #expect((gateway?.listeners.first?.defect == nil) == isSound, "\(problems)")
    }

    @Test func aRefusedListenerKeepsItsNameFromNobody() {
        let good: Node = .mapping(["name": "l", "port": 80, "protocol": "HTTP"])
        for bad in [
            Node.mapping(["name": "l", "port": 80, "protocol": "HTTP", "hostname": "my_app.example.com"]),
            .mapping(["name": "l", "port": 90, "protocol": "TCP"]),
            .mapping(["name": "l", "port": 0, "protocol": "HTTP"]),
            listener("HTTPS", nil),
        ] {
            for (listeners, position) in [([bad, good], 1), ([good, bad], 0)] {
                let gateway = decode([("listeners", .sequence(listeners))]).gateway
                #expect(gateway?.listeners[position].defect == nil)
            }
        }
        let twice = decode([("listeners", [good, good])]).gateway
        #expect(twice?.listeners.map { $0.defect == nil } == [true, false])
    }

    @Test func aSecondEntryForAPortDoesNotTakeBackItsClientVerification() {
        let entries: Node = [
            .mapping(["port": 443, "tls": .mapping(["validation": .mapping([:])])]), .mapping(["port": 443]),
        ]
        let tls: Node = .mapping(["frontend": .mapping(["default": .mapping([:]), "perPort": entries])])
        #expect(decode([("tls", tls)]).gateway?.frontendValidation.isAsked(on: 443) == true)
    }

    @Test func optionsAreTold() {
        let tls: Node = .mapping(["certificateRefs": [.mapping(["name": "a"])], "options": .mapping(["x/y": "z"])])
        let (gateway, problems) = decode(listener: listener("HTTPS", tls))
        #expect(gateway?.listeners.first?.defect == nil)
        #expect(problems.map(\.severity) == [.error] && problems.first?.field == "spec.listeners[0].tls.options")
    }

    @Test func addressesAreReadAsTheyAreAskedFor() {
        let (gateway, problems) = decode([
            (
                "addresses",
                [
                    .mapping(["value": "192.0.2.1"]), .mapping(["type": "IPAddress"]),
                    .mapping(["type": "test/x", "value": "any thing"]), .mapping(["value": "nowhere"]),
                ]
            )
        ])
        #expect(
            gateway?.addresses == [
                GatewayAddress(value: "192.0.2.1"), GatewayAddress(value: ""),
                GatewayAddress(type: "test/x", value: "any thing"), GatewayAddress(value: "nowhere"),
            ])
        #expect(problems.map(\.field) == ["spec.addresses[3].value"])
    }

    @Test func infrastructureLeavesOutWhatNoServerWouldTake() {
        let labels = (0..<10).map { Node.Entry(key: "l\($0)", value: "v") }
        let (gateway, problems) = decode([
            (
                "infrastructure",
                .mapping([
                    "labels": Node(.mapping([Node.Entry(key: "bad key", value: "v")] + labels)),
                    "annotations": .strings(["a.b/c": "any text", "x": ""]),
                    "parametersRef": .mapping(["group": "", "kind": "ConfigMap", "name": "p"]),
                ])
            )
        ])
        let read = gateway?.infrastructure
        #expect(read?.labels.count == 8 && read?.labels["bad key"] == nil)
        #expect(read?.annotations == ["a.b/c": "any text", "x": ""])
        #expect(read?.parametersRef == ParametersReference(group: "", kind: "ConfigMap", name: "p"))
        #expect(problems.count == 2)
        // Parameters that cannot be read are not the same as none.
        let (broken, _) = decode([("infrastructure", .mapping(["parametersRef": .mapping(["kind": "ConfigMap"])]))])
        #expect(broken?.infrastructure?.parametersRef?.defect != nil)
    }

    @Test func clientCertificatesAreAskedForByPort() {
        let asks: Node = .mapping(["validation": .mapping(["caCertificateRefs": []])])
        let (gateway, _) = decode([
            (
                "tls",
                .mapping([
                    "frontend": .mapping([
                        "default": asks,
                        "perPort": [
                            .mapping(["port": 8443, "tls": .mapping([:])]), .mapping(["port": 9443, "tls": asks]),
                        ],
                    ])
                ])
            )
        ])
        #expect(gateway.map { [443, 8443, 9443].map($0.frontendValidation.isAsked) } == [true, false, true])
        // What cannot be read may have asked for it.
        let (broken, _) = decode([("tls", .mapping(["frontend": "yes"]))])
        #expect(broken?.frontendValidation.isAsked(on: 443) == true)
    }

    @Test func allowedListenersAreReportedAsNotImplemented() {
        func warnings(_ from: Node?) -> Int {
            var namespaces: Node = .mapping([:])
            namespaces.set("from", from)
            return decode([("allowedListeners", .mapping(["namespaces": namespaces]))]).problems.count
        }
        #expect(warnings("All") == 1 && warnings("Same") == 1 && warnings("None") == 0 && warnings(nil) == 0)
    }

    private func problems(_ document: Node) -> [Problem] {
        var problems: [Problem] = []
        _ = ResourceDecoder.decode(document, file: "a.yaml", problems: &problems)
        return problems
    }

    /// A misspelt field comes before the one that is missing for its sake.
    @Test func whatIsMissingForAMisspeltFieldFollowsIt() {
        let listener: Node = .mapping(["name": "l", "port": 80, "protocol": "HTTP"])
        let document: Node = .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": .mapping(["name": "g"]),
            "spec": .mapping(["gatewayClassName": "weir", "listenrs": [listener]]),
        ])
        let ordered = RootCauses.first(problems(document))
        #expect(ordered.map(\.field) == ["spec.listenrs", "spec.listeners"])
        #expect(ordered.last?.message.hasSuffix("(because of WEIR0101)") == true)
    }

    @Test func aFieldOfSpecBesideItIsNamedWhereItBelongs() {
        let document: Node = .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": .mapping(["name": "r"]),
            "spec": .mapping(["parentRefs": [.mapping(["name": "g"])]]), "rules": [],
        ])
        #expect(problems(document).contains { $0.field == "rules" && $0.message.contains("(spec.rules is)") })
    }

    private func problems(path: Node) -> [Problem] {
        problems(
            .mapping([
                "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": .mapping(["name": "r"]),
                "spec": .mapping(["rules": [.mapping(["matches": [.mapping(["path": path])]])]]),
            ]))
    }

    /// A star is an ordinary character of a path.
    @Test(arguments: [("/a/*", true), ("/*/b", true), ("/a*", true), ("/a*b", false), ("/a", false)])
    func aStarThatIsNoWildcardIsWarnedOf(_ path: String, _ isTold: Bool) {
        for type in ["Exact", "PathPrefix"] {
            let found = problems(path: .mapping(["type": .string(type), "value": .string(path)]))
            #expect(
                found.map(\.id) == (isTold ? [.literalWildcard] : []) && found.allSatisfy { $0.severity == .warning })
        }
        #expect(problems(path: .mapping(["type": "RegularExpression", "value": .string(path)])) == [])
        #expect(problems(path: .mapping(["type": "Regex", "value": .string(path)])).map(\.id) == [.invalidValue])
    }
}
