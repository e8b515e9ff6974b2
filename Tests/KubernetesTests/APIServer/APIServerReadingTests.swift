import APIServer
import GatewayAPI
import Kubernetes
import Testing

@Suite struct APIServerReadingTests {
    @Test func listsComeInPagesOfOneMoment() throws {
        try withAPIServer { server in
            for name in ["a", "b", "c", "d", "e"] { try server.put(yaml: configMap(name)) }
            let client = try PlainClient(server)
            let first = try client.send("GET", "\(configMaps)?limit=2")
            #expect(first.names == ["a", "b"])
            #expect(first.node["metadata"]?["remainingItemCount"]?.integerValue == 3)
            server.delete("configmaps", ObjectKey(namespace: "default", name: "c"))
            let token = try #require(first.node.text("metadata", "continue"))
            let second = try client.send("GET", "\(configMaps)?limit=2&continue=\(token)")
            #expect(second.names == ["c", "d"])
            #expect(second.node.text("metadata", "resourceVersion") == first.node.text("metadata", "resourceVersion"))
            let next = try #require(second.node.text("metadata", "continue"))
            let third = try client.send("GET", "\(configMaps)?limit=2&continue=\(next)")
            #expect(third.names == ["e"])
            #expect(third.node["metadata"]?["continue"] == nil)
            server.expirePages()
            let late = try client.send("GET", "\(configMaps)?limit=2&continue=\(next)")
            #expect(late.status == 410)
            #expect(late.reason == "Expired")
        }
    }

    @Test(arguments: [
        ("labelSelector=team%3Dweb", ["a", "b"]), ("labelSelector=team%21%3Dweb", ["c", "d"]),
        ("labelSelector=team+in+(web,data)", ["a", "b", "c"]), ("labelSelector=team+notin+(web)", ["c", "d"]),
        ("labelSelector=team,tier%3D1", ["a"]), ("labelSelector=%21team", ["d"]),
        ("fieldSelector=metadata.name%3Dc", ["c"]), ("fieldSelector=metadata.name%21%3Dc", ["a", "b", "d"]),
    ])
    func selectorsSelect(query: String, names: [String]) throws {
        try withAPIServer { server in
            try server.put(yaml: configMap("a", labels: "\"team\":\"web\",\"tier\":\"1\""))
            try server.put(yaml: configMap("b", labels: "\"team\":\"web\""))
            try server.put(yaml: configMap("c", labels: "\"team\":\"data\""))
            try server.put(yaml: configMap("d"))
            #expect(try PlainClient(server).send("GET", "\(configMaps)?\(query)").names == names)
        }
    }

    @Test func aWatchTellsWhatHappensAfterItsVersion() throws {
        try withAPIServer { server in
            try server.put(yaml: configMap("old"))
            let version = server.resourceVersion
            try server.put(yaml: configMap("missed"))
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=1&resourceVersion=\(version)")
            #expect(try client.event() == "ADDED missed")
            try server.put(yaml: configMap("old", ",\"data\":{\"a\":\"b\"}"))
            #expect(try client.event() == "MODIFIED old")
            server.delete("configmaps", ObjectKey(namespace: "default", name: "old"))
            let deletion = try #require(try client.eventNode())
            #expect(deletion.text("type") == "DELETED")
            #expect(deletion["object"]?.text("metadata", "resourceVersion") == "\(server.resourceVersion)")
        }
    }

    @Test func aWatchWithoutAVersionBeginsWithEverything() throws {
        try withAPIServer { server in
            try server.put(yaml: configMap("a"))
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=true")
            #expect(try client.event() == "ADDED a")
        }
    }

    @Test func anObjectThatLeavesTheSelectorIsDeletedForTheWatch() throws {
        try withAPIServer { server in
            try server.put(yaml: configMap("a", labels: "\"team\":\"web\""))
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=1&labelSelector=team%3Dweb&resourceVersion=\(server.resourceVersion)")
            try server.put(yaml: configMap("a", labels: "\"team\":\"data\""))
            #expect(try client.event() == "DELETED a")
            try server.put(yaml: configMap("a", labels: "\"team\":\"web\""))
            #expect(try client.event() == "ADDED a")
        }
    }

