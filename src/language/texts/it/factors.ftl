### Passkeys, authenticator apps and recovery codes: showing them, setting them up, and the account's part about them.

## A passkey is asked for

step-passkey-title = Usi la sua passkey
step-passkey-why = { $app } chiede più di un codice per e-mail.
step-passkey-how = Il dispositivo le chiede l’impronta, il volto o il PIN; nulla di ciò lascia il dispositivo.
step-passkey-button = Usa una passkey
step-passkey-failed = Non ha funzionato. Riprovi, o usi un altro modo.
passkey-without-script = Le passkey richiedono un browser che esegua script. Il suo non lo fa, o non conosce le passkey.
signin-passkey = Accedi con una passkey
signin-passkey-failed = Non ha funzionato. Riprovi, o si faccia inviare un codice.

## A passkey is not taken

passkey-refused-title = Non accettata
passkey-not-taken = Questa passkey non è stata accettata. Riprovi, o acceda in un altro modo.
passkey-too-late = Ci è voluto troppo tempo, o era già stato fatto. Riprovi.
passkey-not-now = Prima mostri di nuovo che è lei: apra il suo account e lo confermi lì.
passkey-too-many = Ci sono troppe passkey. Ne rimuova una che non usa più.
passkey-no-entry = Il suo accesso è sospeso o terminato. Se le serve ancora, chieda a chi l’ha invitata.
passkey-page-too-old = Questa pagina è troppo vecchia, o non viene da qui. La ricarichi.

## A passkey is set up

add-passkey-title = Configuri una passkey
add-passkey-what = Con una passkey accede con l’impronta, il volto o il PIN del suo dispositivo: nessun codice per e-mail, e nulla che qualcuno possa rubarle su una pagina falsa. Bastano dieci secondi.
add-asked = { $app } la richiede.
add-passkey-name = Come chiama questo dispositivo
add-passkey-button = Configura una passkey
add-passkey-failed = Non è stata creata alcuna passkey. Riprovi, o lo faccia più tardi.
add-not-now = Non ora
add-back = Torna al suo account
machine-android = Telefono Android
machine-iphone = iPhone
machine-ipad = iPad
machine-windows = Computer Windows
machine-mac = Mac
machine-linux = Computer Linux
machine-other = La mia passkey

## A code of the authenticator app

step-totp-title = Il codice della sua app di autenticazione
step-totp-how = Apra l’app di autenticazione e digiti le sei cifre che mostra per { $site }.
step-totp-label = Codice dell’app
step-continue = Continua
step-own-why = Mostri che è lei prima di cambiare il modo in cui accede.
step-other-way = Usa un altro modo
totp-wrong = Non è il codice che l’app mostra adesso. Controlli che l’orologio del telefono sia giusto.
totp-used = Questo codice è già stato usato. Aspetti che l’app mostri il prossimo.
totp-too-many = Ci sono stati troppi tentativi. Aspetti un po’, o usi un altro modo.

## An authenticator app is set up

add-totp-title = Configuri un’app di autenticazione
add-totp-why = { $app } la richiede. La configura una volta, e poi digita il codice che mostra.
add-totp-open = Apra sul telefono un’app di autenticazione, per esempio quella che usa al lavoro, e aggiunga un account.
add-totp-scan = Inquadri qui con la fotocamera:
add-totp-picture = Codice QR per l’app di autenticazione; la stessa chiave è qui sotto come testo
add-totp-type = o digiti questa chiave per { $address }:
add-totp-code = Digiti le sei cifre che l’app mostra adesso:
add-totp-wrong = Non è il codice che l’app mostra per questo account. Digiti il più recente.

## Recovery codes

step-recovery-title = Usi un codice di recupero
step-recovery-how = Digiti uno dei codici che ha annotato. Ciascuno vale una volta; le comunichiamo per e-mail che è stato usato.
step-recovery-label = Codice di recupero
recovery-wrong = Non è uno dei suoi codici di recupero, o è già stato usato.
recovery-title = I suoi codici di recupero
recovery-keep = Li annoti o li stampi, e li conservi con le altre carte importanti. Ciascuno vale una volta, al posto della passkey o dell’app di autenticazione.
recovery-once = Sono mostrati solo adesso; i codici precedenti non valgono più.
recovery-kept = Li ho conservati

## The account

factors-title = Come accede
# A link in these words follows the first text.
factors-confirm = Per cambiare qualcosa qui,
factors-confirm-link = mostri di nuovo che è lei
factors-passkeys = Passkey
factors-no-passkey = Ancora nessuna. Con una passkey accede con l’impronta, il volto o il PIN del dispositivo.
factors-passkey-since = Aggiunta il { $since }, usata l’ultima volta il { $used }
factors-other-name = Altro nome
factors-rename = Rinomina
factors-remove = Rimuovi { $name }
factors-add-passkey = Aggiungi una passkey
factors-app = App di autenticazione
factors-app-since = Configurata il { $since }
factors-no-app = Ancora nessuna. Mostra un codice di sei cifre che alcune applicazioni richiedono.
factors-remove-app = Rimuovi l’app di autenticazione
factors-recovery = Codici di recupero
factors-no-codes = Non ne ha. La fanno entrare quando ha perso la passkey o il telefono.
factors-codes = { $n ->
    [one] Uno non è stato usato.
   *[other] { $n } non sono stati usati.
}
factors-make-codes = Crea codici di recupero
factors-renew-codes = Crea nuovi codici di recupero; quelli vecchi non valgono più

## Mails

mail-factors-subject = { $site }: il modo in cui accede è cambiato
mail-factors-passkey-added = Una passkey è stata aggiunta al suo account.
mail-factors-passkey-removed = Una passkey è stata rimossa dal suo account.
mail-factors-app-added = Un’app di autenticazione è stata aggiunta al suo account.
mail-factors-app-removed = L’app di autenticazione è stata rimossa dal suo account.
mail-factors-codes-made = Sono stati creati codici di recupero per il suo account. Quelli precedenti non valgono più.
mail-factors-code-used = Uno dei suoi codici di recupero è stato usato. Non vale più.
mail-factors-when = È successo il { $at }, dall’indirizzo di rete { $place }.
mail-factors-signed-out = Gli altri browser che vi avevano avuto accesso sono stati disconnessi.
mail-factors-not-you = Se non è stata lei, lo dica subito a chi gestisce questo sito: forse qualcun altro legge la sua posta.
mail-factors-reset = Le sue passkey, la sua app di autenticazione e i suoi codici di recupero sono stati rimossi da chi gestisce questo sito, e lei è stata disconnessa ovunque.
mail-factors-reset-next = Acceda di nuovo con un codice che inviamo qui, e configuri di nuovo una passkey o un’app di autenticazione.
mail-factors-reset-unasked = Se non l’ha chiesto, glielo dica.

step-certificate-title = Mostri il suo certificato
step-certificate-why = { $app } lo chiede.
step-certificate-how = Il browser chiede quale certificato mostrare. Deve riportare l’indirizzo { $address }.
step-certificate-button = Mostra il mio certificato
signin-certificate = Accedi con un certificato
certificate-title = Il suo certificato non è stato accettato
certificate-none = Il browser non ha mostrato alcun certificato. Se ne ha uno, chiuda tutte le finestre del browser prima di riprovare: forse ricorda che non ne ha scelto nessuno.
certificate-refused = Il certificato è scaduto, è stato ritirato o non viene da nessuno che qui sia conosciuto. Ne chieda uno nuovo a chi gliel’ha dato.
certificate-stranger = Il certificato non indica nessuno che possa entrare qui, oppure indica una persona diversa da quella che ha effettuato l’accesso.
