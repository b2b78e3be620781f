//! Addresses and networks that a caller's address is compared with (`token_bound_cidrs`, `bound_cidrs`).

use crate::error::{Code, Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU16;

/// An address, or a network with the address it was written with: `10.1.2.3/8` keeps its host bits, as in Vault.
///
/// Vault also takes `10.0.0.1:80` and ignores the port when it compares; the port is kept for reading back.
/// Two things differ from Vault: no name is ever resolved, and a text with a slash that is no network is refused
/// where Vault takes it for the path of a UNIX socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    /// Leading bits that count; all of them for an address.
    prefix: u8,
    port: Option<NonZeroU16>,
}

impl Cidr {
    /// Reads `10.0.0.1`, `10.0.0.0/8`, `::1`, `2001:db8::/32`, `10.0.0.1:80` or `[::1]:443`.
    ///
    /// # Errors
    /// 400 with Vault's text, for everything else.
    pub fn parse(text: &str) -> Result<Self> {
        parse(text).ok_or_else(|| {
            Error::bad_request(
                Code::InvalidRequest,
                format!(
                    "error parsing address {text:?}: Unable to convert {text:?} to an IPv4 or IPv6 address, or a UNIX Socket"
                ),
            )
        })
    }

    /// Whether the address is this one or in this network. An IPv4 address in its IPv6 form counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same_prefix(u128::from(own.to_bits()), u128::from(other.to_bits()), 32, self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                same_prefix(own.to_bits(), other.to_bits(), 128, self.prefix)
            }
            _ => false,
        }
    }

    /// Whether a caller at this address may pass: always when nothing is listed; else he must have an address and
    /// it must be in one of them.
    pub fn allow(cidrs: &[Self], remote: Option<IpAddr>) -> bool {
        cidrs.is_empty() || remote.is_some_and(|remote| cidrs.iter().any(|cidr| cidr.contains(remote)))
    }
}

fn same_prefix(own: u128, other: u128, width: u32, prefix: u8) -> bool {
    // A prefix of 0 shifts everything out, which `>>` alone would refuse.
    let ignored = width.saturating_sub(u32::from(prefix));
    (own ^ other).checked_shr(ignored).unwrap_or(0) == 0
}

fn parse(text: &str) -> Option<Cidr> {
    if let Some((address, prefix)) = text.split_once('/') {
        return network(address.parse().ok()?, decimal(prefix)?);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(whole(address, None));
    }
    let (host, port) = text.rsplit_once(':')?;
    let address = match host.strip_prefix('[') {
        Some(rest) => IpAddr::V6(rest.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?),
        None => IpAddr::V4(host.parse::<Ipv4Addr>().ok()?),
    };
    Some(whole(address, NonZeroU16::new(decimal(port)?)))
}

fn whole(address: IpAddr, port: Option<NonZeroU16>) -> Cidr {
    let address = address.to_canonical();
    Cidr { address, prefix: bits(address), port }
}

fn network(address: IpAddr, prefix: u8) -> Option<Cidr> {
    if prefix > bits(address) {
        return None;
    }
    // The mapped range itself is a network of IPv4; a shorter prefix reaches beyond it and stays IPv6.
    let mapped = matches!(address, IpAddr::V6(_)) && address.to_canonical().is_ipv4() && prefix >= 96;
    Some(if mapped {
        Cidr { address: address.to_canonical(), prefix: prefix - 96, port: None }
    } else {
        Cidr { address, prefix, port: None }
    })
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Digits only: Rust's own parser would also take a sign.
fn decimal<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.address, self.port) {
            (IpAddr::V4(address), Some(port)) => write!(f, "{address}:{port}"),
            (IpAddr::V6(address), Some(port)) => write!(f, "[{address}]:{port}"),
            (address, None) if self.prefix == bits(address) => write!(f, "{address}"),
            (address, None) => write!(f, "{address}/{}", self.prefix),
        }
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| serde::de::Error::custom("no address or network"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepted_forms_and_how_they_read_back() {
        for (text, shown) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("127.0.0.1", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1"),
            ("10.1.2.3/8", "10.1.2.3/8"),
            ("::1", "::1"),
            ("::1/128", "::1"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("2001:DB8:0:0::1", "2001:db8::1"),
            ("10.0.0.1:80", "10.0.0.1:80"),
            ("[::1]:443", "[::1]:443"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(Cidr::parse(text).map(|cidr| cidr.to_string()).ok().as_deref(), Some(shown), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_the_text_in_quotes() {
        for text in [
            "",
            "junk",
            "localhost",
            "localhost:80",
            "10.0.0.256",
            "10.0.0.1.",
            "010.0.0.1",
            "10.0.0.1 ",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "10.0.0.0/255.0.0.0",
            "10.0.0.0/8:80",
            "2001:db8::/129",
            "10.0.0.1:http",
            "10.0.0.1:65536",
            ":80",
            "[::1]",
            "[10.0.0.1]:80",
            "fe80::1%eth0",
            "/var/run/sock",
            "a/b",
        ] {
            let error = Cidr::parse(text).expect_err(text);
            let expected = format!(
                "error parsing address \"{text}\": Unable to convert \"{text}\" to an IPv4 or IPv6 address, or a UNIX Socket"
            );
            assert_eq!((error.status(), error.text()), (400, Some(expected.as_str())));
        }
    }

    #[test]
    fn membership() {
        for (cidr, address, inside) in [
            ("10.1.2.3/8", "10.255.0.1", true),
            ("10.1.2.3/8", "11.0.0.1", false),
            ("10.0.0.0/9", "10.128.0.0", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("127.0.0.1:80", "127.0.0.1", true),
            ("10.0.0.0/8", "::ffff:10.0.0.9", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "10.0.0.1", false),
            ("2001:db8::/32", "2001:db8:ffff::", true),
            ("2001:db8::/33", "2001:db8:8000::", false),
        ] {
            let cidr = Cidr::parse(cidr).expect("a network");
            assert_eq!(cidr.contains(address.parse().expect("an address")), inside, "{cidr} {address}");
        }
    }

    #[test]
    fn an_empty_list_lets_everybody_pass_and_no_address_passes_no_list() {
        let local = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let bound = [Cidr::parse("127.0.0.0/8").expect("a network")];
        assert!(Cidr::allow(&[], None) && Cidr::allow(&bound, local));
        assert!(!Cidr::allow(&bound, None) && !Cidr::allow(&bound, Some(Ipv6Addr::LOCALHOST.into())));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(bits in any::<u128>(), v4 in any::<bool>(), prefix in 0_u8..=128) {
            let address =
                if v4 { IpAddr::from((bits as u32).to_be_bytes()) } else { IpAddr::from(bits.to_be_bytes()) };
            if let Some(cidr) = network(address, prefix) {
                let stored = serde_json::to_string(&cidr).expect("JSON");
                prop_assert_eq!(serde_json::from_str::<Cidr>(&stored).expect("reads back"), cidr);
                prop_assert!(cidr.contains(address));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9a-f:./\\[\\]]{0,24}") {
            let _ = Cidr::parse(&text);
        }
    }
}
