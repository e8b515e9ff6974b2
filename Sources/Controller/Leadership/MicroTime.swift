internal import Reactor

/// Kubernetes' MicroTime: RFC 3339 in UTC with six digits of fraction.
enum MicroTime {
    static func now() -> String { text(milliseconds: Clock.wallMilliseconds()) }

    /// - Parameter milliseconds: since 1970.
    static func text(milliseconds: UInt64) -> String {
        // Bounded so that the year keeps four digits.
        let total = min(milliseconds, 253_402_300_799_999)
        let seconds = total / 1000
        let date = CivilDate(days: seconds / 86_400)
        let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        return
            "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(time).\(padded(total % 1000, 3))000Z"
    }

    private static func padded(_ number: UInt64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

/// A day of the Gregorian calendar.
struct CivilDate: Hashable {
    var year: UInt64
    var month: UInt64
    var day: UInt64

    /// - Parameter days: since 1970-01-01. Counted from 1 March of year 0, so that the leap day comes last in its year.
    init(days: UInt64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let position = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * position + 2) / 5 + 1
        month = position < 10 ? position + 3 : position - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}
