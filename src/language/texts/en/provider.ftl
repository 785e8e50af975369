### Signing in with the account that somebody has at their own organisation.

## On the way there

# One of several steps, in a list.
step-provider = signing in with your organisation once more
step-provider-title = Sign in with your organisation
step-provider-why = { $app } asks you to sign in once more with your account at { $provider }.
step-provider-own = Before you change how you sign in here, sign in once more with your account at { $provider }.
provider-button = Continue to { $provider }
provider-choice-title = Sign in with your organisation
provider-choice-why = You have an account at { $provider }. Sign in with it, or have a code sent to your mailbox.
invitation-asked-provider = To accept, sign in with your account at { $provider }. It must be the account of the address that was invited.
invitation-accept-and-go = Accept and sign in
passkey-at-provider = Your organisation signs its people in itself. Type in your mail address, and you are taken there.

## What can go wrong

provider-again = Try again
provider-go-on = Show me another way
provider-away-title = Your organisation’s sign-in does not answer
provider-away-why = We cannot reach { $provider } at the moment, so nobody can sign in there.
provider-away-next = Try again in a few minutes. If it goes on, tell your organisation’s help desk.
provider-declined-title = You are not signed in
provider-declined-why = At { $provider } the sign-in was declined or broken off.
provider-declined-next = Try again. If it is declined again, ask your organisation’s help desk whether your account may be used here.
provider-late-title = This sign-in cannot go on
provider-late-why = It took too long, was finished before, or was begun in another browser.
provider-late-next = Begin again from here, or from the page that you were going to.
provider-wrong-title = This sign-in was not accepted
provider-wrong-why = What { $provider } has told us is not right, so you are not signed in.
provider-wrong-next = Try again. If it happens again, tell whoever invited you: it has to be put right by the people who run both sites.
provider-address-title = This account cannot be used here
provider-address-why = { $provider } does not tell us a verified mail address of your organisation for this account.
provider-address-next = Ask your organisation’s help desk to enter and verify the mail address of your account, then try again.
provider-person-title = This is another account
provider-person-why = The account that you have used at { $provider } is not the one that belongs to the address here.
provider-person-next = Sign out there, and sign in with the account of that address. If your account there is new, ask whoever invited you to reset how you sign in.
provider-not-enough-title = One more step
provider-not-enough-why = { $provider } has not told us that you have just signed in anew, or with a second factor.
provider-not-enough-next = So something else is needed before you can go on.
