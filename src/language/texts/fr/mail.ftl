### Messages. Un objet tient sur une ligne.

mail-hello = Bonjour,
mail-hello-name = Bonjour { $name },
mail-support = Des questions ? Écrivez à { $address }.

mail-invitation-subject = { $inviter } vous invite à utiliser { $apps }
mail-invitation-what = { $inviter } vous invite à utiliser { $apps }.
mail-invitation-lasts = Votre accès durera { $lasts }.
mail-invitation-message = { $inviter } écrit :
mail-invitation-button = Voir l’invitation et l’accepter
mail-invitation-expires = Le lien est pour vous seul et ne sert qu’une fois, jusqu’au { $expires }. Aucun mot de passe n’est nécessaire.
mail-invitation-unexpected = Si vous ne l’attendiez pas, ignorez ce message : il ne se passe rien tant que vous n’acceptez pas.

mail-copy-subject = Copie : { $inviter } invite { $invited } à utiliser { $apps }
mail-copy-what = { $inviter } a invité { $invited } à utiliser { $apps }.
mail-copy-why = Vous recevez cette copie parce que { $inviter } vous a indiqué. Elle ne contient aucun lien : seul le destinataire, { $invited }, peut accepter l’invitation.

mail-code-subject = Votre code pour { $app }
mail-code-is = Votre code est
mail-code-use = Saisissez-le dans la page qui l’a demandé. Il est valable { $lifetime }, une seule fois.
mail-code-asked = Ce qui l’a demandé :
mail-code-app = Application : { $app }
mail-code-time = Heure : { $at }
mail-code-place = Lieu : adresse réseau { $place }
mail-code-warning = Personne de { $site } ne vous demandera jamais ce code. Si vous ne l’avez pas demandé, ignorez ce message : personne n’entre sans le code.

mail-suspended-subject = { $site } : votre accès est suspendu
mail-suspended-what = Votre accès a été suspendu, et vous avez été déconnecté partout.
mail-suspended-asked = Quelqu’un veut se connecter à { $site } avec votre adresse. Il n’y a pas de code dans ce message, car votre accès est suspendu.
mail-ended-subject = { $site } : votre accès à { $app } est terminé
mail-ended-what = Votre accès à { $app } est terminé.
mail-ask-inviter = Si vous en avez encore besoin, adressez-vous à la personne qui vous a invité.
mail-copy-link = Si le bouton ne marche pas, copiez ceci dans votre navigateur :
mail-reported-subject = { $site } : une invitation a été signalée
mail-reported-what = { $inviter } a invité { $invited }. La personne qui a reçu cette invitation l’a refusée et signalée.
mail-reported-id = Invitation : { $id }
mail-reported-next = Regardez qui a été invité et pourquoi : c’est peut-être une erreur, ou quelqu’un abuse du droit d’inviter.
