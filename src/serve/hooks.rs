//! Asks other programs about sign-ups: claims what is due, asks, and writes down what was said; again, and later each time, where there
//! was no answer.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    base::{Clock, Entropy, Name, Span},
    config::{ApprovalBy, Config, SignUp},
    directory::{Endowment, Occasion, Proposal, Request, RequestState},
    live::{Live, Snapshot},
    observe::causes,
    outbound::{HookAnswer, ask},
    store::{Store, StoreError},
    web::{
        Site,
        matter::{Desk, Told, Undecided},
    },
};

/// How often is looked whether a question is due.
const LOOK: Duration = Duration::from_millis(500);
/// Questions that are asked at once.
const CLAIM: usize = 8;
const FIRST_DELAY: Span = Span::secs(15);
const LONGEST_DELAY: Span = Span::hours(1);
/// The longest message to a person, in characters.
const LONGEST_MESSAGE: usize = 500;

/// Whoever asks.
#[derive(Debug, Clone)]
pub(super) struct Hooks {
    pub(super) store: Arc<dyn Store>,
    pub(super) live: Arc<Live>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
}

/// Runs until it is told to stop.
pub(super) async fn run(hooks: Hooks, stop: CancellationToken) {
    loop {
        if let Err(cause) = hooks.ask_all().await {
            tracing::error!(error = causes(&cause), "sign-ups that wait cannot be read");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return,
        }
    }
}

impl Hooks {
    async fn ask_all(&self) -> Result<(), StoreError> {
        let due = self.store.requests_due(self.clock.now(), CLAIM).await?;
        for request in futures_util::future::join_all(due.into_iter().map(|request| self.claim(request))).await {
            if let Some(request) = request? {
                self.ask_about(&request).await?;
            }
        }
        Ok(())
    }

    /// Puts the next attempt off before asking: whoever else looks meanwhile finds nothing due.
    async fn claim(&self, request: Request) -> Result<Option<Request>, StoreError> {
        let o = self.occasion();
        let RequestState::Checking { attempts, .. } = request.state else { return Ok(None) };
        let Ok((claimed, proposal)) = request.ask_again(&o, o.now.plus(delay(attempts))) else { return Ok(None) };
        match self.store.commit(proposal).await {
            Ok(_) => Ok(Some(claimed)),
            Err(StoreError::Conflict) => Ok(None),
            Err(other) => Err(other),
        }
    }

    async fn ask_about(&self, request: &Request) -> Result<(), StoreError> {
        let snapshot = self.live.snapshot();
        let config: &Config = &snapshot.config;
        let Some(signup) = config.app(&request.app).and_then(|app| app.signup.as_ref()) else { return Ok(()) };
        let said = match &signup.webhook {
            // Nobody is asked any more: people decide, or nobody.
            None => Some(HookAnswer::Continue { attributes: Default::default(), groups: Vec::new(), role: None }),
            Some(hook) => match ask(hook, &request.id.to_string(), self.clock.now(), body(request)).await {
                Ok(answer) => Some(answer),
                Err(cause) => {
                    tracing::warn!(request = %request.id, error = causes(&cause), "a sign-up waits for another attempt");
                    None
                }
            },
        };
        let Some(said) = said else { return Ok(()) };
        match self.follow(&snapshot, signup, request, said).await {
            Ok(Some(proposal)) => match self.store.commit(proposal).await {
                Ok(_) => self.live.nudge(),
                // It is asked again when it is due.
                Err(StoreError::Conflict) => {}
                Err(StoreError::Unmet(why)) => tracing::warn!(request = %request.id, %why, "a sign-up cannot go on"),
                Err(other) => return Err(other),
            },
            Ok(None) => {}
            Err(Undecided::Refused(refusal)) => tracing::warn!(request = %request.id, %refusal, "a sign-up cannot go on"),
            Err(Undecided::Store(StoreError::Unmet(why))) => tracing::warn!(request = %request.id, %why, "a sign-up cannot go on"),
            Err(Undecided::Store(cause)) => return Err(cause),
        }
        Ok(())
    }

    /// What comes of an answer.
    async fn follow(
        &self,
        snapshot: &Snapshot,
        signup: &SignUp,
        request: &Request,
        said: HookAnswer,
    ) -> Result<Option<Proposal>, Undecided> {
        let config: &Config = &snapshot.config;
        let site = Site::of(config, &snapshot.languages);
        let desk = Desk { store: &*self.store, config, site: &site, occasion: self.occasion() };
        Ok(match said {
            HookAnswer::Refuse { message } => {
                let message = message.map(|m| m.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_MESSAGE).collect());
                Some(desk.turn_down(request, message)?.1)
            }
            HookAnswer::Hold { seconds } => {
                let wait = seconds.map_or(LONGEST_DELAY, |s| Span::secs(i64::from(s)).min(Span::days(7)));
                Some(request.ask_again(&self.occasion(), self.clock.now().plus(wait))?.1)
            }
            HookAnswer::Continue { attributes, groups, role } => {
                let named = |text: &String| Name::parse(text).ok();
                let mut endowment: Endowment = request.endowment.clone();
                endowment.attributes.extend(attributes);
                endowment.groups.extend(groups.iter().filter_map(named));
                endowment.groups.dedup();
                endowment.role = role.as_ref().and_then(named).or(endowment.role);
                let enriched = Request { endowment: endowment.clone(), ..request.clone() };
                if signup.approval == ApprovalBy::Nobody {
                    Some(desk.pass(&enriched, Told::ByMail).await?.1)
                } else {
                    let mails = desk.to_deciders(&enriched);
                    Some(request.hand_on(&self.occasion(), endowment, mails)?.1)
                }
            }
        })
    }

    fn occasion(&self) -> Occasion<'_> {
        Occasion { now: self.clock.now(), entropy: &*self.entropy, from: None }
    }
}

/// What a program is told of a sign-up.
fn body(request: &Request) -> String {
    let fields: serde_json::Map<String, serde_json::Value> =
        request.answers.iter().map(|a| (a.name.clone(), serde_json::Value::String(a.value.clone()))).collect();
    serde_json::json!({
        "type": "signup.requested", "id": request.id, "app": request.app, "email": request.email, "name": request.name, "fields": fields,
        "created": request.created,
    })
    .to_string()
}

/// Twice as long after each attempt.
fn delay(attempts: u32) -> Span {
    let factor = 1_i64.checked_shl(attempts.min(20)).unwrap_or(i64::MAX);
    Span::millis(FIRST_DELAY.as_millis().saturating_mul(factor)).min(LONGEST_DELAY)
}
