//! Who is at the door: connections in all and by address, handshakes by network. Shared by all workers, asked once a connection.
//!
//! What is counted here is what is open, so nothing grows beyond the number of connections.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{base::Prefix, config::ConnectionLimits, observe::RefusedReason};

/// Everybody who is connected.
#[derive(Debug, Default)]
pub(super) struct Crowd(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    all: u32,
    addresses: HashMap<Prefix, u32>,
    networks: HashMap<Prefix, Network>,
}

/// Handshakes of one network.
#[derive(Debug)]
struct Network {
    turns: Arc<Semaphore>,
    /// Those that have a turn, and those that wait for one.
    here: u32,
}

/// A connection that was let in; counted until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    address: Option<Prefix>,
}

/// A handshake that waits for its turn, or has it.
#[derive(Debug)]
pub(super) struct Turn {
    crowd: Arc<Crowd>,
    network: Prefix,
    turns: Arc<Semaphore>,
}

impl Crowd {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Counting cannot panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a connection in, if there is room for one more at all.
    pub(super) fn enter(self: &Arc<Self>, limits: &ConnectionLimits) -> Result<Place, RefusedReason> {
        let mut counts = self.counts();
        if counts.all >= limits.connections {
            return Err(RefusedReason::TooManyConnections);
        }
        counts.all += 1;
        Ok(Place { crowd: Arc::clone(self), address: None })
    }
}

impl Place {
    /// Says whose connection it is, once that is known.
    pub(super) fn of(&mut self, address: IpAddr, limits: &ConnectionLimits) -> Result<(), RefusedReason> {
        let address = around(address, 32, 64);
        let mut counts = self.crowd.counts();
        let here = counts.addresses.entry(address).or_default();
        if *here >= limits.connections_per_address {
            return Err(RefusedReason::TooManyOfAddress);
        }
        *here += 1;
        self.address = Some(address);
        Ok(())
    }

    /// Joins the handshakes of a network.
    pub(super) fn queue(&self, address: IpAddr, limits: &ConnectionLimits) -> Turn {
        let network = around(address, 24, 48);
        let mut counts = self.crowd.counts();
        let new = || Network { turns: Arc::new(Semaphore::new(limits.handshakes_per_network as usize)), here: 0 };
        let of = counts.networks.entry(network).or_insert_with(new);
        of.here += 1;
        Turn { crowd: Arc::clone(&self.crowd), network, turns: Arc::clone(&of.turns) }
    }
}

impl Turn {
    /// Waits for the turn. It lasts while the answer lives.
    pub(super) async fn come(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.crowd.counts();
        counts.all = counts.all.saturating_sub(1);
        if let Some(address) = self.address {
            leave(&mut counts.addresses, address, |here| here);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        leave(&mut self.crowd.counts().networks, self.network, |network| &mut network.here);
    }
}

/// Counts one down, and forgets what is at nothing.
fn leave<K: Hash + Eq, V>(of: &mut HashMap<K, V>, key: K, here: impl Fn(&mut V) -> &mut u32) {
    if let Entry::Occupied(mut entry) = of.entry(key) {
        let count = here(entry.get_mut());
        *count = count.saturating_sub(1);
        if *count == 0 {
            entry.remove();
        }
    }
}

/// The network of this size around an address.
fn around(address: IpAddr, of_four: u8, of_six: u8) -> Prefix {
    let address = address.to_canonical();
    Prefix::around(address, if address.is_ipv4() { of_four } else { of_six })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> ConnectionLimits {
        ConnectionLimits { connections: 3, connections_per_address: 2, handshakes_per_network: 1, ..ConnectionLimits::default() }
    }

    #[test]
    fn nobody_takes_every_place_and_who_leaves_makes_room() {
        let (crowd, limits, ann, bob) = (Arc::new(Crowd::default()), limits(), IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let enter = |from: IpAddr| crowd.enter(&limits).and_then(|mut place| place.of(from, &limits).map(|()| place));
        let first = enter(ann).unwrap();
        let _second = enter(ann).unwrap();
        assert_eq!(enter(ann).unwrap_err(), RefusedReason::TooManyOfAddress);
        // The same address in another spelling.
        assert_eq!(enter("::ffff:10.0.0.1".parse().unwrap()).unwrap_err(), RefusedReason::TooManyOfAddress);
        let _third = enter(bob).unwrap();
        assert_eq!(enter(bob).unwrap_err(), RefusedReason::TooManyConnections);
        drop(first);
        let last = enter(ann).unwrap();
        drop((last, _second, _third));
        let counts = crowd.counts();
        assert_eq!((counts.all, counts.addresses.len(), counts.networks.len()), (0, 0, 0));
    }

    #[tokio::test]
    async fn handshakes_of_one_network_wait_for_each_other_and_for_nobody_else() {
        use futures_util::FutureExt as _;
        let (crowd, limits) = (Arc::new(Crowd::default()), limits());
        let place = crowd.enter(&limits).unwrap();
        let turns: Vec<Turn> =
            ["2001:db8::1", "2001:db8:0:ffff::2", "2001:db8:1::1"].map(|a| place.queue(a.parse().unwrap(), &limits)).into();
        let first = turns[0].come().now_or_never().flatten();
        assert!(first.is_some() && turns[1].come().now_or_never().is_none() && turns[2].come().now_or_never().is_some());
        drop(first);
        assert!(turns[1].come().now_or_never().is_some());
        drop(turns);
        assert!(crowd.counts().networks.is_empty());
    }
}
