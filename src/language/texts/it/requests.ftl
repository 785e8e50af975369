### Ciò che si chiede di accettare, ciò che si chiede e ciò che viene concesso.

## Condizioni d’uso

terms-about = Versione { $version }. { $site } le chiede di leggerla e accettarla.
terms-accepted-on = Versione { $version }. L’ha accettata il { $at }.
terms-kept = Versione { $version }, come l’ha accettata il { $at }.
terms-check = Ho letto questo testo e lo accetto.
terms-accept = Accetta e continua
terms-small = Se non vuole accettarlo, chiuda questa pagina: non cambia nulla, e non può usare ciò di cui si tratta. Ciò che ha accettato, con una prova, si trova nella pagina del suo account.
terms-tick = Spunti la casella per accettare, o chiuda questa pagina.
terms-changed = Il testo è cambiato da quando ha aperto questa pagina. Lo rilegga.
terms-back = Indietro
account-terms = Condizioni che ha accettato
account-terms-line = { $terms }, versione { $version }
account-terms-read = Leggi
account-terms-proof = Scarica la prova
to-account = Il suo account
to-home = Le sue applicazioni

## Iscriversi

signup-title = Chiedere l’accesso
signup-intro = Prima mostri che legge la sua posta: inviamo un codice al suo indirizzo. Non c’è nessuna password.
signup-address = Il suo indirizzo di lavoro
signup-known = È stato invitato, o ha già l’accesso?
signup-domain = Gli indirizzi di questo dominio non possono iscriversi qui. Usi quello della sua organizzazione.
signup-form-title = Ci parli di lei
signup-proved = { $address } è confermato.
signup-owners = Chi gestisce l’applicazione legge ciò che scrive e decide.
signup-name = Il suo nome
signup-name-wrong = Scriva il suo nome, con al massimo { $most } caratteri.
signup-optional = (facoltativo)
signup-send = Invia
signup-wrong = { $n ->
    [one] Una risposta è da rivedere.
   *[other] { $n } risposte sono da rivedere.
}
signup-member-title = Non deve iscriversi
signup-member-why = Questo indirizzo è di un membro dell’organizzazione che gestisce l’applicazione. I membri non si iscrivono qui.
signup-has-title = Ha già l’accesso
signup-has-why = Questo indirizzo ha accesso all’applicazione. Basta accedere.
signup-guest-title = Qui è già conosciuto
signup-guest-why = Acceda con questo indirizzo; poi può chiedere l’accesso nella sua pagina.
signup-late-title = Questa pagina è troppo vecchia
signup-late-why = È passato troppo tempo da quando ha confermato il suo indirizzo. Ricominci.
signup-again = Ricomincia
answer-missing = Risponda, per favore.
answer-most = Usi al massimo { $max } caratteri.
answer-length = Usi da { $min } a { $max } caratteri.
answer-form = Non ha la forma prevista.
answer-choice = Scelga una voce dell’elenco.
answer-date = Scriva un giorno come 2026-12-31.
answer-email = Scriva un indirizzo come nome@example.com.

## Aspettare una decisione

waiting-title = In attesa di una decisione
waiting-checking = Ciò che ha scritto viene controllato. Ci vuole un momento.
waiting-approval = È stato chiesto a chi gestisce l’applicazione di farla entrare adesso.
waiting-mail = Decide chi gestisce l’applicazione. Riceverà un messaggio a { $address }.
waiting-since = Ha chiesto il { $at }. Si può decidere fino al { $until }.
waiting-page = Questa pagina si aggiorna da sola. Può chiuderla e tornare.
waiting-look = Guarda adesso
waiting-granted-title = La sua richiesta è stata accolta
waiting-granted = Un messaggio a { $address } contiene un link che la fa entrare. Prova che l’indirizzo è suo.
waiting-denied-title = La sua richiesta non è stata accolta
waiting-denied = La sua richiesta per { $app } non è stata accolta.
waiting-over-title = Questa richiesta è chiusa
waiting-over = Nessuno ha deciso in tempo, o lei l’ha ritirata. Può chiedere di nuovo.

## Chiedere un’applicazione, o più tempo

wish-access = Chiedere l’accesso
wish-access-about = Decide chi gestisce l’applicazione.
wish-time = Chiedere più tempo
wish-time-about = Il suo accesso termina il { $until }.
wish-reason = Per che cosa le serve?
wish-reason-wrong = Dica con 5 a 500 caratteri per che cosa le serve.
wish-none-title = Non c’è nulla da chiedere
wish-none = Ha già l’accesso, e non ha una fine.

## Un motivo, ed essere ammessi

justify-title = Perché la usa adesso?
justify-about = Questa applicazione vuole sapere perché la usa. Ciò che scrive viene conservato, e l’applicazione lo vede.
justify-label = Il suo motivo
justify-go = Continua
approval-title = Qualcuno deve farla entrare
approval-about = Un responsabile di questa applicazione riceve adesso un messaggio. Può aspettare nella pagina seguente.
approval-label = Che cosa dovrebbe sapere?
approval-go = Chiedi adesso

## Applicazioni

