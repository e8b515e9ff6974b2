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
}
