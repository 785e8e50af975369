### The page of an invitation, and what it says when it can no longer be accepted.

invitation-eyebrow = Invitation
# $inviter is a name or an address, $apps a list of applications.
invitation-title = { $inviter } invites you to { $apps }
invitation-message = { $inviter } writes:
invitation-get = What you get
invitation-lasts = { $app }, for { $lasts }
invitation-lasts-on = { $app }, until further notice
invitation-asked = What is asked of you
invitation-asked-mailed = To accept, nothing but a click. This link came to your mailbox, which is proof enough that it is you.
invitation-asked-direct = This link did not come by mail, so we send a code to the address that was invited. You type it in on the next page.
invitation-asked-own = Nothing but a click: you are signed in here with the address that was invited.
invitation-asked-later = Later you sign in with a code that we send to your mailbox. There is no password.
# Stands before what else an application asks for.
invitation-asked-app = { $app } also asks for:
invitation-learns = The application will learn your mail address. It can be accepted until { $expires }.
invitation-accept = Accept the invitation
invitation-accept-and-send = Accept and send me the code
invitation-decline = Decline
invitation-unexpected = You did not expect this?
invitation-unexpected-next = You can close this page: nothing happens. If somebody bothers you with this invitation, report it. That declines it, and tells the people who run this site.
invitation-report = Report this invitation

other-person-title = Is this invitation for you?
# $invited is the invited address with most of it hidden.
other-person-why = The invitation is for { $invited }, but you are signed in here as { $address }.
other-person-mine = If both addresses are yours, go on. Accepting signs you out here as { $address }.
other-person-not-mine = If the invitation is for somebody else, leave it alone, and tell whoever sent you the link.
other-person-go-on = Show the invitation
other-person-stay = Go to my applications

accepted-before-title = This invitation has already been accepted
accepted-before-next = Sign in with the address that was invited.
accepted-before-alarm = If it was not you who accepted it, tell whoever invited you.
revoked-title = This invitation has been withdrawn
revoked-why = It cannot be accepted any more.
revoked-next = If you expected it to work, ask { $inviter }.
declined-title = You have declined this invitation
declined-next = It cannot be accepted any more. If you have changed your mind, ask { $inviter } for a new one.
expired-title = This invitation has expired
expired-why = It could be accepted until { $expires }.
expired-next = Ask { $inviter } to send it again.
reported-title = Thank you for telling us
reported-done = The invitation is declined, and the people who run this site have been told.
gone-title = This link does not work
gone-why = It may have been replaced by a newer one, or been copied incompletely.
gone-next = If you have accepted the invitation before, just sign in. Otherwise ask whoever invited you to send it again.

## What an application asks for besides the mailbox

need-passkey = a passkey: your fingerprint, your face or the PIN of your device instead of a password
need-totp = a code from an authenticator app on your phone
need-second-factor = a second way to show that it is you, such as a passkey or an authenticator app
need-federated = signing in with your organisation’s account
need-certificate = a certificate on your device
need-terms = accepting terms of use
need-known-device = a device that you have used here before
need-approval = that one of its owners lets you in
need-justification = a reason for your visit
excluded-title = This access excludes another one
excluded-why = Something that you have, or were offered, may not be had together with this.
excluded-next = Ask { $inviter } which of them you need.
