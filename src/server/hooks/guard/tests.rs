use super::*;
use rstest::rstest;
use std::sync::Mutex;

#[rstest]
#[case("8.8.8.8", true)]
#[case("93.184.216.34", true)]
#[case("100.128.0.1", true)]
#[case("172.32.0.1", true)]
#[case("168.63.129.17", true)]
#[case("2606:4700::1111", true)]
#[case("2a00:1450:4001::1", true)]
#[case("64:ff9b::808:808", true)]
#[case::this_network("0.0.0.0", false)]
#[case::private("10.1.2.3", false)]
#[case::private_172("172.16.0.1", false)]
#[case::private_172_end("172.31.255.255", false)]
#[case::private_192("192.168.1.1", false)]
#[case::shared("100.64.0.1", false)]
#[case::alibaba_metadata("100.100.100.200", false)]
#[case::loopback("127.0.0.1", false)]
#[case::all_of_loopback("127.255.255.254", false)]
#[case::metadata("169.254.169.254", false)]
#[case::azure_metadata("168.63.129.16", false)]
#[case::protocol("192.0.0.170", false)]
#[case::documentation("203.0.113.9", false)]
#[case::benchmarking("198.19.0.1", false)]
#[case::multicast("224.0.0.1", false)]
#[case::reserved("240.0.0.1", false)]
#[case::broadcast("255.255.255.255", false)]
#[case::v6_unspecified("::", false)]
#[case::v6_loopback("::1", false)]
#[case::mapped("::ffff:127.0.0.1", false)]
#[case::mapped_public("::ffff:8.8.8.8", false)]
#[case::compatible("::7f00:1", false)]
#[case::ula("fd00:ec2::254", false)]
#[case::v6_link_local("fe80::1", false)]
#[case::v6_site_local("fec0::1", false)]
#[case::v6_multicast("ff02::1", false)]
#[case::v6_documentation("2001:db8::1", false)]
#[case::v6_documentation_new("3fff:fff::1", false)]
#[case::teredo("2001:0:7f00:1::", false)]
#[case::six_to_four("2002:7f00:1::", false)]
#[case::translated_loopback("64:ff9b::7f00:1", false)]
fn only_the_public_internet_is_public(#[case] address: &str, #[case] expected: bool) {
    assert_eq!(is_public(address.parse().expect("an address")), expected);
}

#[rstest]
#[case("https://example.org/hooks", true)]
#[case("https://8.8.8.8/", true)]
#[case("https://127.0.0.1/", false)]
#[case::as_a_number("https://2130706433/", false)]
#[case::in_hexadecimal("https://0x7f.1/", false)]
#[case::in_octal("https://0177.0.0.1/", false)]
#[case::with_a_dot("https://127.0.0.1./", false)]
#[case::in_wide_digits("https://１２７.0.0.1/", false)]
#[case("https://[::1]/", false)]
#[case("https://[::ffff:a00:1]/", false)]
fn an_address_in_a_url_is_judged_however_it_is_written(#[case] url: &str, #[case] expected: bool) {
    assert_eq!(check_literal(&Url::parse(url).expect("a URL")).is_ok(), expected);
}

/// Answers each question with the next of these.
struct Answers(Mutex<Vec<Vec<&'static str>>>);

impl Resolve for Answers {
    fn resolve(&self, _: Name) -> Resolving {
        let next = self.0.lock().expect("no panic before").remove(0);
        let found: Vec<SocketAddr> = next
            .into_iter()
            .map(|address| SocketAddr::new(address.parse().expect("an address"), 0))
            .collect();
        Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
    }
}

async fn ask(guard: &Guard) -> Result<Vec<String>, String> {
    let found = guard.resolve("hooks.example".parse().expect("a name")).await;
    found.map(|found| found.map(|at| at.ip().to_string()).collect()).map_err(|why| why.to_string())
}

#[tokio::test]
async fn a_name_is_judged_each_time_it_is_asked_for() {
    let answers = vec![vec!["93.184.216.34"], vec!["127.0.0.1"], vec!["10.0.0.1", "93.184.216.34"], vec![]];
    let guard = Guard::new(Arc::new(Answers(Mutex::new(answers))), false);
    assert_eq!(ask(&guard).await, Ok(vec!["93.184.216.34".to_owned()]));
    assert!(ask(&guard).await.is_err_and(|why| why.contains("hooks.example is a private")), "rebound");
    assert_eq!(ask(&guard).await, Ok(vec!["93.184.216.34".to_owned()]), "only the public one is left");
    assert!(ask(&guard).await.is_err(), "nothing is nowhere");
}

#[tokio::test]
async fn a_setting_lets_private_addresses_pass() {
    let guard = Guard::new(Arc::new(Answers(Mutex::new(vec![vec!["127.0.0.1"]]))), true);
    assert_eq!(ask(&guard).await, Ok(vec!["127.0.0.1".to_owned()]));
}
