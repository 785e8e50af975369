//! What an open answer hangs on: it is judged again when its session changes, when configuration or policies are replaced, and when
//! time alone can turn the answer.

use std::{cell::OnceCell, rc::Rc, sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    base::{ClientAddr, NormalPath, Timestamp},
    policy::Verdict,
};

use super::{
    admit::{Asked, still_admitted},
    connection::{Connection, Recognised},
    identify::find,
    look::Head,
    worker::{BoundApp, Lens},
};

/// The facts that an open answer was admitted on.
pub(super) struct Watch {
    pub(super) connection: Rc<Connection>,
    pub(super) lens: Rc<Lens>,
    pub(super) known: Rc<Recognised>,
    pub(super) app: Rc<BoundApp>,
    pub(super) head: Rc<Head>,
    pub(super) path: NormalPath<'static>,
    pub(super) client: ClientAddr,
    pub(super) until: Timestamp,
    pub(super) lasting: Lasting,
}

/// Whether an answer comes to an end by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasting {
    /// It does: an unmet requirement lets it run out.
    Finite,
    /// WebSockets and event streams: an unmet requirement closes them.
    Endless,
}

/// Reloads and the clock are looked at this often.
const TICK: Duration = Duration::from_millis(250);

impl Watch {
    /// Whether there is a reason to judge again. Cheap: it is asked between the pieces of a download.
    pub(super) fn is_stirred(&self) -> bool {
        let worker = &self.connection.worker;
        let now = worker.now();
        !self.known.view.is_current() || now >= self.until || !worker.shared.live.is_fresh(now) || !worker.is_in_force(&self.lens.snapshot)
    }

    /// Whether what the guest does here keeps the session alive.
    pub(super) fn is_activity(&self) -> bool {
        !self.app.live.app.activity.ignore.iter().any(|glob| glob.matches(&self.path))
    }

    /// Resolves when access has ended.
    pub(super) async fn ended(&self) {
        let worker = &self.connection.worker;
        let mut view = Arc::clone(&self.known.view);
        // Of the time of the admission: what was replaced since then is seen.
        let mut snapshot = Arc::clone(&self.lens.snapshot);
        let mut until = self.until;
        loop {
            tokio::select! {
                () = view.changed() => {}
                () = sleep(TICK) => {
                    let now = worker.now();
                    let same = Arc::ptr_eq(&snapshot, &worker.shared.live.snapshot());
                    if !worker.shared.live.is_fresh(now) {
                        return;
                    }
                    if same && now < until {
                        continue;
                    }
                }
            }
            let Ok(Some(current)) = find(&self.connection, view.session.id).await else { return };
            view = current;
            snapshot = worker.shared.live.snapshot();
            match self.judge(&view) {
                Some(next) => until = next,
                None => return,
            }
        }
    }

    /// Judges again: until when it holds, or that it does not.
    fn judge(&self, view: &Arc<crate::live::SessionView>) -> Option<Timestamp> {
        let worker = &self.connection.worker;
        let lens = worker.lens();
        let app = worker.bind(&lens, lens.snapshot.app(&self.app.live.app.id)?);
        let known = Recognised {
            app: app.live.app.id.clone(),
            token: Box::default(),
            until: Timestamp::NEVER,
            view: Arc::clone(view),
            generation: app.generation,
            said: OnceCell::new(),
            assertion: std::cell::RefCell::default(),
        };
        let now = worker.now();
        let asked = Asked { app: &app, lens: &lens, head: &self.head, path: &self.path, client: self.client, now };
        let (decision, until) = still_admitted(&self.connection, &known, asked)?;
        match decision.verdict {
            Verdict::Allow => Some(until),
            Verdict::Challenge(_) if self.lasting == Lasting::Finite => Some(until.max(now.plus(crate::base::Span::secs(1)))),
            Verdict::Challenge(_) | Verdict::Block { .. } | Verdict::NotAssigned(_) => None,
        }
    }
}
