### The members' own pages.

admin-title = Administration
admin-parts = Parts of the administration
admin-signed-in = You are signed in as { $address }.
admin-overview = Overview
admin-guests = Guests
admin-invitations = Invitations
admin-requests = Requests
admin-apps = Applications
admin-what-if = What if
admin-audit = Audit log
admin-members = Members
admin-failed = This did not work. Try again later.
admin-not-done = This was not done
admin-back = Back
admin-more = More
admin-any = any
admin-deeds = What you can do
admin-all-apps = All applications
admin-any-state = In any state

## Overview

admin-waiting = What waits for a decision
admin-waiting-none = Nothing waits for a decision.
admin-pending = Open invitations
admin-pending-none = There are none.
admin-ending = Accesses that end within { $span }
admin-ending-none = None ends so soon.
admin-ends = { $app }: until { $at }
admin-refused = Refused lately
admin-refused-none = Nobody was refused here since this gateway started.
admin-present = Who is in
admin-sessions-open = { $n ->
    [0] Nobody is in.
    [one] One session is open.
   *[other] { $n } sessions are open.
}
admin-health = The gateway
admin-well = well
admin-unwell = needs a look
admin-database = The database confirms what is in memory
admin-mails = Mail
admin-mails-waiting = { $n ->
    [0] No mail waits.
    [one] One mail waits.
   *[other] { $n } mails wait.
}
admin-in-force = in force
admin-held = new ones are held back
admin-held-what = Version { $version } would turn many people away. “guestgate policy pending” says whom, “guestgate policy apply” confirms it.
admin-certificate = Certificate of { $host }
admin-certificate-until = Valid until { $at }

## Guests

admin-search = Search
admin-search-words = Address, organisation or name; the beginning is enough
admin-search-none = Nobody was found.
admin-search-many = There are more than are shown. Type more of the address or the name.
admin-guests-none = There are no guests here.
admin-invite = Invite somebody
admin-active = active
admin-suspended = suspended
admin-removed = removed
admin-blocked-by = blocked by { $policies }
admin-blocked = blocked by a policy
admin-no-grant = no valid access
admin-refused-when = { $n ->
    [one] { $app }, { $at }
   *[other] { $app }, { $n } times, the last { $at }
}

## One guest

admin-done-suspend = The guest is suspended, from the next request on.
admin-done-resume = The guest may come again, and was told so by mail.
admin-done-sign-out = The guest was signed out everywhere.
admin-done-reset = What the guest could sign in with was taken away; the guest was told by mail how to begin anew.
admin-done-remove = The guest was removed. An administrator can bring the guest back for 30 days.
admin-done-restore = The guest is back as before.
admin-done-extend = The access lasts longer, and the guest was told so by mail.
admin-done-revoke = The access was ended.
admin-done-invite = The invitation is on its way.
admin-by-nobody = the gateway
admin-no-reason = no reason was given
admin-suspended-why = Suspended since { $since } by { $by }: { $why }
admin-removed-when = Removed { $at }
admin-since = Guest since
admin-invited-by = Invited by
admin-sponsor = Sponsor
admin-groups = Groups
admin-factors = Signs in with
admin-factors-held = { $passkeys ->
    [0] the mailbox
    [one] the mailbox, one passkey
   *[other] the mailbox, { $passkeys } passkeys
}{ $apps ->
    [0] {""}
   *[other] , an authenticator app
}
admin-grants = Access
admin-grants-none = There is no access.
admin-ended = ended
admin-from-until = From { $from } until { $until }
admin-role-is = Role: { $role }
admin-now-allow = A request of the latest session would pass now.
admin-now-block = A request would be blocked now, by { $policies }.
admin-now-challenge = A request would be asked for more now: { $needs }.
admin-now-none = A request would be refused now: there is no valid access.
admin-extend = Extend by { $span }
admin-revoke = End this access
admin-revoke-open = End this access …
admin-revoke-says = Open pages of this application stop working at once. You can invite the guest again.
admin-sessions = Open sessions
admin-sessions-none = The guest is not signed in.
admin-portal = Portal
admin-session-since = Since { $since }, last active { $last }, from { $place }
admin-happened = What happened
admin-reason = Reason
admin-suspend = Suspend
admin-suspend-open = Suspend …
admin-suspend-says = The guest is refused from the next request on, and open connections are closed. Nothing is lost; you can undo it here.
admin-resume = End the suspension
admin-sign-out = Sign out everywhere
admin-reset = Take sign-in methods away
admin-reset-open = Lost phone or stolen passkey …
admin-reset-says = Passkeys, authenticator app and recovery codes are removed, and all sessions end. The guest is told by mail how to begin anew.
admin-remove = Remove
admin-remove-open = Remove …
admin-remove-says = Every access and session ends. An administrator can bring the guest back for 30 days.
admin-restore = Bring back

