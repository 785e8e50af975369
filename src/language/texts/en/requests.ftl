### What people are asked to accept, what they ask for, and what is granted to them.

## Terms of use

terms-about = Version { $version }. { $site } asks you to read and accept it.
terms-accepted-on = Version { $version }. You accepted it on { $at }.
terms-kept = Version { $version }, as you accepted it on { $at }.
terms-check = I have read this and I accept it.
terms-accept = Accept and continue
terms-small = If you do not want to accept it, close this page: nothing is changed, and you cannot use what it is about. You find what you have accepted, and a proof of it, on your account page.
terms-tick = Tick the box to accept, or close this page.
terms-changed = The text has changed since you opened this page. Please read it again.
terms-back = Go back
account-terms = Terms that you accepted
account-terms-line = { $terms }, version { $version }
account-terms-read = Read it
account-terms-proof = Download the proof
to-account = Your account
to-home = Your applications

## Signing up

signup-title = Ask for access
signup-intro = First show that you read your mail: we send a code to your address. There is no password.
signup-address = Your mail address at work
signup-known = Have you been invited, or do you have access already?
signup-domain = Addresses of this domain cannot sign up here. Use the one of your organisation.
signup-form-title = Tell us about you
signup-proved = { $address } is proved.
signup-owners = The people who run the application look at what you write here and decide.
signup-name = Your name
signup-name-wrong = Please write your name, with at most { $most } characters.
signup-optional = (optional)
signup-send = Send
signup-wrong = { $n ->
    [one] One answer needs another look.
   *[other] { $n } answers need another look.
}
signup-member-title = You need not sign up
signup-member-why = This address belongs to a member of the organisation that runs the application. Members do not sign up here.
signup-has-title = You can use it already
signup-has-why = This address has access to the application. Just sign in.
signup-guest-title = You are known here
signup-guest-why = Sign in with this address; then you can ask for access on your own page.
signup-late-title = This page is too old
signup-late-why = Too much time has passed since you proved your address. Begin again.
signup-again = Begin again
answer-missing = Please answer this.
answer-most = Please use at most { $max } characters.
answer-length = Please use { $min } to { $max } characters.
answer-form = This does not have the expected form.
answer-choice = Please choose one from the list.
answer-date = Please write a day as 2026-12-31.
answer-email = Please write an address as name@example.com.

## Waiting for a decision

waiting-title = Waiting for a decision
waiting-checking = What you wrote is being checked. This takes a moment.
waiting-approval = The people who run the application were asked to let you in now.
waiting-mail = The people who run the application decide about it. You get a mail at { $address }.
waiting-since = You asked on { $at }. It can be decided until { $until }.
waiting-page = This page looks again by itself. You can close it and come back.
waiting-look = Look now
waiting-granted-title = Your request was granted
waiting-granted = A mail to { $address } has a link that lets you in. It is proof that the address is yours.
waiting-denied-title = Your request was not granted
waiting-denied = What you asked for about { $app } was not granted.
waiting-over-title = This request is over
waiting-over = Nobody has decided in time, or you took it back. You can ask again.

## Asking for an application, or for more time

wish-access = Ask for access
wish-access-about = The people who run the application decide.
wish-time = Ask for more time
wish-time-about = Your access ends on { $until }.
wish-reason = What do you need it for?
wish-reason-wrong = Please say in 5 to 500 characters what you need it for.
wish-none-title = There is nothing to ask for
wish-none = You can use it already, and your access has no end.

## A reason, and being let in

justify-title = Why do you use it now?
justify-about = This application wants to know why you use it. What you write is kept, and the application sees it.
justify-label = Your reason
justify-go = Continue
approval-title = Somebody has to let you in
approval-about = An owner of this application is asked now, by mail. You can wait on the next page.
approval-label = What should they know?
approval-go = Ask now

## Applications

tiles-offered = You can ask for
tile-from = From { $from }
tile-ended = Your access ended on { $until }.
tile-asked = You asked on { $at }; nobody has decided yet.
tile-closed = Closed to you right now.
tile-needs = Needs { $needs }
tile-need-email-code = a code by mail
tile-need-passkey = a passkey
tile-need-totp = an authenticator app
tile-need-federated = a sign-in at { $provider }
tile-need-federated-any = a sign-in at your organisation
tile-need-certificate = a certificate on your device
tile-need-second-factor = a second way to sign in
tile-need-fresh-sign-in = a fresh sign-in
tile-need-terms = terms to be accepted
tile-need-known-device = a device that you have used here before
tile-need-approval = somebody to let you in
tile-need-justification = a reason

