### Passkeys, authenticator apps and recovery codes: showing them, setting them up, and the account's part about them.

## A passkey is asked for

step-passkey-title = Utilisez votre clé d’accès
step-passkey-why = { $app } demande plus qu’un code par e-mail.
step-passkey-how = Votre appareil demande votre empreinte, votre visage ou son code PIN ; rien de cela ne quitte l’appareil.
step-passkey-button = Utiliser une clé d’accès
step-passkey-failed = Cela n’a pas marché. Réessayez, ou choisissez un autre moyen.
passkey-without-script = Les clés d’accès demandent un navigateur qui exécute des scripts. Le vôtre ne le fait pas, ou ne connaît pas les clés d’accès.
signin-passkey = Se connecter avec une clé d’accès
signin-passkey-failed = Cela n’a pas marché. Réessayez, ou laissez-nous vous envoyer un code.

## A passkey is not taken

passkey-refused-title = Non acceptée
passkey-not-taken = Cette clé d’accès n’a pas été acceptée. Réessayez, ou connectez-vous autrement.
passkey-too-late = Cela a pris trop de temps, ou a déjà été fait. Réessayez.
passkey-not-now = Montrez d’abord de nouveau que c’est vous : ouvrez votre compte et confirmez-le là.
passkey-too-many = Il y a trop de clés d’accès. Retirez-en une que vous n’utilisez plus.
passkey-no-entry = Votre accès est suspendu ou terminé. Si vous en avez encore besoin, adressez-vous à la personne qui vous a invité.
passkey-page-too-old = Cette page est trop ancienne, ou ne vient pas d’ici. Rechargez-la.

## A passkey is set up

add-passkey-title = Configurez une clé d’accès
add-passkey-what = Avec une clé d’accès, vous vous connectez par empreinte, visage ou code PIN de votre appareil : aucun code par e-mail, et rien que l’on puisse vous voler sur une fausse page. Cela prend dix secondes.
add-asked = { $app } la demande.
add-passkey-name = Le nom que vous donnez à cet appareil
add-passkey-button = Configurer une clé d’accès
add-passkey-failed = Aucune clé d’accès n’a été créée. Réessayez, ou faites-le plus tard.
add-not-now = Pas maintenant
add-back = Retour à votre compte
machine-android = Téléphone Android
machine-iphone = iPhone
machine-ipad = iPad
machine-windows = Ordinateur Windows
machine-mac = Mac
machine-linux = Ordinateur Linux
machine-other = Ma clé d’accès

## A code of the authenticator app

step-totp-title = Le code de votre application d’authentification
step-totp-how = Ouvrez votre application d’authentification et saisissez les six chiffres qu’elle affiche pour { $site }.
step-totp-label = Code de l’application
step-continue = Continuer
step-own-why = Montrez que c’est vous avant de changer votre façon de vous connecter.
step-other-way = Utiliser un autre moyen
totp-wrong = Ce n’est pas le code que l’application affiche maintenant. Vérifiez que l’horloge de votre téléphone est juste.
totp-used = Ce code a déjà été utilisé. Attendez que l’application affiche le suivant.
totp-too-many = Il y a eu trop d’essais. Attendez un moment, ou utilisez un autre moyen.

## An authenticator app is set up

add-totp-title = Configurez une application d’authentification
add-totp-why = { $app } la demande. Vous la configurez une fois, et saisissez ensuite le code qu’elle affiche.
add-totp-open = Ouvrez une application d’authentification sur votre téléphone, par exemple celle que vous utilisez au travail, et ajoutez un compte.
add-totp-scan = Pointez son appareil photo ici :
add-totp-picture = Code QR pour l’application d’authentification ; la même clé figure dessous en texte
add-totp-type = ou saisissez cette clé pour { $address } :
add-totp-code = Saisissez les six chiffres que l’application affiche maintenant :
add-totp-wrong = Ce n’est pas le code que l’application affiche pour ce compte. Saisissez le plus récent.

## Recovery codes

