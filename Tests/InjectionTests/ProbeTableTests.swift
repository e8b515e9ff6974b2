import Injection
import Testing

@Suite struct ProbeTableTests {
    @Test func whatIsWrittenIsReadBack() {
        let targets: [ProbeTarget] = [
            ProbeTarget(
                check: .http(
                    isTLS: false, path: "/a b?x=$(HOME)&y=1%20:2#ü\n",
                    headers: [.init(name: "Host", value: "shop.example.com:80"), .init(name: "X-E", value: "")]),
                port: 8080, timeout: 1),
            ProbeTarget(check: .http(isTLS: true, path: "/", headers: []), port: 65535, timeout: 30),
            ProbeTarget(check: .tcp, port: 1, timeout: 3),
            ProbeTarget(check: .grpc(service: ""), port: 9000, timeout: 1),
            ProbeTarget(check: .grpc(service: "shop.v1.Cart"), port: 9000, timeout: 1),
        ]
        var table = ProbeTable()
        for (index, target) in targets.enumerated() { table.add(target, path: "/probe/app/\(index)") }
        #expect(ProbeTable(text: table.text) == table)
        // Kubernetes would put the value of a variable in its place.
        #expect(!table.text.contains("$("))
        #expect(table["/probe/app/2"] == targets[2])
        #expect(table["/probe/app/9"] == nil)
    }

    @Test(arguments: [
        "", "\n\n", "/probe/a", "/probe/a http 80 1", "/probe/a http 65536 1 /", "/probe/a http -1 1 /",
        "/probe/a exec 80 1 rm", "/probe/a http 80 1 /%", "/probe/a http 80 1 /%zz", "/probe/a http 80 1 / nocolon",
        "/probe/a http 80 1 /%ff", " http 80 1",
    ])
    func linesThatCannotBeReadAreLeftOut(_ text: String) {
        #expect(ProbeTable(text: text).entries.isEmpty)
    }

    @Test func theFirstOfTwoEqualPathsCountsAndTheNumberIsBounded() {
        #expect(ProbeTable(text: "/a tcp 1 1\n/a tcp 2 1").entries.map(\.target.port) == [1])
        let many = (0..<2000).map { "/probe/\($0) tcp 1 1" }.joined(separator: "\n")
        #expect(ProbeTable(text: many).entries.count == ProbeTable.maximumEntries)
    }
}
