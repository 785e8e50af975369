### Ciò che gli ospiti fanno del proprio account: portare con sé ciò che è conservato su di loro, e andarsene.

own-title = Ciò che è conservato su di lei
own-export-about = Un file con tutto ciò che qui è conservato su di lei: inviti, accessi, sessioni, modi di accedere, condizioni accettate, richieste e ciò che è stato registrato su di lei.
own-export = Scaricare tutto
own-leave-about = Può lasciare { $site } definitivamente. Allora qui non avrà più nulla di aperto.
own-leave = Lasciare { $site }
own-others-end = Uscire ovunque tranne qui
own-device = { $browser } su { $system }
own-last = Ultimo uso il { $at }

leave-title = Lasciare { $site }?
leave-what = Il suo accesso termina e viene disconnesso da tutti i dispositivi. Chi è responsabile per lei viene avvisato per posta.
leave-apps = Questo termina: { $apps }
leave-back = Entro 30 giorni chi l’ha invitata può ripristinare il suo account com’era. Ciò che si trova nelle applicazioni stesse vi rimane.
leave-go = Lasciare ora
leave-stay = Restare
left-title = Se n’è andato
left-line = Presso { $site } non ha più nulla di aperto ed è disconnesso ovunque. Un messaggio a { $address } lo conferma.

## Mails

mail-left-subject = Ha lasciato { $site }
mail-left-line = Come richiesto il { $at } dall’indirizzo di rete { $place }, il suo accesso è terminato ed è stato disconnesso ovunque.
mail-left-back = Se è stato un errore, o se non è stato lei, risponda a chi l’ha invitata: entro 30 giorni il suo account può essere ripristinato com’era.
mail-guest-left-subject = { $guest } se n’è andato
mail-guest-left-line = L’ospite { $guest }, di cui lei è responsabile, se n’è andato. Questo è terminato: { $apps }
mail-guest-left-nothing = L’ospite { $guest }, di cui lei è responsabile, se n’è andato. Non aveva nulla di aperto.
mail-guest-left-machine = Entro 30 giorni, sulla macchina del gateway: guestgate guests restore { $guest }
unused-soon-title = Il suo accesso a { $app } sta per terminare
unused-soon-line = Non usa { $app } da qualche tempo. Se non lo apre prima del { $at }, il suo accesso sarà sospeso.
unused-soon-next = Basta aprirlo una volta. Se non le serve più, non faccia nulla.
unused-soon-go = Aprire { $app }
longer-line = Il suo accesso a { $app } dura ora fino al { $until }.
back-subject = Può tornare
back-line = Il suo accesso è di nuovo aperto, com’era prima.
back-go = Vedere le sue applicazioni
