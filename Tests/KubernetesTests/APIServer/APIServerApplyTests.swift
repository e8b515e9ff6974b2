import APIServer
import GatewayAPI
import Kubernetes
import Testing

@Suite struct APIServerApplyTests {
    private static let services = "/api/v1/namespaces/default/services"

    private func apply(_ server: APIServer, _ manager: String, _ body: String, force: Bool = false) throws
        -> PlainClient.Answer
    {
        let text = "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\"\(body)}"
        return try PlainClient(server).send(
            "PATCH", "\(Self.services)/s?fieldManager=\(manager)&force=\(force)", text,
            type: "application/apply-patch+yaml")
    }

    @Test func anAppliedObjectIsCreatedAndChanged() throws {
        try withAPIServer { server in
            #expect(try apply(server, "one", "},\"spec\":{\"ports\":[{\"port\":80}]}").status == 201)
            let second = try apply(server, "one", "},\"spec\":{\"ports\":[{\"port\":80},{\"port\":81}]}")
            #expect(second.status == 200)
            #expect(second.node["spec"]?["ports"]?.elements.count == 2)
            let third = try apply(server, "one", "},\"spec\":{\"ports\":[{\"port\":81}]}")
            #expect(third.node["spec"]?["ports"]?.elements.map { $0["port"]?.integerValue } == [81])
        }
    }

    @Test func applyingTheSameAgainChangesNothing() throws {
        try withAPIServer { server in
            let body = ",\"labels\":{\"a\":\"1\"}},\"spec\":{\"ports\":[{\"port\":80}]}"
            let first = try apply(server, "one", body)
            let second = try apply(server, "one", body)
            #expect(
                first.node.text("metadata", "resourceVersion") == second.node.text("metadata", "resourceVersion"))
        }
    }

    @Test func fieldsNoLongerAppliedGoUnlessOthersOwnThem() throws {
        try withAPIServer { server in
            _ = try apply(server, "one", ",\"labels\":{\"a\":\"1\",\"b\":\"1\"}}")
            _ = try apply(server, "two", ",\"labels\":{\"b\":\"1\",\"c\":\"1\"}}")
            let answer = try apply(server, "one", "}")
            #expect(answer.node["metadata"]?["labels"]?.members.map(\.key).sorted() == ["b", "c"])
        }
    }

    @Test func othersFieldsConflictUnlessForced() throws {
        try withAPIServer { server in
            _ = try apply(server, "one", ",\"labels\":{\"a\":\"1\"}}")
            let refused = try apply(server, "two", ",\"labels\":{\"a\":\"2\"}}")
            #expect(refused.status == 409)
            #expect(refused.node.text("message")?.contains("conflict with \"one\": .metadata.labels.a") == true)
            #expect(try apply(server, "two", ",\"labels\":{\"a\":\"2\"}}", force: true).status == 200)
            // The first manager has lost the field: leaving it out takes nothing away.
            let answer = try apply(server, "one", "}")
            #expect(answer.node.text("metadata", "labels", "a") == "2")
        }
    }

    @Test func aPlainWriteTakesTheFieldsItChanges() throws {
        try withAPIServer { server in
            _ = try apply(server, "one", ",\"labels\":{\"a\":\"1\"}}")
            _ = try PlainClient(server).send(
                "PATCH", "\(Self.services)/s", "{\"metadata\":{\"labels\":{\"a\":\"edited\"}}}",
                type: "application/merge-patch+json")
            #expect(try apply(server, "one", ",\"labels\":{\"a\":\"1\"}}").status == 409)
            #expect(try apply(server, "one", ",\"labels\":{\"a\":\"1\"}}", force: true).status == 200)
        }
    }

    @Test func statusIsAppliedAtItsDoorOnly() throws {
        try withAPIServer { server in
            _ = try PlainClient(server).send("POST", routes, route("web", ",\"spec\":{\"hostnames\":[\"a.test\"]}"))
            let body = route(
                "web", ",\"spec\":{\"hostnames\":[]},\"status\":{\"parents\":[{\"controllerName\":\"x/y\"}]}")
            let answer = try PlainClient(server).send(
                "PATCH", "\(routes)/web/status?fieldManager=one", body, type: "application/apply-patch+yaml")
            #expect(answer.status == 200)
            #expect(answer.node["spec"]?["hostnames"]?.elements.count == 1)
            #expect(answer.node["status"]?["parents"]?.elements.count == 1)
            let absent = try PlainClient(server).send(
                "PATCH", "\(routes)/none/status?fieldManager=one", route("none"), type: "application/apply-patch+yaml")
            #expect(absent.status == 404)
        }
    }

    @Test func anApplyNamesItsManager() throws {
        try withAPIServer { server in
            let answer = try apply(server, "", "}")
            #expect(answer.status == 422)
        }
    }
}
