### La première page et le compte de quelqu’un qui est connecté.

home-title = Vos applications
home-empty = Rien ne vous est ouvert en ce moment. Si vous attendiez quelque chose ici, adressez-vous à la personne qui vous a invité.
home-until = Jusqu’au { $until }
home-no-end = Sans date de fin
home-signed-in = Connecté comme { $address }.
home-sign-out = Se déconnecter

account-title = Votre compte
account-address = Adresse
account-name = Nom
account-invitation = Invitation
account-accepted-from = { $apps }, de { $inviter }, acceptée le { $at }
account-accepted = { $apps }, acceptée le { $at }
account-signed-in = Où vous êtes connecté
account-here = Ce navigateur
account-elsewhere = Un autre navigateur
account-since = Depuis le { $since }, de { $place }
account-end = Déconnecter celui-ci
account-sign-out = Se déconnecter ici
account-sign-out-everywhere = Se déconnecter partout

language-label = Langue
language-change = Changer
