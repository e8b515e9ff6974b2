import GatewayAPI
import Testing

@Suite struct AbsenceAdviceTests {
    private static let resources: ResourceSet = {
        var resources = ResourceSet()
        for (namespace, name) in [("shop", "cart"), ("far", "stock")] {
            resources.insert(
                .service(
                    Service(
                        metadata: ObjectMeta(key: ObjectKey(namespace: namespace, name: name)),
                        ports: [
                            Service.Port(port: 80), Service.Port(port: 53, transport: "UDP"), Service.Port(port: 443),
                        ])))
        }
        return resources
    }()

    private func advised(_ message: String, _ target: String) -> String {
        let problem = Problem(
            severity: .error, id: .missingTarget, object: "HTTPRoute shop/r", message: message,
            follows: [ProblemCause(target)])
        return AbsenceAdvice(Self.resources).advising(problem).message
    }

    @Test(arguments: [
        ("Service shop/crat", " (Service shop/cart does)"), ("Service shop/Cart", " (Service shop/cart does)"),
        ("Service shop/stock", " (Service far/stock does)"), ("Service shop/else", ""), ("Gateway shop/cart", ""),
        ("Namespace shop", ""),
    ])
    func theNearestNameOrTheOtherNamespaceIsSaid(_ target: String, _ advice: String) {
        #expect(advised("\(target) does not exist; x", target) == "\(target) does not exist; x\(advice)")
    }

    @Test func thePortsThatThereAreAreSaid() {
        let message = "Service shop/cart has no TCP port 81"
        #expect(advised(message, "Service shop/cart") == message + " (it has 80, 443)")
    }

    @Test func whatElseIsWrongGetsNoAdvice() {
        #expect(advised("is wrong", "Service shop/crat") == "is wrong")
    }

    private func advised(withGrantIn namespace: String) -> String {
        var resources = Self.resources
        let grant = ReferenceGrant(
            metadata: ObjectMeta(key: ObjectKey(namespace: namespace, name: "g")),
            from: [ReferenceGrant.From(group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "shpo")],
            to: [ReferenceGrant.To(group: "", kind: "Service", name: "stock")])
        resources.insert(.referenceGrant(grant))
        let problem = Problem(
            severity: .error, id: .notPermitted, object: "HTTPRoute shop/r", message: "no ReferenceGrant",
            follows: [ProblemCause("ReferenceGrant far/")])
        return AbsenceAdvice(resources).advising(problem).message
    }

    @Test func aGrantThatNearlyPermitsIsSaid() {
        #expect(
            advised(withGrantIn: "far")
                == "no ReferenceGrant (ReferenceGrant far/g lets HTTPRoutes of shpo refer to Service stock)")
        #expect(advised(withGrantIn: "shop") == "no ReferenceGrant (ReferenceGrant shop/g is in another namespace)")
        #expect(advised(withGrantIn: "else") == "no ReferenceGrant")
    }
}
