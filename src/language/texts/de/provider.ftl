### Signing in with the account that somebody has at their own organisation.

step-provider = noch einmal die Anmeldung bei Ihrer Organisation
step-provider-title = Bei Ihrer Organisation anmelden
step-provider-why = { $app } möchte, dass Sie sich noch einmal mit Ihrem Konto bei { $provider } anmelden.
step-provider-own = Bevor Sie ändern, wie Sie sich hier anmelden, melden Sie sich noch einmal mit Ihrem Konto bei { $provider } an.
provider-button = Weiter zu { $provider }
provider-choice-title = Bei Ihrer Organisation anmelden
provider-choice-why = Sie haben ein Konto bei { $provider }. Melden Sie sich damit an, oder lassen Sie sich einen Code in Ihr Postfach schicken.
invitation-asked-provider = Zum Annehmen melden Sie sich mit Ihrem Konto bei { $provider } an. Es muss das Konto der eingeladenen Adresse sein.
invitation-accept-and-go = Annehmen und anmelden
passkey-at-provider = Ihre Organisation meldet ihre Leute selbst an. Geben Sie Ihre Mailadresse ein, dann kommen Sie dorthin.

provider-again = Noch einmal versuchen
provider-go-on = Anderen Weg zeigen
provider-away-title = Die Anmeldung Ihrer Organisation antwortet nicht
provider-away-why = Wir erreichen { $provider } im Moment nicht, deshalb kann sich dort niemand anmelden.
provider-away-next = Versuchen Sie es in ein paar Minuten noch einmal. Dauert es an, sagen Sie es dem Helpdesk Ihrer Organisation.
provider-declined-title = Sie sind nicht angemeldet
provider-declined-why = Bei { $provider } wurde die Anmeldung abgelehnt oder abgebrochen.
provider-declined-next = Versuchen Sie es noch einmal. Wird sie wieder abgelehnt, fragen Sie den Helpdesk Ihrer Organisation, ob Ihr Konto hier benutzt werden darf.
provider-late-title = Diese Anmeldung geht nicht weiter
provider-late-why = Sie hat zu lange gedauert, wurde schon abgeschlossen oder in einem anderen Browser begonnen.
provider-late-next = Beginnen Sie von hier aus neu, oder von der Seite, zu der Sie wollten.
provider-wrong-title = Diese Anmeldung wurde nicht angenommen
provider-wrong-why = Was { $provider } uns gesagt hat, stimmt nicht; deshalb sind Sie nicht angemeldet.
provider-wrong-next = Versuchen Sie es noch einmal. Geschieht es wieder, sagen Sie es der Person, die Sie eingeladen hat: Die Betreiber beider Seiten müssen es in Ordnung bringen.
provider-address-title = Dieses Konto kann hier nicht benutzt werden
provider-address-why = { $provider } nennt uns für dieses Konto keine bestätigte Mailadresse Ihrer Organisation.
provider-address-next = Bitten Sie den Helpdesk Ihrer Organisation, die Mailadresse Ihres Kontos einzutragen und zu bestätigen, und versuchen Sie es dann noch einmal.
provider-person-title = Das ist ein anderes Konto
provider-person-why = Das Konto, das Sie bei { $provider } benutzt haben, ist nicht das, das hier zu der Adresse gehört.
provider-person-next = Melden Sie sich dort ab, und melden Sie sich mit dem Konto dieser Adresse an. Ist Ihr Konto dort neu, bitten Sie die Person, die Sie eingeladen hat, Ihre Anmeldung zurückzusetzen.
provider-not-enough-title = Noch ein Schritt
provider-not-enough-why = { $provider } hat uns nicht gesagt, dass Sie sich gerade neu oder mit einem zweiten Faktor angemeldet haben.
provider-not-enough-next = Deshalb braucht es noch etwas anderes, bevor Sie weitergehen können.
