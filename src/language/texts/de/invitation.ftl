### Die Seite einer Einladung, und was sie sagt, wenn sie nicht mehr angenommen werden kann.

invitation-eyebrow = Einladung
invitation-title = { $inviter } lädt Sie ein zu { $apps }
invitation-message = { $inviter } schreibt:
invitation-get = Was Sie bekommen
invitation-lasts = { $app }, für { $lasts }
invitation-lasts-on = { $app }, bis auf Weiteres
invitation-asked = Was von Ihnen verlangt wird
invitation-asked-mailed = Zum Annehmen nur ein Klick. Dieser Link kam in Ihr Postfach, und das beweist genug, dass Sie es sind.
invitation-asked-direct = Dieser Link kam nicht per Mail. Darum schicken wir einen Code an die Adresse, die eingeladen wurde. Sie geben ihn auf der nächsten Seite ein.
invitation-asked-own = Nichts als ein Klick: Sie sind hier mit der eingeladenen Adresse angemeldet.
invitation-asked-later = Später melden Sie sich mit einem Code an, den wir in Ihr Postfach schicken. Es gibt kein Passwort.
invitation-asked-app = { $app } verlangt außerdem:
invitation-learns = Die Anwendung erfährt Ihre Mailadresse. Sie können die Einladung bis { $expires } annehmen.
invitation-accept = Einladung annehmen
invitation-accept-and-send = Annehmen und Code schicken
invitation-decline = Ablehnen
invitation-unexpected = Haben Sie das nicht erwartet?
invitation-unexpected-next = Sie können diese Seite schließen: Es geschieht nichts. Wenn jemand Sie mit dieser Einladung belästigt, melden Sie sie. Damit lehnen Sie ab, und die Betreiber dieser Seite erfahren davon.
invitation-report = Diese Einladung melden

other-person-title = Ist diese Einladung für Sie?
other-person-why = Die Einladung ist für { $invited }, aber Sie sind hier als { $address } angemeldet.
other-person-mine = Wenn beide Adressen Ihnen gehören, gehen Sie weiter. Beim Annehmen werden Sie hier als { $address } abgemeldet.
other-person-not-mine = Wenn die Einladung für jemand anderen ist, lassen Sie sie unberührt, und sagen Sie es der Person, die Ihnen den Link geschickt hat.
other-person-go-on = Einladung zeigen
other-person-stay = Zu meinen Anwendungen

accepted-before-title = Diese Einladung wurde schon angenommen
accepted-before-next = Melden Sie sich mit der Adresse an, die eingeladen wurde.
accepted-before-alarm = Wenn nicht Sie sie angenommen haben, sagen Sie es der Person, die Sie eingeladen hat.
revoked-title = Diese Einladung wurde zurückgezogen
revoked-why = Sie kann nicht mehr angenommen werden.
revoked-next = Wenn Sie etwas anderes erwartet haben, fragen Sie { $inviter }.
declined-title = Sie haben diese Einladung abgelehnt
declined-next = Sie kann nicht mehr angenommen werden. Wenn Sie es sich anders überlegt haben, bitten Sie { $inviter } um eine neue.
expired-title = Diese Einladung ist abgelaufen
expired-why = Sie konnte bis { $expires } angenommen werden.
expired-next = Bitten Sie { $inviter }, sie noch einmal zu schicken.
reported-title = Danke, dass Sie uns das gesagt haben
reported-done = Die Einladung ist abgelehnt, und die Betreiber dieser Seite wissen Bescheid.
gone-title = Dieser Link funktioniert nicht
gone-why = Vielleicht wurde er durch einen neueren ersetzt oder unvollständig kopiert.
gone-next = Wenn Sie die Einladung schon angenommen haben, melden Sie sich einfach an. Sonst bitten Sie die Person, die Sie eingeladen hat, sie noch einmal zu schicken.

need-passkey = einen Passkey: Fingerabdruck, Gesicht oder die PIN Ihres Geräts statt eines Passworts
need-totp = einen Code aus einer Authenticator-App auf Ihrem Telefon
need-second-factor = einen zweiten Nachweis, dass Sie es sind, etwa einen Passkey oder eine Authenticator-App
need-federated = die Anmeldung mit dem Konto Ihrer Organisation
need-certificate = ein Zertifikat auf Ihrem Gerät
need-terms = dass Sie Nutzungsbedingungen annehmen
need-known-device = ein Gerät, das Sie hier schon benutzt haben
need-approval = dass eine zuständige Person Sie einlässt
need-justification = einen Grund für Ihren Besuch
excluded-title = Dieser Zugang schließt einen anderen aus
excluded-why = Etwas, das Sie haben oder das Ihnen angeboten wurde, darf nicht zusammen damit vergeben werden.
excluded-next = Fragen Sie { $inviter }, welchen davon Sie brauchen.
