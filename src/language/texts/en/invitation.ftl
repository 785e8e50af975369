### The page of an invitation, and what it says when it can no longer be accepted.

invitation-eyebrow = Invitation
# $inviter is a name or an address, $apps a list of applications.
invitation-title = { $inviter } invites you to { $apps }
invitation-message = { $inviter } writes:
invitation-get = What you get
invitation-lasts = { $app }, for { $lasts }
invitation-lasts-on = { $app }, until further notice
invitation-asked = What is asked of you
invitation-asked-mailed = Nothing but to accept. This link came to your mailbox, which is proof enough. Later you sign in with a code that we send there; there is no password.
invitation-asked-direct = This link did not come by mail, so we send a code to the address that was invited. You type it in on the next page; there is no password.
invitation-other = You are signed in here as { $address }. Accepting signs that out in this browser.
invitation-accept = Accept the invitation
invitation-accept-and-send = Accept and send me the code
invitation-small = The application will learn your mail address. If you did not expect this invitation, close this page: nothing happens. It can be accepted until { $expires }.

accepted-before-title = This invitation has already been accepted
accepted-before-next = Sign in with the address that was invited.
accepted-before-alarm = If it was not you who accepted it, tell whoever invited you.
revoked-title = This invitation has been withdrawn
revoked-why = It cannot be accepted any more.
revoked-next = If you expected it to work, ask whoever invited you.
declined-title = You have declined this invitation
declined-next = It cannot be accepted any more. If you have changed your mind, ask for a new one.
gone-title = This link does not work
gone-why = It may have expired, been replaced by a newer one, been used, or been copied incompletely.
gone-next = If you have accepted the invitation before, just sign in. Otherwise ask whoever invited you to send it again.
