/// Something that goes wrong with the requests that match.
package struct Fault: Sendable {
    package enum Effect: Sendable {
        /// A refusal instead of the answer, as 500, 429 with Retry-After, 403.
        case status(APIStatus)
        /// Any bytes as a body with status 200.
        case body([UInt8])
        /// The connection closes without an answer, the request not carried out.
        case refuse
        /// The request is carried out, its answer is lost.
        case loseAnswer
        /// The answer breaks off after so many bytes.
        case cutAnswer(after: Int)
        /// Milliseconds before the request is carried out.
        case delay(Int)
        /// No answer until the fault is taken away or the server stops.
        case hang
    }

    package var method: String?
    /// A part of the path and query, as in the log's `line`.
    package var part: String
    /// nil: until it is taken away.
    package var count: Int?
    package var effect: Effect

    package init(_ effect: Effect, method: String? = nil, on part: String = "/", count: Int? = 1) {
        self.effect = effect
        self.method = method
        self.part = part
        self.count = count
    }

    package static func failure(
        _ code: Int, reason: String = "InternalError", method: String? = nil, on part: String = "/", count: Int? = 1,
        retryAfter: Int? = nil
    ) -> Fault {
        let status = APIStatus(
            code: code, reason: reason, message: "made to fail", retryAfter: retryAfter)
        return Fault(.status(status), method: method, on: part, count: count)
    }
}

/// The faults that wait for their requests.
struct Faults {
    private var faults: [Int: Fault] = [:]
    private var next = 0

    mutating func add(_ fault: Fault) -> Int {
        next += 1
        faults[next] = fault
        return next
    }

    mutating func remove(_ number: Int) { faults[number] = nil }
    mutating func removeAll() { faults = [:] }

    func contains(_ number: Int) -> Bool { faults[number] != nil }

    /// The oldest fault of a request, which counts it.
    mutating func take(method: String, line: String) -> (number: Int, effect: Fault.Effect)? {
        let hit = faults.sorted { $0.key < $1.key }.first { _, fault in
            (fault.method == nil || fault.method == method) && line.contains(fault.part)
        }
        guard let (number, fault) = hit else { return nil }
        if let count = fault.count, case .hang = fault.effect {
            // It stays while somebody hangs in it: taking it away lets go.
            faults[number]?.count = max(count - 1, 0)
            return count > 0 ? (number, fault.effect) : nil
        }
        if let count = fault.count { faults[number]?.count = count - 1 }
        if faults[number]?.count == 0 { faults[number] = nil }
        return (number, fault.effect)
    }
}
