### Messaggi. L’oggetto sta in una riga.

mail-hello = Buongiorno,
mail-hello-name = Buongiorno { $name },
mail-support = Domande? Scriva a { $address }.

mail-invitation-subject = { $inviter } la invita a usare { $apps }
mail-invitation-what = { $inviter } la invita a usare { $apps }.
mail-invitation-lasts = Il suo accesso durerà { $lasts }.
mail-invitation-message = { $inviter } scrive:
mail-invitation-button = Vedi l’invito e accettalo
mail-invitation-expires = Il link è solo per lei e vale una volta, fino al { $expires }. Non serve una password.
mail-invitation-unexpected = Se non se lo aspettava, ignori questo messaggio: non succede niente se non accetta.

mail-copy-subject = Copia: { $inviter } invita { $invited } a usare { $apps }
mail-copy-what = { $inviter } ha invitato { $invited } a usare { $apps }.
mail-copy-why = Riceve questa copia perché { $inviter } ha indicato il Suo indirizzo. Non contiene alcun link: solo { $invited } può accettare l’invito.

mail-code-subject = Il suo codice per { $app }
mail-code-is = Il suo codice è
mail-code-use = Lo inserisca nella pagina che l’ha chiesto. Vale per { $lifetime }, una volta sola.
mail-code-asked = Che cosa l’ha chiesto:
mail-code-app = Applicazione: { $app }
mail-code-time = Ora: { $at }
mail-code-place = Luogo: indirizzo di rete { $place }
mail-code-warning = Nessuno di { $site } le chiederà mai questo codice. Se non l’ha chiesto lei, ignori questo messaggio: senza il codice non entra nessuno.

mail-suspended-subject = { $site }: il suo accesso è sospeso
mail-suspended-what = Il suo accesso è stato sospeso, e dappertutto è stata chiusa la sua sessione.
mail-suspended-asked = Qualcuno vuole accedere a { $site } con il suo indirizzo. In questo messaggio non c’è un codice, perché il suo accesso è sospeso.
mail-ended-subject = { $site }: il suo accesso a { $app } è finito
mail-ended-what = Il suo accesso a { $app } è finito.
mail-ask-inviter = Se ne ha ancora bisogno, chieda alla persona che l’ha invitata.
mail-copy-link = Se il pulsante non funziona, copi questo nel suo browser:
mail-reported-subject = { $site }: un invito è stato segnalato
mail-reported-what = { $inviter } ha invitato { $invited }. Chi ha ricevuto l’invito lo ha rifiutato e segnalato.
mail-reported-id = Invito: { $id }
mail-reported-next = Guardi chi è stato invitato e perché: può essere un errore, o qualcuno abusa del diritto di invitare.
