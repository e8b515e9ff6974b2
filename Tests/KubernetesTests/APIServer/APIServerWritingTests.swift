import APIServer
import GatewayAPI
import Kubernetes
import Testing

@Suite struct APIServerWritingTests {
    @Test func aCreatedObjectHasAnIdentity() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            let answer = try client.send("POST", routes, route("web", ",\"spec\":{},\"status\":{\"parents\":[]}"))
            #expect(answer.status == 201)
            let metadata = try #require(answer.node["metadata"])
            #expect(metadata.text("uid")?.count == 36)
            #expect(metadata.text("namespace") == "default")
            #expect(metadata.text("resourceVersion") == "\(server.resourceVersion)")
            #expect(metadata["generation"]?.integerValue == 1)
            #expect(metadata.text("creationTimestamp")?.count == 20)
            #expect(answer.node["status"] == nil)
            let again = try client.send("POST", routes, route("web"))
            #expect(again.status == 409)
            #expect(again.reason == "AlreadyExists")
        }
    }

    @Test(arguments: [
        ("{}", 400), ("nonsense", 400), (configMap("x"), 400),
        (route("", ",\"spec\":{}"), 422), (route("Upper"), 422),
        (route("x", metadata: ",\"namespace\":\"other\""), 400),
        (route("x").replacing("io/v1", with: "io/v1beta1"), 400),
        (route("x", metadata: ",\"resourceVersion\":\"5\""), 500),
    ])
    func whatIsNoSuchObjectIsRefused(body: String, status: Int) throws {
        try withAPIServer { server in
            let answer = try PlainClient(server).send("POST", routes, body)
            #expect(answer.status == status)
            #expect(server.list("httproutes").isEmpty)
        }
    }

    @Test func anAbsentNamespaceHoldsNothing() throws {
        try withAPIServer { server in
            let target = routes.replacing("default", with: "nowhere")
            let answer = try PlainClient(server).send("POST", target, route("web"))
            #expect(answer.status == 404)
            #expect(answer.node.text("message") == "namespaces \"nowhere\" not found")
        }
    }

    @Test func namesCanBeGenerated() throws {
        try withAPIServer { server in
            let body = configMap("").replacing("\"name\":\"\"", with: "\"generateName\":\"made-\"")
            let answer = try PlainClient(server).send("POST", configMaps, body)
            #expect(answer.node.text("metadata", "name")?.wholeMatch(of: /made-[a-z0-9]{5}/) != nil)
        }
    }

    @Test func aStaleUpdateConflicts() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            let first = try client.send("POST", routes, route("web")).node
            let version = try #require(first.text("metadata", "resourceVersion"))
            let metadata = ",\"resourceVersion\":\"\(version)\""
            let changed = route("web", ",\"spec\":{\"hostnames\":[\"a.test\"]}", metadata: metadata)
            let second = try client.send("PUT", "\(routes)/web", changed)
            #expect(second.status == 200)
            #expect(second.node["metadata"]?["generation"]?.integerValue == 2)
            let stale = try client.send("PUT", "\(routes)/web", changed)
            #expect(stale.status == 409)
            #expect(stale.reason == "Conflict")
            #expect(try client.send("PUT", "\(routes)/web", route("web")).status == 422)
            #expect(try client.send("PUT", "\(routes)/none", route("none", metadata: metadata)).status == 404)
        }
    }

    @Test func whatChangesNothingIsNoEvent() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            let first = try client.send("POST", configMaps, configMap("a", ",\"data\":{\"x\":\"1\",\"y\":\"2\"}"))
            let same = configMap("a", ",\"data\":{\"y\":\"2\",\"x\":\"1\"}")
            let second = try client.send("PUT", "\(configMaps)/a", same)
            #expect(
                second.node.text("metadata", "resourceVersion") == first.node.text("metadata", "resourceVersion"))
        }
    }

    @Test func statusAndSpecHaveTheirOwnDoors() throws {
        try withAPIServer { server in
            let key = ObjectKey(namespace: "default", name: "web")
            let client = try PlainClient(server)
            _ = try client.send("POST", routes, route("web", ",\"spec\":{\"hostnames\":[\"a.test\"]}"))
            let patch = "{\"spec\":{\"hostnames\":[]},\"status\":{\"parents\":[{\"controllerName\":\"weir.dev/x\"}]}}"
            let type = "application/merge-patch+json"
            let status = try client.send("PATCH", "\(routes)/web/status", patch, type: type)
            #expect(status.node["spec"]?["hostnames"]?.elements.count == 1)
            #expect(status.node["status"]?["parents"]?.elements.count == 1)
            #expect(status.node["metadata"]?["generation"]?.integerValue == 1)
            let spec = try client.send(
                "PATCH", "\(routes)/web", "{\"spec\":{\"hostnames\":[]},\"status\":null}", type: type)
            #expect(spec.node["spec"]?["hostnames"]?.elements.isEmpty == true)
            #expect(spec.node["status"]?["parents"]?.elements.count == 1)
            #expect(spec.node["metadata"]?["generation"]?.integerValue == 2)
            #expect(server.writes(of: "httproutes", key, subresource: "status") == 1)
            #expect(server.writes(of: "httproutes", key) == 2)
        }
    }

    @Test func patchesOfAllTypes() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            let service = """
                {"apiVersion":"v1","kind":"Service","metadata":{"name":"s","labels":{"a":"1","b":"2"}},
                "spec":{"ports":[{"name":"web","port":80},{"name":"admin","port":81}]}}
                """
            let services = "/api/v1/namespaces/default/services"
            _ = try client.send("POST", services, service)
            let merged = try client.send(
                "PATCH", "\(services)/s", "{\"metadata\":{\"labels\":{\"a\":null,\"c\":\"3\"}}}",
                type: "application/merge-patch+json")
            #expect(merged.node["metadata"]?["labels"]?.members.map(\.key).sorted() == ["b", "c"])
            let strategic = try client.send(
                "PATCH", "\(services)/s",
                "{\"spec\":{\"ports\":[{\"port\":81,\"$patch\":\"delete\"},{\"port\":80,\"targetPort\":8080}]}}",
                type: "application/strategic-merge-patch+json")
            let ports = strategic.node["spec"]?["ports"]?.elements ?? []
            #expect(ports.map { $0["targetPort"]?.integerValue } == [8080])
            #expect(ports.first?.text("name") == "web")
            let operations =
                "[{\"op\":\"test\",\"path\":\"/spec/ports/0/port\",\"value\":80},"
                + "{\"op\":\"add\",\"path\":\"/metadata/labels/x~1y\",\"value\":\"z\"},"
                + "{\"op\":\"remove\",\"path\":\"/metadata/labels/b\"}]"
            let patched = try client.send(
                "PATCH", "\(services)/s", operations, type: "application/json-patch+json")
            #expect(patched.node["metadata"]?["labels"]?.members.map(\.key).sorted() == ["c", "x/y"])
            let custom = try client.send(
                "PATCH", "\(routes)/none", "{}", type: "application/strategic-merge-patch+json")
            #expect(custom.status == 415)
        }
    }

    @Test func deletionTakesWhatIsOwned() throws {
        try withAPIServer { server in
            try server.put(yaml: configMap("owner"))
            let key = ObjectKey(namespace: "default", name: "owner")
            let owner = try #require(server.get("configmaps", key)?.text("metadata", "uid"))
            let reference =
                ",\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"owner\",\"uid\":\"\(owner)\"}]"
            let client = try PlainClient(server)
            let body = configMap("owned").replacing(",\"labels\":{}", with: reference)
            _ = try client.send("POST", configMaps, body)
            let deleted = try client.send("DELETE", "\(configMaps)/owner")
            #expect(deleted.node.text("status") == "Success")
            #expect(server.list("configmaps").isEmpty)
            // The owner is gone, so what names it goes as well.
            _ = try client.send("POST", configMaps, body)
            #expect(server.list("configmaps").isEmpty)
        }
    }

    @Test func finalizersHoldADeletion() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            _ = try client.send("POST", routes, route("web", metadata: ",\"finalizers\":[\"weir.dev/x\"]"))
            let held = try client.send("DELETE", "\(routes)/web")
            #expect(held.node.text("metadata", "deletionTimestamp") != nil)
            let type = "application/merge-patch+json"
            _ = try client.send("PATCH", "\(routes)/web", "{\"metadata\":{\"finalizers\":null}}", type: type)
            #expect(server.list("httproutes").isEmpty)
        }
    }

    @Test func aNamespaceTakesItsObjectsWithIt() throws {
        try withAPIServer { server in
            try server.put(yaml: "{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: shop}}")
            server.delete("namespaces", ObjectKey(namespace: "", name: "shop"))
            #expect(server.list("secrets").isEmpty)
        }
    }

    @Test func tokensAreReviewedByTheTable() throws {
        try withAPIServer { server in
            server.setReviewedTokens(["t": .serviceAccount("shop", "web")])
            let client = try PlainClient(server)
            let target = "/apis/authentication.k8s.io/v1/tokenreviews"
            let review =
                "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenReview\",\"spec\":{\"token\":\"t\"}}"
            let known = try client.send("POST", target, review)
            #expect(known.node.text("status", "user", "username") == "system:serviceaccount:shop:web")
            let unknown = try client.send("POST", target, review.replacing("\"t\"", with: "\"u\""))
            #expect(unknown.node["status"]?["authenticated"]?.boolValue == false)
        }
    }
}
