### Ce qu’une application demande à quelqu’un qui est connecté, une étape après l’autre.

step-email-code = un code par e-mail
steps-after = Ensuite : { $steps }.

step-code-title = Montrez que c’est vous
step-code-why = Avant de continuer, { $app } vous demande de montrer que c’est toujours vous. Nous envoyons un code à { $address }, et vous le saisissez à la page suivante.
step-code-send = M’envoyer un code
