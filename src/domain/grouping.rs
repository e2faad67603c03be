//! How the digits of a number are grouped while somebody types them. What numbering plans say beyond the calling
//! code is for the server; here it is enough that digits can be read, and that the caret stays where it was.

/// The most digits of a number (E.164).
const MOST_DIGITS: usize = 15;

/// A number as people read it: `+1 415 555 0101`, `+49 301 234 567`. What is not `+` and digits stays as it is.
pub fn grouped(number: &str) -> String {
    match number.strip_prefix('+') {
        Some(digits) if is_short_and_digits(digits) => format!("+{}", groups(digits).join(" ")),
        _ => number.to_owned(),
    }
}

/// What a field holds, and where its caret stands, after somebody has changed it from `before` to `now`; `caret`
/// counts characters. None = leave it alone, as where people put signs of their own between the digits.
pub fn retyped(before: &str, now: &str, caret: usize) -> Option<(String, usize)> {
    let spaces = |text: &str| text.matches(' ').count();
    let was_ours = before == grouped(&without_spaces(before));
    let is_theirs = spaces(now) > 0 && (!was_ours || spaces(now) > spaces(before));
    let bare = without_spaces(now);
    if is_theirs || !bare.strip_prefix('+').is_some_and(is_short_and_digits) {
        return None;
    }
    let text = grouped(&bare);
    if text == now {
        return None;
    }
    let kept = now.chars().take(caret).filter(|c| *c != ' ').count();
    let caret = place_after(&text, kept);
    Some((text, caret))
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|c| *c != ' ').collect()
}

fn is_short_and_digits(text: &str) -> bool {
    text.len() <= MOST_DIGITS && text.chars().all(|c| c.is_ascii_digit())
}

/// Behind how many characters of `text` the first `kept` lie that are no space.
fn place_after(text: &str, kept: usize) -> usize {
    let marks = text.chars().enumerate().filter(|(_, c)| *c != ' ').map(|(at, _)| at + 1);
    marks.take(kept).last().unwrap_or(0)
}

/// The calling code, then groups of three; a last digit that would stand alone joins the group before it. North
/// America has three, three and four.
fn groups(digits: &str) -> Vec<&str> {
    let (code, mut rest) = digits.split_at(calling_code_length(digits).min(digits.len()));
    let mut found = vec![code];
    while rest.len() > 4 || rest.len() == 3 || (rest.len() == 4 && code == "1" && found.len() < 3) {
        let (group, after) = rest.split_at(3);
        found.push(group);
        rest = after;
    }
    if !rest.is_empty() {
        found.push(rest);
    }
    found
}

/// ITU-T E.164, assigned country codes.
fn calling_code_length(digits: &str) -> usize {
    let two: u32 = digits.get(..2).and_then(|two| two.parse().ok()).unwrap_or_default();
    match two {
        10..=19 | 70..=79 => 1,
        20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98 => {
            2
        }
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("+", "+")]
    #[case("+1", "+1")]
    #[case("+1415", "+1 415")]
    #[case("+14155", "+1 415 5")]
    #[case("+14155550101", "+1 415 555 0101")]
    #[case("+4930123456", "+49 301 234 56")]
    #[case("+49301234567", "+49 301 234 567")]
    #[case("+493012345678", "+49 301 234 5678")]
    #[case("+35316771234", "+353 167 712 34")]
    #[case("+442079460104", "+44 207 946 0104")]
    #[case("+1234567890123456", "+1234567890123456")]
    #[case("030 123456", "030 123456")]
    #[case("call me", "call me")]
    fn a_number_is_read_in_groups(#[case] number: &str, #[case] shown: &str) {
        assert_eq!(grouped(number), shown);
    }

    #[rstest]
    #[case::a_digit_at_the_end("+1 415", "+1 4155", 7, Some(("+1 415 5", 8)))]
    #[case::a_digit_in_the_middle("+1 415 5", "+1 4915 5", 4, Some(("+1 491 55", 4)))]
    #[case::a_digit_taken_back("+1 415 5", "+1 415 ", 7, Some(("+1 415", 6)))]
    #[case::a_space_taken_back("+1 415 5", "+1 4155", 6, Some(("+1 415 5", 6)))]
    #[case::pasted("", "+14155550101", 12, Some(("+1 415 555 0101", 15)))]
    #[case::pasted_with_other_signs("", "+1 (415) 555-0101", 17, None)]
    #[case::pasted_with_other_groups("", "+49 30 123456", 13, None)]
    #[case::grouped_by_hand("+49 30 1", "+49 30 12", 9, None)]
    #[case::a_space_typed("+49 30", "+49 30 ", 7, None)]
    #[case::national("030", "0301", 4, None)]
    #[case::emptied("+1", "", 0, None)]
    #[case::too_long("+123 456 789 012 345", "+123 456 789 012 3456", 21, None)]
    fn typing_is_followed_and_never_fought(
        #[case] before: &str,
        #[case] now: &str,
        #[case] caret: usize,
        #[case] expected: Option<(&str, usize)>,
    ) {
        let expected = expected.map(|(text, caret)| (text.to_owned(), caret));
        assert_eq!(retyped(before, now, caret), expected);
    }

    fn digits_before(text: &str, caret: usize) -> usize {
        text.chars().take(caret).filter(|c| *c != ' ').count()
    }

    proptest! {
        #[test]
        fn no_digit_is_lost_and_the_caret_stays_between_its_digits(
            number in "\\+[0-9]{0,15}", typed in "[0-9]", at in 0_usize..20,
        ) {
            let before = grouped(&number);
            let at = at.clamp(1, before.len());
            let now = format!("{}{typed}{}", &before[..at], &before[at..]);
            let (text, caret) = retyped(&before, &now, at + 1).unwrap_or((now.clone(), at + 1));
            prop_assert_eq!(without_spaces(&text), without_spaces(&now));
            prop_assert!(caret <= text.len());
            prop_assert_eq!(digits_before(&text, caret), digits_before(&now, at + 1));
        }

        #[test]
        fn any_change_of_any_text_is_safe(before in ".{0,20}", now in ".{0,24}", caret in 0_usize..30) {
            if let Some((text, caret)) = retyped(&before, &now, caret) {
                prop_assert_eq!(without_spaces(&text), without_spaces(&now));
                prop_assert!(caret <= text.len());
            }
        }

        #[test]
        fn what_is_grouped_is_read_as_the_same_number(number in "\\+[1-9][0-9]{6,14}") {
            let read = super::super::phone_number::PhoneNumber::parse(&grouped(&number));
            prop_assert_eq!(read.map(String::from), Ok(number));
        }
    }
}
