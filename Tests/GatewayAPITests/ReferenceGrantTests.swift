import GatewayAPI
import Testing

@Suite struct ReferenceGrantTests {
    private static let gatewayAPI = "gateway.networking.k8s.io"

    private func permits(_ grant: ReferenceGrant, target: String = "certs/site") -> Bool {
        guard let key = ObjectKey(target) else { return false }
        return grant.permits(fromKind: "Gateway", in: "infra", toGroup: "", kind: "Secret", target: key)
    }

    private func grant(
        in namespace: String = "certs",
        from: [ReferenceGrant.From] = [.init(group: gatewayAPI, kind: "Gateway", namespace: "infra")],
        to: [ReferenceGrant.To] = [.init(group: "", kind: "Secret", name: "site")]
    ) -> ReferenceGrant {
        ReferenceGrant(metadata: ObjectMeta(key: ObjectKey(namespace: namespace, name: "g")), from: from, to: to)
    }

    @Test func itPermitsWhatItNamesAndNothingElse() {
        #expect(permits(grant()))
        #expect(!permits(grant(), target: "certs/other"))
        #expect(!permits(grant(from: [])) && !permits(grant(to: [])))
    }

    @Test func withoutANameItPermitsEveryObjectOfTheKind() {
        #expect(permits(grant(to: [.init(group: "", kind: "Secret")]), target: "certs/other"))
    }

    @Test func itCountsInItsOwnNamespaceOnly() {
        #expect(!permits(grant(in: "infra")) && !permits(grant(), target: "infra/site"))
    }

    @Test(arguments: [
        (gatewayAPI, "HTTPRoute", "infra"), (gatewayAPI, "Gateway", "certs"), ("", "Gateway", "infra"),
        ("example.com", "Gateway", "infra"),
    ])
    func whoRefersMustBeNamedInFull(_ group: String, _ kind: String, _ namespace: String) {
        #expect(!permits(grant(from: [.init(group: group, kind: kind, namespace: namespace)])))
    }

    @Test(arguments: [("", "Service"), ("example.com", "Secret")])
    func whatIsReferredToMustBeOfTheKind(_ group: String, _ kind: String) {
        #expect(!permits(grant(to: [.init(group: group, kind: kind)])))
    }

    /// Which entry fits makes no difference, but `from` and `to` of one grant belong together.
    @Test func anyEntryOfEachListWillDo() {
        let mixed = grant(
            from: [
                .init(group: Self.gatewayAPI, kind: "HTTPRoute", namespace: "infra"),
                .init(group: Self.gatewayAPI, kind: "Gateway", namespace: "infra"),
            ],
            to: [.init(group: "", kind: "Service"), .init(group: "", kind: "Secret", name: "site")])
        #expect(permits(mixed))
    }

    private func problems(
        group: String, kind: String, to target: (group: String, kind: String) = ("", "Secret")
    ) -> [Problem] {
        let from: Node = .mapping(["group": .string(group), "kind": .string(kind), "namespace": "infra"])
        let document: Node = .mapping([
            "apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant",
            "metadata": .mapping(["name": "g", "namespace": "certs"]),
            "spec": .mapping([
                "from": [from], "to": [.mapping(["group": .string(target.group), "kind": .string(target.kind)])],
            ]),
        ])
        var problems: [Problem] = []
        _ = ResourceDecoder.decode(document, file: "a.yaml", problems: &problems)
        return problems
    }

    @Test(arguments: [
        (gatewayAPI, "HttpRoute", "kind"), (gatewayAPI, "HTTPRoutes", "kind"),
        ("gateway.networking.k8s", "Gatway", "kind"),
        ("", "HTTPRoute", "group"), ("core", "HTTPRoute", "group"), ("networking.k8s.io", "HTTPRoute", "group"),
        ("gateway.networking.k8s", "Gateway", "group"),
    ])
    func aSlipInWhoMayReferIsAnError(_ group: String, _ kind: String, _ field: String) {
        let found = problems(group: group, kind: kind)
        #expect(found.map(\.field) == ["spec.from[0].\(field)"] && found.map(\.severity) == [.error])
    }

    @Test(arguments: [
        (gatewayAPI, "HTTPRoute"), (gatewayAPI, "ListenerSet"), ("example.com", "Thing"), ("", "Thing"),
        (gatewayAPI, "SomethingNew"), ("networking.example.com", "Gateway"),
    ])
    func kindsOfOthersAreTheirs(_ group: String, _ kind: String) {
        #expect(problems(group: group, kind: kind) == [])
    }

    @Test(arguments: [
        ("", "Services", "kind"), ("core", "Service", "group"), ("networking.k8s.io", "Service", "group"),
        ("", "Secrt", "kind"), ("v1", "Secret", "group"),
    ])
    func aSlipInWhatMayBeReferredToIsAnError(_ group: String, _ kind: String, _ field: String) {
        let found = problems(group: Self.gatewayAPI, kind: "HTTPRoute", to: (group, kind))
        #expect(found.map(\.field) == ["spec.to[0].\(field)"] && found.map(\.severity) == [.error])
    }

    @Test(arguments: [
        ("", "Pod"), ("gateway.kgateway.dev", "Backend"), ("example.com", "Services"), ("", "ServiceAccount"),
    ])
    func otherTargetsAreTheirOwners(_ group: String, _ kind: String) {
        #expect(problems(group: Self.gatewayAPI, kind: "HTTPRoute", to: (group, kind)) == [])
    }
}
