### What an application asks of somebody who is signed in, one step after another.

## The steps, as a list names what comes after this one

step-passkey = your passkey
step-totp = a code from your authenticator app
step-certificate = your certificate
step-email-code = a code by mail
step-add-passkey = a passkey, which you set up once
step-add-authenticator = an authenticator app, which you set up once
step-recovery = a recovery code
# $steps is such a list.
steps-after = After that: { $steps }.

## A code by mail

step-code-title = Show that it is you
step-code-why = Before you go on, { $app } asks you to show that it is still you.
step-code-how = We send a code to { $address }, and you type it in on the next page.
step-code-send = Send me a code
