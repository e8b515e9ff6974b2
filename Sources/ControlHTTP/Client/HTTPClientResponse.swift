/// A response's head.
package struct HTTPResponseHead: Sendable {
    package var status: Int
    package var fields: HTTPFields

    package init(status: Int, fields: HTTPFields) {
        self.status = status
        self.fields = fields
    }
}

/// A response.
package struct HTTPClientResponse: Sendable {
    package var head: HTTPResponseHead
    /// Empty when the body was streamed.
    package var body: [UInt8]

    package var status: Int { head.status }
}
