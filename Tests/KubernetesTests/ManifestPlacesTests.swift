import GatewayAPI
import Testing

@testable import Kubernetes

@Suite struct ManifestPlacesTests {
    private static let text = """
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop}
        spec: {ports: [{port: 80}], clusterIP: 10.96.0.1}
        ---
        apiVersion: v1
        kind: List
        items:
          - apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata:
              name: cart
              namespace: shop
              annotations:
                weir.dev/route-enforcement: some
            spec:
              rules:
                - matches:
                    - path: {type: PathPrefix, value: /a}
                  backendRefs:
                    - name: cart
                    - name: absent
        """

    private func place(_ object: String, _ field: String, in folder: TemporaryFolder) -> (String, Int) {
        let state = ManifestFolder.load(folder.path)
        let problem = Problem(severity: .error, id: .invalidValue, object: object, field: field, message: "is wrong")
        let located = state.places.locating([problem])
        return (located.first?.file.split(separator: "/").last.map(String.init) ?? "", located.first?.line ?? -1)
    }

    @Test(arguments: [
        ("HTTPRoute shop/cart", "", 9), ("HTTPRoute shop/cart", "spec.rules[0].backendRefs[1]", 22),
        ("HTTPRoute shop/cart", "spec.rules[0].backendRefs[1].port", 22),
        ("HTTPRoute shop/cart", "spec.rules[0].matches[0].path.value", 19),
        ("HTTPRoute shop/cart", "spec.rules[0].matches[9].path", 19),
        ("HTTPRoute shop/cart", "metadata.annotations[weir.dev/route-enforcement]", 15),
        ("HTTPRoute shop/cart", "spec.parentRefs", 17), ("Service shop/cart", "spec.ports[0]", 4),
        ("Service shop/cart", "..[[]a..", 1),
    ])
    func aProblemIsPlacedWhereItsFieldIsWritten(_ object: String, _ field: String, _ line: Int) throws {
        let folder = try TemporaryFolder()
        try folder.write("all.yaml", Self.text)
        #expect(place(object, field, in: folder) == ("all.yaml", line))
    }

    @Test func whatNoFileDeclaresHasNoPlace() throws {
        let folder = try TemporaryFolder()
        try folder.write("all.yaml", Self.text)
        #expect(place("HTTPRoute shop/other", "spec", in: folder) == ("", 0))
        #expect(place("", "", in: folder) == ("", 0))
    }

    @Test func ofSeveralDeclarationsTheOneInUseIsMeant() throws {
        let folder = try TemporaryFolder()
        try folder.write("b.yaml", Self.text)
        try folder.write(
            "a.json",
            "\n\n{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"cart\",\"namespace\":\"shop\"},\"spec\":{\"ports\":[{\"port\":80}]}}"
        )
        #expect(place("Service shop/cart", "spec", in: folder) == ("a.json", 3))
        #expect(place("HTTPRoute shop/cart", "", in: folder) == ("b.yaml", 9))
    }

    @Test func aFileThatHasGoneLeavesTheLineOfTheObject() throws {
        let folder = try TemporaryFolder()
        try folder.write("all.yaml", Self.text)
        let state = ManifestFolder.load(folder.path)
        try folder.remove("all.yaml")
        let problem = Problem(
            severity: .error, id: .invalidValue, object: "HTTPRoute shop/cart", field: "spec.rules[0].backendRefs[1]",
            message: "")
        #expect(state.places.locating([problem]).first?.line == 9)
    }

    @Test func aProblemThatHasAPlaceKeepsIt() throws {
        let folder = try TemporaryFolder()
        try folder.write("all.yaml", Self.text)
        let problem = Problem(
            severity: .error, id: .invalidValue, object: "Service shop/cart", message: "", file: "other", line: 7)
        #expect(ManifestFolder.load(folder.path).places.locating([problem]) == [problem])
    }
}
