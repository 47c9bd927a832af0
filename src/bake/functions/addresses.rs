//! Networks and their addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Param::{Number as Num, String as Str};
use super::{Builtin, pure, text, variadic, whole};
use crate::bake::value::{Type, Value};

pub(super) const TABLE: &[Builtin] = &[
    pure("cidrhost", &[Str, Num], host),
    pure("cidrnetmask", &[Str], |args| {
        let network = Network::parse(text(args, 0))?;
        Ok(Value::string(network.shown(network.mask(network.prefix)).to_string()))
    }),
    pure("cidrsubnet", &[Str, Num, Num], subnet),
    variadic("cidrsubnets", &[Str], Num, subnets),
];

/// A network: its first address as a number, and its length.
#[derive(Debug, Clone, Copy)]
struct Network {
    first: u128,
    bits: u32,
    prefix: u32,
}

impl Network {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no network such as 10.0.0.0/8");
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let (value, bits) = match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let plain =
            !prefix.is_empty() && prefix.len() <= 3 && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix =
            prefix.parse::<u32>().ok().filter(|prefix| plain && *prefix <= bits).ok_or_else(wrong)?;
        let mut network = Self { first: value, bits, prefix };
        network.first &= network.mask(prefix);
        Ok(network)
    }

    /// The leading `prefix` bits.
    fn mask(&self, prefix: u32) -> u128 {
        let all = if self.bits == 32 { u128::from(u32::MAX) } else { u128::MAX };
        all & !1u128.checked_shl(self.bits - prefix).map_or(u128::MAX, |low| low - 1)
    }

    fn shown(&self, address: u128) -> IpAddr {
        if self.bits == 32 {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(address & u128::from(u32::MAX)).unwrap_or(0)))
        } else {
            IpAddr::V6(Ipv6Addr::from(address))
        }
    }

    fn text(&self) -> String {
        format!("{}/{}", self.shown(self.first), self.prefix)
    }

    /// Its addresses but the first, as a number.
    fn hosts(&self) -> u128 {
        !self.mask(self.prefix) & self.mask(self.bits)
    }
}

fn host(args: &[Value]) -> Result<Value, String> {
    let number = whole(args, 1)?;
    let network = Network::parse(text(args, 0))?;
    let most = network.hosts();
    let distance = if number < 0 { number.unsigned_abs() - 1 } else { number.unsigned_abs() };
    if u128::from(distance) > most {
        return Err(format!("a prefix of {} has no host {number}", network.prefix));
    }
    let offset = if number < 0 { most - u128::from(distance) } else { u128::from(distance) };
    Ok(Value::string(network.shown(network.first | offset).to_string()))
}

fn subnet(args: &[Value]) -> Result<Value, String> {
    let (more, number) = (whole(args, 1)?, whole(args, 2)?);
    let network = Network::parse(text(args, 0))?;
    let more = u32::try_from(more).ok().filter(|more| *more <= 32);
    let more = more.ok_or("a prefix is extended by 0 to 32 bits")?;
    let prefix = network.prefix + more;
    if prefix > network.bits {
        return Err(format!("a prefix of {} is not extended by {more} bits", network.prefix));
    }
    let number = u128::try_from(number).ok().filter(|number| *number < 1 << more);
    let number = number.ok_or_else(|| format!("{more} bits have no subnet of this number"))?;
    let shifted = number.checked_shl(network.bits - prefix).unwrap_or(0);
    Ok(Value::string(Network { first: network.first | shifted, prefix, ..network }.text()))
}

fn subnets(args: &[Value]) -> Result<Value, String> {
    let network = Network::parse(text(args, 0))?;
    let mut next = Some(network.first);
    let mut found = Vec::new();
    for index in 1..args.len() {
        let more = u32::try_from(whole(args, index)?).ok().filter(|more| (1..=32).contains(more));
        let prefix = network.prefix + more.ok_or("a prefix is extended by 1 to 32 bits")?;
        if prefix > network.bits {
            return Err(format!("a prefix of {prefix} bits is too long for an address"));
        }
        let size = 1u128.checked_shl(network.bits - prefix).unwrap_or(0);
        let start = next.and_then(|next| next.checked_add(size - 1)).map(|next| next & !(size - 1));
        let last = network.first | network.hosts();
        let start = start.filter(|start| *start <= last).ok_or("the network has no more room")?;
        found.push(Value::string(Network { first: start, prefix, ..network }.text()));
        next = start.checked_add(size);
    }
    Ok(Value::list(Type::String, found))
}
