import APIServer
import GatewayAPI
import Kubernetes
import Testing

@Suite struct APIServerFaultTests {
    @Test func aCutLeavesHalfAnEvent() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=1&resourceVersion=\(server.resourceVersion)")
            server.cutWatches(of: "configmaps", inNextEvent: true)
            try server.put(yaml: configMap("a"))
            #expect(throws: PlainClient.Ended.self) { try client.event() }
        }
    }

    @Test func eventsRepeatAndSwap() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=1&resourceVersion=\(server.resourceVersion)")
            #expect(server.waitUntil { server.watchCount(of: "configmaps") == 1 })
            server.repeatEvents(of: "configmaps")
            try server.put(yaml: configMap("a"))
            #expect(try [client.event(), client.event()] == ["ADDED a", "ADDED a"])
            server.swapEvents(of: "configmaps")
            try server.put(yaml: configMap("b"))
            try server.put(yaml: configMap("c"))
            #expect(try [client.event(), client.event()] == ["ADDED c", "ADDED b"])
            try server.put(yaml: configMap("d"))
            #expect(try client.event() == "ADDED d")
        }
    }

    @Test func expiredWatchesAreTold() throws {
        try withAPIServer { server in
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=1&resourceVersion=\(server.resourceVersion)")
            server.expireWatches()
            #expect(try client.event() == "ERROR Expired")
        }
    }

    @Test func aServerThatIsDownRefusesAndComesUpOnItsPort() throws {
        try withAPIServer { server in
            try server.put(yaml: configMap("a"))
            let client = try PlainClient(server)
            try client.watch("\(configMaps)?watch=1&resourceVersion=\(server.resourceVersion)")
            try server.goDown()
            #expect(throws: PlainClient.Ended.self) { try client.event() }
            #expect(throws: PlainClient.Ended.self) { try PlainClient(server) }
            try server.comeUp()
            #expect(try PlainClient(server).send("GET", configMaps).names == ["a"])
        }
    }

    @Test func faultsHitWhatTheyMatchAsOftenAsTheySay() throws {
        try withAPIServer { server in
            server.inject(.failure(500, on: "/secrets", count: 1))
            server.inject(.failure(429, reason: "TooManyRequests", method: "GET", on: "/configmaps", retryAfter: 7))
            let client = try PlainClient(server)
            let busy = try client.send("GET", configMaps)
            #expect(busy.status == 429)
            #expect(busy.headers["retry-after"] == "7")
            #expect(try client.send("GET", configMaps).status == 200)
            #expect(try client.send("GET", "/api/v1/secrets").status == 500)
            #expect(try client.send("GET", "/api/v1/secrets").status == 200)
        }
    }

    @Test func anAnswerCanBeLostAfterTheWrite() throws {
        try withAPIServer { server in
            server.inject(Fault(.loseAnswer, method: "POST"))
            #expect(throws: PlainClient.Ended.self) {
                try PlainClient(server).send("POST", configMaps, configMap("a"))
            }
            #expect(server.get("configmaps", ObjectKey(namespace: "default", name: "a")) != nil)
            server.inject(Fault(.refuse, method: "POST"))
            #expect(throws: PlainClient.Ended.self) {
                try PlainClient(server).send("POST", configMaps, configMap("b"))
            }
            #expect(server.get("configmaps", ObjectKey(namespace: "default", name: "b")) == nil)
        }
    }

    @Test func whoHangsIsLetGoWithTheFault() throws {
        try withAPIServer { server in
            let fault = server.inject(Fault(.hang, on: "/configmaps", count: nil))
            let client = try PlainClient(server)
            try client.begin("GET", configMaps, "", type: "application/json", headers: [:])
            #expect(server.waitUntil { server.requests.count == 1 })
            #expect(server.requests[0].status == nil)
            server.remove(fault: fault)
            #expect(server.waitUntil { server.connectionCount == 0 })
        }
    }
}
