import GatewayAPI
import Testing

@Suite struct RootCausesTests {
    private static func problem(
        _ object: String, _ message: String, id: ProblemID = .invalidValue, field: String = "",
        severity: Problem.Severity = .error, dependsOn: ResourceKinds = [], follows: [ProblemCause] = [],
        file: String = ""
    ) -> Problem {
        Problem(
            severity: severity, id: id, object: object, field: field, message: message, dependsOn: dependsOn,
            follows: follows, file: file)
    }

    private static let service = problem("Service shop/cart", "is wrong", id: .wrongType, field: "spec.ports[0].port")

    @Test func whatFollowsComesBehindItsCauseAndNamesIt() {
        let consequence = Self.problem(
            "HTTPRoute shop/r", "Service shop/cart does not exist; x", follows: [ProblemCause("Service shop/cart")])
        let other = Self.problem("HTTPRoute shop/s", "is wrong as well")
        let ordered = RootCauses.first([consequence, other, Self.service])
        #expect(ordered.map(\.object) == ["HTTPRoute shop/s", "Service shop/cart", "HTTPRoute shop/r"])
        #expect(
            ordered.last?.message
                == "Service shop/cart cannot be used; x (because of WEIR0104 of Service shop/cart)")
    }

    @Test func aChainOfConsequencesIsInOrder() {
        let first = Self.problem(
            "HTTPRoute shop/r", "a", id: .missingTarget, field: "spec.rules[0].backendRefs[0]",
            follows: [ProblemCause("Service shop/cart")])
        let second = Self.problem(
            "HTTPRoute shop/r", "b", field: "spec.rules[0].matches[0]",
            follows: [ProblemCause("HTTPRoute shop/r", field: "spec.rules[0].backendRefs")])
        let ordered = RootCauses.first([second, first, Self.service])
        #expect(ordered.map(\.message).map { $0.prefix(1) } == ["i", "a", "b"])
        #expect(ordered.last?.message == "b (because of WEIR0201)")
    }

    /// What nothing is wrong with is the cause of nothing.
    @Test func withoutACauseAllStaysAsItIs() {
        let problems = [
            Self.problem("HTTPRoute shop/r", "a", dependsOn: .service, follows: [ProblemCause("Service shop/cart")]),
            Self.problem("Service shop/other", "b"),
        ]
        #expect(RootCauses.first(problems) == problems)
    }

    @Test func anotherFieldOfTheObjectIsNoCause() {
        let consequence = Self.problem(
            "HTTPRoute shop/r", "a", follows: [ProblemCause("Service shop/cart", field: "metadata")])
        #expect(RootCauses.first([consequence, Self.service]) == [consequence, Self.service])
    }

    @Test func aWarningIsNoCauseOfAnError() {
        let warning = Self.problem("Service shop/cart", "w", severity: .warning)
        let error = Self.problem("HTTPRoute shop/r", "a", follows: [ProblemCause("Service shop/cart")])
        #expect(RootCauses.first([error, warning]) == [error, warning])
    }

    @Test func problemsThatNameEachOtherEndInOneOrder() {
        let a = Self.problem("HTTPRoute shop/a", "a", follows: [ProblemCause("HTTPRoute shop/b")])
        let b = Self.problem("HTTPRoute shop/b", "b", follows: [ProblemCause("HTTPRoute shop/a")])
        #expect(RootCauses.first([a, b]).map(\.object) == ["HTTPRoute shop/b", "HTTPRoute shop/a"])
        let itself = Self.problem("HTTPRoute shop/a", "a", follows: [ProblemCause("HTTPRoute shop/a")])
        #expect(RootCauses.first([itself]) == [itself])
    }

    /// The guard is the cause of the closed door, never the other way round.
    @Test func aClosedServiceIsNoCauseOfItsRoutesRefusal() {
        let route = Self.problem(
            "HTTPRoute shop/r", "has no such port", id: .notAttached, follows: [ProblemCause("Service shop/cart")])
        let closed = Self.problem(
            "Service shop/cart", "is closed", id: .guardBroken, follows: [ProblemCause("HTTPRoute shop/r")])
        #expect(RootCauses.first([closed, route]).map(\.id) == [.notAttached, .guardBroken])
    }

    @Test func aMisspeltKindIsTheCauseOfWhatIsMissing() {
        let kind = Self.problem("Servce shop/cart", "is no kind", id: .unknownKind)
        let missing = Self.problem(
            "HTTPRoute shop/r", "Service shop/cart does not exist", follows: [ProblemCause("Service shop/cart")])
        #expect(RootCauses.first([missing, kind]).last?.message.hasSuffix("of Servce shop/cart)") == true)
    }

    @Test func anObjectOfANamespaceIsACauseByItsKind() {
        let grant = Self.problem("ReferenceGrant far/g", "is wrong")
        let refused = Self.problem("HTTPRoute shop/r", "no grant", follows: [ProblemCause("ReferenceGrant far/")])
        let elsewhere = Self.problem("HTTPRoute shop/s", "no grant", follows: [ProblemCause("ReferenceGrant fa/")])
        let ordered = RootCauses.first([refused, elsewhere, grant])
        #expect(ordered.map(\.object) == ["HTTPRoute shop/s", "ReferenceGrant far/g", "HTTPRoute shop/r"])
    }

    @Test func whatIsNotCertainSaysPerhaps() {
        let follows = [ProblemCause("Service shop/cart", isCertain: false)]
        let ordered = RootCauses.first([Self.problem("HTTPRoute shop/r", "a", follows: follows), Self.service])
        #expect(ordered.last?.message == "a (perhaps because of WEIR0104 of Service shop/cart)")
    }

    /// What is missing may be in a file that cannot be read.
    @Test func absenceIsInDoubtWhileAFileCannotBeRead() {
        let missing = Self.problem("HTTPRoute shop/r", "Service shop/x does not exist", dependsOn: .service)
        let certain = Self.problem("HTTPRoute shop/s", "is wrong")
        let file = Self.problem("b.yaml", "cannot be parsed", id: .unreadableSource, file: "b.yaml")
        let ordered = RootCauses.first([missing, certain, file])
        #expect(ordered.map(\.object) == ["HTTPRoute shop/s", "b.yaml", "HTTPRoute shop/r"])
        #expect(ordered.last?.message.contains("unless what is missing is in b.yaml") == true)
    }
}
