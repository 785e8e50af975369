### Che cosa viene detto a chi non può passare.

refused-rule = Regola
refused-reference = Riferimento
refused-help = Se pensa che sia un errore, chieda aiuto e indichi il riferimento qui sotto.
refused-ask = Chieda aiuto e indichi il riferimento qui sotto.
refused-later = Riprovi fra un momento. Se non migliora, chieda aiuto e indichi il riferimento qui sotto.

blocked-title = Questo ora non è permesso
blocked-why = Una regola di questa applicazione non lo permette.

beyond-title = Serve più di quanto si può mostrare qui
beyond-why = Questa applicazione chiede quanto segue, e qui non c’è ancora modo di mostrarlo. Accedere di nuovo non servirebbe.

no-grant-title = Non ha accesso a questa applicazione
no-grant-why = L’accesso al sito è attivo, ma nessuno le ha dato accesso a questa applicazione.
no-grant-next = Chieda un invito a una di queste persone:
ended-title = Il suo accesso è finito
ended-why = L’accesso al sito è attivo, ma quello a questa applicazione valeva per un certo tempo, che è passato.
ended-next = Se ne ha ancora bisogno, chieda a una di queste persone:
not-yet-title = Il suo accesso non è ancora iniziato
not-yet-why = L’accesso al sito è attivo, ma quello a questa applicazione inizia un altro giorno.
not-yet-next = Se ne ha bisogno prima, chieda a una di queste persone:
suspended-title = Il suo accesso è sospeso
suspended-why = Qualcuno ha sospeso il suo accesso, quindi ora nessuna applicazione le è aperta. Accedere di nuovo non servirebbe.
suspended-next = Queste persone possono dirle di più, e farla entrare di nuovo:

need-title = Prima effettui l’accesso
need-why = La sua sessione è finita, oppure serve altro. Ciò che ha inviato non è stato consegnato.
need-next = Acceda in un’altra scheda, torni al modulo e lo invii di nuovo. Non chiuda questa pagina: tornando indietro vedrà ciò che ha scritto.
framed-title = Effettui l’accesso
framed-why = Questa parte della pagina richiede l’accesso.
framed-next = L’accesso si apre in tutta la finestra.

rounds-title = L’accesso non arriva alla fine
rounds-why = In un minuto è stato mandato più volte all’accesso. Perché non giri in tondo, ecco che cosa abbiamo visto.
rounds-next = Aspetti un minuto e riprovi. Se succede ancora, chieda aiuto e indichi il riferimento qui sotto.

unreadable-title = Questa richiesta non si può leggere
unreadable-why = Qualcosa nell’indirizzo o nel modulo non va, quindi non è stato fatto niente. Torni indietro e riprovi.
unreadable-detail = In termini tecnici:
broken-form-title = Questo modulo non si può leggere
broken-form-why = Manca un campo del modulo, o non è un modulo.
broken-form-next = Torni indietro, ricarichi la pagina e invii di nuovo il modulo.
cross-site-title = Questo modulo non è stato inviato da qui
cross-site-why = Il modulo viene da un altro sito, o il suo browser non ha detto da dove viene. Non è stato cambiato niente.
cross-site-next = Torni indietro, ricarichi la pagina e invii di nuovo il modulo.
not-found-title = Questa pagina non esiste
not-found-why = A questo indirizzo non c’è niente.
method-title = Qui non funziona
method-why = Questo indirizzo non accetta questo tipo di richiesta.
too-large-title = Questo è troppo grande
too-large-why = Ciò che ha inviato è più grande di quanto questa applicazione accetta.
too-large-next = Invii un file più piccolo.
misdirected-title = Questa richiesta è arrivata per la via sbagliata
misdirected-why = La connessione era stata aperta per un altro nome.
misdirected-next = Ricarichi la pagina.
too-many-title = Troppi tentativi
too-many-why = Ci sono stati troppi tentativi dalla sua rete.
too-many-next = Aspetti un po’ e riprovi.
head-title = Questa richiesta porta troppo con sé
head-why = L’indirizzo o i cookie di questa richiesta sono troppo lunghi.
head-next = Cancelli i cookie di questo sito e riprovi.

internal-title = Qui qualcosa è andato storto
internal-why = È colpa nostra, non sua.
bad-gateway-title = L’applicazione non risponde
bad-gateway-why = L’applicazione dietro questa pagina non è raggiungibile.
slow-title = L’applicazione è troppo lenta
slow-why = L’applicazione non ha risposto in tempo.
unavailable-title = Non disponibile in questo momento
unavailable-why = Ora l’accesso non si può controllare, quindi niente viene lasciato passare.
overloaded-title = L’applicazione è occupata
overloaded-why = L’applicazione dietro questa pagina ora non può prendere altre richieste.
