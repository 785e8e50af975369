### Che cosa chiede un’applicazione a chi ha effettuato l’accesso, un passo dopo l’altro.

step-passkey = la sua passkey
step-totp = un codice della sua app di autenticazione
step-certificate = il suo certificato
step-email-code = un codice per e-mail
step-add-passkey = una passkey, da configurare una volta
step-add-authenticator = un’app di autenticazione, da configurare una volta
step-recovery = un codice di recupero
steps-after = Poi: { $steps }.

step-code-title = Mostri che è lei
step-code-why = Prima di proseguire, { $app } le chiede di mostrare che è ancora lei.
step-code-how = Inviamo un codice a { $address } e lei lo digita nella pagina successiva.
step-code-send = Inviami un codice
