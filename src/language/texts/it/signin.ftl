### Accesso con un codice per e-mail.

signin-title = Accesso
signin-intro = Non c’è una password. Inviamo un codice all’indirizzo che è stato invitato.
signin-address = Il suo indirizzo e-mail
signin-address-wrong = Questo non sembra un indirizzo e-mail. Lo scriva come nome@example.com.
signin-send = Inviami un codice
signin-not-invited = Non ha ancora un invito? Chieda a chi gestisce l’applicazione. Può accedere solo dopo aver accettato un invito.

code-title = Inserisca il codice
code-sent-if-known = Se { $address } ha accettato qui un invito, un’e-mail con un codice è in arrivo.
code-sent = Un’e-mail con un codice è in arrivo a { $address }.
code-lasts = Vale per { $lifetime }, e solo in questa pagina.
code-label = Codice dell’e-mail
code-left = { $n ->
    [1] Resta 1 tentativo.
   *[other] Restano { $n } tentativi.
}
code-continue = Continua
code-nothing-came = Non è arrivato niente? Guardi nella posta indesiderata. Si può chiedere un nuovo codice dopo { $wait }.
code-again = Invia un nuovo codice
code-other-address = Usa un altro indirizzo
code-wait = Attenda ancora { $wait } prima di chiedere un nuovo codice.
code-too-old = Questo codice è troppo vecchio. Ne chieda uno nuovo qui sotto.
code-too-many = Ci sono stati troppi tentativi. Chieda un nuovo codice, o aspetti un po’.
code-wrong = Questo non è il codice dell’ultima e-mail.
code-used = Questo codice è già stato usato. Ne chieda uno nuovo qui sotto.

no-entry-title = Il suo accesso è sospeso
no-entry-why = Il suo indirizzo è giusto, ma il suo accesso è sospeso o è stato rimosso.
no-entry-next = Se ne ha ancora bisogno, chieda alla persona che l’ha invitata.

rounds-signed-in = Qui l’accesso è attivo come { $address }, dal { $since }.
rounds-asked = { $host } ha chiesto l’accesso tre volte in un minuto, quindi non conserva il proprio cookie.
rounds-asked-more = { $host } chiede sempre altro, benché lei abbia mostrato tutto ciò che chiedeva.
rounds-cookies = Forse i cookie di { $host } sono bloccati, o l’orologio di questo dispositivo non è giusto.
rounds-clock = Qui è il { $now }.
rounds-no-access = In questo momento lì non ha un accesso valido.
