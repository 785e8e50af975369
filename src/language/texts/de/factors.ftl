### Passkeys, authenticator apps and recovery codes: showing them, setting them up, and the account's part about them.

## A passkey is asked for

step-passkey-title = Benutzen Sie Ihren Passkey
step-passkey-why = { $app } verlangt mehr als einen Code per Mail.
step-passkey-how = Ihr Gerät fragt nach Fingerabdruck, Gesicht oder PIN; nichts davon verlässt das Gerät.
step-passkey-button = Passkey benutzen
step-passkey-failed = Das hat nicht geklappt. Versuchen Sie es noch einmal, oder auf andere Weise.
passkey-without-script = Für Passkeys muss der Browser Skripte ausführen. Ihrer tut das nicht, oder er kennt keine Passkeys.
signin-passkey = Mit einem Passkey anmelden
signin-passkey-failed = Das hat nicht geklappt. Versuchen Sie es noch einmal, oder lassen Sie sich einen Code schicken.

## A passkey is not taken

passkey-refused-title = Nicht angenommen
passkey-not-taken = Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal, oder melden Sie sich auf andere Weise an.
passkey-too-late = Das hat zu lange gedauert oder war schon einmal da. Versuchen Sie es noch einmal.
passkey-not-now = Zeigen Sie zuerst noch einmal, dass Sie es sind: Öffnen Sie Ihr Konto und bestätigen Sie es dort.
passkey-too-many = Es sind zu viele Passkeys. Entfernen Sie einen, den Sie nicht mehr benutzen.
passkey-no-entry = Ihr Zugang ist gesperrt oder beendet. Wenn Sie ihn noch brauchen, fragen Sie die Person, die Sie eingeladen hat.
passkey-page-too-old = Diese Seite ist zu alt oder nicht von hier. Laden Sie sie neu.

## A passkey is set up

add-passkey-title = Richten Sie einen Passkey ein
add-passkey-what = Mit einem Passkey melden Sie sich mit Fingerabdruck, Gesicht oder der PIN Ihres Geräts an: ohne Code aus einer Mail, und ohne etwas, das Ihnen jemand auf einer falschen Seite stehlen könnte. Es dauert zehn Sekunden.
add-asked = { $app } verlangt ihn.
add-passkey-name = Wie Sie dieses Gerät nennen
add-passkey-button = Passkey einrichten
add-passkey-failed = Es wurde kein Passkey angelegt. Versuchen Sie es noch einmal, oder später.
add-not-now = Nicht jetzt
add-back = Zurück zu Ihrem Konto
machine-android = Android-Telefon
machine-iphone = iPhone
machine-ipad = iPad
machine-windows = Windows-Rechner
machine-mac = Mac
machine-linux = Linux-Rechner
machine-other = Mein Passkey

## A code of the authenticator app

step-totp-title = Der Code Ihrer Authenticator-App
step-totp-how = Öffnen Sie Ihre Authenticator-App und geben Sie die sechs Ziffern ein, die sie für { $site } zeigt.
step-totp-label = Code aus der App
step-continue = Weiter
step-own-why = Zeigen Sie, dass Sie es sind, bevor Sie ändern, wie Sie sich anmelden.
step-other-way = Auf andere Weise
totp-wrong = Das ist nicht der Code, den die App jetzt zeigt. Sehen Sie nach, ob die Uhr Ihres Telefons richtig geht.
totp-used = Dieser Code wurde schon benutzt. Warten Sie, bis die App den nächsten zeigt.
totp-too-many = Es waren zu viele Versuche. Warten Sie eine Weile, oder nehmen Sie einen anderen Weg.

## An authenticator app is set up

add-totp-title = Richten Sie eine Authenticator-App ein
add-totp-why = { $app } verlangt sie. Sie richten sie einmal ein und geben später den Code ein, den sie zeigt.
add-totp-open = Öffnen Sie auf Ihrem Telefon eine Authenticator-App, zum Beispiel die, die Sie bei der Arbeit benutzen, und fügen Sie ein Konto hinzu.
add-totp-scan = Richten Sie die Kamera hierher:
add-totp-picture = QR-Code für die Authenticator-App; derselbe Schlüssel steht darunter als Text
add-totp-type = oder geben Sie diesen Schlüssel für { $address } ein:
add-totp-code = Geben Sie die sechs Ziffern ein, die die App jetzt zeigt:
add-totp-wrong = Das ist nicht der Code, den die App für dieses Konto zeigt. Geben Sie den neuesten ein.

## Recovery codes

