//! Where webhooks may go. Whoever may make an endpoint could otherwise have this server post to any machine that it
//! can reach: the cloud's metadata service, a database's console, this server itself.
//!
//! Names are judged by the addresses that are connected to, in the moment of connecting, so that a name that first
//! points to a public address and then to a private one gets nowhere.

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

/// The address is not one that webhooks may go to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is a private or reserved address, where webhooks don't go unless WEBHOOK_ALLOW_PRIVATE=true.")]
pub struct NotPublic(pub String);

/// Resolves names, and lets only public addresses pass.
pub struct Guard {
    inner: Arc<dyn Resolve>,
    allow_private: bool,
}

impl Guard {
    /// One that asks `inner`.
    pub fn new(inner: Arc<dyn Resolve>, allow_private: bool) -> Self {
        Self { inner, allow_private }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (host, allow_private) = (name.as_str().to_owned(), self.allow_private);
        let resolving = self.inner.resolve(name);
        Box::pin(async move {
            let addresses = resolving.await?;
            if allow_private {
                return Ok(addresses);
            }
            let public: Vec<_> = addresses.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(NotPublic(host).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Resolves as the machine does.
pub struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Judges a URL that names an address instead of a host: no name is resolved for it.
///
/// # Errors
/// [`NotPublic`].
pub fn check_literal(url: &Url) -> Result<(), NotPublic> {
    let host = url.host_str().unwrap_or_default();
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) if !is_public(address) => Err(NotPublic(host.to_owned())),
        _ => Ok(()),
    }
}

/// Whether an address is one of the public internet's.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// All but what the IANA IPv4 special-purpose registry (RFC 6890 and its updates) keeps from the public internet,
/// multicast, and the one public address under which a cloud has its metadata (Azure's).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let reserved = match (a, b, c) {
        (0 | 10 | 127 | 224..=255, ..)
        | (100, 64..=127, _)
        | (169, 254, _)
        | (172, 16..=31, _)
        | (192, 0, 0 | 2)
        | (192, 88, 99)
        | (192, 168, _)
        | (198, 18 | 19, _)
        | (198, 51, 100)
        | (203, 0, 113) => true,
        (168, 63, 129) => d == 16,
        _ => false,
    };
    !reserved
}

/// Global unicast (2000::/3) without what the IANA IPv6 special-purpose registry takes out of it, and without 6to4 and
/// Teredo, which hide an IPv4 address. Of translated addresses (64:ff9b::/96) the one inside decides.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests;
