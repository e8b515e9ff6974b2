internal import Balancing
internal import HTTP

@testable internal import Proxy

/// Pure entries for fuzzing what clients and applications may say first. Each takes any bytes and returns the
/// invariants that they broke: nothing, if all is well.
package enum ProxyFuzz {
    /// The first bytes of a connection to a port that declares no protocol and has routes, however they are split.
    package static func firstBytes(_ bytes: [UInt8]) -> [String] {
        let isRequest = isRequestHead(bytes)
        var broken: [String] = []
        var decided: String?
        for count in 0...bytes.count {
            for isOver in [false, true] {
                let detected = bytes[..<count].withUnsafeBytes { ProtocolDetection($0) }
                let decision = DoorDecision(detected, isRouted: true, isOver: isOver)
                if isOver, case .wait = decision { broken.append("\(count) bytes wait for ever") }
                if case .pass = decision, bytes.first != 0x16 || bytes[1] != 3 { broken.append("\(count) bytes pass") }
                if !isOver {
                    if let decided, decided != "\(decision)" { broken.append("\(decided), later \(decision)") }
                    if "\(decision)" != "wait" { decided = "\(decision)" }
                }
                guard isRequest, count > 0 else { continue }
                switch decision {
                case .wait, .serveHTTP: break
                default: broken.append("a request is not served after \(count) bytes")
                }
            }
        }
        return broken
    }

    private static func isRequestHead(_ bytes: [UInt8]) -> Bool {
        var scanned = 0
        let result = bytes.withUnsafeBytes { RequestHead().parse($0, limits: HTTP1Limits(), scanned: &scanned) }
        if case .complete = result { return true }
        return false
    }

    /// An application's answer to a gRPC health check.
    package static func health(_ bytes: [UInt8]) -> [String] {
        let whole = answer(bytes, step: max(1, bytes.count))
        for step in [1, 9, 64] where answer(bytes, step: step) != whole { return ["it depends on how the bytes come"] }
        return []
    }

    private struct Answer: Equatable {
        var reply: [UInt8] = []
        var verdict: ProbeVerdict?
    }

    private static func answer(_ bytes: [UInt8], step: Int) -> Answer {
        var exchange = GRPCHealthExchange(service: "", authority: "127.0.0.1:1")
        var answer = Answer()
        for start in stride(from: 0, to: bytes.count, by: step) {
            switch exchange.receive(Array(bytes[start..<min(bytes.count, start + step)])) {
            case .reply(let more): answer.reply += more
            case .verdict(let verdict):
                // What would have been replied before it is not sent any more.
                return Answer(verdict: verdict)
            }
        }
        return answer
    }

    /// The field by which an endpoint's proxy tells of its application, and the networks of trusted peers.
    package static func words(_ bytes: [UInt8]) -> [String] {
        var broken: [String] = []
        if let failure = bytes.withUnsafeBytes({ EndpointFailure(told: $0) }), failure.toldLine == nil {
            broken.append("\(failure) is believed, and told by nobody")
        }
        if let network = TrustedPeers.network(String(decoding: bytes, as: UTF8.self)) {
            if !(0...128).contains(network.prefixLength) { broken.append("a prefix of \(network.prefixLength)") }
            if !TrustedPeers(networks: [network]).contains(network.address) {
                broken.append("a network without itself")
            }
        }
        return broken
    }
}
