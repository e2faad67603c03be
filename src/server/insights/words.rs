//! Numbers and times as people read them.

use super::spread::Within;

/// A count with its thousands set apart: `12,345`.
pub fn grouped(count: i64) -> String {
    let digits = count.abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if count < 0 {
        text.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 call`, `12 calls`.
pub fn counted(count: i64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(count))
}

/// How many of a hundred `part` is of `whole`, rounded: `62%`. What is not nothing is not called nothing.
pub fn share(part: i64, whole: i64) -> String {
    match percent(part, whole) {
        None => "–".to_owned(),
        Some(0) if part > 0 => "<1%".to_owned(),
        Some(percent) => format!("{percent}%"),
    }
}

/// How many of a hundred `part` is of `whole`, rounded; none of nothing.
pub fn percent(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 200 + whole) / (whole * 2))
}

/// A span of time in its largest unit: `0.5 s`, `45 s`, `3 min`, `1 h`.
pub fn span(millis: i64) -> String {
    match millis {
        ..60_000 if millis % 1_000 == 0 => format!("{} s", millis / 1_000),
        ..60_000 => {
            format!("{}.{} s", millis / 1_000, format!("{:03}", millis % 1_000).trim_end_matches('0'))
        }
        60_000..3_600_000 => format!("{} min", millis / 60_000),
        _ => format!("{} h", millis / 3_600_000),
    }
}

/// Within what time a share lies: `within 8 s`, `over 1 h`.
pub fn within(within: Within) -> String {
    match within {
        Within::Nothing => "unknown".to_owned(),
        Within::AtMost(millis) => format!("within {}", span(millis)),
        Within::Over(millis) => format!("over {}", span(millis)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, "0")]
    #[case(1_000, "1,000")]
    #[case(1_234_567, "1,234,567")]
    fn thousands_are_set_apart(#[case] count: i64, #[case] text: &str) {
        assert_eq!(grouped(count), text);
    }

    #[rstest]
    #[case(100, "0.1 s")]
    #[case(250, "0.25 s")]
    #[case(2_500, "2.5 s")]
    #[case(45_000, "45 s")]
    #[case(60_000, "1 min")]
    #[case(900_000, "15 min")]
    #[case(3_600_000, "1 h")]
    fn a_span_is_told_in_its_largest_unit(#[case] millis: i64, #[case] text: &str) {
        assert_eq!(span(millis), text);
    }

    #[rstest]
    #[case(0, 0, "–")]
    #[case(0, 9, "0%")]
    #[case(1, 1_000, "<1%")]
    #[case(2, 3, "67%")]
    fn a_share_is_rounded(#[case] part: i64, #[case] whole: i64, #[case] text: &str) {
        assert_eq!(share(part, whole), text);
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([1, 0].map(|count| counted(count, "call")), ["1 call", "0 calls"]);
    }
}
