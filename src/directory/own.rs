//! What guests do with their own account: take along what is held about them, and leave.

use super::{ExportGuest, Guest, Holdings, Occasion, OutgoingMail, Proposal, Refusal, RemoveGuest, Warrant, audit::Event};

impl Guest {
    /// Writes down that somebody took along everything that is held about the guest.
    pub fn exported(&self, o: &Occasion<'_>, warrant: &Warrant<ExportGuest>) -> Result<Proposal, Refusal> {
        warrant.reaches_guest(self.id)?;
        Ok(Proposal::of_entry(o.entry(warrant.actor(), Event::GuestExported).guest(self)))
    }

    /// The guest leaves: every grant is revoked and every session ended, and whoever must know is told. It can be undone as a removal can.
    pub fn leave(
        &self,
        o: &Occasion<'_>,
        warrant: &Warrant<RemoveGuest>,
        holdings: Holdings<'_>,
        mails: Vec<OutgoingMail>,
    ) -> Result<(Self, Proposal), Refusal> {
        // Whoever is suspended leaves as well, but nobody leaves for somebody else.
        if warrant.actor().guest() != Some(self.id) {
            return Err(Refusal::Unwarranted);
        }
        let (guest, mut p) = self.remove(o, warrant, None, holdings)?;
        p.audit(o.entry(warrant.actor(), Event::GuestLeft).guest(self));
        Ok((guest, mails.into_iter().fold(p, Proposal::with_mail)))
    }
}
