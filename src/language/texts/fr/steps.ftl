### Ce qu’une application demande à quelqu’un qui est connecté, une étape après l’autre.

step-passkey = votre clé d’accès
step-totp = un code de votre application d’authentification
step-certificate = votre certificat
step-email-code = un code par e-mail
step-add-passkey = une clé d’accès, à configurer une fois
step-add-authenticator = une application d’authentification, à configurer une fois
step-recovery = un code de secours
steps-after = Ensuite : { $steps }.

step-code-title = Montrez que c’est vous
step-code-why = Avant de continuer, { $app } vous demande de montrer que c’est toujours vous.
step-code-how = Nous envoyons un code à { $address }, et vous le saisissez à la page suivante.
step-code-send = M’envoyer un code
