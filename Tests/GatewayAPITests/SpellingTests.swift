import GatewayAPI
import Testing

@Suite struct SpellingTests {
    private static let fields = ["matches", "filters", "backendRefs", "timeouts", "name"]

    @Test(arguments: [
        ("matchs", "matches"), ("mathces", "matches"), ("backendrefs", "backendRefs"), ("backend_refs", "backendRefs"),
        ("backendRef", "backendRefs"), ("nmae", "name"), ("Timeouts", "timeouts"),
    ])
    func aNearMissIsFound(typed: String, meant: String) {
        #expect(Spelling.nearest(to: typed, among: Self.fields) == meant)
    }

    @Test(arguments: ["", "retry", "x", "names-of-all", String(repeating: "matches", count: 1000)])
    func whatIsFarIsNoMiss(typed: String) {
        #expect(Spelling.nearest(to: typed, among: Self.fields) == nil)
    }
}