tiles-offered = Può chiedere
tile-from = Dal { $from }
tile-ended = Il suo accesso è terminato il { $until }.
tile-asked = Ha chiesto il { $at }; nessuno ha ancora deciso.
tile-closed = Al momento chiusa per lei.
tile-needs = Richiede { $needs }
tile-need-email-code = un codice per posta
tile-need-passkey = una passkey
tile-need-totp = un’app di autenticazione
tile-need-federated = un accesso presso { $provider }
tile-need-federated-any = un accesso presso la sua organizzazione
tile-need-certificate = un certificato sul suo dispositivo
tile-need-second-factor = un secondo modo di accedere
tile-need-fresh-sign-in = un nuovo accesso
tile-need-terms = condizioni da accettare
tile-need-known-device = un dispositivo che ha già usato qui
tile-need-approval = qualcuno che la faccia entrare
tile-need-justification = un motivo

## Decidere

decide-sign-in-title = Acceda per decidere
decide-sign-in-why = Questo link porta a qualcosa che attende la sua decisione. Non mostra chi è lei: acceda prima come membro.
decide-sign-in-next = Il messaggio dice anche come decidere sulla macchina del gateway.
decide-access = { $who } chiede l’accesso
decide-time = { $who } chiede più tempo
decide-approval = { $who } aspetta di entrare
decide-address = Indirizzo
decide-asked = Chiesto il
decide-reason = Motivo
decide-ends = Termina il
decide-grant-of = L’accesso di { $who }
decide-yes = Concedi
decide-longer = Prolunga
decide-message = Che cosa viene detto se rifiuta
decide-no = Non concedere
decide-granted = Concesso il { $at } da { $by }.
decide-denied = Rifiutato il { $at } da { $by }.
decide-by-nobody = il gateway
decide-withdrawn = Ritirato il { $at }.
decide-late = Nessuno ha deciso in tempo.
decide-ended = Questo accesso è terminato.

## Messaggi

matter-access = { $who } chiede l’accesso a { $app }
matter-time = { $who } chiede di usare { $app } più a lungo
matter-approval = { $who } aspetta di entrare in { $app }
matter-writes = Scrive: { $reason }
matter-until = Non succede nulla se lei non decide, fino al { $until }.
matter-machine = Sulla macchina del gateway: guestgate requests approve { $id }, o guestgate requests deny { $id }
matter-look = Guarda e decidi
granted-access = Adesso può usare { $app }
granted-access-line = La sua richiesta è stata accolta: { $app } è aperta per lei.
granted-time = Può usare { $app } più a lungo
granted-time-line = La sua richiesta è stata accolta: può usare { $app } più a lungo.
granted-approval = Può entrare in { $app }
granted-approval-line = È stato ammesso in { $app }. Torni alla pagina che aspetta, o apra di nuovo l’applicazione.
granted-go = Continua
denied-title = La sua richiesta per { $app }
denied-answer = La risposta: { $message }
reminder-title = Il suo invito a { $apps } termina presto
reminder-line = È stato invitato a { $apps } e non ha ancora accettato.
reminder-until = L’invito si può accettare fino al { $expires }. Non serve nessuna password.
reminder-ignore = Se non lo vuole, ignori questo messaggio: non succede nulla se non accetta.
reminder-go = Vedi l’invito e accettalo
ending-title = Il suo accesso a { $app } termina presto
ending-line = Il suo accesso a { $app } termina il { $until }.
ending-next = Se le serve più a lungo, lo chieda nella sua pagina.
guest-ending-title = L’accesso di { $guest } a { $app } termina presto
guest-ending-line = L’accesso di { $guest } a { $app } termina il { $until }.
guest-ending-next = Lei è responsabile di questo ospite. Se l’accesso serve ancora, lo prolunghi; altrimenti non faccia nulla.
guest-ending-machine = Sulla macchina del gateway: guestgate grants extend { $grant }
access-over-title = Il suo accesso a { $app } è terminato
access-over-line = Il suo accesso a { $app } è terminato.
access-over-next = Se le serve ancora, chieda a chi l’ha invitata.
unused-line = Non ha usato { $app } da { $time }, perciò il suo accesso è terminato.
unused-next = Se le serve di nuovo, lo chieda nella sua pagina.
suspended-subject = Il suo accesso è sospeso
suspended-decision = Il suo accesso è stato sospeso.
suspended-inactive = Non ha usato il suo accesso da molto tempo, perciò è stato sospeso.
suspended-sponsor = Chi era responsabile del suo accesso non c’è più, perciò è stato sospeso.
suspended-domain = Gli indirizzi della sua organizzazione non si possono più usare qui, perciò il suo accesso è stato sospeso.
removed-subject = Il suo account è stato rimosso
removed-line = Da molto tempo qui non c’è nulla di aperto per lei, perciò il suo account è stato rimosso.
removed-next = Se le serve di nuovo l’accesso, chieda a chi l’ha invitata; entro 30 giorni l’account può tornare com’era.
sponsor-title = { $guest } ha bisogno di un responsabile
sponsor-line = { $sponsor }, responsabile dell’ospite { $guest }, non è più un membro.
sponsor-until = Se nessun altro diventa responsabile, l’ospite viene sospeso il { $at }.
sponsor-machine = Sulla macchina del gateway: guestgate guests set { $guest } --sponsor ADDRESS
review-title = Gli accessi a { $app } servono ancora?
review-line = Ospiti con accesso a { $app }: { $n }. Dica di ciascuno se serve ancora.
review-next = Ciò per cui nessuno ha risposto il { $until } termina.
review-reminder-title = Accessi a { $app } attendono una risposta
review-left = Accessi a { $app } per cui nessuno ha risposto: { $n }.
review-over-title = La revisione degli accessi a { $app } è conclusa
review-over-line = Mantenuti: { $kept }. Tolti: { $removed }. Terminati senza risposta: { $lapsed }.
review-over-look = Vedi il rapporto
