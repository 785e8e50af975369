### What guests do with their own account: take along what is held about them, and leave.

own-title = What is held about you
own-export-about = A file with everything that is kept about you here: invitations, access, sessions, ways to sign in, accepted terms, requests, and what was logged about you.
own-export = Download everything
own-leave-about = You can leave { $site } for good. Then nothing here is open to you any more.
own-leave = Leave { $site }
own-others-end = Sign out everywhere else
# $browser and $system are names such as Firefox and Linux.
own-device = { $browser } on { $system }
own-last = Last used on { $at }

leave-title = Leave { $site }?
leave-what = Your access ends, and you are signed out on every device. Whoever is responsible for you is told by mail.
leave-apps = This ends: { $apps }
leave-back = Within 30 days, whoever invited you can bring your account back as it was. What is in the applications themselves stays there.
leave-go = Leave now
leave-stay = Stay
left-title = You have left
left-line = Nothing at { $site } is open to you any more, and you are signed out everywhere. A mail to { $address } confirms it.

## Mails

mail-left-subject = You have left { $site }
mail-left-line = As you asked on { $at }, from the network address { $place }, your access has ended and you were signed out everywhere.
mail-left-back = If this was a mistake, or if it was not you, answer whoever invited you: within 30 days your account can be brought back as it was.
mail-guest-left-subject = { $guest } has left
mail-guest-left-line = The guest { $guest }, for whom you are responsible, has left. This ended: { $apps }
mail-guest-left-nothing = The guest { $guest }, for whom you are responsible, has left. Nothing was open to them.
mail-guest-left-machine = Within 30 days, at the machine of the gateway: guestgate guests restore { $guest }
unused-soon-title = Your access to { $app } is about to end
unused-soon-line = You have not used { $app } for some time. Unless you open it before { $at }, your access is suspended.
unused-soon-next = Opening it once is enough. If you do not need it any more, do nothing.
unused-soon-go = Open { $app }
longer-line = Your access to { $app } now lasts until { $until }.
back-subject = You can come again
back-line = Your access is open to you again, as it was before.
back-go = See your applications
