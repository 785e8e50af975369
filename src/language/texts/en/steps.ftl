### What an application asks of somebody who is signed in, one step after another.

## The steps, as a list names what comes after this one

step-email-code = a code by mail
# $steps is such a list.
steps-after = After that: { $steps }.

## A code by mail

step-code-title = Show that it is you
step-code-why = Before you go on, { $app } asks you to show that it is still you. We send a code to { $address }, and you type it in on the next page.
step-code-send = Send me a code
