### Connexion par un code envoyé par e-mail.

signin-title = Connexion
signin-intro = Il n’y a pas de mot de passe. Nous envoyons un code à l’adresse qui a été invitée.
signin-address = Votre adresse e-mail
signin-address-wrong = Cela ne ressemble pas à une adresse e-mail. Écrivez-la comme nom@example.com.
signin-send = M’envoyer un code
signin-not-invited = Pas encore invité ? Adressez-vous aux personnes qui gèrent l’application. Vous ne pouvez vous connecter qu’après avoir accepté une invitation.

code-title = Saisissez le code
code-sent-if-known = Si { $address } a accepté une invitation ici, un e-mail avec un code est en route.
code-sent = Un e-mail avec un code est en route vers { $address }.
code-lasts = Il est valable { $lifetime }, et seulement sur cette page.
code-label = Code reçu par e-mail
code-left = { $n ->
    [1] Il reste 1 essai.
   *[other] Il reste { $n } essais.
}
code-continue = Continuer
code-nothing-came = Rien reçu ? Regardez dans le dossier des indésirables. Vous pourrez demander un nouveau code après { $wait }.
code-again = Envoyer un nouveau code
code-other-address = Utiliser une autre adresse
code-wait = Attendez encore { $wait } avant de demander un nouveau code.
code-too-old = Ce code est trop ancien. Demandez-en un nouveau ci-dessous.
code-too-many = Il y a eu trop d’essais. Demandez un nouveau code, ou attendez un moment.
code-wrong = Ce n’est pas le code du dernier e-mail.
code-used = Ce code a déjà servi. Demandez-en un nouveau ci-dessous.

no-entry-title = Votre accès est suspendu
no-entry-why = Votre adresse est la bonne, mais votre accès est suspendu ou a été supprimé.
no-entry-next = Si vous en avez encore besoin, adressez-vous à la personne qui vous a invité.

rounds-signed-in = Vous êtes connecté ici comme { $address }, depuis le { $since }.
rounds-asked = { $host } a demandé une connexion trois fois en une minute ; il ne garde donc pas son propre cookie.
rounds-asked-more = { $host } demande toujours davantage, bien que vous ayez montré tout ce qui était demandé.
rounds-cookies = Les cookies de { $host } sont peut-être bloqués, ou l’horloge de cet appareil n’est pas à l’heure.
rounds-clock = Ici, nous sommes le { $now }.
rounds-no-access = Vous n’y avez pas d’accès valable en ce moment.
