### Pierwsza strona i konto osoby po zalogowaniu.

home-title = Twoje aplikacje
home-empty = Nic nie jest teraz dla Ciebie otwarte. Jeśli coś tu miało być, zapytaj osobę, która przysłała zaproszenie.
home-until = Do: { $until }
home-no-end = Bez daty końcowej
home-signed-in = Zalogowano jako { $address }.
home-sign-out = Wyloguj się

account-title = Twoje konto
account-address = Adres
account-name = Imię i nazwisko
account-invitation = Zaproszenie
account-accepted-from = { $apps }, od { $inviter }, przyjęte { $at }
account-accepted = { $apps }, przyjęte { $at }
account-signed-in = Gdzie trwa logowanie
account-here = Ta przeglądarka
account-elsewhere = Inna przeglądarka
account-since = Od: { $since }, z adresu { $place }
account-end = Wyloguj tę
account-sign-out = Wyloguj się tutaj
account-sign-out-everywhere = Wyloguj się wszędzie

language-label = Język
language-change = Zmień
