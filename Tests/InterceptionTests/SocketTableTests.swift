import Interception
import Testing

@Suite struct SocketTableTests {
    private static let heading =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

    private func line(state: String, user: Int) -> String {
        "   0: 00000000:1F90 00000000:0000 \(state) 00000000:00000000 00:00000000 00000000  \(user)        0 12345 1\n"
    }

    @Test func socketsOfOthersInUseAreCounted() {
        let text =
            Self.heading + line(state: "0A", user: 0) + line(state: "01", user: 1000) + line(state: "08", user: 1000)
            + line(state: "0A", user: 1337) + line(state: "01", user: 1337)
        #expect(SocketTable.socketsInUse(text, notOf: 1337) == 3)
        #expect(SocketTable.socketsInUse(text, notOf: 1000) == 3)
    }

    @Test(arguments: ["04", "05", "06", "07", "03", "0B", "0C"])
    func connectionsThatAreOverDoNotCount(_ state: String) {
        #expect(SocketTable.socketsInUse(Self.heading + line(state: state, user: 1000), notOf: 1337) == 0)
    }

    @Test(arguments: ["", "\n\n", "heading only", "heading\nshort line\n", "heading\na b c zz d e f g h\n"])
    func whatCannotBeReadDoesNotCount(_ text: String) {
        #expect(SocketTable.socketsInUse(text, notOf: 1337) == 0)
    }

    private func connection(_ local: String, _ remote: String, user: Int) -> String {
        "   1: \(local) \(remote) 01 00000000:00000000 00:00000000 00000000  \(user)        0 12345 1\n"
    }

    @Test func theOwnerOfAConnectionIsTold() {
        let mapped = "0000000000000000FFFF00000100007F:C001"
        let text =
            Self.heading + connection("0100007F:3A98", "0100007F:C000", user: 7)
            + connection("0100007F:C000", "0100007F:3A98", user: 1000)
            + connection(mapped, "0000000000000000FFFF00000100007F:3A98", user: 1337)
            + connection("00000000000000000000000001000000:C002", "00000000000000000000000001000000:3A98", user: 8)
        #expect(SocketTable.owner(in: text, from: "127.0.0.1", port: 0xc000, to: 15000) == 1000)
        #expect(SocketTable.owner(in: text, from: "127.0.0.1", port: 0xc001, to: 15000) == 1337)
        #expect(SocketTable.owner(in: text, from: "::1", port: 0xc002, to: 15000) == 8)
        #expect(SocketTable.owner(in: text, from: "127.0.0.1", port: 0xc002, to: 15000) == nil)
        #expect(SocketTable.owner(in: text, from: "127.0.0.2", port: 0xc000, to: 15000) == nil)
        #expect(SocketTable.owner(in: text, from: "127.0.0.1", port: 0xc000, to: 15001) == nil)
        #expect(SocketTable.owner(in: "a\nb c d\n", from: "127.0.0.1", port: 1, to: 2) == nil)
    }
}
