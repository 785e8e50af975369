### Signing in by an emailed code.

signin-title = Sign in
signin-intro = There is no password. We send a code to the address that was invited.
signin-address = Your mail address
signin-address-wrong = This does not look like a mail address. Write it as name@example.com.
signin-send = Send me a code
signin-not-invited = Not invited yet? Ask the people who run the application. You can only sign in once you have accepted an invitation.

code-title = Type in the code
# Says nothing about whether $address is known.
code-sent-if-known = If { $address } has accepted an invitation here, a mail with a code is on its way.
code-sent = A mail with a code is on its way to { $address }.
code-lasts = It works for { $lifetime }, on this page only.
code-label = Code from the mail
code-left = { $n ->
    [one] 1 attempt left.
   *[other] { $n } attempts left.
}
code-continue = Continue
code-nothing-came = Nothing has come? Look into the spam folder. A new code can be asked for after { $wait }.
code-again = Send a new code
code-other-address = Use another address
code-wait = Please wait { $wait } before you ask for a new code.
code-too-old = This code is too old. Ask for a new one below.
code-too-many = There were too many attempts. Ask for a new code, or wait a while.
code-wrong = This is not the code from the latest mail.
code-used = This code has been used. Ask for a new one below.

no-entry-title = Your access is suspended
no-entry-why = Your address is right, but your access is suspended or was removed.
no-entry-next = If you still need it, ask whoever invited you.

## What was seen where signing in does not come to an end

rounds-signed-in = You are signed in here as { $address }, since { $since }.
rounds-asked = { $host } has asked for a sign-in three times within a minute, so it does not keep its own cookie.
rounds-asked-more = { $host } asks for more, again and again, although you have shown all that it has asked for.
rounds-cookies = The cookies of { $host } may be blocked or full, or the clock of this device may be wrong.
rounds-clock = Here it is { $now }.
rounds-no-access = You have no access to it that is valid now.
