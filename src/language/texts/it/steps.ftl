### Che cosa chiede un’applicazione a chi ha effettuato l’accesso, un passo dopo l’altro.

step-email-code = un codice per e-mail
steps-after = Poi: { $steps }.

step-code-title = Mostri che è lei
step-code-why = Prima di continuare, { $app } le chiede di mostrare che è ancora lei. Inviamo un codice a { $address }, e lei lo inserisce nella pagina seguente.
step-code-send = Inviami un codice
