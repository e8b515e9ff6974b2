/// IMF-fixdate, RFC 9110 section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    package static let length = 29

    private static let days: StaticString = "ThuFriSatSunMonTueWed"
    private static let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

    /// Writes the date of a second since 1970; years have four digits.
    package static func write(secondsSince1970 seconds: UInt64, into writer: inout ByteWriter) {
        let day = Int(truncatingIfNeeded: seconds / 86_400)
        let second = Int(truncatingIfNeeded: seconds % 86_400)
        let date = civil(day)
        append(days, at: day % 7, into: &writer)
        writer.append(", ")
        append(twoDigits: date.day, into: &writer)
        writer.append(" ")
        append(months, at: date.month &- 1, into: &writer)
        writer.append(" ")
        append(twoDigits: date.year / 100 % 100, into: &writer)
        append(twoDigits: date.year % 100, into: &writer)
        writer.append(" ")
        append(twoDigits: second / 3600, into: &writer)
        writer.append(":")
        append(twoDigits: second / 60 % 60, into: &writer)
        writer.append(":")
        append(twoDigits: second % 60, into: &writer)
        writer.append(" GMT")
    }

    /// The same as text.
    /// - Parameter milliseconds: since 1970.
    package static func text(milliseconds: UInt64) -> String {
        unsafe withUnsafeTemporaryAllocation(byteCount: length, alignment: 1) { room in
            var writer = unsafe ByteWriter(room)
            write(secondsSince1970: milliseconds / 1000, into: &writer)
            return unsafe String(decoding: writer.written, as: UTF8.self)
        }
    }

    private static func append(_ names: StaticString, at index: Int, into writer: inout ByteWriter) {
        guard index >= 0, index &* 3 &+ 3 <= names.utf8CodeUnitCount else { return }
        unsafe writer.append(UnsafeRawBufferPointer(start: names.utf8Start + index &* 3, count: 3))
    }

    private static func append(twoDigits value: Int, into writer: inout ByteWriter) {
        writer.append(byte: 0x30 &+ UInt8(truncatingIfNeeded: value / 10 % 10))
        writer.append(byte: 0x30 &+ UInt8(truncatingIfNeeded: value % 10))
    }

    /// The date of a day since 1970, in the proleptic Gregorian calendar: years begin in March, so that leap days end
    /// them.
    private static func civil(_ daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = daysSince1970 &+ 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
