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

    @Test func whereDescriptorsAreFewAPartIsAssuredAndTheRestGoesToWhoComesFirst() {
        var shares = ConnectionShares(limit: 65_536, descriptors: 768, doors: [.gateway])
        let clients = fill(&shares, Group(.clients, .gateway))
        #expect(clients == 768 - 192)
        let endpoints = fill(&shares, Group(.endpoints, .gateway))
        #expect(endpoints == 192)
    }

    @Test func aGroupBeyondItsAssuredPartMakesRoomForOthersAndOneWithinItDoesNot() {
        var shares = ConnectionShares(limit: 100, descriptors: 40, doors: [.outbound, .inbound])
        let strangers = Group(.clients, .inbound)
        let calls = Group(.clients, .outbound)
        _ = fill(&shares, strangers)
        #expect(shares.mayDisplace(strangers, for: calls) && !shares.mayDisplace(calls, for: strangers))
        #expect(shares.mayDisplace(strangers, for: strangers))
        #expect(shares.assured == 5)
    }

    @Test func aGroupThatIsFullDisplacesOnlyItsOwn() {
        var shares = ConnectionShares(limit: 2, descriptors: .max, doors: [.gateway])
        let clients = Group(.clients, .gateway)
        let endpoints = Group(.endpoints, .gateway)
        _ = fill(&shares, clients)
        _ = fill(&shares, endpoints)
        #expect(!shares.mayDisplace(endpoints, for: clients) && shares.mayDisplace(clients, for: clients))
        shares.gave(back: clients)
        #expect(shares.hasRoom(clients) && !shares.hasRoom(endpoints))
    }

    @Test func thereIsAPlaceHoweverSmallTheNumbersAre() {
        for (limit, descriptors) in [(0, 0), (1, 1), (-5, 3)] {
            var shares = ConnectionShares(limit: limit, descriptors: descriptors, doors: [.gateway])
            let count = fill(&shares, Group(.clients, .gateway))
            #expect(count >= 1)
        }
    }
}
