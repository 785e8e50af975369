### Ce que les invités font de leur propre compte : emporter ce qui est conservé sur eux, et partir.

own-title = Ce qui est conservé sur vous
own-export-about = Un fichier avec tout ce qui est conservé ici sur vous : invitations, accès, sessions, moyens de connexion, conditions acceptées, demandes, et ce qui a été consigné à votre sujet.
own-export = Tout télécharger
own-leave-about = Vous pouvez quitter { $site } définitivement. Plus rien ne vous sera alors ouvert ici.
own-leave = Quitter { $site }
own-others-end = Se déconnecter partout ailleurs
own-device = { $browser } sous { $system }
own-last = Dernière utilisation le { $at }

leave-title = Quitter { $site } ?
leave-what = Votre accès prend fin et vous êtes déconnecté sur tous les appareils. La personne responsable de vous en est avertie par e-mail.
leave-apps = Ceci prend fin : { $apps }
leave-back = Pendant 30 jours, la personne qui vous a invité peut rétablir votre compte tel qu’il était. Ce qui se trouve dans les applications elles-mêmes y reste.
leave-go = Quitter maintenant
leave-stay = Rester
left-title = Vous êtes parti
left-line = Plus rien ne vous est ouvert chez { $site }, et vous êtes déconnecté partout. Un e-mail à { $address } le confirme.

## Mails

mail-left-subject = Vous avez quitté { $site }
mail-left-line = Comme demandé le { $at } depuis l’adresse réseau { $place }, votre accès a pris fin et vous avez été déconnecté partout.
mail-left-back = Si c’était une erreur, ou si ce n’était pas vous, répondez à la personne qui vous a invité : pendant 30 jours, votre compte peut être rétabli tel qu’il était.
mail-guest-left-subject = { $guest } est parti
mail-guest-left-line = L’invité { $guest }, dont vous êtes responsable, est parti. Ceci a pris fin : { $apps }
mail-guest-left-nothing = L’invité { $guest }, dont vous êtes responsable, est parti. Rien ne lui était ouvert.
mail-guest-left-machine = Pendant 30 jours, sur la machine de la passerelle : guestgate guests restore { $guest }
unused-soon-title = Votre accès à { $app } va prendre fin
unused-soon-line = Vous n’avez pas utilisé { $app } depuis quelque temps. Si vous ne l’ouvrez pas avant le { $at }, votre accès sera suspendu.
unused-soon-next = L’ouvrir une fois suffit. Si vous n’en avez plus besoin, ne faites rien.
unused-soon-go = Ouvrir { $app }
longer-line = Votre accès à { $app } dure désormais jusqu’au { $until }.
back-subject = Vous pouvez revenir
back-line = Votre accès vous est de nouveau ouvert, tel qu’il était.
back-go = Voir vos applications
