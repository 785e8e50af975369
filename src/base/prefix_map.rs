//! Which of many networks hold an address: flattened into disjoint ranges, found by binary search.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

use super::{Prefix, canonical_ip};

/// An index of numbered networks. An address is in every network that contains it.
#[derive(Debug, Default)]
pub struct PrefixMap {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
    /// All sets of networks that some range has, one behind the other.
    numbers: Vec<u32>,
    /// Where each set begins; the last entry is the end.
    sets: Vec<u32>,
}

/// Disjoint ranges that cover everything: each reaches up to the next one's start.
#[derive(Debug, Default)]
struct Ranges<T> {
    starts: Vec<T>,
    /// The set of each range.
    sets: Vec<u32>,
    /// For the upper 16 bits of an address, the first range that begins at or behind them. Empty where there are few ranges.
    index: Vec<u32>,
}

/// From how many ranges on an index by the upper 16 bits pays.
const INDEXED: usize = 64;

/// What the ends of the networks of one family are, in order: where, which network, and whether it begins.
type Edges<T> = Vec<(T, u32, bool)>;

impl PrefixMap {
    /// Builds the index. Several prefixes may have the same number: they are one network.
    pub fn build(entries: impl IntoIterator<Item = (Prefix, u32)>) -> Self {
        let (mut v4, mut v6): (Edges<u32>, Edges<u128>) = (Vec::new(), Vec::new());
        for (prefix, number) in entries {
            match (prefix.first(), prefix.last()) {
                (IpAddr::V4(first), IpAddr::V4(last)) => {
                    v4.push((first.to_bits(), number, true));
                    v4.extend(last.to_bits().checked_add(1).map(|end| (end, number, false)));
                }
                (IpAddr::V6(first), IpAddr::V6(last)) => {
                    v6.push((first.to_bits(), number, true));
                    v6.extend(last.to_bits().checked_add(1).map(|end| (end, number, false)));
                }
                // INVARIANT: both ends of a prefix are of one family.
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
            }
        }
        let mut sets = Sets::new();
        let v4 = Ranges::build(v4, &mut sets, |start| (start >> 16) as usize);
        let v6 = Ranges::build(v6, &mut sets, |start| (start >> 112) as usize);
        Self { v4, v6, numbers: sets.numbers, sets: sets.starts }
    }

    /// The numbers of the networks that hold the address, in order.
    pub fn lookup(&self, ip: IpAddr) -> &[u32] {
        let set = match canonical_ip(ip) {
            IpAddr::V4(ip) => self.v4.find(ip.to_bits(), (ip.to_bits() >> 16) as usize),
            IpAddr::V6(ip) => self.v6.find(ip.to_bits(), (ip.to_bits() >> 112) as usize),
        };
        let bound = |ix: usize| self.sets.get(ix).map(|at| *at as usize);
        match (bound(set), bound(set + 1)) {
            (Some(from), Some(to)) => self.numbers.get(from..to).unwrap_or_default(),
            _ => &[],
        }
    }
}

impl<T: Copy + Ord + Default> Ranges<T> {
    fn build(mut edges: Edges<T>, known: &mut Sets, upper: impl Fn(T) -> usize) -> Self {
        edges.sort_unstable();
        let mut ranges = Self { starts: vec![T::default()], sets: vec![0], index: Vec::new() };
        let mut open: BTreeMap<u32, u32> = BTreeMap::new();
        let mut rest = edges.as_slice();
        while let Some((at, ..)) = rest.first().copied() {
            let here = rest.partition_point(|(other, ..)| *other == at);
            let (now, behind) = rest.split_at(here);
            for (_, number, begins) in now {
                step(&mut open, *number, *begins);
            }
            ranges.push(at, known.number(open.keys().copied()));
            rest = behind;
        }
        if ranges.starts.len() >= INDEXED {
            ranges.index = (0..=1 << 16).map(|u| ranges.starts.partition_point(|s| upper(*s) < u)).map(small).collect();
        }
        ranges
    }

    fn push(&mut self, at: T, set: u32) {
        if self.starts.last() == Some(&at) {
            self.starts.pop();
            self.sets.pop();
        }
        if self.sets.last() != Some(&set) {
            self.starts.push(at);
            self.sets.push(set);
        }
    }

