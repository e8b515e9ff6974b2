internal import HTTP

extension HTTPFuzz {
    /// A field's value, for each reader of one.
    package static func fieldValue(_ bytes: [UInt8]) -> [String] {
        var broken = bytes.withUnsafeBytes { members($0) }
        let elements = forwarded(bytes)
        if forwarded(Array(elements.joined(separator: Array(", ".utf8)))) != elements {
            broken.append("the elements of Forwarded are read in another way when they are read again")
        }
        return broken + inHead(bytes)
    }

    private static func forwarded(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.withUnsafeBytes { buffer in
            var elements: [[UInt8]] = []
            var position = 0
            while let element = ForwardedElement.next(buffer, 0..<buffer.count, from: &position) {
                elements.append(Array(buffer[element]))
            }
            return elements
        }
    }

    private static func members(_ bytes: UnsafeRawBufferPointer) -> [String] {
        var broken: [String] = []
        var position = 0
        while let member = FieldValue.nextElement(bytes, 0..<bytes.count, from: &position) {
            let text = String(decoding: bytes[member], as: UTF8.self)
            if ForwardedMember.isAddress(bytes, member), !text.utf8.allSatisfy(isAddressByte) {
                broken.append("an address that is none: \(text)")
            }
            if ForwardedMember.isHost(bytes, member), text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
                broken.append("a host that is none: \(text)")
            }
            if ForwardedMember.isScheme(bytes, member), !["http", "https"].contains(text.lowercased()) {
                broken.append("a scheme that is none: \(text)")
            }
            _ = UpgradeOffer.isAnswered(bytes, chosen: member, offer: bytes)
            _ = GRPCStatus.isGRPC(bytes, contentType: member)
        }
        return broken
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3a, 0x41...0x46, 0x61...0x66, 0x2e, 0x5b, 0x5d: true
        default: false
        }
    }

    /// The value in fields of a head that are read further.
    private static func inHead(_ value: [UInt8]) -> [String] {
        let start = "GET / HTTP/1.1\r\nHost: a\r\n"
        let names = ["weir-hops", "authorization", "x-forwarded-for", "weir-anything", "proxy", "x-real-ip"]
        let lines = names.flatMap { Array($0.utf8) + Array(": ".utf8) + value + Array("\r\n".utf8) }
        let bytes = Array(start.utf8) + lines + Array("\r\n".utf8)
        let head = RequestHead()
        var scanned = 0
        return bytes.withUnsafeBytes { buffer in
            guard case .complete = head.parse(buffer, limits: HTTP1Limits(), scanned: &scanned) else { return [] }
            var broken: [String] = []
            let hops = HopCount(head.fields, in: buffer)
            if !(0...HopCount.limit).contains(hops.passed) { broken.append("\(hops.passed) hops") }
            _ = ConnectionAuthentication.isBound(head.fields, in: buffer)
            for index in 0..<head.fields.count {
                let field = head.fields[index]
                let stops = [FieldScreen.inside, .trusted, .untrusted].map { $0.stops(field, in: buffer) }
                if stops[0] && !stops[1] || stops[1] && !stops[2] {
                    broken.append("a stranger says more than a friend")
                }
            }
            return broken
        }
    }
}