step-recovery-title = Benutzen Sie einen Wiederherstellungscode
step-recovery-how = Geben Sie einen der Codes ein, die Sie aufgeschrieben haben. Jeder gilt einmal; wir teilen Ihnen per Mail mit, dass er benutzt wurde.
step-recovery-label = Wiederherstellungscode
recovery-wrong = Das ist keiner Ihrer Wiederherstellungscodes, oder er wurde schon benutzt.
recovery-title = Ihre Wiederherstellungscodes
recovery-keep = Schreiben Sie sie auf oder drucken Sie sie, und bewahren Sie sie bei Ihren wichtigen Papieren auf. Jeder gilt einmal, anstelle Ihres Passkeys oder Ihrer Authenticator-App.
recovery-once = Sie werden nur jetzt gezeigt; frühere Codes gelten nicht mehr.
recovery-kept = Ich habe sie aufbewahrt

## The account

factors-title = Wie Sie sich anmelden
# A link in these words follows the first text.
factors-confirm = Um hier etwas zu ändern,
factors-confirm-link = zeigen Sie noch einmal, dass Sie es sind
factors-passkeys = Passkeys
factors-no-passkey = Noch keiner. Mit einem Passkey melden Sie sich mit Fingerabdruck, Gesicht oder der PIN Ihres Geräts an.
factors-passkey-since = Hinzugefügt { $since }, zuletzt benutzt { $used }
factors-other-name = Anderer Name
factors-rename = Umbenennen
factors-remove = { $name } entfernen
factors-add-passkey = Passkey hinzufügen
factors-app = Authenticator-App
factors-app-since = Eingerichtet { $since }
factors-no-app = Noch keine. Sie zeigt einen Code aus sechs Ziffern, den manche Anwendungen verlangen.
factors-remove-app = Authenticator-App entfernen
factors-recovery = Wiederherstellungscodes
factors-no-codes = Sie haben keine. Mit ihnen kommen Sie hinein, wenn Sie Passkey oder Telefon verloren haben.
factors-codes = { $n ->
    [one] Einer davon ist noch unbenutzt.
   *[other] { $n } davon sind noch unbenutzt.
}
factors-make-codes = Wiederherstellungscodes anlegen
factors-renew-codes = Neue Wiederherstellungscodes anlegen; die alten gelten nicht mehr

## Mails

mail-factors-subject = { $site }: wie Sie sich anmelden, hat sich geändert
mail-factors-passkey-added = Ihrem Konto wurde ein Passkey hinzugefügt.
mail-factors-passkey-removed = Aus Ihrem Konto wurde ein Passkey entfernt.
mail-factors-app-added = Ihrem Konto wurde eine Authenticator-App hinzugefügt.
mail-factors-app-removed = Aus Ihrem Konto wurde die Authenticator-App entfernt.
mail-factors-codes-made = Für Ihr Konto wurden Wiederherstellungscodes angelegt. Frühere gelten nicht mehr.
mail-factors-code-used = Einer Ihrer Wiederherstellungscodes wurde benutzt. Er gilt nicht mehr.
mail-factors-when = Das war am { $at }, von der Netzadresse { $place } aus.
mail-factors-signed-out = Andere Browser, die damit angemeldet waren, wurden abgemeldet.
mail-factors-not-you = Wenn Sie das nicht waren, sagen Sie es sofort den Betreibern dieser Seite: Jemand anderes liest vielleicht Ihre Mails.
mail-factors-reset = Ihre Passkeys, Ihre Authenticator-App und Ihre Wiederherstellungscodes wurden von den Betreibern dieser Seite entfernt, und Sie wurden überall abgemeldet.
mail-factors-reset-next = Melden Sie sich wieder mit einem Code an, den wir hierher schicken, und richten Sie Passkey oder Authenticator-App neu ein.
mail-factors-reset-unasked = Wenn Sie nicht darum gebeten haben, sagen Sie es ihnen.

step-certificate-title = Zeigen Sie Ihr Zertifikat
step-certificate-why = { $app } verlangt es.
step-certificate-how = Ihr Browser fragt, welches Zertifikat Sie zeigen möchten. Es muss auf die Adresse { $address } lauten.
step-certificate-button = Mein Zertifikat zeigen
signin-certificate = Mit einem Zertifikat anmelden
certificate-title = Ihr Zertifikat wurde nicht angenommen
certificate-none = Ihr Browser hat kein Zertifikat gezeigt. Wenn Sie eines haben, schließen Sie alle Fenster des Browsers, bevor Sie es noch einmal versuchen: Er merkt sich womöglich, dass Sie keines gewählt haben.
certificate-refused = Das Zertifikat ist abgelaufen, wurde zurückgezogen oder kommt von niemandem, der hier bekannt ist. Bitten Sie die Stelle, von der Sie es haben, um ein neues.
certificate-stranger = Das Zertifikat lautet auf niemanden, der hier hereinkommen darf, oder auf jemand anderen, als Sie angemeldet sind.
