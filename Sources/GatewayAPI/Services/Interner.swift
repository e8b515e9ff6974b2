/// Values that many have alike, each kept once and numbered from 0 on.
struct Interner<Value: Hashable & Sendable>: Sendable {
    private var values: [Value] = []
    private var numbers: [Value: Int] = [:]
    private var latest = 0

    var count: Int { values.count }

    subscript(number: Int) -> Value { values[number] }

    mutating func number(of value: Value) -> Int {
        // Those that come one after another are often alike.
        if latest < values.count, values[latest] == value { return latest }
        if let known = numbers[value] {
            latest = known
        } else {
            latest = values.count
            numbers[value] = latest
            values.append(value)
        }
        return latest
    }
}
