import GatewayAPI
import Testing

@Suite("A room that does not suffice is shared so that those give way who have most")
struct SharedRoomTests {
    private func claim(_ tenant: String, _ name: String, created: Int64, _ amount: Int, guest: String = "") -> Claim {
        let metadata = ObjectMeta(
            key: ObjectKey(namespace: guest.isEmpty ? tenant : guest, name: name), creationTimestamp: created)
        return Claim(metadata, tenant: tenant, guest: guest, amount: amount)
    }

    private func refused(_ room: SharedRoom, _ claims: [Claim]) -> [String] {
        room.refusals(claims).keys.map { claims[$0].object.description }.sorted()
    }

    @Test("nobody has to give way while there is enough", arguments: [[], [10], [4, 3, 3]])
    func enough(demands: [Int]) {
        #expect(FairShares(of: 10, among: demands).level == nil)
    }

    @Test("what the small leave is for the great")
    func level() {
        #expect(FairShares(of: 10, among: [1, 2, 100, 100]).level == 3)
        #expect(FairShares(of: 10, among: [11]).level == 10)
        #expect(FairShares(of: 0, among: [0, 1]).level == 0)
        #expect(FairShares(of: -1, among: [1]).level == 0)
    }

    @Test("the newest objects of the greatest tenants are refused, and no small tenant's")
    func newest() {
        let claims =
            (1...10).map { claim("great", "g\($0 % 10)", created: Int64($0), 10) }
            + [claim("small", "new", created: 1_000, 20), claim("tiny", "newer", created: 2_000, 1)]
        #expect(
            refused(SharedRoom(total: 51, each: 1_000), claims) == [0, 4, 5, 6, 7, 8, 9].map { "great/g\($0)" })
    }

    @Test("a tenant has no more than it may have in any case, and is told so")
    func limit() {
        let claims = [
            claim("a", "old", created: 1, 6), claim("a", "new", created: 2, 6), claim("b", "b", created: 3, 6),
        ]
        let room = SharedRoom(total: 1_000, each: 10)
        #expect(room.refusals(claims) == [1: .tenantLimit(10)])
        #expect(SharedRoom(total: 12, each: 10).refusals(claims) == [1: .share(6, total: 12)])
    }

    @Test("guests share what their tenant has, and so does what is its own")
    func guests() {
        let claims = [
            claim("platform", "own", created: 9, 5),
            claim("platform", "big-1", created: 1, 40, guest: "hostile"),
            claim("platform", "big-2", created: 2, 40, guest: "hostile"),
            claim("platform", "child", created: 8, 10, guest: "team"),
            claim("other", "route", created: 7, 30),
        ]
        #expect(refused(SharedRoom(total: 90, each: 80), claims) == ["hostile/big-2"])
    }

    @Test("amounts that cannot be added up are too much, and not an end")
    func overflow() {
        let claims = [
            claim("a", "a", created: 1, .max), claim("a", "b", created: 2, .max), claim("b", "b", created: 3, 1),
        ]
        #expect(refused(SharedRoom(total: 10, each: 10), claims) == ["a/a", "a/b"])
    }

    @Test("the order of the claims decides nothing")
    func order() {
        var claims = (0..<40).map { claim("t\($0 % 7)", "o\($0)", created: Int64($0 % 3), 1 + $0 * 13 % 17) }
        let room = SharedRoom(total: 120, each: 60)
        let first = refused(room, claims)
        #expect(!first.isEmpty)
        for _ in 0..<5 {
            claims.shuffle()
            #expect(refused(room, claims) == first)
        }
    }
}
