### Signing in with the account that somebody has at their own organisation.

step-provider = une nouvelle connexion auprès de votre organisation
step-provider-title = Connectez-vous avec votre organisation
step-provider-why = { $app } vous demande de vous connecter encore une fois avec votre compte { $provider }.
step-provider-own = Avant de changer votre façon de vous connecter ici, connectez-vous encore une fois avec votre compte { $provider }.
provider-button = Continuer vers { $provider }
provider-choice-title = Connectez-vous avec votre organisation
provider-choice-why = Vous avez un compte { $provider }. Connectez-vous avec lui, ou faites-vous envoyer un code par e-mail.
invitation-asked-provider = Pour accepter, connectez-vous avec votre compte { $provider }. Ce doit être le compte de l’adresse invitée.
invitation-accept-and-go = Accepter et me connecter
passkey-at-provider = Votre organisation connecte elle-même ses membres. Saisissez votre adresse e-mail, et vous y serez conduit.

provider-again = Réessayer
provider-go-on = Montrer un autre moyen
provider-away-title = La connexion de votre organisation ne répond pas
provider-away-why = Nous ne pouvons pas joindre { $provider } en ce moment ; personne ne peut donc s’y connecter.
provider-away-next = Réessayez dans quelques minutes. Si cela continue, prévenez l’assistance de votre organisation.
provider-declined-title = Vous n’êtes pas connecté
provider-declined-why = Chez { $provider }, la connexion a été refusée ou interrompue.
provider-declined-next = Réessayez. Si elle est refusée de nouveau, demandez à l’assistance de votre organisation si votre compte peut être utilisé ici.
provider-late-title = Cette connexion ne peut pas continuer
provider-late-why = Elle a pris trop de temps, a déjà été terminée, ou a été commencée dans un autre navigateur.
provider-late-next = Recommencez à partir d’ici, ou de la page où vous alliez.
provider-wrong-title = Cette connexion n’a pas été acceptée
provider-wrong-why = Ce que { $provider } nous a dit n’est pas correct ; vous n’êtes donc pas connecté.
provider-wrong-next = Réessayez. Si cela se reproduit, prévenez la personne qui vous a invité : les responsables des deux sites doivent y remédier.
provider-address-title = Ce compte ne peut pas être utilisé ici
provider-address-why = { $provider } ne nous indique pour ce compte aucune adresse e-mail vérifiée de votre organisation.
provider-address-next = Demandez à l’assistance de votre organisation d’inscrire et de vérifier l’adresse e-mail de votre compte, puis réessayez.
provider-person-title = C’est un autre compte
provider-person-why = Le compte que vous avez utilisé chez { $provider } n’est pas celui qui correspond à l’adresse ici.
provider-person-next = Déconnectez-vous là-bas, et connectez-vous avec le compte de cette adresse. Si votre compte y est nouveau, demandez à la personne qui vous a invité de réinitialiser votre connexion.
provider-not-enough-title = Encore une étape
provider-not-enough-why = { $provider } ne nous a pas dit que vous venez de vous reconnecter, ni que vous avez utilisé un second facteur.
provider-not-enough-next = Il faut donc autre chose avant de continuer.
