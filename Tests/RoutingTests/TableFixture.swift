import GatewayAPI

@testable import Routing

/// Requests and plans for the tests of the table.
enum TableFixture {
    static func key(_ name: String, in namespace: String = "ns") -> ObjectKey {
        ObjectKey(namespace: namespace, name: name)
    }

    static func rank(_ owner: String = "r", created: Int64 = 0, rule: Int = 0, match: Int = 0) -> PlannedMatch.Rank {
        PlannedMatch.Rank(
            rootCreation: created, root: key(owner), ownerCreation: created, owner: key(owner), ruleIndex: rule,
            matchIndex: match)
    }

    static func rule(_ name: String = "r", _ action: PlannedRule.Action = .forward([])) -> PlannedRule {
        PlannedRule(origin: RuleOrigin(chain: [key(name)], ruleIndex: 0), action: action)
    }

    /// A plan with one listener on port 80 for any host.
    static func plan(_ matches: [PlannedMatch], rules: [PlannedRule]? = nil) -> RoutePlan {
        var plan = RoutePlan()
        plan.rules = rules ?? (0...(matches.map(\.rule).max() ?? 0)).map { rule("r\($0)") }
        plan.listeners = [
            PlannedListener(
                gateway: key("gw"), name: "http", port: 80, hostname: nil, matches: matches, isUsable: true)
        ]
        return plan
    }

    /// The plan's rule that a request to the first frontend matches; nil for none.
    static func matched(_ table: RouteTable, _ request: TestRequest, frontend: Int32 = 0) -> Int? {
        let rule = request.withView { table.match(frontend, $0) }
        return rule < 0 ? nil : Int(table.rule(rule).planned)
    }
}

/// A request as text.
struct TestRequest {
    var method = "GET"
    var path: String
    var query: String?
    var host = "example.com"
    var headers: [(String, String)] = []

    init(
        _ path: String, method: String = "GET", query: String? = nil, host: String = "example.com",
        headers: [(String, String)] = []
    ) {
        self.path = path
        self.method = method
        self.query = query
        self.host = host
        self.headers = headers
    }

    func withView<Result>(_ body: (RequestView) -> Result) -> Result {
        var bytes: [UInt8] = []
        func add(_ text: String) -> Range<Int> {
            let start = bytes.count
            bytes += Array(text.utf8)
            return start..<bytes.count
        }
        let ranges = (method: add(method), path: add(path), query: add(query ?? ""), host: add(host))
        let fields = headers.map { name, value in
            let name = add(name)
            let value = add(value)
            return RequestView.Field(
                nameStart: UInt16(name.lowerBound), nameLength: UInt16(name.count),
                valueStart: UInt16(value.lowerBound),
                valueLength: UInt16(value.count))
        }
        return bytes.withUnsafeBytes { all in
            fields.withUnsafeBufferPointer { fields in
                func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
                    UnsafeRawBufferPointer(rebasing: all[range])
                }
                return body(
                    RequestView(
                        method: part(ranges.method), path: part(ranges.path), query: part(ranges.query),
                        hasQuery: query != nil, host: part(ranges.host), fieldBytes: all, fields: fields))
            }
        }
    }
}

extension String {
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var copy = self
        return copy.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}

func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

/// What `write` puts into a buffer of `capacity` bytes; nil when it says that it does not fit.
func written(_ capacity: Int = 4096, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> String? {
    withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 1) { buffer in
        let length = write(buffer)
        return length < 0 ? nil : text(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<length]))
    }
}
