### Members of the organisation: their first passkey, and the way to the administration.

member-title = You are a member here
member-why = This address belongs to a member of the organisation. Nobody is both member and guest, so the invitation cannot be accepted.
member-administration = Administration
enrol-title = Set up your passkey
enrol-who = It is for { $address }, a member of { $site }. From then on you sign in with it.
enrol-once = This link works once, until { $expires }.
enrol-gone-title = This link does not work any more
enrol-gone-why = It was used, it is too old, or another one has been made since.
enrol-gone-next = If you have a passkey here, sign in with it. Otherwise ask an administrator for a new link.
