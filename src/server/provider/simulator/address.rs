//! Where callbacks may go. Whoever may place a call could otherwise make this server sign and send requests
//! to any machine that it can reach.

use reqwest::Url;
use std::net::IpAddr;

/// Whether `url` lies under one of `allowed`.
pub fn is_allowed<'a>(url: &Url, allowed: impl IntoIterator<Item = &'a Url>) -> bool {
    is_plain(url) && allowed.into_iter().any(|base| lies_under(url, base))
}

/// Whether `url` leads to a port of this machine by its loopback address.
pub fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    is_plain(url) && is_loopback
}

/// Compared part by part as parsed: as texts, `http://127.0.0.1:3000.evil.example` begins like
/// `http://127.0.0.1:3000`, and `/hooks-of-others` like `/hooks`.
fn lies_under(url: &Url, base: &Url) -> bool {
    url.scheme() == base.scheme()
        && url.host() == base.host()
        && url.port_or_known_default() == base.port_or_known_default()
        && begins_with(segments(url), segments(base))
}

fn begins_with<'a>(mut path: impl Iterator<Item = &'a str>, base: impl Iterator<Item = &'a str>) -> bool {
    // A slash at the base's end means the folder itself, not a segment without a name.
    base.filter(|segment| !segment.is_empty()).all(|segment| path.next() == Some(segment))
}

/// The parser has already resolved `.` and `..`, also when they are percent-encoded.
fn segments(url: &Url) -> impl Iterator<Item = &str> {
    url.path_segments().into_iter().flatten()
}

/// HTTP, nobody's password in it, and no slash in disguise, which a receiver might take for a real one.
fn is_plain(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && !path.contains("%2f")
        && !path.contains("%5c")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn allowed(url: &str, base: &str) -> bool {
        let base = Url::parse(base).expect("the base is a URL");
        Url::parse(url).is_ok_and(|url| is_allowed(&url, [&base]))
    }

    #[rstest]
    #[case::below("http://127.0.0.1:3000/api/webhooks/provider-status/1")]
    #[case::the_root("http://127.0.0.1:3000")]
    #[case::with_a_query("http://127.0.0.1:3000/hook?a=b")]
    #[case::upper_case("HTTP://127.0.0.1:3000/hook")]
    #[case::the_same_address_as_a_number("http://2130706433:3000/hook")]
    fn what_lies_under_the_public_url_is_allowed(#[case] url: &str) {
        assert!(allowed(url, "http://127.0.0.1:3000"));
        assert!(allowed(url, "http://127.0.0.1:3000/"));
    }

    #[rstest]
    #[case::begins_alike("http://127.0.0.1:3000.evil.example/hook")]
    #[case::a_longer_name("http://127.0.0.1.evil.example:3000/hook")]
    #[case::name_and_password("http://127.0.0.1:3000@evil.example/hook")]
    #[case::a_name("http://someone@127.0.0.1:3000/hook")]
    #[case::another_port("http://127.0.0.1:30000/hook")]
    #[case::no_port("http://127.0.0.1/hook")]
    #[case::another_scheme("https://127.0.0.1:3000/hook")]
    #[case::a_file("file:///etc/passwd")]
    #[case::another_name_for_it("http://localhost:3000/hook")]
    #[case::metadata_service("http://169.254.169.254/latest/meta-data")]
    #[case::not_a_url("hook")]
    fn everything_else_is_not(#[case] url: &str) {
        assert!(!allowed(url, "http://127.0.0.1:3000"));
    }

    #[rstest]
    #[case::the_folder("https://example.org/hooks", true)]
    #[case::below("https://example.org/hooks/1", true)]
    #[case::default_port("https://example.org:443/hooks/1", true)]
    #[case::begins_alike("https://example.org/hooks-of-others", false)]
    #[case::above("https://example.org/", false)]
    #[case::climbs_out("https://example.org/hooks/../admin", false)]
    #[case::climbs_out_encoded("https://example.org/hooks/%2e%2E/admin", false)]
    #[case::slash_in_disguise("https://example.org/hooks/..%2Fadmin", false)]
    #[case::backslash_in_disguise("https://example.org/hooks/..%5cadmin", false)]
    #[case::no_segment_first("https://example.org//hooks", false)]
    fn a_path_is_compared_by_segments(#[case] url: &str, #[case] expected: bool) {
        assert_eq!(allowed(url, "https://example.org/hooks"), expected);
        assert_eq!(allowed(url, "https://example.org/hooks/"), expected);
    }

    #[rstest]
    #[case::any_port("http://127.0.0.1:54321/hook", true)]
    #[case::by_name("http://localhost:1/hook", true)]
    #[case::six("http://[::1]:1/hook", true)]
    #[case::in_disguise("http://2130706433/hook", true)]
    #[case::another_machine("http://10.0.0.1/hook", false)]
    #[case::begins_alike("http://localhost.evil.example/hook", false)]
    #[case::a_password("http://me:it@127.0.0.1/hook", false)]
    #[case::a_file("file://localhost/etc/passwd", false)]
    fn this_machine_is_known_by_its_loopback_address(#[case] url: &str, #[case] expected: bool) {
        assert_eq!(is_this_machine(&Url::parse(url).expect("a URL")), expected);
    }

    #[test]
    fn nothing_allowed_means_nowhere() {
        let url = Url::parse("http://127.0.0.1:3000/").expect("a URL");
        assert!(!is_allowed(&url, []));
    }
}
