### La prima pagina e il conto di chi ha effettuato l’accesso.

home-title = Le sue applicazioni
home-empty = In questo momento non c’è niente di aperto per lei. Se qui si aspettava qualcosa, chieda alla persona che l’ha invitata.
home-until = Fino al { $until }
home-no-end = Senza data di fine
home-signed-in = Accesso come { $address }.
home-sign-out = Esci

account-title = Il suo account
account-address = Indirizzo
account-name = Nome
account-invitation = Invito
account-accepted-from = { $apps }, da { $inviter }, accettato il { $at }
account-accepted = { $apps }, accettato il { $at }
account-signed-in = Dove l’accesso è attivo
account-here = Questo browser
account-elsewhere = Un altro browser
account-since = Dal { $since }, da { $place }
account-end = Esci da questo
account-sign-out = Esci qui
account-sign-out-everywhere = Esci dappertutto

language-label = Lingua
language-change = Cambia
