/// Objects of a kind that are not stored but written when they are listed: as many as it takes, at no cost before.
package struct GeneratedList: Sendable {
    package var count: Int
    /// The JSON text of one, by its number.
    package var item: @Sendable (Int) -> String

    package init(count: Int, item: @escaping @Sendable (Int) -> String) {
        self.count = count
        self.item = item
    }

    /// Of what comes behind the first `start` objects, `limit` or all.
    func page(after start: Int, limit: Int?, head: (_ continuation: String?, _ remaining: Int) -> String) -> [UInt8] {
        let end = min(limit.map { $0 > 0 ? start + $0 : count } ?? count, count)
        var body = Array(head(end < count ? "\(end)" : nil, count - end).utf8)
        for number in start..<max(start, end) {
            if number > start { body.append(UInt8(ascii: ",")) }
            body += item(number).utf8
        }
        body += "]}".utf8
        return body
    }
}
