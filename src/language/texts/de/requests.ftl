### Was man annehmen soll, worum man bittet und was einem gewährt wird.

## Nutzungsbedingungen

terms-about = Fassung { $version }. { $site } bittet Sie, das zu lesen und anzunehmen.
terms-accepted-on = Fassung { $version }. Sie haben sie am { $at } angenommen.
terms-kept = Fassung { $version }, wie Sie sie am { $at } angenommen haben.
terms-check = Ich habe das gelesen und nehme es an.
terms-accept = Annehmen und weiter
terms-small = Wenn Sie es nicht annehmen wollen, schließen Sie diese Seite: es ändert sich nichts, und Sie können nicht benutzen, worum es geht. Was Sie angenommen haben, und einen Nachweis darüber, finden Sie auf der Seite Ihres Kontos.
terms-tick = Setzen Sie den Haken, um anzunehmen, oder schließen Sie diese Seite.
terms-changed = Der Text hat sich geändert, seit Sie diese Seite geöffnet haben. Bitte lesen Sie ihn noch einmal.
terms-back = Zurück
account-terms = Bedingungen, die Sie angenommen haben
account-terms-line = { $terms }, Fassung { $version }
account-terms-read = Lesen
account-terms-proof = Nachweis herunterladen
to-account = Ihr Konto
to-home = Ihre Anwendungen

## Selbst anmelden

signup-title = Um Zugang bitten
signup-intro = Zeigen Sie zuerst, dass Sie Ihre Mail lesen: wir schicken einen Code an Ihre Adresse. Es gibt kein Passwort.
signup-address = Ihre dienstliche Mailadresse
signup-known = Wurden Sie eingeladen, oder haben Sie schon Zugang?
signup-domain = Mit Adressen dieser Domain kann man hier nicht um Zugang bitten. Verwenden Sie die Adresse Ihrer Organisation.
signup-form-title = Ein paar Angaben
signup-proved = { $address } ist bestätigt.
signup-owners = Die Leute, die die Anwendung betreiben, lesen Ihre Angaben und entscheiden.
signup-name = Ihr Name
signup-name-wrong = Bitte geben Sie Ihren Namen an, mit höchstens { $most } Zeichen.
signup-optional = (freiwillig)
signup-send = Absenden
signup-wrong = { $n ->
    [one] Eine Angabe passt noch nicht.
   *[other] { $n } Angaben passen noch nicht.
}
signup-member-title = Sie müssen nicht um Zugang bitten
signup-member-why = Diese Adresse gehört einem Mitglied der Organisation, die die Anwendung betreibt. Mitglieder bitten hier nicht um Zugang.
signup-has-title = Sie haben schon Zugang
signup-has-why = Mit dieser Adresse kann man die Anwendung benutzen. Melden Sie sich einfach an.
signup-guest-title = Sie sind hier bekannt
signup-guest-why = Melden Sie sich mit dieser Adresse an; dann können Sie auf Ihrer eigenen Seite um Zugang bitten.
signup-late-title = Diese Seite ist zu alt
signup-late-why = Seit Sie Ihre Adresse bestätigt haben, ist zu viel Zeit vergangen. Fangen Sie noch einmal an.
signup-again = Noch einmal anfangen
answer-missing = Bitte füllen Sie das aus.
answer-most = Bitte verwenden Sie höchstens { $max } Zeichen.
answer-length = Bitte verwenden Sie { $min } bis { $max } Zeichen.
answer-form = Das hat nicht die erwartete Form.
answer-choice = Bitte wählen Sie etwas aus der Liste.
answer-date = Bitte schreiben Sie einen Tag wie 2026-12-31.
answer-email = Bitte schreiben Sie eine Adresse wie name@example.com.

## Auf eine Entscheidung warten

waiting-title = Es wird noch entschieden
waiting-checking = Ihre Angaben werden geprüft. Das dauert einen Augenblick.
waiting-approval = Die Leute, die die Anwendung betreiben, wurden gebeten, Sie jetzt einzulassen.
waiting-mail = Die Leute, die die Anwendung betreiben, entscheiden darüber. Sie bekommen eine Mail an { $address }.
waiting-since = Sie haben am { $at } gefragt. Entschieden werden kann bis { $until }.
waiting-page = Diese Seite sieht von selbst wieder nach. Sie können sie schließen und wiederkommen.
waiting-look = Jetzt nachsehen
waiting-granted-title = Ihre Bitte wurde erfüllt
waiting-granted = In einer Mail an { $address } steht ein Link, der Sie hineinlässt. Er beweist, dass die Adresse Ihre ist.
waiting-denied-title = Ihre Bitte wurde nicht erfüllt
waiting-denied = Ihre Bitte zu { $app } wurde nicht erfüllt.
waiting-over-title = Diese Bitte ist erledigt
waiting-over = Niemand hat rechtzeitig entschieden, oder Sie haben sie zurückgezogen. Sie können noch einmal fragen.

