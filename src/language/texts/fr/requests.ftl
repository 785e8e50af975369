### Ce que l’on demande d’accepter, ce que l’on demande et ce qui est accordé.

## Conditions d’utilisation

terms-about = Version { $version }. { $site } vous demande de lire ce texte et de l’accepter.
terms-accepted-on = Version { $version }. Vous l’avez acceptée le { $at }.
terms-kept = Version { $version }, telle que vous l’avez acceptée le { $at }.
terms-check = J’ai lu ce texte et je l’accepte.
terms-accept = Accepter et continuer
terms-small = Si vous ne voulez pas l’accepter, fermez cette page : rien ne change, et vous ne pouvez pas utiliser ce dont il s’agit. Ce que vous avez accepté, avec une preuve, se trouve sur la page de votre compte.
terms-tick = Cochez la case pour accepter, ou fermez cette page.
terms-changed = Le texte a changé depuis que vous avez ouvert cette page. Veuillez le relire.
terms-back = Retour
account-terms = Conditions que vous avez acceptées
account-terms-line = { $terms }, version { $version }
account-terms-read = Lire
account-terms-proof = Télécharger la preuve
to-account = Votre compte
to-home = Vos applications

## S’inscrire

signup-title = Demander un accès
signup-intro = Montrez d’abord que vous lisez votre courrier : nous envoyons un code à votre adresse. Il n’y a pas de mot de passe.
signup-address = Votre adresse professionnelle
signup-known = Avez-vous été invité, ou avez-vous déjà un accès ?
signup-domain = Les adresses de ce domaine ne peuvent pas s’inscrire ici. Utilisez celle de votre organisation.
signup-form-title = Parlez-nous de vous
signup-proved = { $address } est confirmée.
signup-owners = Les personnes qui gèrent l’application lisent ce que vous écrivez et décident.
signup-name = Votre nom
signup-name-wrong = Écrivez votre nom, en { $most } caractères au plus.
signup-optional = (facultatif)
signup-send = Envoyer
signup-wrong = { $n ->
    [one] Une réponse est à revoir.
   *[other] { $n } réponses sont à revoir.
}
signup-member-title = Vous n’avez pas à vous inscrire
signup-member-why = Cette adresse est celle d’un membre de l’organisation qui gère l’application. Les membres ne s’inscrivent pas ici.
signup-has-title = Vous y avez déjà accès
signup-has-why = Cette adresse a accès à l’application. Connectez-vous simplement.
signup-guest-title = Vous êtes connu ici
signup-guest-why = Connectez-vous avec cette adresse ; vous pourrez alors demander un accès sur votre page.
signup-late-title = Cette page est trop ancienne
signup-late-why = Trop de temps a passé depuis que vous avez confirmé votre adresse. Recommencez.
signup-again = Recommencer
answer-missing = Veuillez répondre.
answer-most = Utilisez au plus { $max } caractères.
answer-length = Utilisez de { $min } à { $max } caractères.
answer-form = Cette réponse n’a pas la forme attendue.
answer-choice = Choisissez une réponse dans la liste.
answer-date = Écrivez un jour sous la forme 2026-12-31.
answer-email = Écrivez une adresse sous la forme nom@example.com.

## Attendre une décision

waiting-title = En attente d’une décision
waiting-checking = Vos réponses sont en cours de vérification. Cela prend un instant.
waiting-approval = Il a été demandé aux personnes qui gèrent l’application de vous laisser entrer maintenant.
waiting-mail = Les personnes qui gèrent l’application décident. Vous recevrez un message à { $address }.
waiting-since = Vous avez demandé le { $at }. La décision est possible jusqu’au { $until }.
waiting-page = Cette page se met à jour d’elle-même. Vous pouvez la fermer et revenir.
waiting-look = Vérifier maintenant
waiting-granted-title = Votre demande est accordée
waiting-granted = Un message envoyé à { $address } contient un lien qui vous laisse entrer. Il prouve que l’adresse est la vôtre.
waiting-denied-title = Votre demande n’est pas accordée
waiting-denied = Votre demande concernant { $app } n’a pas été accordée.
waiting-over-title = Cette demande est close
waiting-over = Personne n’a décidé à temps, ou vous l’avez retirée. Vous pouvez demander de nouveau.

## Demander une application, ou plus de temps

wish-access = Demander un accès
wish-access-about = Les personnes qui gèrent l’application décident.
wish-time = Demander plus de temps
wish-time-about = Votre accès se termine le { $until }.
wish-reason = Pour quoi en avez-vous besoin ?
wish-reason-wrong = Dites en 5 à 500 caractères pour quoi vous en avez besoin.
wish-none-title = Il n’y a rien à demander
wish-none = Vous y avez déjà accès, et cet accès n’a pas de fin.

## Une raison, et être admis

justify-title = Pourquoi l’utilisez-vous maintenant ?
justify-about = Cette application veut savoir pourquoi vous l’utilisez. Ce que vous écrivez est conservé, et l’application le voit.
justify-label = Votre raison
justify-go = Continuer
approval-title = Quelqu’un doit vous laisser entrer
approval-about = Un responsable de cette application va recevoir un message. Vous pourrez attendre sur la page suivante.
approval-label = Que doit-il savoir ?
approval-go = Demander maintenant

## Applications

