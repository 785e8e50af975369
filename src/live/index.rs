//! The sessions that are open: sharded, bounded, and ended explicitly.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use super::view::SessionView;
use crate::base::{AppId, GuestId, Id, SessionId};

/// Sessions by id, and ids by guest.
#[derive(Debug)]
pub(super) struct Index {
    shards: Box<[RwLock<Sessions>]>,
    guests: Box<[Mutex<Guests>]>,
    /// How many sessions each app has; those of the portal are not counted.
    apps: Mutex<HashMap<AppId, usize>>,
    most: usize,
}

type Sessions = HashMap<SessionId, Arc<SessionView>>;
type Guests = HashMap<GuestId, Vec<SessionId>>;

const SHARDS: usize = 64;

impl Index {
    /// Room for so many sessions.
    pub(super) fn new(sessions: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            guests: (0..SHARDS).map(|_| Mutex::default()).collect(),
            apps: Mutex::default(),
            most: (sessions / SHARDS).max(1),
        }
    }

    pub(super) fn find(&self, id: &SessionId) -> Option<Arc<SessionView>> {
        self.shards.get(shard(id))?.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|s| s.read().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    /// How many sessions each app has; those of the portal are not counted.
    pub(super) fn by_app(&self) -> HashMap<AppId, usize> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a view in and answers with the one that is there: somebody else may have been faster.
    pub(super) fn insert(&self, view: SessionView) -> Arc<SessionView> {
        let (id, guest) = (view.session.id, view.session.guest);
        let view = Arc::new(view);
        let Some(lock) = self.shards.get(shard(&id)) else { return view };
        let mut sessions = lock.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = sessions.get(&id)
            && there.is_current()
        {
            return Arc::clone(there);
        }
        let pushed_out = if sessions.len() >= self.most { some_key(&sessions).and_then(|old| sessions.remove(&old)) } else { None };
        if sessions.insert(id, Arc::clone(&view)).is_none() {
            // Before anybody can take it out again.
            self.of_guest(&guest).entry(guest).or_default().push(id);
            self.count(&view, |n| n.saturating_add(1));
        }
        drop(sessions);
        if let Some(old) = pushed_out {
            // Whoever holds it looks the session up again: a view outside the index would hear of no change.
            old.mark(None);
            self.forget(&old);
        }
        view
    }

    /// Takes one session out.
    pub(super) fn remove(&self, id: &SessionId) -> Option<Arc<SessionView>> {
        let view = self.shards.get(shard(id))?.write().unwrap_or_else(PoisonError::into_inner).remove(id)?;
        self.forget(&view);
        Some(view)
    }

    /// The sessions of a guest.
    pub(super) fn of(&self, guest: &GuestId) -> Vec<SessionId> {
        self.of_guest(guest).get(guest).cloned().unwrap_or_default()
    }

    /// Takes all sessions out.
    pub(super) fn drain(&self) -> Vec<Arc<SessionView>> {
        let mut all = Vec::new();
        for lock in &self.shards {
            all.extend(lock.write().unwrap_or_else(PoisonError::into_inner).drain().map(|(_, view)| view));
        }
        for view in &all {
            self.forget(view);
        }
        all
    }

    fn forget(&self, view: &SessionView) {
        let (id, guest) = (view.session.id, view.session.guest);
        self.count(view, |n| n.saturating_sub(1));
        let mut guests = self.of_guest(&guest);
        if let Some(ids) = guests.get_mut(&guest) {
            if let Some(ix) = ids.iter().position(|i| *i == id) {
                ids.swap_remove(ix);
            }
            if ids.is_empty() {
                guests.remove(&guest);
            }
        }
    }

    fn count(&self, view: &SessionView, change: impl FnOnce(usize) -> usize) {
        let Some(app) = view.session.app() else { return };
        let mut apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        let left = change(apps.get(app).copied().unwrap_or_default());
        match apps.get_mut(app) {
            Some(_) if left == 0 => drop(apps.remove(app)),
            Some(n) => *n = left,
            None if left == 0 => {}
            None => drop(apps.insert(app.clone(), left)),
        }
    }

    fn of_guest(&self, guest: &GuestId) -> MutexGuard<'_, Guests> {
        let ix = usize::from(guest.to_bytes()[0]) % self.guests.len();
        self.guests[ix].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shard(id: &SessionId) -> usize {
    usize::from(id.to_bytes()[0]) % SHARDS
}

/// Any session: the order of a hash map is as good as chance.
fn some_key(sessions: &Sessions) -> Option<SessionId> {
    sessions.keys().next().copied()
}
