### Mails. Betreffzeilen sind eine Zeile.

mail-hello = Guten Tag,
mail-hello-name = Guten Tag { $name },
mail-support = Fragen? Schreiben Sie an { $address }.

mail-invitation-subject = { $inviter } lädt Sie ein zu { $apps }
mail-invitation-what = { $inviter } lädt Sie ein, { $apps } zu benutzen.
mail-invitation-lasts = Ihr Zugang gilt { $lasts }.
mail-invitation-message = { $inviter } schreibt:
mail-invitation-button = Einladung ansehen und annehmen
mail-invitation-expires = Der Link ist nur für Sie und gilt einmal, bis { $expires }. Ein Passwort brauchen Sie nicht.
mail-invitation-unexpected = Wenn Sie das nicht erwartet haben, beachten Sie diese Mail nicht: Es geschieht nichts, solange Sie nicht annehmen.

mail-copy-subject = Kopie: { $inviter } lädt { $invited } zu { $apps } ein
mail-copy-what = { $inviter } hat { $invited } eingeladen, { $apps } zu nutzen.
mail-copy-why = Sie erhalten diese Kopie, weil { $inviter } Sie angegeben hat. Sie enthält keinen Link: Nur { $invited } kann die Einladung annehmen.

mail-code-subject = Ihr Code für { $app }
mail-code-is = Ihr Code ist
mail-code-use = Geben Sie ihn auf der Seite ein, die danach gefragt hat. Er gilt { $lifetime }, einmal.
mail-code-asked = Was danach gefragt hat:
mail-code-app = Anwendung: { $app }
mail-code-time = Zeit: { $at }
mail-code-place = Ort: Netzadresse { $place }
mail-code-warning = Niemand von { $site } wird Sie je nach diesem Code fragen. Wenn Sie ihn nicht angefordert haben, beachten Sie diese Mail nicht: Ohne den Code kommt niemand hinein.

mail-suspended-subject = { $site }: Ihr Zugang ist gesperrt
mail-suspended-what = Ihr Zugang wurde gesperrt, und Sie wurden überall abgemeldet.
mail-suspended-asked = Jemand möchte sich bei { $site } mit Ihrer Adresse anmelden. In dieser Mail ist kein Code, weil Ihr Zugang gesperrt ist.
mail-ended-subject = { $site }: Ihr Zugang zu { $app } ist zu Ende
mail-ended-what = Ihr Zugang zu { $app } ist zu Ende.
mail-ask-inviter = Wenn Sie ihn noch brauchen, fragen Sie die Person, die Sie eingeladen hat.
mail-copy-link = Wenn der Knopf nicht geht, kopieren Sie das in Ihren Browser:
mail-reported-subject = { $site }: Eine Einladung wurde gemeldet
mail-reported-what = { $inviter } hat { $invited } eingeladen. Wer diese Einladung bekommen hat, hat sie abgelehnt und gemeldet.
mail-reported-id = Einladung: { $id }
mail-reported-next = Sehen Sie nach, wer warum eingeladen wurde: Vielleicht war es ein Versehen, vielleicht missbraucht jemand das Recht einzuladen.
