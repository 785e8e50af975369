### The first page and the account of somebody who is signed in.

home-title = Your applications
home-empty = There is nothing open to you right now. If you expected something here, ask whoever invited you.
home-until = Until { $until }
home-no-end = No end date
home-signed-in = Signed in as { $address }.
home-sign-out = Sign out

account-title = Your account
account-address = Address
account-name = Name
account-invitation = Invitation
# $apps is a list of applications, $inviter a name or an address.
account-accepted-from = { $apps }, from { $inviter }, accepted on { $at }
account-accepted = { $apps }, accepted on { $at }
account-signed-in = Where you are signed in
account-here = This browser
account-elsewhere = Another browser
account-since = Since { $since }, from { $place }
account-end = Sign this one out
account-sign-out = Sign out here
account-sign-out-everywhere = Sign out everywhere

language-label = Language
language-change = Change
