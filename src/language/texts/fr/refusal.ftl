### Ce qu’apprend quelqu’un que la passerelle ne laisse pas passer.

refused-rule = Règle
refused-reference = Référence
refused-help = Si vous pensez que c’est une erreur, demandez de l’aide et donnez la référence ci-dessous.
refused-ask = Demandez de l’aide et donnez la référence ci-dessous.
refused-later = Réessayez dans un instant. Si cela ne s’arrange pas, demandez de l’aide et donnez la référence ci-dessous.

blocked-title = Ce n’est pas permis en ce moment
blocked-why = Une règle de cette application ne le permet pas.

beyond-title = Il est demandé plus que ce que vous pouvez montrer ici
beyond-why = Cette application demande ce qui suit, et il n’y a pas encore moyen de le montrer ici. Se reconnecter n’y changerait rien.

no-grant-title = Vous n’avez pas accès à cette application
no-grant-why = Vous êtes connecté, mais personne ne vous a donné accès à cette application.
no-grant-next = Demandez à l’une de ces personnes de vous inviter :
ended-title = Votre accès est terminé
ended-why = Vous êtes connecté, mais votre accès à cette application était prévu pour un certain temps, qui est passé.
ended-next = Si vous en avez encore besoin, adressez-vous à l’une de ces personnes :
not-yet-title = Votre accès n’a pas encore commencé
not-yet-why = Vous êtes connecté, mais votre accès à cette application commence un autre jour.
not-yet-next = Si vous en avez besoin plus tôt, adressez-vous à l’une de ces personnes :
suspended-title = Votre accès est suspendu
suspended-why = Quelqu’un a suspendu votre accès ; aucune application ne vous est donc ouverte en ce moment. Se reconnecter n’y changerait rien.
suspended-next = Ces personnes peuvent vous en dire plus, et vous rouvrir l’accès :

need-title = Veuillez d’abord vous connecter
need-why = Votre session est terminée, ou il est demandé davantage. Ce que vous avez envoyé n’a pas été transmis.
need-next = Connectez-vous dans un autre onglet, revenez au formulaire et envoyez-le de nouveau. Ne fermez pas cette page : en revenant en arrière, vous retrouvez ce que vous avez écrit.
framed-title = Veuillez vous connecter
framed-why = Cette partie de la page demande une connexion.
framed-next = La connexion se fait dans toute la fenêtre.

rounds-title = La connexion n’aboutit pas
rounds-why = Vous avez été envoyé plusieurs fois vers la connexion en une minute. Pour que vous ne tourniez pas en rond, voici ce que nous avons vu.
rounds-next = Attendez une minute et réessayez. Si cela se reproduit, demandez de l’aide et donnez la référence ci-dessous.

unreadable-title = Cette demande est illisible
unreadable-why = Quelque chose ne va pas dans l’adresse ou le formulaire ; rien n’a donc été fait. Revenez en arrière et réessayez.
unreadable-detail = En termes techniques :
broken-form-title = Ce formulaire est illisible
broken-form-why = Il manque un champ au formulaire, ou ce n’en est pas un.
broken-form-next = Revenez en arrière, rechargez la page et envoyez de nouveau le formulaire.
cross-site-title = Ce formulaire n’a pas été envoyé d’ici
cross-site-why = Le formulaire vient d’un autre site, ou votre navigateur n’a pas dit d’où il vient. Rien n’a été modifié.
cross-site-next = Revenez en arrière, rechargez la page et envoyez de nouveau le formulaire.
not-found-title = Cette page n’existe pas
not-found-why = Il n’y a rien à cette adresse.
method-title = Cela ne marche pas ici
method-why = Cette adresse n’accepte pas ce genre de demande.
too-large-title = C’est trop gros
too-large-why = Ce que vous avez envoyé est plus gros que ce que cette application accepte.
too-large-next = Envoyez un fichier plus petit.
misdirected-title = Cette demande est arrivée par le mauvais chemin
misdirected-why = La connexion avait été ouverte pour un autre nom.
misdirected-next = Rechargez la page.
too-many-title = Trop d’essais
too-many-why = Il y a eu trop d’essais depuis votre réseau.
too-many-next = Attendez un moment et réessayez.
head-title = Cette demande est trop chargée
head-why = L’adresse ou les cookies de cette demande sont trop longs.
head-next = Supprimez les cookies de ce site et réessayez.

internal-title = Quelque chose s’est mal passé ici
internal-why = C’est notre faute, pas la vôtre.
bad-gateway-title = L’application ne répond pas
bad-gateway-why = L’application derrière cette page est injoignable.
slow-title = L’application est trop lente
slow-why = L’application n’a pas répondu à temps.
unavailable-title = Indisponible en ce moment
unavailable-why = L’accès ne peut pas être vérifié en ce moment ; rien ne passe donc.
overloaded-title = L’application est très occupée
overloaded-why = L’application derrière cette page ne peut pas prendre d’autres demandes en ce moment.
