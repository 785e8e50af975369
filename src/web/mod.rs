//! What people and programs are shown: pages, problem answers, forms, mails, and the headers that keep them safe.
//!
//! Says nothing about who may see what; the planes decide that and ask here for the answer.

mod answer;
mod asset;
mod cookie;
mod device;
mod dossier;
mod form;
pub mod mail;
pub mod markdown;
pub mod matter;
mod member;
mod page;
mod problem;
mod refusal;
pub mod reviewing;
pub mod rules;

pub use answer::{Answer, HSTS, Reader, no_content_404, secure_page, secure_program};
pub use asset::{ASSET_PREFIX, asset};
pub use cookie::{Cookies, Keep, clear_cookie, read_cookie, set_cookie};
pub use device::device_name;
pub use dossier::dossier;
pub use form::{CrossSite, FormToken, LARGEST_FORM, check_origin};
pub use member::{MEMBER_LINK_LIFE, MEMBER_LINK_PREFIX, MemberLink, actor_of};
pub use page::{Chooser, Door, Peer, Route, Site, render};
pub use problem::{Exhausted, Problem, problem};
pub use refusal::{Portal, Refusal, Seen, continue_to, refuse, sign_in_at};