tiles-offered = Vous pouvez demander
tile-from = À partir du { $from }
tile-ended = Votre accès s’est terminé le { $until }.
tile-asked = Vous avez demandé le { $at } ; personne n’a encore décidé.
tile-closed = Fermée pour vous en ce moment.
tile-needs = Demande { $needs }
tile-need-email-code = un code par courrier
tile-need-passkey = une clé d’accès
tile-need-totp = une application d’authentification
tile-need-federated = une connexion chez { $provider }
tile-need-federated-any = une connexion chez votre organisation
tile-need-certificate = un certificat sur votre appareil
tile-need-second-factor = un second moyen de connexion
tile-need-fresh-sign-in = une nouvelle connexion
tile-need-terms = des conditions à accepter
tile-need-known-device = un appareil que vous avez déjà utilisé ici
tile-need-approval = quelqu’un qui vous laisse entrer
tile-need-justification = une raison

## Décider

decide-sign-in-title = Connectez-vous pour décider
decide-sign-in-why = Ce lien mène à quelque chose qui attend votre décision. Il ne montre pas qui vous êtes : connectez-vous d’abord en tant que membre.
decide-sign-in-next = Le message dit aussi comment décider sur la machine de la passerelle.
decide-access = { $who } demande un accès
decide-time = { $who } demande plus de temps
decide-approval = { $who } attend d’être admis
decide-address = Adresse
decide-asked = Demandé le
decide-reason = Raison
decide-ends = Se termine le
decide-grant-of = L’accès de { $who }
decide-yes = Accorder
decide-longer = Prolonger
decide-message = Ce qui sera dit si vous refusez
decide-no = Ne pas accorder
decide-granted = Accordé le { $at } par { $by }.
decide-denied = Refusé le { $at } par { $by }.
decide-by-nobody = la passerelle
decide-withdrawn = Retiré le { $at }.
decide-late = Personne n’a décidé à temps.
decide-ended = Cet accès est terminé.

## Messages

matter-access = { $who } demande un accès à { $app }
matter-time = { $who } demande à utiliser { $app } plus longtemps
matter-approval = { $who } attend d’être admis dans { $app }
matter-writes = La raison donnée : { $reason }
matter-until = Rien ne se passe sans votre décision, jusqu’au { $until }.
matter-machine = Sur la machine de la passerelle : guestgate requests approve { $id }, ou guestgate requests deny { $id }
matter-look = Regarder et décider
granted-access = Vous pouvez utiliser { $app }
granted-access-line = Votre demande est accordée : { $app } vous est ouverte.
granted-time = Vous pouvez utiliser { $app } plus longtemps
granted-time-line = Votre demande est accordée : vous pouvez utiliser { $app } plus longtemps.
granted-approval = Vous êtes admis dans { $app }
granted-approval-line = Vous êtes admis dans { $app }. Retournez à la page qui attend, ou ouvrez de nouveau l’application.
granted-go = Continuer
denied-title = À propos de votre demande concernant { $app }
denied-answer = La réponse : { $message }
reminder-title = Votre invitation à { $apps } se termine bientôt
reminder-line = Vous avez été invité à { $apps } et n’avez pas encore accepté.
reminder-until = L’invitation peut être acceptée jusqu’au { $expires }. Aucun mot de passe n’est nécessaire.
reminder-ignore = Si vous n’en voulez pas, ignorez ce message : rien ne se passe si vous n’acceptez pas.
reminder-go = Voir l’invitation et l’accepter
ending-title = Votre accès à { $app } se termine bientôt
ending-line = Votre accès à { $app } se termine le { $until }.
ending-next = S’il vous faut plus de temps, demandez-le sur votre page.
guest-ending-title = L’accès de { $guest } à { $app } se termine bientôt
guest-ending-line = L’accès de { $guest } à { $app } se termine le { $until }.
guest-ending-next = Vous êtes responsable de cet invité. Si l’accès est encore utile, prolongez-le ; sinon, ne faites rien.
guest-ending-machine = Sur la machine de la passerelle : guestgate grants extend { $grant }
access-over-title = Votre accès à { $app } est terminé
access-over-line = Votre accès à { $app } est terminé.
access-over-next = S’il vous est encore utile, demandez à qui vous a invité.
unused-line = Vous n’avez pas utilisé { $app } depuis { $time }, votre accès a donc pris fin.
unused-next = S’il vous est de nouveau utile, demandez-le sur votre page.
suspended-subject = Votre accès est suspendu
suspended-decision = Votre accès a été suspendu.
suspended-inactive = Vous n’avez pas utilisé votre accès depuis longtemps, il a donc été suspendu.
suspended-sponsor = La personne responsable de votre accès est partie, il a donc été suspendu.
suspended-domain = Les adresses de votre organisation ne peuvent plus être utilisées ici, votre accès a donc été suspendu.
removed-subject = Votre compte a été supprimé
removed-line = Rien ne vous est plus ouvert ici depuis longtemps, votre compte a donc été supprimé.
removed-next = S’il vous faut de nouveau un accès, demandez à qui vous a invité ; pendant 30 jours, le compte peut être rétabli tel qu’il était.
sponsor-title = { $guest } a besoin d’un responsable
sponsor-line = { $sponsor }, responsable de l’invité { $guest }, n’est plus membre.
sponsor-until = Si personne d’autre ne devient responsable, l’invité est suspendu le { $at }.
sponsor-machine = Sur la machine de la passerelle : guestgate guests set { $guest } --sponsor ADDRESS
review-title = Les accès à { $app } sont-ils encore utiles ?
review-line = Invités qui ont accès à { $app } : { $n }. Dites pour chacun s’il est encore utile.
review-next = Ce pour quoi personne n’a répondu le { $until } se termine.
review-reminder-title = Des accès à { $app } attendent une réponse
review-left = Accès à { $app } pour lesquels personne n’a répondu : { $n }.
review-over-title = La revue des accès à { $app } est terminée
review-over-line = Gardés : { $kept }. Retirés : { $removed }. Terminés faute de réponse : { $lapsed }.
review-over-look = Voir le rapport