    @Test func bookmarksCarryTheVersionOfAllKinds() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=1&allowWatchBookmarks=true&resourceVersion=\(server.resourceVersion)")
            try server.put(yaml: "{apiVersion: v1, kind: Secret, metadata: {name: other}}")
            server.sendBookmarks()
            let event = try #require(try client.eventNode())
            #expect(event.text("type") == "BOOKMARK")
            #expect(event["object"]?.text("metadata", "resourceVersion") == "\(server.resourceVersion)")
        }
    }

    @Test func aStreamedListEndsWithABookmark() throws {
        try withAPIServer { server in
            try server.put(yaml: configMap("a"))
            let client = try PlainClient(server)
            let query = "watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
            try client.watch("\(configMaps)?\(query)")
            #expect(try client.event() == "ADDED a")
            let end = try #require(try client.eventNode())
            #expect(end["object"]?.text("metadata", "annotations", "k8s.io/initial-events-end") == "true")
            server.setStreamsLists(false)
            #expect(try PlainClient(server).send("GET", "\(configMaps)?\(query)").status == 422)
        }
    }

    @Test func aWatchFromACompactedVersionIsTooLate() throws {
        try withAPIServer { server in
            let version = server.resourceVersion
            try server.put(yaml: configMap("a"))
            server.compact()
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=1&resourceVersion=\(version)")
            let event = try #require(try client.eventNode())
            #expect(event.text("type") == "ERROR")
            #expect(event["object"]?["code"]?.integerValue == 410)
            #expect(try client.event() == nil)
        }
    }

    @Test func aWatchFromTheFutureIsSilentUntilThen() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=1&resourceVersion=\(server.resourceVersion + 1)")
            try server.put(yaml: configMap("before"))
            try server.put(yaml: configMap("after"))
            #expect(try client.event() == "ADDED after")
            #expect(try PlainClient(server).send("GET", "\(configMaps)?resourceVersion=999999").status == 504)
        }
    }

    @Test func aWatchEndsInOrderWhenItsTimeIsOver() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=1&timeoutSeconds=0&resourceVersion=\(server.resourceVersion)")
            #expect(try client.event() == nil)
            #expect(try client.send("GET", configMaps).status == 200)
        }
    }

    @Test func aKindIsThereOnceItsDefinitionIs() throws {
        try withAPIServer { server in
            server.serve("httproutes", versions: [])
            let client = try PlainClient(server)
            let absent = try client.send("GET", routes)
            #expect(absent.text == "404 page not found\n")
            #expect(try client.send("GET", "/apis/apps/v1/nothings").reason == "NotFound")
            server.serve("httproutes", versions: ["v1beta1"])
            #expect(try client.send("GET", routes).status == 404)
            let beta = routes.replacing("/v1/", with: "/v1beta1/")
            let list = try client.send("GET", beta)
            #expect(list.node.text("apiVersion") == "gateway.networking.k8s.io/v1beta1")
            let group = try client.send("GET", "/apis/gateway.networking.k8s.io/v1beta1")
            #expect((group.node["resources"]?.elements ?? []).contains { $0.text("name") == "httproutes" })
        }
    }

    @Test func anObjectShowsTheVersionThatIsAskedFor() throws {
        try withAPIServer { server in
            try server.put(yaml: route("web"))
            let beta = try PlainClient(server).send("GET", routes.replacing("/v1/", with: "/v1beta1/") + "/web")
            #expect(beta.node.text("apiVersion") == "gateway.networking.k8s.io/v1beta1")
        }
    }

    @Test func strangersStayOutsideWhenTokensAreAsked() throws {
        try withAPIServer { server in
            server.setTokens(["secret": TokenUser(name: "somebody")])
            let client = try PlainClient(server)
            #expect(try client.send("GET", configMaps).status == 401)
            let answer = try client.send("GET", configMaps, headers: ["Authorization": "Bearer secret"])
            #expect(answer.status == 200)
            server.setTokens(["rotated": TokenUser(name: "somebody")])
            #expect(try client.send("GET", configMaps, headers: ["Authorization": "Bearer secret"]).status == 401)
        }
    }
}
