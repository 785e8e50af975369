### What somebody is told whom the gateway does not let through.

refused-rule = Rule
refused-reference = Reference
refused-help = If you think that this is a mistake, ask for help and name the reference below.
refused-ask = Ask for help and name the reference below.
refused-later = Try again in a moment. If it does not get better, ask for help and name the reference below.

blocked-title = This is not allowed right now
blocked-why = A rule of this application does not allow this request.

beyond-title = More is needed than can be shown here
beyond-why = This application asks for the following, and there is no way to show it here yet. Signing in again would not help.

no-grant-title = You have no access to this application
no-grant-why = You are signed in, but nobody has given you access to this application.
no-grant-next = Ask one of these people to invite you:
ended-title = Your access has ended
ended-why = You are signed in, but your access to this application was for a certain time, and that is over.
ended-next = If you still need it, ask one of these people:
not-yet-title = Your access has not begun yet
not-yet-why = You are signed in, but your access to this application begins on a later day.
not-yet-next = If you need it earlier, ask one of these people:
suspended-title = Your access is suspended
suspended-why = Somebody has suspended your access, so no application is open to you at the moment. Signing in again would not help.
suspended-next = These people can tell you more, and can let you in again:

need-title = Please sign in first
need-why = Your session has ended, or more is needed to go on. What you sent was not delivered.
need-next = Sign in in another tab, come back to the form, and send it again. Do not close this page: going back shows what you typed.
framed-title = Please sign in
framed-why = This part of the page needs you to sign in.
framed-next = Signing in happens in the whole window.

rounds-title = Signing in does not come to an end
rounds-why = You were sent to sign in several times within a minute. So that you do not go round in circles, here is what was seen.
rounds-next = Wait a minute and try again. If it happens again, ask for help and name the reference below.

unreadable-title = This request cannot be read
unreadable-why = Something about the address or the form is not as it should be, so nothing was done. Go back and try again.
unreadable-detail = In technical words:
broken-form-title = This form cannot be read
broken-form-why = A field of the form is missing, or it is no form.
broken-form-next = Go back, reload the page, and send the form again.
cross-site-title = This form was not sent from here
cross-site-why = The form came from another site, or your browser did not say where it came from. Nothing was changed.
cross-site-next = Go back, reload the page, and send the form again.
not-found-title = There is no such page
not-found-why = Nothing is at this address.
method-title = This does not work here
method-why = The address does not accept this kind of request.
too-large-title = This is too large
too-large-why = What you sent is larger than this application accepts.
too-large-next = Send a smaller file.
misdirected-title = This request came the wrong way
misdirected-why = The connection was opened for another host.
misdirected-next = Reload the page.
too-many-title = Too many attempts
too-many-why = There were too many attempts from your network.
too-many-next = Wait a while and try again.
head-title = This request has too much around it
head-why = The address or the cookies of this request are too long.
head-next = Delete the cookies of this site and try again.

internal-title = Something went wrong here
internal-why = This is our fault, not yours.
bad-gateway-title = The application does not answer
bad-gateway-why = The application behind this page cannot be reached.
slow-title = The application is too slow
slow-why = The application did not answer in time.
unavailable-title = Not available right now
unavailable-why = Access cannot be checked at the moment, so nothing is let through.
overloaded-title = The application is busy
overloaded-why = The application behind this page cannot take more requests at the moment.
