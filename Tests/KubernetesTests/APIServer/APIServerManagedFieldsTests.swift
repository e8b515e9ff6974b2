import APIServer
import GatewayAPI
import Kubernetes
import Testing

/// `metadata.managedFields`, which tells a controller what it has written itself.
@Suite struct APIServerManagedFieldsTests {
    private static let service = "/api/v1/namespaces/default/services/s"

    private func apply(_ server: APIServer, _ manager: String, _ body: String) throws -> Node {
        let text = "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\"\(body)}"
        return try PlainClient(server).send(
            "PATCH", "\(Self.service)?fieldManager=\(manager)&force=true", text, type: "application/apply-patch+yaml"
        ).node
    }

    private func merge(_ server: APIServer, _ body: String, _ more: String = "?fieldManager=editor") throws -> Node {
        try PlainClient(server).send(
            "PATCH", "\(Self.service)\(more)", body, type: "application/merge-patch+json"
        ).node
    }

    /// `manager operation subresource: fields`.
    private func entries(_ object: Node) -> [String] {
        (object["metadata"]?["managedFields"]?.elements ?? []).map { entry in
            let fields = String(decoding: entry["fieldsV1"]?.json ?? [], as: UTF8.self)
            let place = entry.text("subresource").map { "/\($0)" } ?? ""
            return "\(entry.text("manager") ?? "")\(place) \(entry.text("operation") ?? "") \(fields)"
        }
    }

    @Test func whatIsAppliedIsItsManagers() throws {
        try withAPIServer { server in
            let object = try apply(
                server, "one", ",\"labels\":{\"a\":\"1\"}},\"spec\":{\"ports\":[{\"port\":80,\"name\":\"http\"}]}")
            #expect(
                entries(object) == [
                    "one Apply {\"f:metadata\":{\"f:labels\":{\"f:a\":{}}},\"f:spec\":{\"f:ports\":"
                        + "{\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:name\":{},\"f:port\":{}}}}}"
                ])
            let entry = object["metadata"]?["managedFields"]?.elements.first
            #expect(entry?.text("apiVersion") == "v1")
            #expect(entry?.text("fieldsType") == "FieldsV1")
            #expect(entry?.text("time")?.isEmpty == false)
        }
    }

    @Test func everyWriterHasItsOwnEntry() throws {
        try withAPIServer { server in
            _ = try apply(server, "one", ",\"labels\":{\"a\":\"1\",\"b\":\"1\"}}")
            _ = try merge(server, "{\"metadata\":{\"labels\":{\"a\":\"2\",\"c\":\"2\"}}}")
            // Without a name, the program's; at a subresource, an entry of its own.
            _ = try merge(server, "{\"metadata\":{\"labels\":{\"d\":\"3\"}}}", "")
            let object = try merge(
                server, "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"192.0.2.1\"}]}}}",
                "/status?fieldManager=editor")
            #expect(
                Set(entries(object)) == [
                    "one Apply {\"f:metadata\":{\"f:labels\":{\"f:b\":{}}}}",
                    "editor Update {\"f:metadata\":{\"f:labels\":{\"f:a\":{},\"f:c\":{}}}}",
                    "plain Update {\"f:metadata\":{\"f:labels\":{\"f:d\":{}}}}",
                    "editor/status Update {\"f:status\":{\"f:loadBalancer\":{\"f:ingress\":{}}}}",
                ])
        }
    }

    @Test func clientsNeitherWriteNorLoseThem() throws {
        try withAPIServer { server in
            let made = try apply(server, "one", ",\"labels\":{\"a\":\"1\"}}")
            var replaced = made
            replaced.update("metadata") { $0.set("managedFields", nil) }
            let body = String(decoding: replaced.json, as: UTF8.self)
            let answer = try PlainClient(server).send("PUT", "\(Self.service)?fieldManager=two", body)
            #expect(entries(answer.node) == entries(made))
            #expect(answer.node.text("metadata", "resourceVersion") == made.text("metadata", "resourceVersion"))
            let forged = try merge(
                server, "{\"metadata\":{\"managedFields\":[{\"manager\":\"weir-controller\",\"operation\":\"Apply\"}]}}"
            )
            #expect(entries(forged) == entries(made))
        }
    }

    @Test func listsAndWatchesShowThemAlso() throws {
        try withAPIServer { server in
            let made = try apply(server, "one", ",\"labels\":{\"a\":\"1\"}}")
            let list = try PlainClient(server).send("GET", "/api/v1/services").node
            #expect(list["items"]?.elements.map(entries) == [entries(made)])
            let client = try PlainClient(server)
            try client.watch("/api/v1/services?watch=true")
            #expect(try client.eventNode()?["object"].map(entries) == entries(made))
            server.delete("services", ObjectKey(namespace: "default", name: "s"))
            #expect(try client.eventNode()?["object"].map(entries) == entries(made))
        }
    }
}
