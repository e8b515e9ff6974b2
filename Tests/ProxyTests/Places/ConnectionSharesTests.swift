import Telemetry
import Testing

@testable import Proxy

@Suite struct ConnectionSharesTests {
    private typealias Group = ConnectionShares.Group

    private func fill(_ shares: inout ConnectionShares, _ group: Group) -> Int {
        var count = 0
        while shares.hasRoom(group) {
            shares.took(group)
            count += 1
        }
        return count
    }

    @Test func eachGroupHasAllItsPlacesHoweverManyTheOthersHold() {
        var shares = ConnectionShares(limit: 16, descriptors: .max, doors: [.outbound, .inbound])
        for side in ConnectionShares.Group.Side.allCases {
            for door in [Door.inbound, .outbound] {
                let count = fill(&shares, Group(side, door))
                #expect(count == 16)
            }
        }
        #expect(shares.total == 64)
    }

    @Test func whereDescriptorsAreFewEachGroupHasAnEqualPart() {
        var shares = ConnectionShares(limit: 65_536, descriptors: 768, doors: [.outbound, .inbound])
        let strangers = fill(&shares, Group(.clients, .inbound))
        let calls = fill(&shares, Group(.clients, .outbound))
        #expect(strangers == 192 && calls == 192 && shares.total == 768)
        shares.gave(back: Group(.clients, .inbound))
        #expect(shares.hasRoom(Group(.clients, .inbound)) && !shares.hasRoom(Group(.clients, .outbound)))
    }

    @Test func theLastEighthOfAGroupIsKeptForThoseWhoHaveFew() {
        var shares = ConnectionShares(limit: 16, descriptors: .max, doors: [.gateway])
        let clients = Group(.clients, .gateway)
        #expect(shares.reserve == 2)
        for _ in 0..<13 { shares.took(clients) }
        #expect(!shares.isNearlyFull(clients))
        shares.took(clients)
        #expect(shares.isNearlyFull(clients) && shares.hasRoom(clients))
        #expect(ConnectionShares(limit: 65_536, descriptors: 768, doors: [.gateway]).reserve == 48)
    }

    @Test func thereIsAPlaceHoweverSmallTheNumbersAre() {
        for (limit, descriptors) in [(0, 0), (1, 1), (-5, 3)] {
            var shares = ConnectionShares(limit: limit, descriptors: descriptors, doors: [.gateway])
            let count = fill(&shares, Group(.clients, .gateway))
            #expect(count >= 1)
        }
    }
}