## Deciding

decide-sign-in-title = Sign in to decide
decide-sign-in-why = This link leads to something that waits for your decision. It does not show who you are, so sign in as a member first.
decide-sign-in-next = The mail also says how to decide at the machine of the gateway.
decide-access = { $who } asks for access
decide-time = { $who } asks for more time
decide-approval = { $who } waits to be let in
decide-address = Address
decide-asked = Asked on
decide-reason = Reason
decide-ends = Ends on
decide-grant-of = The access of { $who }
decide-yes = Grant it
decide-longer = Make it last longer
decide-message = What they are told, if you refuse
decide-no = Do not grant it
decide-granted = Granted on { $at } by { $by }.
decide-denied = Not granted on { $at } by { $by }.
decide-by-nobody = the gateway
decide-withdrawn = Taken back on { $at }.
decide-late = It was not decided in time.
decide-ended = This access has ended.

## Mails

matter-access = { $who } asks for access to { $app }
matter-time = { $who } asks to use { $app } for longer
matter-approval = { $who } waits to be let into { $app }
matter-writes = They write: { $reason }
matter-until = Nothing happens unless you decide, until { $until }.
matter-machine = At the machine of the gateway: guestgate requests approve { $id }, or guestgate requests deny { $id }
matter-look = Look at it and decide
granted-access = You can use { $app } now
granted-access-line = Your request was granted: { $app } is open to you.
granted-time = You can use { $app } for longer
granted-time-line = Your request was granted: you can use { $app } for longer.
granted-approval = You are let into { $app }
granted-approval-line = You were let into { $app }. Go back to the page that waits, or open the application again.
granted-go = Go on
denied-title = About your request for { $app }
denied-answer = The answer: { $message }
reminder-title = Your invitation to { $apps } ends soon
reminder-line = You were invited to { $apps }, and have not accepted yet.
reminder-until = The invitation can be accepted until { $expires }. No password is needed.
reminder-ignore = If you do not want it, ignore this mail: nothing happens unless you accept.
reminder-go = See the invitation and accept it
ending-title = Your access to { $app } ends soon
ending-line = Your access to { $app } ends on { $until }.
ending-next = If you need it for longer, ask for it on your page.
guest-ending-title = The access of { $guest } to { $app } ends soon
guest-ending-line = The access of { $guest } to { $app } ends on { $until }.
guest-ending-next = You are responsible for this guest. If the access is still needed, make it last longer; otherwise do nothing.
guest-ending-machine = At the machine of the gateway: guestgate grants extend { $grant }
access-over-title = Your access to { $app } has ended
access-over-line = Your access to { $app } has ended.
access-over-next = If you still need it, ask whoever invited you.
unused-line = You have not used { $app } for { $time }, so your access to it has ended.
unused-next = If you need it again, ask for it on your page.
suspended-subject = Your access is suspended
suspended-decision = Your access has been suspended.
suspended-inactive = You have not used your access for a long time, so it has been suspended.
suspended-sponsor = Whoever was responsible for your access has left, so it has been suspended.
suspended-domain = Addresses of your organisation cannot be used here any more, so your access has been suspended.
removed-subject = Your account was removed
removed-line = Nothing has been open to you here for a long time, so your account was removed.
removed-next = If you need access again, ask whoever invited you; within 30 days it can be brought back as it was.
sponsor-title = { $guest } needs somebody who is responsible
sponsor-line = { $sponsor }, who was responsible for the guest { $guest }, is not a member any more.
sponsor-until = Unless somebody else becomes responsible, the guest is suspended on { $at }.
sponsor-machine = At the machine of the gateway: guestgate guests set { $guest } --sponsor ADDRESS
review-title = Are the accesses to { $app } still needed?
review-line = Guests who have access to { $app }: { $n }. Say of each whether it is still needed.
review-next = What nobody has answered for on { $until } ends.
review-reminder-title = Accesses to { $app } wait for an answer
review-left = Accesses to { $app } that nobody has answered for: { $n }.
review-over-title = The review of the accesses to { $app } is over
review-over-line = Kept: { $kept }. Taken away: { $removed }. Ended because nobody answered: { $lapsed }.
review-over-look = See the report
