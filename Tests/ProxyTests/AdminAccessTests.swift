import Testing

@testable import Proxy

@Suite struct AdminAccessTests {
    private let access = AdminAccess(user: 1337)

    private func status(
        host: String? = "127.0.0.1:15000", isRead: Bool = false, isFromPage: Bool = false, caller: UInt32? = 1337
    ) -> Int? {
        access.refusal(host: host, isRead: isRead, isFromPage: isFromPage) { caller }?.status
    }

    @Test func onlyTheProxysOwnUserChangesSomething() {
        #expect(status() == nil)
        #expect(status(caller: 1000) == 403)
        #expect(status(caller: 0) == 403)
        #expect(status(caller: nil) == 403)
        #expect(status(isFromPage: true) == 403)
    }

    @Test func whoeverIsOnThisMachineReads() {
        #expect(status(isRead: true, caller: 1000) == nil)
        #expect(status(isRead: true, caller: nil) == nil)
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:15000", "localhost", "LocalHost:15000", "[::1]:15000", "[::1]", "10.0.0.1:1",
    ])
    func anAddressIsAnswered(_ host: String) {
        #expect(status(host: host, isRead: true) == nil)
    }

    @Test(arguments: [
        nil, "", "attacker.example", "attacker.example:15000", "127.0.0.1.nip.io", "[::1", "[::1]x", "localhost.evil",
    ])
    func aNameThatMayBeAnybodysIsNot(_ host: String?) {
        #expect(status(host: host, isRead: true) == 421)
    }
}
