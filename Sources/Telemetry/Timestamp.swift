internal import CLinux

/// Calendar fields of a moment in UTC.
struct Timestamp: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    var millisecond: Int

    /// The fields of a moment in milliseconds since 1970 (proleptic Gregorian calendar, no leap seconds).
    init(milliseconds: UInt64) {
        // Bounded so that the year keeps four digits: 9999-12-31.
        let total = Int(min(milliseconds, 253_402_300_799_999))
        let seconds = total / 1000
        millisecond = total % 1000
        hour = seconds / 3600 % 24
        minute = seconds / 60 % 60
        second = seconds % 60
        // Days are counted from 1 March of year 0, so that the leap day comes last in its year.
        let days = seconds / 86_400 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The wall clock, in milliseconds since 1970.
    static func wallMilliseconds() -> UInt64 {
        var now = timespec()
        guard clock_gettime(CLOCK_REALTIME, &now) == 0, now.tv_sec > 0 else { return 0 }
        return UInt64(now.tv_sec) &* 1000 &+ UInt64(now.tv_nsec / 1_000_000)
    }
}
