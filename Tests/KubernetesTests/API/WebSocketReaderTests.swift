import Reactor
import Testing

@testable import Kubernetes

/// What a WebSocket server sends, cut into messages.
@Suite struct WebSocketReaderTests {
    private func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        let first = opcode | (isFinal ? 0x80 : 0)
        switch payload.count {
        case ..<126: return [first, UInt8(payload.count)] + payload
        case ..<65_536: return [first, 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)] + payload
        default:
            return [first, 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) } + payload
        }
    }

    private func messages(_ bytes: [UInt8], step: Int, limit: Int = 1 << 20) throws -> [[UInt8]] {
        var reader = WebSocketReader(limit: limit)
        var found: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            try reader.feed(rest.prefix(step)) { found.append(Array($0)) }
            rest = rest.dropFirst(step)
        }
        return found
    }

    @Test(arguments: [1, 2, 3, 7, 1_000_000])
    func framesAreMessagesHoweverTheyArrive(step: Int) throws {
        let long = [UInt8](repeating: 7, count: 300)
        let longest = [UInt8](repeating: 9, count: 70_000)
        let bytes = frame(2, [1, 65]) + frame(9, [1, 2]) + frame(2, long) + frame(2, []) + frame(1, longest)
        #expect(try messages(bytes, step: step) == [[1, 65], long, [], longest])
    }

    @Test func aMessageInPiecesIsOneEvenWithAPingBetweenThem() throws {
        let bytes = frame(2, [1], isFinal: false) + frame(9, []) + frame(0, [2], isFinal: false) + frame(0, [3])
        #expect(try messages(bytes, step: 1) == [[1, 2, 3]])
    }

    @Test func nothingIsReadAfterTheCloseFrame() throws {
        var reader = WebSocketReader(limit: 100)
        var count = 0
        try reader.feed((frame(2, [1]) + frame(8, [3, 232]) + frame(2, [2]))[...]) { _ in count += 1 }
        try reader.feed([0xff, 0xff]) { _ in count += 1 }
        #expect(count == 1 && reader.isClosed)
    }

    @Test(
        arguments: [
            [0xC2, 0], [0x82, 0x81, 0, 0, 0, 0, 1], [0x83, 0], [0x09, 0], [0x89, 126, 0, 126], [0x80, 0],
        ] as [[UInt8]])
    func whatTheProtocolForbidsIsRefused(bytes: [UInt8]) {
        #expect(throws: WebSocketReader.Defect.self) { try messages(bytes, step: 100) }
    }

    @Test func aMessageBeyondTheLimitIsRefusedBeforeItIsHeld() {
        for bytes in [
            [0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            frame(2, [UInt8](repeating: 0, count: 60), isFinal: false) + frame(0, [UInt8](repeating: 0, count: 60)),
        ] {
            #expect(throws: WebSocketReader.Defect.tooLarge(100)) { try messages(bytes, step: 1, limit: 100) }
        }
    }

    @Test func anyBytesEndInMessagesOrADefect() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try? messages(bytes, step: Int.random(in: 1...9, using: &random), limit: 64)
        }
    }
}
