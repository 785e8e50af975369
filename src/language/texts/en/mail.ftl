### Mails. Subjects are one line.

mail-hello = Hello,
mail-hello-name = Hello { $name },
mail-support = Questions? Write to { $address }.

mail-invitation-subject = { $inviter } invites you to { $apps }
mail-invitation-what = { $inviter } invites you to use { $apps }.
mail-invitation-lasts = Your access will last { $lasts }.
mail-invitation-message = { $inviter } writes:
mail-invitation-button = See the invitation and accept it
mail-invitation-expires = The link is for you alone and works once, until { $expires }. No password is needed.
mail-invitation-unexpected = If you did not expect this, ignore this mail: nothing happens unless you accept.

mail-copy-subject = Copy: { $inviter } invites { $invited } to { $apps }
mail-copy-what = { $inviter } has invited { $invited } to use { $apps }.
mail-copy-why = You get this copy because { $inviter } has named you. It holds no link: only { $invited } can accept the invitation.

mail-code-subject = Your code for { $app }
mail-code-is = Your code is
mail-code-use = Type it into the page that asked for it. It works for { $lifetime }, once.
mail-code-asked = What asked for it:
mail-code-app = Application: { $app }
mail-code-time = Time: { $at }
mail-code-place = Place: network address { $place }
mail-code-warning = Nobody from { $site } will ever ask you for this code. If you did not ask for it, ignore this mail: nobody gets in without the code.

mail-suspended-subject = { $site }: your access is suspended
mail-suspended-what = Your access has been suspended, and you have been signed out everywhere.
mail-suspended-asked = Somebody wants to sign in at { $site } with your address. There is no code in this mail, because your access is suspended.
mail-ended-subject = { $site }: your access to { $app } has ended
mail-ended-what = Your access to { $app } has ended.
mail-ask-inviter = If you still need it, ask whoever invited you.
mail-copy-link = If the button does not work, copy this into your browser:
mail-reported-subject = { $site }: an invitation was reported
mail-reported-what = { $inviter } has invited { $invited }. Whoever got that invitation has declined and reported it.
mail-reported-id = Invitation: { $id }
mail-reported-next = Look into who was invited and why: it may be a mistake, or somebody may misuse the right to invite.
