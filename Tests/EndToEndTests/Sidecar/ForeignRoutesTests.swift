import Testing

/// What the routes of a namespace that a pod never calls cost its sidecar.
@Suite struct ForeignRoutesTests {
    /// Routes of somebody else's Service: as many large expressions as the custom resource definitions allow.
    private static func hostile(_ count: Int) -> String {
        var objects = [Manifest.service("heavy", namespace: "hostile", clusterIP: "10.96.0.66", endpoints: [])]
        for route in 0..<count {
            var text = """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: r\(route), namespace: hostile}
                spec:
                  parentRefs: [{group: "", kind: Service, name: heavy}]
                  rules:

                """
            for rule in 0..<16 {
                text += "  - backendRefs: [{name: heavy, port: 80}]\n    matches:\n"
                for match in 0..<8 {
                    let alternatives = (0..<38).map { "\(["a", "b", "c"][$0 % 3])[b-y]{999}" }.joined(separator: "|")
                    let path = "/r\(route)/\(rule)/\(match)/(\(alternatives))"
                    text += "    - path: {type: RegularExpression, value: '\(path)'}\n"
                }
            }
            objects.append(text)
        }
        return Manifest.list(objects)
    }

    /// Each sidecar has the memory of an injected container and no byte more: beyond it the kernel would end it.
    @Test func aSidecarIsNotHeldUpByRoutesThatItsPodNeverCalls() throws {
        let mesh = try Mesh(SidecarTests.manifests)
        let server = try mesh.pod("cart", number: SidecarTests.server, isMeshed: true)
        _ = try server.serve(port: 8080, SidecarTests.application)
        let caller = try mesh.pod("caller", namespace: "clients", number: 11, isMeshed: true)
        let groups = try [server, caller].map { pod in
            let group = MemoryGroup(bytes: 128 << 20)
            try group.add(#require(pod.sidecar))
            return group
        }
        defer {
            mesh.stop()
            for group in groups { group.remove() }
        }
        try mesh.folder.write("manifests/hostile.yaml", Self.hostile(8))
        #expect(try caller.get("/open/1", from: SidecarTests.cart, port: 80).status == 200)
        // A change of what it does call is live although all of the folder is planned again.
        try mesh.folder.write(
            "manifests/main.yaml", SidecarTests.manifests.replacing("value: /open}", with: "value: /opened}"))
        try eventually("the change is live") {
            try caller.get("/opened", from: SidecarTests.cart, port: 80).status == 200
        }
        for pod in [server, caller] {
            let peak = pod.sidecar?.procStatus("VmHWM").split(separator: " ").first.flatMap { Int($0) } ?? .max
            // Half of it.
            #expect(peak < 64 << 10, "\(pod.name) has used \(peak) KiB")
        }
    }
}