## Invitations

admin-invitation = Invitation
admin-is-pending = open
admin-is-expired = expired
admin-is-redeemed = accepted
admin-is-revoked = withdrawn
admin-is-declined = declined
admin-invited-to = { $apps }, invited by { $by }, { $at }
admin-state = State
admin-name = Name
admin-app = Application
admin-created = Asked
admin-valid-until = Valid until
admin-message = Message
admin-mail = Mail
admin-mail-delayed = delayed; it is tried again
admin-mail-waiting = about to be sent
admin-mail-sent = sent
admin-mail-refused = refused by the mail server
admin-mail-bounced = came back
admin-to-guest = To the guest
admin-resend = Send again
admin-withdraw = Withdraw
admin-withdraw-open = Withdraw …
admin-withdraw-says = The link works no more. Nobody is told.
admin-withdraw-grants = It was accepted: the access that came of it ends.
admin-address = Mail address
admin-name-optional = Name (optional)
admin-role-optional = Role (optional)
admin-access-for = How long the access lasts
admin-span-help = Such as 30d or 12h.
admin-language = Language of the mail
admin-language-any = as usual
admin-message-optional = Message (optional)
admin-invite-send = Send the invitation

## Many invitations

admin-bulk = Invite many
admin-bulk-people = Whom
admin-bulk-help = One a line: the address, and if you like a comma and the name.
admin-bulk-look = Look at it first
admin-bulk-size = Paste between one and { $most } lines.
admin-bulk-preview = Nothing is sent yet
admin-bulk-lines = Line by line
admin-bulk-will = will be invited
admin-bulk-no-address = no mail address
admin-bulk-twice = there twice
admin-bulk-member = a member
admin-bulk-domain = of an organisation that may not be invited
admin-bulk-invited = invited already
admin-bulk-guest = has access already
admin-bulk-send = { $n ->
    [one] Send one invitation
   *[other] Send { $n } invitations
}
admin-bulk-done = invited
admin-bulk-report = Done
admin-bulk-sent = { $n ->
    [0] No invitation is on its way.
    [one] One invitation is on its way.
   *[other] { $n } invitations are on their way.
}

## Requests

admin-is-open = open
admin-is-checking = being checked
admin-is-approved = granted
admin-is-denied = refused
admin-is-withdrawn = withdrawn
admin-kind-sign-up = Sign-up
admin-kind-access = Access
admin-kind-extension = More time
admin-kind-approval = Approval of one session
admin-asks-for = { $what }: { $app }, { $at }
admin-decided = Decided
admin-decided-by = Decided by
admin-approve = Grant
admin-deny = Refuse
admin-deny-open = Refuse …
admin-deny-message = What the guest is told (optional)

## Applications

admin-policies-n = { $n ->
    [0] No policies: an access alone lets in.
    [one] One policy
   *[other] { $n } policies
}
admin-owners = Owners
admin-policy-version = Version of the policies
admin-policies = Policies
admin-policies-none = There are none: an access alone lets in.
admin-report-only = on trial
admin-off = off
admin-would-block = Would have blocked { $requests } requests of { $guests } guests since { $since }
admin-would-challenge = Would have asked for more at { $requests } requests of { $guests } guests since { $since }
admin-trials = Policies on trial
admin-trials-none = No policy is on trial.
admin-passes = passes
admin-fails = fails
admin-tests = Tests
admin-tests-none = There are none.
admin-as-written = As written

## What if

admin-what-if-of = What if, in { $app }
admin-fact-wrong = “{ $line }” is no fact; write it as “name: value”.
admin-guest-optional = Guest (optional)
admin-guest-help = An address. What is not said below is then as in the guest’s latest session.
admin-request = Request
admin-ip = Network address (optional)
admin-signed-in-with = Signed in with (optional)
admin-with-help = Such as: email-code, passkey
admin-facts-more = More facts (optional)
admin-facts-help = One a line, as in policy tests, such as “country: DE” or “device: known”.
admin-decide = Decide
admin-by-policies = By: { $what }
admin-unmet = Unmet: { $what }
admin-on-trial = On trial: { $what }
admin-grant-is = Access: { $what }
admin-decision = Decision
admin-result = Result
admin-applies = applies: { $applies }
admin-each-policy = Each policy
admin-decided-on = Decided on

