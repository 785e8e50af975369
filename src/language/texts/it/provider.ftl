### Signing in with the account that somebody has at their own organisation.

step-provider = un nuovo accesso presso la sua organizzazione
step-provider-title = Acceda con la sua organizzazione
step-provider-why = { $app } le chiede di accedere ancora una volta con il suo account { $provider }.
step-provider-own = Prima di cambiare il modo in cui accede qui, acceda ancora una volta con il suo account { $provider }.
provider-button = Continua verso { $provider }
provider-choice-title = Acceda con la sua organizzazione
provider-choice-why = Lei ha un account { $provider }. Acceda con quello, o si faccia inviare un codice per e-mail.
invitation-asked-provider = Per accettare, acceda con il suo account { $provider }. Deve essere l’account dell’indirizzo invitato.
invitation-accept-and-go = Accetta e accedi
passkey-at-provider = La sua organizzazione identifica da sé le sue persone. Digiti il suo indirizzo e-mail e sarà portato lì.

provider-again = Riprova
provider-go-on = Mostra un altro modo
provider-away-title = L’accesso della sua organizzazione non risponde
provider-away-why = In questo momento non raggiungiamo { $provider }, quindi nessuno può accedere da lì.
provider-away-next = Riprovi tra qualche minuto. Se continua, avvisi l’assistenza della sua organizzazione.
provider-declined-title = L’accesso non è avvenuto
provider-declined-why = Presso { $provider } l’accesso è stato rifiutato o interrotto.
provider-declined-next = Riprovi. Se viene rifiutato di nuovo, chieda all’assistenza della sua organizzazione se il suo account può essere usato qui.
provider-late-title = Questo accesso non può proseguire
provider-late-why = Ha richiesto troppo tempo, è già stato completato o è stato iniziato in un altro browser.
provider-late-next = Ricominci da qui, o dalla pagina a cui voleva andare.
provider-wrong-title = Questo accesso non è stato accettato
provider-wrong-why = Ciò che { $provider } ci ha detto non è corretto, quindi l’accesso non è avvenuto.
provider-wrong-next = Riprovi. Se succede ancora, avvisi chi l’ha invitata: devono porvi rimedio i gestori di entrambi i siti.
provider-address-title = Questo account non può essere usato qui
provider-address-why = { $provider } non ci indica per questo account un indirizzo e-mail verificato della sua organizzazione.
provider-address-next = Chieda all’assistenza della sua organizzazione di inserire e verificare l’indirizzo e-mail del suo account, poi riprovi.
provider-person-title = Questo è un altro account
provider-person-why = L’account che ha usato presso { $provider } non è quello che corrisponde qui all’indirizzo.
provider-person-next = Esca da lì e acceda con l’account di quell’indirizzo. Se il suo account è nuovo, chieda a chi l’ha invitata di reimpostare il suo accesso.
provider-not-enough-title = Ancora un passo
provider-not-enough-why = { $provider } non ci ha detto che ha appena effettuato un nuovo accesso, né che ha usato un secondo fattore.
provider-not-enough-next = Serve quindi qualcos’altro prima di proseguire.
