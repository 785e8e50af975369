### La pagina di un invito, e ciò che dice quando non si può più accettare.

invitation-eyebrow = Invito
invitation-title = { $inviter } la invita a usare { $apps }
invitation-message = { $inviter } scrive:
invitation-get = Che cosa riceve
invitation-lasts = { $app }, per { $lasts }
invitation-lasts-on = { $app }, fino a nuovo avviso
invitation-asked = Che cosa le viene chiesto
invitation-asked-mailed = Per accettare, solo un clic. Questo link è arrivato nella sua casella, e questo basta a provare che è lei.
invitation-asked-direct = Questo link non è arrivato per e-mail, quindi inviamo un codice all’indirizzo che è stato invitato. Lo inserirà nella pagina seguente.
invitation-asked-own = Solo un clic: ha effettuato l’accesso qui con l’indirizzo invitato.
invitation-asked-later = Più avanti accederà con un codice che invieremo alla sua casella. Non c’è una password.
invitation-asked-app = { $app } chiede anche:
invitation-learns = L’applicazione conoscerà il suo indirizzo e-mail. Si può accettare fino al { $expires }.
invitation-accept = Accetta l’invito
invitation-accept-and-send = Accetta e inviami il codice
invitation-decline = Rifiuta
invitation-unexpected = Non se lo aspettava?
invitation-unexpected-next = Può chiudere questa pagina: non succede niente. Se qualcuno la disturba con questo invito, lo segnali. Così lo rifiuta, e chi gestisce questo sito lo viene a sapere.
invitation-report = Segnala questo invito

other-person-title = Questo invito è per lei?
other-person-why = L’invito è per { $invited }, ma qui l’accesso è attivo come { $address }.
other-person-mine = Se entrambi gli indirizzi sono suoi, continui. Accettando, qui si esce da { $address }.
other-person-not-mine = Se l’invito è per qualcun altro, lo lasci stare, e avvisi la persona che le ha mandato il link.
other-person-go-on = Mostra l’invito
other-person-stay = Vai alle mie applicazioni

accepted-before-title = Questo invito è già stato accettato
accepted-before-next = Acceda con l’indirizzo che è stato invitato.
accepted-before-alarm = Se non è stato lei ad accettarlo, lo dica alla persona che l’ha invitata.
revoked-title = Questo invito è stato ritirato
revoked-why = Non si può più accettare.
revoked-next = Se si aspettava altro, chieda a { $inviter }.
declined-title = Ha rifiutato questo invito
declined-next = Non si può più accettare. Se ha cambiato idea, ne chieda uno nuovo a { $inviter }.
expired-title = Questo invito è scaduto
expired-why = Si poteva accettare fino al { $expires }.
expired-next = Chieda a { $inviter } di inviarlo di nuovo.
reported-title = Grazie di avercelo detto
reported-done = L’invito è rifiutato, e chi gestisce questo sito è stato avvisato.
gone-title = Questo link non funziona
gone-why = Forse è stato sostituito da uno più recente, o non è stato copiato per intero.
gone-next = Se ha già accettato l’invito, acceda semplicemente. Altrimenti chieda alla persona che l’ha invitata di inviarlo di nuovo.

need-passkey = una passkey: la sua impronta, il suo viso o il PIN del suo dispositivo al posto di una password
need-totp = un codice di un’app di autenticazione sul suo telefono
need-second-factor = una seconda prova che è lei, come una passkey o un’app di autenticazione
need-federated = l’accesso con l’account della sua organizzazione
need-certificate = un certificato sul suo dispositivo
need-terms = di accettare delle condizioni d’uso
need-known-device = un dispositivo che ha già usato qui
need-approval = che una persona responsabile la faccia entrare
need-justification = il motivo della sua visita
excluded-title = Questo accesso ne esclude un altro
excluded-why = Qualcosa che lei ha, o che le è stato offerto, non può essere dato insieme a questo.
excluded-next = Chieda a { $inviter } quale le serve.
