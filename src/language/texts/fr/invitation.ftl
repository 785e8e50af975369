### La page d’une invitation, et ce qu’elle dit quand on ne peut plus l’accepter.

invitation-eyebrow = Invitation
invitation-title = { $inviter } vous invite à utiliser { $apps }
invitation-message = { $inviter } écrit :
invitation-get = Ce que vous recevez
invitation-lasts = { $app }, pour { $lasts }
invitation-lasts-on = { $app }, jusqu’à nouvel ordre
invitation-asked = Ce qui vous est demandé
invitation-asked-mailed = Pour accepter, un simple clic. Ce lien est arrivé dans votre boîte aux lettres, ce qui suffit à prouver que c’est vous.
invitation-asked-direct = Ce lien n’est pas venu par e-mail. Nous envoyons donc un code à l’adresse qui a été invitée. Vous le saisirez à la page suivante.
invitation-asked-own = Rien qu’un clic : vous êtes connecté ici avec l’adresse invitée.
invitation-asked-later = Plus tard, vous vous connecterez avec un code que nous enverrons à votre adresse. Il n’y a pas de mot de passe.
invitation-asked-app = { $app } demande aussi :
invitation-learns = L’application connaîtra votre adresse e-mail. Vous pouvez accepter jusqu’au { $expires }.
invitation-accept = Accepter l’invitation
invitation-accept-and-send = Accepter et m’envoyer le code
invitation-decline = Refuser
invitation-unexpected = Vous ne l’attendiez pas ?
invitation-unexpected-next = Vous pouvez fermer cette page : il ne se passera rien. Si quelqu’un vous importune avec cette invitation, signalez-la. Cela la refuse, et prévient les personnes qui gèrent ce site.
invitation-report = Signaler cette invitation

other-person-title = Cette invitation est-elle pour vous ?
other-person-why = L’invitation est pour { $invited }, mais vous êtes connecté ici comme { $address }.
other-person-mine = Si les deux adresses sont à vous, continuez. En acceptant, vous serez déconnecté ici comme { $address }.
other-person-not-mine = Si l’invitation est pour quelqu’un d’autre, n’y touchez pas, et prévenez la personne qui vous a envoyé le lien.
other-person-go-on = Montrer l’invitation
other-person-stay = Aller à mes applications

accepted-before-title = Cette invitation a déjà été acceptée
accepted-before-next = Connectez-vous avec l’adresse qui a été invitée.
accepted-before-alarm = Si ce n’est pas vous qui l’avez acceptée, dites-le à la personne qui vous a invité.
revoked-title = Cette invitation a été retirée
revoked-why = On ne peut plus l’accepter.
revoked-next = Si vous pensiez qu’elle était valable, demandez à { $inviter }.
declined-title = Vous avez refusé cette invitation
declined-next = On ne peut plus l’accepter. Si vous avez changé d’avis, demandez-en une nouvelle à { $inviter }.
expired-title = Cette invitation a expiré
expired-why = On pouvait l’accepter jusqu’au { $expires }.
expired-next = Demandez à { $inviter } de l’envoyer de nouveau.
reported-title = Merci de nous l’avoir dit
reported-done = L’invitation est refusée, et les personnes qui gèrent ce site sont prévenues.
gone-title = Ce lien ne fonctionne pas
gone-why = Il a peut-être été remplacé par un plus récent, ou copié de façon incomplète.
gone-next = Si vous avez déjà accepté l’invitation, connectez-vous simplement. Sinon, demandez à la personne qui vous a invité de l’envoyer de nouveau.

need-passkey = une clé d’accès : votre empreinte, votre visage ou le code de votre appareil au lieu d’un mot de passe
need-totp = un code d’une application d’authentification sur votre téléphone
need-second-factor = une seconde preuve que c’est vous, comme une clé d’accès ou une application d’authentification
need-federated = une connexion avec le compte de votre organisation
need-certificate = un certificat sur votre appareil
need-terms = d’accepter des conditions d’utilisation
need-known-device = un appareil que vous avez déjà utilisé ici
need-approval = qu’une personne responsable vous laisse entrer
need-justification = la raison de votre visite
excluded-title = Cet accès en exclut un autre
excluded-why = Un accès que vous avez, ou qui vous a été proposé, est incompatible avec celui-ci.
excluded-next = Demandez à { $inviter } lequel il vous faut.