## Um eine Anwendung oder um mehr Zeit bitten

wish-access = Um Zugang bitten
wish-access-about = Die Leute, die die Anwendung betreiben, entscheiden.
wish-time = Um mehr Zeit bitten
wish-time-about = Ihr Zugang endet am { $until }.
wish-reason = Wofür brauchen Sie sie?
wish-reason-wrong = Bitte schreiben Sie mit 5 bis 500 Zeichen, wofür Sie sie brauchen.
wish-none-title = Es gibt nichts zu erbitten
wish-none = Sie haben schon Zugang, und er hat kein Ende.

## Ein Grund, und eingelassen werden

justify-title = Warum benutzen Sie sie jetzt?
justify-about = Diese Anwendung will wissen, warum Sie sie benutzen. Was Sie schreiben, wird aufbewahrt, und die Anwendung sieht es.
justify-label = Ihr Grund
justify-go = Weiter
approval-title = Jemand muss Sie einlassen
approval-about = Wer für diese Anwendung verantwortlich ist, wird jetzt per Mail gefragt. Auf der nächsten Seite können Sie warten.
approval-label = Was sollte man wissen?
approval-go = Jetzt fragen

## Anwendungen

tiles-offered = Darum können Sie bitten
tile-from = Ab { $from }
tile-ended = Ihr Zugang endete am { $until }.
tile-asked = Sie haben am { $at } gefragt; es ist noch nicht entschieden.
tile-closed = Gerade für Sie geschlossen.
tile-needs = Verlangt: { $needs }
tile-need-email-code = einen Code per Mail
tile-need-passkey = einen Passkey
tile-need-totp = eine Authenticator-App
tile-need-federated = eine Anmeldung bei { $provider }
tile-need-federated-any = eine Anmeldung bei Ihrer Organisation
tile-need-certificate = ein Zertifikat auf Ihrem Gerät
tile-need-second-factor = eine zweite Art der Anmeldung
tile-need-fresh-sign-in = eine neue Anmeldung
tile-need-terms = angenommene Bedingungen
tile-need-known-device = ein Gerät, das Sie hier schon benutzt haben
tile-need-approval = jemanden, der Sie einlässt
tile-need-justification = einen Grund

## Entscheiden

decide-sign-in-title = Melden Sie sich an, um zu entscheiden
decide-sign-in-why = Dieser Link führt zu etwas, das auf Ihre Entscheidung wartet. Er zeigt nicht, wer Sie sind; melden Sie sich also erst als Mitglied an.
decide-sign-in-next = In der Mail steht auch, wie man am Rechner des Gateways entscheidet.
decide-access = { $who } bittet um Zugang
decide-time = { $who } bittet um mehr Zeit
decide-approval = { $who } möchte eingelassen werden
decide-address = Adresse
decide-asked = Gefragt am
decide-reason = Grund
decide-ends = Endet am
decide-grant-of = Der Zugang von { $who }
decide-yes = Gewähren
decide-longer = Verlängern
decide-message = Was man erfährt, wenn Sie ablehnen
decide-no = Ablehnen
decide-granted = Gewährt am { $at } durch { $by }.
decide-denied = Abgelehnt am { $at } durch { $by }.
decide-by-nobody = das Gateway
decide-withdrawn = Zurückgezogen am { $at }.
decide-late = Es wurde nicht rechtzeitig entschieden.
decide-ended = Dieser Zugang hat geendet.

## Mails

