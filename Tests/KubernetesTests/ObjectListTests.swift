import GatewayAPI
import Kubernetes
import Testing

/// A list whose objects cannot be found is told: all of them would be left out in silence.
@Suite struct ObjectListTests {
    private static let service =
        "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: shop}, spec: {ports: [{port: 80}]}}"

    private func read(_ text: String) throws -> ParsedManifest { try ManifestText.parse(text) }

    @Test(arguments: [
        ("v1", "List", "item"), ("v1", "List", "itemz"), ("v1", "List", "Items"),
        ("gateway.networking.k8s.io/v1", "HTTPRouteList", "item"), ("apps/v1", "DeploymentList", "itmes"),
    ])
    func misspeltItemsNameTheFieldThatIsMeant(apiVersion: String, kind: String, field: String) throws {
        let problems = try read("{apiVersion: \(apiVersion), kind: \(kind), \(field): [\(Self.service)]}").problems
        #expect(problems.first?.id == .unknownField && problems.first?.field == field, "\(problems)")
        #expect(problems.first?.severity == .error)
        #expect(problems.first?.message.contains("(items is)") == true, "\(problems)")
        #expect(problems.dropFirst().map(\.id) == [.missingField])
    }

    @Test(arguments: [("", ProblemID.missingField), (", items: {}", .wrongType), (", items: text", .wrongType)])
    func itemsThatAreNoneAreAnError(items: String, id: ProblemID) throws {
        let problems = try read("{apiVersion: v1, kind: List\(items)}").problems
        #expect(problems.map(\.id) == [id] && problems.map(\.field) == ["items"], "\(problems)")
    }

    @Test(arguments: [
        ("v2", "List", ProblemID.unknownVersion), ("apps/v1", "List", .unknownVersion),
        ("v1", "HTTPRouteList", .unknownKind),
    ])
    func aListOfAnotherVersionIsAnErrorAndItsObjectsAreReadAllTheSame(
        apiVersion: String, kind: String, id: ProblemID
    ) throws {
        let manifest = try read("{apiVersion: \(apiVersion), kind: \(kind), items: [\(Self.service)]}")
        #expect(manifest.problems.map(\.id) == [id] && manifest.problems.map(\.field) == ["apiVersion"])
        #expect(manifest.objects.count == 1)
    }

    @Test(arguments: ["items: []", "items: null"])
    func anEmptyListIsRight(items: String) throws {
        #expect(try read("{apiVersion: v1, kind: List, \(items)}").problems.isEmpty)
    }

    @Test func kindsOfOthersThatOnlySoundLikeListsAreNone() throws {
        #expect(
            try read("{apiVersion: example.com/v1, kind: AllowList, metadata: {name: a}, spec: {}}").problems.isEmpty)
    }
}
