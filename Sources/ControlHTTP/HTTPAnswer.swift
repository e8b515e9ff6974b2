/// A whole answer.
package struct HTTPAnswer: Sendable {
    package var status: Int
    package var fields: HTTPFields
    /// The pieces of the body, in order. They are sent from where they are: many answers may share them.
    package var body: [ArraySlice<UInt8>]

    package init(status: Int, fields: HTTPFields = HTTPFields(), body: [ArraySlice<UInt8>]) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    package init(status: Int, contentType: String, body: [UInt8]) {
        self.init(status: status, fields: ["content-type": contentType], body: [body[...]])
    }

    /// A line of text.
    package static func text(_ status: Int, _ text: String) -> HTTPAnswer {
        HTTPAnswer(status: status, contentType: "text/plain; charset=utf-8", body: Array((text + "\n").utf8))
    }

    /// A method that the path does not know: RFC 9110 section 15.5.6 has the answer name those that it does.
    package static func methodNotAllowed(knowing methods: String...) -> HTTPAnswer {
        let list = methods.joined(separator: ", ")
        var answer = HTTPAnswer.text(405, "methods of this path: \(list)")
        answer.fields.append("allow", list)
        return answer
    }
}
