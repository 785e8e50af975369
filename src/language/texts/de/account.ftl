### Die erste Seite und das Konto von jemandem, der angemeldet ist.

home-title = Ihre Anwendungen
home-empty = Zurzeit steht Ihnen nichts offen. Wenn Sie hier etwas erwartet haben, fragen Sie die Person, die Sie eingeladen hat.
home-until = Bis { $until }
home-no-end = Ohne Enddatum
home-signed-in = Angemeldet als { $address }.
home-sign-out = Abmelden

account-title = Ihr Konto
account-address = Adresse
account-name = Name
account-invitation = Einladung
account-accepted-from = { $apps }, von { $inviter }, angenommen am { $at }
account-accepted = { $apps }, angenommen am { $at }
account-signed-in = Wo Sie angemeldet sind
account-here = Dieser Browser
account-elsewhere = Ein anderer Browser
account-since = Seit { $since }, von { $place }
account-end = Hier abmelden
account-sign-out = Diesen Browser abmelden
account-sign-out-everywhere = Überall abmelden

language-label = Sprache
language-change = Wechseln