## Audit log

admin-audit-none = Nothing was found.
admin-guest-who = Guest, by address or id
admin-event = What
admin-entry = { $at }, by { $who }

## Members

admin-role-administrator = Administrator
admin-role-inviter = Inviter
admin-role-owner = Owner of { $apps }
admin-passkeys = { $n ->
    [0] No passkey yet
    [one] One passkey
   *[other] { $n } passkeys
}
admin-link = Link to a passkey
admin-link-make = Make the link
admin-link-open = Link to a passkey …
admin-link-says = Whoever opens the link becomes this member by adding a passkey. It works once, for a day, and the audit log says that you made it.
admin-link-once = Give this link to its owner on a way that you trust. It is shown only now.

## Reviews

admin-reviews = Reviews
admin-review = Access review
admin-reviews-none = There has been no review yet.
admin-review-is = Opened { $opened }, answers until { $due }
admin-review-so-far = { $done ->
    [0] Nobody has answered yet
   *[other] { $done } of { $all } answered
}{ $kept ->
    [0] {""}
   *[other] , { $kept } kept
}{ $removed ->
    [0] {""}
   *[other] , { $removed } taken away
}{ $lapsed ->
    [0] {""}
   *[other] , { $lapsed } ended without an answer
}
admin-review-left = { $n ->
    [one] one waits for an answer
   *[other] { $n } wait for an answer
}
admin-review-answered = all are answered
admin-review-overdue = overdue
admin-review-closed = over
admin-review-begin = Begin a review
admin-review-begin-open = Begin a review out of turn
admin-review-begin-says = Everybody who has access now is asked about. Those who answer get a mail; what nobody has answered for in time ends.
admin-review-begun = The review is open, and those who answer have been told.
admin-review-waiting = Accesses that wait for an answer
admin-review-waiting-none = Nothing waits for an answer.
admin-review-report = Report as { $format }
admin-review-asked = Who is asked
admin-review-owners = the owners of the application
admin-review-sponsors = whoever is responsible for each guest, and the owners
admin-review-opened = Opened
admin-review-due = Answers until
admin-review-n-kept = Kept
admin-review-n-removed = Taken away
admin-review-n-lapsed = No answer
admin-review-progress = { $done } of { $all } answered
admin-review-used = last used { $at }
admin-review-unused = never used
admin-review-since = Since { $at }
admin-review-keep = Keep
admin-review-remove = Take away
admin-review-keep-all = { $n ->
    [one] Keep the one that is left
   *[other] Keep all { $n } that are left
}
admin-review-keep-all-says = It is written down of each that it is still needed.
admin-review-remove-all = { $n ->
    [one] Take away the one that is left
   *[other] Take away all { $n } that are left
}
admin-review-remove-all-says = The access ends at once, and the guest is told by mail.
admin-review-kept = It is written down that the access is still needed.
admin-review-removed = The access has ended, and the guest is told.
admin-review-decided = What was decided
admin-review-decided-none = Nothing has been decided yet.
admin-review-is-kept = kept
admin-review-is-removed = taken away
admin-review-is-lapsed = ended without an answer
admin-excluded-by = excludes { $what }
admin-exclusive = Only one of

## Tokens

admin-tokens = Tokens
admin-tokens-none = There are no tokens.
admin-token = New token
admin-token-once = This is shown once. Copy it now; nobody can look it up later.
admin-token-make = Make a token
admin-token-make-open = Make a token for a program
admin-token-name = Name, for you (optional)
admin-token-role = What it may do
admin-token-admin = everything
admin-token-owner = what an owner of the application below may do
admin-token-inviter = invite
admin-token-reader = look, and change nothing
admin-token-app = Application, of an owner’s token
admin-token-lasts = How long it holds; empty: until it is revoked
admin-token-revoke = Revoke
admin-token-revoke-open = Revoke this token
admin-token-revoke-says = Programs that show it are turned away at once, and tokens that were made with it end as well.
admin-token-revoked = The token has been revoked.
admin-token-is = { $role } · made { $created } by { $by }
admin-token-until = until { $at }
admin-token-last = last used { $at }
admin-token-unused = never used
admin-token-active = in force
admin-token-expired = run out
admin-token-ended = revoked

## Undoing

admin-grant-restore = Bring the access back
admin-done-grant-restore = The access is back as it was.
admin-template-none = Without a template
admin-template-says = From the template “{ $title }”: { $apps }.