matter-access = { $who } bittet um Zugang zu { $app }
matter-time = { $who } möchte { $app } länger benutzen
matter-approval = { $who } möchte in { $app } eingelassen werden
matter-writes = Dazu wird geschrieben: { $reason }
matter-until = Es geschieht nichts, wenn Sie nicht bis { $until } entscheiden.
matter-machine = Am Rechner des Gateways: guestgate requests approve { $id }, oder guestgate requests deny { $id }
matter-look = Ansehen und entscheiden
granted-access = Sie können { $app } jetzt benutzen
granted-access-line = Ihre Bitte wurde erfüllt: { $app } steht Ihnen offen.
granted-time = Sie können { $app } länger benutzen
granted-time-line = Ihre Bitte wurde erfüllt: Sie können { $app } länger benutzen.
granted-approval = Sie sind in { $app } eingelassen
granted-approval-line = Sie wurden in { $app } eingelassen. Gehen Sie zurück zur wartenden Seite, oder öffnen Sie die Anwendung noch einmal.
granted-go = Weiter
denied-title = Zu Ihrer Bitte wegen { $app }
denied-answer = Die Antwort: { $message }
reminder-title = Ihre Einladung zu { $apps } endet bald
reminder-line = Sie wurden zu { $apps } eingeladen und haben noch nicht angenommen.
reminder-until = Annehmen können Sie bis { $expires }. Sie brauchen kein Passwort.
reminder-ignore = Wenn Sie das nicht wollen, beachten Sie diese Mail nicht: ohne Ihre Annahme geschieht nichts.
reminder-go = Einladung ansehen und annehmen
ending-title = Ihr Zugang zu { $app } endet bald
ending-line = Ihr Zugang zu { $app } endet am { $until }.
ending-next = Wenn Sie ihn länger brauchen, bitten Sie auf Ihrer Seite darum.
guest-ending-title = Der Zugang von { $guest } zu { $app } endet bald
guest-ending-line = Der Zugang von { $guest } zu { $app } endet am { $until }.
guest-ending-next = Sie sind für diesen Gast verantwortlich. Wird der Zugang noch gebraucht, verlängern Sie ihn; sonst tun Sie nichts.
guest-ending-machine = Am Rechner des Gateways: guestgate grants extend { $grant }
access-over-title = Ihr Zugang zu { $app } hat geendet
access-over-line = Ihr Zugang zu { $app } hat geendet.
access-over-next = Wenn Sie ihn noch brauchen, fragen Sie, wer Sie eingeladen hat.
unused-line = Sie haben { $app } seit { $time } nicht benutzt, darum hat Ihr Zugang geendet.
unused-next = Wenn Sie ihn wieder brauchen, bitten Sie auf Ihrer Seite darum.
suspended-subject = Ihr Zugang ist gesperrt
suspended-decision = Ihr Zugang wurde gesperrt.
suspended-inactive = Sie haben Ihren Zugang lange nicht benutzt, darum wurde er gesperrt.
suspended-sponsor = Wer für Ihren Zugang verantwortlich war, ist nicht mehr da, darum wurde er gesperrt.
suspended-domain = Adressen Ihrer Organisation können hier nicht mehr benutzt werden, darum wurde Ihr Zugang gesperrt.
removed-subject = Ihr Konto wurde entfernt
removed-line = Ihnen stand hier lange nichts mehr offen, darum wurde Ihr Konto entfernt.
removed-next = Wenn Sie wieder Zugang brauchen, fragen Sie, wer Sie eingeladen hat; innerhalb von 30 Tagen kann das Konto wiederkommen, wie es war.
sponsor-title = { $guest } braucht jemanden, der verantwortlich ist
sponsor-line = { $sponsor } war für den Gast { $guest } verantwortlich und ist kein Mitglied mehr.
sponsor-until = Wenn niemand sonst verantwortlich wird, wird der Gast am { $at } gesperrt.
sponsor-machine = Am Rechner des Gateways: guestgate guests set { $guest } --sponsor ADDRESS
review-title = Werden die Zugänge zu { $app } noch gebraucht?
review-line = Gäste mit Zugang zu { $app }: { $n }. Sagen Sie bei jedem, ob er noch gebraucht wird.
review-next = Wofür bis { $until } niemand geantwortet hat, das endet.
review-reminder-title = Zugänge zu { $app } warten auf eine Antwort
review-left = Zugänge zu { $app }, für die noch niemand geantwortet hat: { $n }.
review-over-title = Die Überprüfung der Zugänge zu { $app } ist abgeschlossen
review-over-line = Behalten: { $kept }. Entzogen: { $removed }. Beendet, weil niemand geantwortet hat: { $lapsed }.
review-over-look = Den Bericht ansehen
