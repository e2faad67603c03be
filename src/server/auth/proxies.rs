//! Where a request comes from when proxies stand in between: only those that are named are believed.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// The proxies whose `X-Forwarded-For` counts, as addresses or networks: `127.0.0.1`, `10.0.0.0/8`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split([' ', ',']).filter(|part| !part.is_empty());
        let nets = parts.map(|part| {
            let net = part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            net.map_err(|_| format!("\"{part}\" is no address and no network, as 10.0.0.0/8 is"))
        });
        nets.collect::<Result<_, _>>().map(Self)
    }
}

impl Proxies {
    /// The address that the request comes from. Each proxy appends whom it was asked by, so the list is read from its
    /// end as long as a proxy of ours is speaking; what stands before that anybody can write.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let fields = headers.get_all("x-forwarded-for").iter().rev();
        let hops = fields.flat_map(|field| field.to_str().unwrap_or("unreadable").rsplit(','));
        let mut client = peer.to_canonical();
        for hop in hops {
            let Some(before) = address(hop.trim()).filter(|_| self.trusts(client)) else { break };
            client = before;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = text.trim_matches(['[', ']']).parse().ok().or_else(with_port)?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use rstest::rstest;

    #[rstest]
    #[case("", "203.0.113.9", &["198.51.100.7"], "203.0.113.9")]
    #[case("10.0.0.1", "203.0.113.9", &["198.51.100.7"], "203.0.113.9")]
    #[case("10.0.0.1", "10.0.0.1", &["198.51.100.7"], "198.51.100.7")]
    #[case("10.0.0.1", "10.0.0.1", &["1.1.1.1, 198.51.100.7"], "198.51.100.7")]
    #[case("10.0.0.0/8", "10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.2.0.1"], "198.51.100.7")]
    #[case("10.0.0.0/8", "10.0.0.1", &["1.1.1.1", "198.51.100.7"], "198.51.100.7")]
    #[case("10.0.0.0/8", "10.0.0.1", &["198.51.100.7, nonsense"], "10.0.0.1")]
    #[case("10.0.0.0/8", "10.0.0.1", &[], "10.0.0.1")]
    #[case("10.0.0.0/8", "::ffff:10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7")]
    #[case("::1 127.0.0.1", "::1", &["[2001:db8::7]:4711"], "2001:db8::7")]
    #[case("::1,127.0.0.1", "127.0.0.1", &["2001:db8::7"], "2001:db8::7")]
    fn only_our_own_proxies_are_believed(
        #[case] ours: &str,
        #[case] peer: &str,
        #[case] forwarded: &[&'static str],
        #[case] client: &str,
    ) {
        let mut headers = HeaderMap::new();
        for field in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(field));
        }
        let ours: Proxies = ours.parse().expect("proxies");
        assert_eq!(ours.client(peer.parse().expect("an address"), &headers).to_string(), client);
    }

    #[test]
    fn what_is_no_network_is_said() {
        let refused = "10.0.0.0/8 elsewhere".parse::<Proxies>();
        assert!(refused.is_err_and(|why| why.contains("elsewhere")));
    }
}
