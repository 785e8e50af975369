### Anmelden mit einem Code per Mail.

signin-title = Anmelden
signin-intro = Es gibt kein Passwort. Wir schicken einen Code an die Adresse, die eingeladen wurde.
signin-address = Ihre Mailadresse
signin-address-wrong = Das sieht nicht nach einer Mailadresse aus. Schreiben Sie sie wie name@example.com.
signin-send = Code schicken
signin-not-invited = Noch nicht eingeladen? Fragen Sie die Leute, die die Anwendung betreiben. Anmelden können Sie sich erst, wenn Sie eine Einladung angenommen haben.

code-title = Code eingeben
code-sent-if-known = Wenn { $address } hier eine Einladung angenommen hat, ist eine Mail mit einem Code unterwegs.
code-sent = Eine Mail mit einem Code ist unterwegs an { $address }.
code-lasts = Er gilt { $lifetime }, und nur auf dieser Seite.
code-label = Code aus der Mail
code-left = { $n ->
    [one] Noch 1 Versuch.
   *[other] Noch { $n } Versuche.
}
code-continue = Weiter
code-nothing-came = Nichts gekommen? Sehen Sie im Spam-Ordner nach. Wartezeit bis zu einem neuen Code: { $wait }.
code-again = Neuen Code schicken
code-other-address = Andere Adresse verwenden
code-wait = Bitte warten Sie noch { $wait }, bevor Sie einen neuen Code anfordern.
code-too-old = Dieser Code ist zu alt. Fordern Sie unten einen neuen an.
code-too-many = Das waren zu viele Versuche. Fordern Sie einen neuen Code an, oder warten Sie eine Weile.
code-wrong = Das ist nicht der Code aus der neuesten Mail.
code-used = Dieser Code wurde schon verwendet. Fordern Sie unten einen neuen an.

no-entry-title = Ihr Zugang ist gesperrt
no-entry-why = Ihre Adresse stimmt, aber Ihr Zugang ist gesperrt oder wurde entfernt.
no-entry-next = Fragen Sie die Person, die Sie eingeladen hat, wenn Sie ihn noch brauchen.

rounds-signed-in = Sie sind hier als { $address } angemeldet, seit { $since }.
rounds-asked = { $host } hat dreimal in einer Minute eine Anmeldung verlangt, behält also sein eigenes Cookie nicht.
rounds-asked-more = { $host } verlangt immer wieder mehr, obwohl Sie alles vorgewiesen haben, was verlangt war.
rounds-cookies = Vielleicht sind die Cookies von { $host } gesperrt, oder die Uhr dieses Geräts geht falsch.
rounds-clock = Hier ist es { $now }.
rounds-no-access = Sie haben dort zurzeit keinen gültigen Zugang.