    /// The set of the range that holds the address.
    fn find(&self, at: T, upper: usize) -> usize {
        let (from, to) = match (self.index.get(upper), self.index.get(upper + 1)) {
            (Some(from), Some(to)) => (*from as usize, *to as usize),
            _ => (0, self.starts.len()),
        };
        let within = self.starts.get(from..to).unwrap_or_default();
        let behind = from + within.partition_point(|start| *start <= at);
        self.sets.get(behind.wrapping_sub(1)).map_or(0, |set| *set as usize)
    }
}

/// Counts the prefixes of a network that are open; nested ones of the same network are counted more than once.
fn step(open: &mut BTreeMap<u32, u32>, number: u32, begins: bool) {
    let count = open.entry(number).or_insert(0);
    *count = if begins { *count + 1 } else { count.saturating_sub(1) };
    if *count == 0 {
        open.remove(&number);
    }
}

/// Sets of networks, each kept once. Set 0 is empty.
struct Sets {
    known: HashMap<Box<[u32]>, u32>,
    numbers: Vec<u32>,
    starts: Vec<u32>,
}

impl Sets {
    fn new() -> Self {
        Self { known: HashMap::from([(Box::default(), 0)]), numbers: Vec::new(), starts: vec![0, 0] }
    }

    fn number(&mut self, members: impl Iterator<Item = u32>) -> u32 {
        let members: Box<[u32]> = members.collect();
        if let Some(number) = self.known.get(&members) {
            return *number;
        }
        let number = small(self.starts.len() - 1);
        self.numbers.extend_from_slice(&members);
        self.starts.push(small(self.numbers.len()));
        self.known.insert(members, number);
        number
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn map(prefixes: &[(&str, u32)]) -> PrefixMap {
        PrefixMap::build(prefixes.iter().map(|(text, number)| (Prefix::parse(text).unwrap().0, *number)))
    }

    #[test]
    fn an_address_is_in_every_network_that_contains_it() {
        let map = map(&[
            ("10.0.0.0/8", 3),
            ("10.1.0.0/16", 1),
            ("10.1.0.0/24", 3),
            ("0.0.0.0/0", 7),
            ("2001:db8::/32", 2),
            ("255.255.255.255", 4),
        ]);
        for (ip, held) in [
            ("10.1.0.9", vec![1, 3, 7]),
            ("10.1.1.0", vec![1, 3, 7]),
            ("10.2.0.0", vec![3, 7]),
            ("11.0.0.0", vec![7]),
            ("255.255.255.255", vec![4, 7]),
            ("::ffff:10.1.0.9", vec![1, 3, 7]),
            ("2001:db8:ffff::1", vec![2]),
            ("2001:db9::", vec![]),
            ("::", vec![]),
        ] {
            assert_eq!(map.lookup(ip.parse().unwrap()), held, "{ip}");
        }
        assert_eq!(PrefixMap::default().lookup("10.0.0.1".parse().unwrap()), &[] as &[u32]);
    }

    proptest! {
        #[test]
        fn the_index_says_what_a_search_says(
            nets in prop::collection::vec((any::<u32>(), 4_u8..=32, 0_u32..9), 0..200),
            wide in prop::collection::vec((any::<u128>(), 4_u8..=128, 0_u32..9), 0..200),
            asked in prop::collection::vec(any::<u128>(), 1..50),
        ) {
            let v4 = nets.iter().map(|(ip, length, n)| (Prefix::around(IpAddr::V4((*ip).into()), *length), *n));
            let v6 = wide.iter().map(|(ip, length, n)| (Prefix::around(IpAddr::V6((*ip).into()), *length), *n));
            let all: Vec<_> = v4.chain(v6).collect();
            let map = PrefixMap::build(all.iter().copied());
            let edges = all.iter().flat_map(|(p, _)| [p.first(), p.last()]);
            let random = asked.iter().flat_map(|a| [IpAddr::V6((*a).into()), IpAddr::V4(((*a >> 96) as u32).into())]);
            for ip in edges.chain(random) {
                let mut slow: Vec<u32> = all.iter().filter(|(p, _)| p.contains(ip)).map(|(_, n)| *n).collect();
                slow.sort_unstable();
                slow.dedup();
                prop_assert_eq!(map.lookup(ip), slow, "{}", ip);
            }
        }
    }
}