step-recovery-title = Utilisez un code de secours
step-recovery-how = Saisissez l’un des codes que vous avez notés. Chacun sert une fois ; nous vous prévenons par e-mail qu’il a été utilisé.
step-recovery-label = Code de secours
recovery-wrong = Ce n’est aucun de vos codes de secours, ou il a déjà été utilisé.
recovery-title = Vos codes de secours
recovery-keep = Notez-les ou imprimez-les, et gardez-les avec vos autres papiers importants. Chacun sert une fois, à la place de votre clé d’accès ou de votre application d’authentification.
recovery-once = Ils ne sont affichés que maintenant ; les codes d’avant ne marchent plus.
recovery-kept = Je les ai gardés

## The account

factors-title = Comment vous vous connectez
# A link in these words follows the first text.
factors-confirm = Pour changer quelque chose ici,
factors-confirm-link = montrez de nouveau que c’est vous
factors-passkeys = Clés d’accès
factors-no-passkey = Aucune pour l’instant. Une clé d’accès vous connecte par empreinte, visage ou code PIN de votre appareil.
factors-passkey-since = Ajoutée le { $since }, utilisée pour la dernière fois le { $used }
factors-other-name = Autre nom
factors-rename = Renommer
factors-remove = Retirer { $name }
factors-add-passkey = Ajouter une clé d’accès
factors-app = Application d’authentification
factors-app-since = Configurée le { $since }
factors-no-app = Aucune pour l’instant. Elle affiche un code à six chiffres que certaines applications demandent.
factors-remove-app = Retirer l’application d’authentification
factors-recovery = Codes de secours
factors-no-codes = Vous n’en avez pas. Ils vous font entrer quand vous avez perdu votre clé d’accès ou votre téléphone.
factors-codes = { $n ->
    [one] Un seul n’a pas été utilisé.
   *[other] { $n } n’ont pas été utilisés.
}
factors-make-codes = Créer des codes de secours
factors-renew-codes = Créer de nouveaux codes de secours ; les anciens ne marcheront plus

## Mails

mail-factors-subject = { $site } : votre façon de vous connecter a changé
mail-factors-passkey-added = Une clé d’accès a été ajoutée à votre compte.
mail-factors-passkey-removed = Une clé d’accès a été retirée de votre compte.
mail-factors-app-added = Une application d’authentification a été ajoutée à votre compte.
mail-factors-app-removed = L’application d’authentification a été retirée de votre compte.
mail-factors-codes-made = Des codes de secours ont été créés pour votre compte. Ceux d’avant ne marchent plus.
mail-factors-code-used = L’un de vos codes de secours a été utilisé. Il ne marche plus.
mail-factors-when = C’était le { $at }, depuis l’adresse réseau { $place }.
mail-factors-signed-out = Les autres navigateurs connectés avec ont été déconnectés.
mail-factors-not-you = Si ce n’était pas vous, prévenez tout de suite les responsables de ce site : quelqu’un d’autre lit peut-être votre courrier.
mail-factors-reset = Vos clés d’accès, votre application d’authentification et vos codes de secours ont été retirés par les responsables de ce site, et vous avez été déconnecté partout.
mail-factors-reset-next = Reconnectez-vous avec un code que nous envoyons ici, et configurez de nouveau une clé d’accès ou une application d’authentification.
mail-factors-reset-unasked = Si vous ne l’avez pas demandé, dites-le-leur.

step-certificate-title = Présentez votre certificat
step-certificate-why = { $app } le demande.
step-certificate-how = Votre navigateur demande quel certificat présenter. Il doit porter l’adresse { $address }.
step-certificate-button = Présenter mon certificat
signin-certificate = Se connecter avec un certificat
certificate-title = Votre certificat n’a pas été accepté
certificate-none = Votre navigateur n’a présenté aucun certificat. Si vous en avez un, fermez toutes les fenêtres du navigateur avant de réessayer : il se souvient peut-être que vous n’en avez choisi aucun.
certificate-refused = Le certificat a expiré, a été retiré ou ne vient de personne de connu ici. Demandez-en un nouveau à qui vous l’a donné.
certificate-stranger = Le certificat ne désigne personne qui puisse entrer ici, ou une autre personne que celle qui est connectée.
